"""What can go wrong with a plan: each class with its own exit code (70 to 79)."""

from __future__ import annotations

from elpython.core.errors import ElpythonError

__all__ = [
    "BadModelError",
    "BadRuleError",
    "BadScheduleDataError",
    "EmptyRangeError",
    "FigureError",
]


class BadModelError(ElpythonError):
    """A release model with problems; every one is told, with its line."""

    exit_code = 70


class BadRuleError(ElpythonError):
    """A support rule with problems; every one is told, with its line."""

    exit_code = 71


class EmptyRangeError(ElpythonError):
    """A range of dates in which a model has nothing."""

    exit_code = 72


class FigureError(ElpythonError):
    """A figure that cannot be drawn or written as asked."""

    exit_code = 73


class BadScheduleDataError(ElpythonError):
    """A public source that cannot be reached, or that does not hold what it should."""

    exit_code = 74
