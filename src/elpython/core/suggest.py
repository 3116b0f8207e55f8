"""Near-miss hints: one way to say "did you mean" everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["hint", "near"]


MOST = 40


def near(wrong: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?` for the nearest known name; empty when none is near."""
    import difflib

    found = difflib.get_close_matches(wrong, sorted(known), 1)
    return f"did you mean {found[0]!r}?" if found else ""


def hint(wrong: str, known: Iterable[str], *, listed_by: str = "") -> str:
    """Return `did you mean 'x'?` for the nearest known name, else the list of the known ones.

    Args:
        wrong: what was asked for.
        known: the names that there are.
        listed_by: the command that lists them; told instead of a list of more than `MOST`.
    """
    names = sorted(known)
    if meant := near(wrong, names):
        return meant
    if len(names) <= MOST:
        return f"known: {', '.join(names)}" if names else ""
    if listed_by:
        return f"{listed_by} lists all"
    return f"known: {', '.join(names[:MOST])}; {len(names) - MOST} more are known"
