"""What keeps a prefix from being replaced."""

from __future__ import annotations

from elpython.core.errors import ElpythonError

__all__ = [
    "BadPrefixError",
    "ContractError",
    "InUseError",
    "JournalError",
    "NoReplacementError",
    "NoWayBackError",
    "ReplacementFailedError",
]


class BadPrefixError(ElpythonError):
    """A folder that is no whole prefix, or one that belongs to somebody else."""

    exit_code = 120


class InUseError(ElpythonError):
    """A prefix that running programs use, or at which another run is at work."""

    exit_code = 121


class NoReplacementError(ElpythonError):
    """An interpreter that cannot stand in for the one that is there."""

    exit_code = 122


class ContractError(ElpythonError):
    """A promise that the replacement does not keep towards what is there."""

    exit_code = 123


class NoWayBackError(ElpythonError):
    """Nothing is kept that could be put back."""

    exit_code = 124


class JournalError(ElpythonError):
    """A journal of an unfinished replacement that cannot be read."""

    exit_code = 125


class ReplacementFailedError(ElpythonError):
    """A replacement that did not answer at its place; what was there has been put back."""

    exit_code = 126
