"""How fast branches are against their bases, from recorded counts of instructions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Bar", "Chart", "bars_of", "chart_of"]

SHOWN = 8  # benchmarks on the first page


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One benchmark on one branch.

    Attributes:
        name: the benchmark's.
        change: the change that makes it faster; empty for one that guards against a loss.
        percent: instructions of the branch for 100 of the base, rounded; at least 1.
        measured: the day.
    """

    name: str
    change: str
    percent: int
    measured: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The first page's table.

    Attributes:
        branches: its columns.
        rows: benchmark -> a bar for each branch, None where the branch has not that change.
        measured: the newest day of them.
        faster: on how many benchmarks each branch takes fewer instructions, and of how many.
    """

    branches: tuple[str, ...]
    rows: Mapping[str, tuple[Bar | None, ...]]
    measured: str
    faster: Mapping[str, tuple[int, int]]


def bars_of(rows: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """Return the benchmarks of a branch, the fastest against its base first."""
    found = [
        Bar(
            name=str(row["name"]),
            change=str(row["change"]),
            percent=max(1, round(100 * row["branch"] / row["base"])),
            measured=str(row["measured"]),
        )
        for row in rows
        if row["base"] > 0
    ]
    return sorted(found, key=lambda bar: (bar.percent, bar.name))


def chart_of(speed: Mapping[str, Sequence[Mapping[str, Any]]]) -> Chart | None:
    """Return what the first page shows: the benchmarks that gained most; None without any."""
    bars = {branch: {bar.name: bar for bar in bars_of(rows)} for branch, rows in speed.items()}
    bars = {branch: found for branch, found in bars.items() if found}
    if not bars:
        return None
    own = [bar for found in bars.values() for bar in found.values() if bar.change]
    names = list(dict.fromkeys(bar.name for bar in sorted(own, key=lambda bar: bar.percent)))
    return Chart(
        branches=tuple(bars),
        rows={
            name: tuple(
                bar if (bar := found.get(name)) and bar.change else None for found in bars.values()
            )
            for name in names[:SHOWN]
        },
        measured=max(bar.measured for found in bars.values() for bar in found.values()),
        faster={
            branch: (sum(bar.percent < 100 for bar in found.values()), len(found))
            for branch, found in bars.items()
        },
    )
