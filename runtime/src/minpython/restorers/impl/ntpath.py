"""A function of ``ntpath`` that went."""

from __future__ import annotations

import ntpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def splitunc(p: Any) -> tuple[Any, Any]:
    r"""Split a path into its ``\\host\share`` part, empty when there is none, and the rest."""
    drive, rest = ntpath.splitdrive(p)
    colon = b":" if isinstance(drive, bytes) else ":"
    if drive[1:2] == colon:
        return p[:0], p
    return drive, rest
