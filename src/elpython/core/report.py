"""How a long task reports: lines for people, and steps for a progress bar, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["SILENT", "Progress", "Reporter", "Say"]

# Called with a line.
Say = Callable[[str], None]
# Called with (label, done, total).
Progress = Callable[[str, int, int], None]


def _no_words(_line: str) -> None:
    """Take a line, and show it to nobody."""


def _no_progress(_label: str, _done: int, _total: int) -> None:
    """Take a step, and show it to nobody."""


@dataclass(frozen=True)
class Reporter:
    """What a task reports to; each part may be left out.

    Attributes:
        say: called with a line that people should read: a provider that was skipped, a warning.
        progress: called with (label, done, total).
    """

    say: Say = _no_words
    progress: Progress = _no_progress


SILENT = Reporter()
