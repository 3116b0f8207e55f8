"""What can go wrong with the site (110 to 119)."""

from __future__ import annotations

from elpython.core.errors import ElpythonError

__all__ = ["BadDataError", "NotASiteError"]


class NotASiteError(ElpythonError):
    """A folder with other things in it, which the site would mix with."""

    exit_code = 110


class BadDataError(ElpythonError):
    """Data files that cannot be read; every one is told."""

    exit_code = 111
