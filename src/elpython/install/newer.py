"""A prefix whose CPython is newer than the base of what comes: what its users would lose."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.install.errors import NoReplacementError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.install.subject import Subject

__all__ = ["ELSEWHERE", "Lost", "refuse_losses"]

# Sections of NEWS that say nothing about what an interpreter on this system does.
ELSEWHERE = frozenset(
    {"Build", "Documentation", "IDLE", "Tests", "Tools/Demos", "Windows", "macOS"}
)
_SHOWN = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """A fix of the present base that what comes has not got.

    Attributes:
        release: the upstream release that brought it.
        section: of NEWS, `Security`, `Library`, ...
        issue: `gh-121650`; empty where the entry names none.
        text: the entry, one line.
    """

    release: str
    section: str
    issue: str
    text: str


def refuse_losses(present: Subject, base: str, lost: Sequence[Lost] | None) -> None:
    """Refuse a replacement whose base is older, unless nothing would be lost.

    Args:
        present: what is there.
        base: the base of what comes, `3.11.2`.
        lost: what it lacks of the present base; None when nobody knows.

    Raises:
        NoReplacementError: something would be lost, or nobody knows whether.
    """
    here = present.facts.release
    todo = f"open a branch on {here}: elpython branch new"
    if lost is None:
        raise NoReplacementError(
            f"{present.title} is there, and {base} is older: what would be lost is unknown",
            where=str(present.prefix),
            todo=f"name CPython {here}'s source or NEWS to have it compared (--base-news {here}), "
            f"or {todo}",
        )
    if lost:
        counts = Counter(item.section for item in lost)
        sections = ", ".join(f"{count} in {section}" for section, count in counts.most_common())
        first = sorted(lost, key=lambda item: item.section != "Security")[:_SHOWN]
        lines = [
            f"  {item.release} {item.section}: {item.issue} {item.text[:70]}" for item in first
        ]
        more = [f"  and {len(lost) - _SHOWN} more"] if len(lost) > _SHOWN else []
        raise NoReplacementError(
            f"{present.title} is there, and {len(lost)} of its fixes since {base} are not in what "
            f"comes: {sections}",
            where=str(present.prefix),
            details=(*lines, *more),
            todo=todo,
        )
