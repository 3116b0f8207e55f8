"""A constant of ``socket``."""

from __future__ import annotations

CAN_RAW_ERR_FILTER = 2
