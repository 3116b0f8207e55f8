"""What can go wrong with stacks; exit codes 80 to 89."""

from __future__ import annotations

from elpython.core.errors import ElpythonError

__all__ = [
    "AlreadyAnnouncedError",
    "BadSpecError",
    "BadStateError",
    "CollisionError",
    "MacroError",
    "PrefixError",
    "StepRefusedError",
]


class BadStateError(ElpythonError):
    """A `stacks.toml` with problems, or none where one is needed."""

    exit_code = 80


class StepRefusedError(ElpythonError):
    """A step of a transition whose preconditions do not hold."""

    exit_code = 81


class AlreadyAnnouncedError(ElpythonError):
    """A step that was announced and so cannot be undone."""

    exit_code = 82


class BadSpecError(ElpythonError):
    """A spec file that cannot be read, or that has errors."""

    exit_code = 83


class MacroError(ElpythonError):
    """RPM gives other values for the stacks' macros than the state has."""

    exit_code = 84


class PrefixError(ElpythonError):
    """A prefix that is no prefix of ours, or that is half made."""

    exit_code = 85


class CollisionError(ElpythonError):
    """Two stacks claim the same file."""

    exit_code = 86
