"""Which change of the series brought a difference: bisection over the tree's commits.

Each look costs a build. All differences share all looks, a run makes a bounded number of them, and
what was seen is kept in a journal, so that the next run goes on where this one ended.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from elpython.core.store import write_atomic
from elpython.core.strict_json import load_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from elpython.contract.model import ContractReport, PromiseOutcome

__all__ = ["MOST_LOOKS", "BlameJournal", "bisect", "blame"]

# Builds in one run: a branch of 130 changes needs 8 for one culprit.
MOST_LOOKS = 10


@dataclass(slots=True)
class BlameJournal:
    """What was seen after so many changes; on disk, where a file is named.

    Attributes:
        path: the file; None keeps nothing.
        seen: number of changes to the differences that are there.
        fresh: looks of this run.
    """

    path: Path | None = None
    seen: dict[int, frozenset[str]] = field(default_factory=dict)
    fresh: int = 0

    @classmethod
    def read(cls, path: Path) -> BlameJournal:
        """Read the journal of an earlier run; one that cannot be read begins anew."""
        try:
            data = load_json(path.read_text("utf-8"))
            seen = {int(length): frozenset(names) for length, names in data.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            seen = {}
        return cls(path=path, seen=seen)

    def write(self, length: int, names: frozenset[str]) -> None:
        """Keep one look."""
        self.seen[length] = names
        self.fresh += 1
        if self.path is not None:
            data = {str(at): sorted(found) for at, found in sorted(self.seen.items())}
            write_atomic(self.path, json.dumps(data).encode())


def bisect(
    names: frozenset[str],
    count: int,
    at: Callable[[int], frozenset[str]],
    *,
    most: int = MOST_LOOKS,
    journal: BlameJournal | None = None,
) -> dict[str, tuple[int, int]]:
    """Find after how many changes each difference is there for the first time.

    Args:
        names: the differences that are there after all changes.
        count: how many changes there are.
        at: gives the differences after so many changes.
        most: how often it may be asked; what the journal has costs nothing.
        journal: earlier looks; takes those of this run.

    Returns:
        Name -> first and last change, counted from 1, among which the one is that brought it;
        the same twice where it was found.
    """
    journal = journal or BlameJournal()
    groups: list[tuple[frozenset[str], int, int]] = [(names, 0, count)]
    for length, there in sorted(journal.seen.items()):
        groups = _split(groups, length, there)
    while journal.fresh < most:
        chosen = _next(groups)
        if chosen is None:
            break
        there = at(chosen)
        journal.write(chosen, there)
        groups = _split(groups, chosen, there)
    return {name: (low + 1, high) for group, low, high in groups for name in group}


def _split(
    groups: list[tuple[frozenset[str], int, int]], length: int, there: frozenset[str]
) -> list[tuple[frozenset[str], int, int]]:
    """Apply a look to every group that it says something of."""
    made: list[tuple[frozenset[str], int, int]] = []
    for group, low, high in groups:
        if low < length < high:
            made += [(group & there, low, length), (group - there, length, high)]
        else:
            made.append((group, low, high))
    return [item for item in made if item[0]]


def _next(groups: list[tuple[frozenset[str], int, int]]) -> int | None:
    """Return the length whose look says most over all groups; None when all are found."""
    wide = [(low, high) for _, low, high in groups if high - low > 1]
    if not wide:
        return None

    def worth(length: int) -> float:
        total = 0.0
        for low, high in wide:
            if low < length < high:
                share = (length - low) / (high - low)
                bits = -share * math.log2(share) - (1 - share) * math.log2(1 - share)
                total += bits * math.log2(high - low)
        return total

    return max(sorted({(low + high) // 2 for low, high in wide}), key=worth)


def blame(
    report: ContractReport,
    changes: Sequence[str],
    at: Callable[[int, Sequence[str]], ContractReport],
    *,
    most: int = MOST_LOOKS,
    journal: BlameJournal | None = None,
) -> ContractReport:
    """Write into every difference that no change declares the change that brought it.

    Args:
        report: the whole series' report.
        changes: ids of the changes, in order.
        at: checks the given promises after so many changes.
        most: how often it may be asked.
        journal: earlier looks.
    """
    named = {_names(outcome): outcome.promise for outcome in report.outcomes if outcome.judged}
    promises = [promise for names, promise in named.items() if names]
    everything = frozenset(name for names in named for name in names)
    if not everything or not changes:
        return report

    def look(length: int) -> frozenset[str]:
        return frozenset(
            name for outcome in at(length, promises).outcomes for name in _names(outcome)
        )

    found = bisect(everything, len(changes), look, most=most, journal=journal)
    return replace(
        report, outcomes=tuple(_told(outcome, found, changes) for outcome in report.outcomes)
    )


def _names(outcome: PromiseOutcome) -> frozenset[str]:
    """Return what has no change's name yet: a declared difference has its declaration's."""
    return frozenset(
        f"{outcome.promise}:{item.difference.declaration}"
        for item in outcome.judged
        if not item.declared_by
    )


def _told(
    outcome: PromiseOutcome, found: dict[str, tuple[int, int]], changes: Sequence[str]
) -> PromiseOutcome:
    judged = []
    for item in outcome.judged:
        place = found.get(f"{outcome.promise}:{item.difference.declaration}")
        judged.append(replace(item, caused_by=_cause(place, changes)) if place else item)
    return replace(outcome, judged=tuple(judged))


def _cause(place: tuple[int, int], changes: Sequence[str]) -> str:
    first, last = place
    if first == last:
        return changes[last - 1]
    # The same command again goes on from here.
    count = last - first + 1
    return f"one of {count} changes, {changes[first - 1]} to {changes[last - 1]}: run it again"
