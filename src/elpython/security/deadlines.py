"""The promise in days: how long a vulnerability may be public before a branch has its fix."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.define.vulnerability import AFFECTED, FIXED, REFUSED, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elpython.define.vulnerability import Record

__all__ = ["DAYS", "PROMISED", "Kept", "deadline", "report"]

# GOVERNANCE.md has the same numbers; a test holds them together. Low: the next regular release.
DAYS = {"critical": 7, "high": 7, "medium": 30, "unrated": 30}
# The day of the promise: what was public before is told, and counts from that day.
PROMISED = dt.date(2026, 11, 30)

KEPT, MISSED, OPEN, OVERDUE, BEFORE = "kept", "missed", "open", "overdue", "before the promise"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """Whether the promise was kept for one vulnerability on one branch.

    Attributes:
        id: the vulnerability.
        branch: the branch.
        severity: its severity.
        public: since when it is public.
        deadline: the last day; None for the next regular release.
        fixed: the day of the fix; None while there is none.
        days: from public knowledge to the fix, or to today.
        verdict: `kept`, `missed`, `open`, `overdue`, or `before the promise` (fixed late, and
            public before the promise was made).
        mitigation: what is told meanwhile.
    """

    id: str
    branch: str
    severity: str
    public: dt.date
    deadline: dt.date | None
    fixed: dt.date | None
    days: int
    verdict: str
    mitigation: str = ""


def deadline(severity: str, public: dt.date) -> dt.date | None:
    """Return the last day on which a fix keeps the promise; None: the next regular release."""
    days = DAYS.get(severity)
    return None if days is None else max(public, PROMISED) + dt.timedelta(days=days)


def _verdict(last: dt.date | None, public: dt.date, fixed: dt.date | None, today: dt.date) -> str:
    if fixed is None:
        return OVERDUE if last is not None and today > last else OPEN
    if last is not None and fixed > last:
        return MISSED
    own = DAYS.get("medium", 0)
    return BEFORE if public < PROMISED and (fixed - public).days > own else KEPT


def report(record: Record, branches: Iterable[str], today: dt.date) -> list[Kept]:
    """Return how the promise stands for each vulnerability that a branch had or has.

    A vulnerability that was recorded before the promise and is fixed is left out.
    """
    rows = []
    for item in record.vulnerabilities:
        for branch in branches:
            standing = item.standing(branch)
            if item.withdrawn or standing.state not in {FIXED, AFFECTED, UNKNOWN, REFUSED}:
                continue
            fixed = standing.since if standing.state == FIXED else None
            if standing.state == REFUSED or (fixed is not None and fixed < PROMISED):
                continue
            last = deadline(item.severity, item.public)
            rows.append(
                Kept(
                    id=item.id,
                    branch=branch,
                    severity=item.severity,
                    public=item.public,
                    deadline=last,
                    fixed=fixed,
                    days=((fixed or today) - item.public).days,
                    verdict=_verdict(last, item.public, fixed, today),
                    mitigation=standing.mitigation,
                )
            )
    return rows
