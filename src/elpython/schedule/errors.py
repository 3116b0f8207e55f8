"""What can go wrong with a plan: each class with its own exit code (70 to 79)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BadModelError",
    "BadRuleError",
    "BadScheduleDataError",
    "EmptyRangeError",
    "FigureError",
    "refuse",
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


def refuse(problems: Sequence[str], error: type[ElpythonError], file: str, todo: str) -> None:
    """Raise an error with every problem of a file, in the order of its lines; nothing if none.

    Args:
        problems: as `elpython.core.toml.lined_reader` collects them: `mine.toml:4: ...`.
        error: the class to raise.
        file: how the file is called in them.
        todo: what the user can do.
    """
    if problems:
        told = sorted(dict.fromkeys(problems), key=lambda text: _line(text, file))
        count = len(told)
        raise error(f"{count} problem{'s' if count > 1 else ''}", file, todo, details=tuple(told))


def _line(problem: str, file: str) -> int:
    return int(problem.removeprefix(f"{file}:").partition(":")[0])
