"""How a long task tells what it does: lines for people, and steps for a progress bar."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress", "Say", "no_progress", "no_words"]

# Told a line.
Say = Callable[[str], None]
# Told a label, how many are done, and of how many.
Progress = Callable[[str, int, int], None]


def no_words(_line: str) -> None:
    """Take a line, and tell nobody."""


def no_progress(_label: str, _done: int, _total: int) -> None:
    """Take a step, and tell nobody."""
