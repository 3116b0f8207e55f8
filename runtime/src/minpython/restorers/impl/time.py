"""A function of ``time``."""

from __future__ import annotations

import sys
import time


def _wall() -> float:
    """Return seconds since the first call, as on Windows."""
    return time.perf_counter() - _START


def _processor() -> float:
    """Return the processor time of the process in seconds, as on Unix."""
    return time.process_time()


_START = time.perf_counter()
clock = _wall if sys.platform == "win32" else _processor
clock.__name__ = "clock"
