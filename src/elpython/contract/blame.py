"""Which change of the series brought a difference: bisection over the tree's commits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elpython.contract.model import Outcome, Report

__all__ = ["bisect", "blame"]


def bisect(
    names: frozenset[str], count: int, at: Callable[[int], frozenset[str]]
) -> dict[str, int]:
    """Find after how many changes each difference is there for the first time.

    All differences share the looks: each look splits every group that is still open.

    Args:
        names: the differences that are there after all changes.
        count: how many changes there are.
        at: gives the differences after so many changes; asked about log2(count) times a group.

    Returns:
        Name -> number of the change, counted from 1.
    """
    found: dict[str, int] = {}
    groups: list[tuple[frozenset[str], int, int]] = [(names, 0, count)]
    while groups:
        group, low, high = groups.pop()
        if not group:
            continue
        if high - low <= 1:
            found.update(dict.fromkeys(group, high))
            continue
        middle = (low + high) // 2
        there = at(middle)
        groups += [(group & there, low, middle), (group - there, middle, high)]
    return found


def blame(
    report: Report, changes: Sequence[str], at: Callable[[int, Sequence[str]], Report]
) -> Report:
    """Write into every difference that no change declares the change that brought it.

    Args:
        report: the whole series' report.
        changes: ids of the changes, in order.
        at: checks the given promises after so many changes.
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

    first = bisect(everything, len(changes), look)
    return replace(
        report, outcomes=tuple(_told(outcome, first, changes) for outcome in report.outcomes)
    )


def _names(outcome: Outcome) -> frozenset[str]:
    """Give what has no change's name yet: a declared difference carries that of its declaration."""
    return frozenset(
        f"{outcome.promise}:{item.difference.declaration}"
        for item in outcome.judged
        if not item.declared_by
    )


def _told(outcome: Outcome, first: dict[str, int], changes: Sequence[str]) -> Outcome:
    judged = []
    for item in outcome.judged:
        number = first.get(f"{outcome.promise}:{item.difference.declaration}")
        judged.append(replace(item, caused_by=changes[number - 1]) if number else item)
    return replace(outcome, judged=tuple(judged))
