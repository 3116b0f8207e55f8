"""What the site tells of vulnerabilities: a reading of what `elpython fix status` answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Safety", "safety_of"]

_OPEN = ("affected", "unknown")
_WORST = ("critical", "high", "medium", "low", "unrated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """A branch's vulnerabilities.

    Attributes:
        fixed, open, refused: those that the branch fixed, has open or undecided, or leaves as they
            are, worst first.
        not_affected: how many do not concern it.
        checked: the day on which the record was last checked.
        age: its age in days.
        too_old: why it may not be relied on; empty when it may.
        unasked: the feeds that were not asked on that day.
    """

    fixed: tuple[dict[str, Any], ...]
    open: tuple[dict[str, Any], ...]
    refused: tuple[dict[str, Any], ...]
    not_affected: int
    checked: str
    age: int
    too_old: str
    unasked: tuple[str, ...]

    @property
    def open_by_severity(self) -> dict[str, int]:
        """How many are open, by severity, worst first; without those that have none."""
        counts = {word: sum(one.get("severity") == word for one in self.open) for word in _WORST}
        return {word: count for word, count in counts.items() if count}


def safety_of(status: dict[str, Any]) -> Safety:
    """Read what `elpython fix status BRANCH --json` answered."""
    findings = sorted(status.get("findings", ()), key=_order)

    def those(*states: str) -> tuple[dict[str, Any], ...]:
        return tuple(one for one in findings if one.get("state") in states)

    return Safety(
        fixed=those("fixed"),
        open=those(*_OPEN),
        refused=those("refused"),
        not_affected=len(those("not affected")),
        checked=str(status.get("checked", "")),
        age=int(status.get("age", 0)),
        too_old=str(status.get("too_old", "")),
        unasked=tuple(status.get("unasked", ())),
    )


def _order(one: dict[str, Any]) -> tuple[int, str]:
    word = one.get("severity", "unrated")
    place = _WORST.index(word) if word in _WORST else len(_WORST)
    return place, "".join(chr(255 - ord(letter)) for letter in str(one.get("public", "")))
