"""Near-miss hints: one way to say "did you mean" everywhere."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["hint"]


def hint(wrong: str, known: Iterable[str]) -> str:
    """Give `did you mean 'x'?` for the nearest known name, else the list of the known ones."""
    names = sorted(known)
    near = difflib.get_close_matches(wrong, names, 1, 0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names)}" if names else ""
