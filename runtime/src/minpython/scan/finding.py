"""What a scan finds, and what it looks for."""

from __future__ import annotations

from typing import NamedTuple

HIGH = "high"
LOW = "low"
GUARDED = "guarded"
Version = tuple[int, ...]


class Fact(NamedTuple):
    """A removal or change: one row of ``known.json``."""

    kind: str
    name: str
    removed_in: str
    tier: int
    instead: str


class Finding(NamedTuple):
    """A use of something removed, at a place in a file (line and column count from 1).

    `confidence` is ``high`` where imports and assignments tell what is used, ``low`` where only
    the name of an attribute speaks for it, ``guarded`` where the code provides for its absence.
    """

    path: str
    line: int
    column: int
    text: str
    fact: Fact
    confidence: str


class Failure(NamedTuple):
    """A file that could not be read at all."""

    path: str
    reason: str


class Window(NamedTuple):
    """The Pythons that code comes from and goes to: what was removed between them counts."""

    minimum: Version
    target: Version

    def covers(self, fact: Fact) -> bool:
        """Return whether the change lies after `minimum` and not after `target`."""
        return self.minimum < version(fact.removed_in) <= self.target


def version(text: str) -> Version:
    """Return ``3.10`` as a tuple.

    Raises:
        ValueError: it is no version.
    """
    parts = tuple(int(part) for part in text.split("."))
    if len(parts) not in (2, 3):
        raise ValueError(text)
    return parts
