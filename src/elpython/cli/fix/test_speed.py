"""`elpython fix test BRANCH --speed`: instructions of each benchmark, base against branch."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from elpython.cli.render import print_json, print_table, warn

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.cli.render import Progress
    from elpython.define.branch import Branch
    from elpython.security.speed import Speed

__all__ = ["print_speed", "run_speed"]


def run_speed(
    folder: Path,
    branch: Branch,
    changes: tuple[str, ...],
    *,
    base: Path,
    mine: Path,
    bar: Progress,
) -> list[Speed]:
    """Measure the benchmarks of the named changes; all of them if none is named.

    Raises:
        UsageError: none of the named changes has a benchmark.
    """
    from elpython.core.errors import UsageError
    from elpython.define.benchmarks import read_benchmarks
    from elpython.security.speed import measure

    wanted = {branch.change(name).id for name in changes}
    table = [item for item in read_benchmarks(folder) if not wanted or item.change in wanted]
    if not table:
        raise UsageError(
            "there is no benchmark of these changes",
            where=f"{folder.name}/benchmarks.toml",
            todo="write one, or name no change",
        )
    found = []
    for number, item in enumerate(table):
        bar.update("benchmarks", number, len(table))
        found.append(measure(item, branch, base=base, mine=mine))
    bar.update("benchmarks", len(table), len(table))
    return found


def print_speed(branch: Branch, found: list[Speed], *, keep: bool, as_json: bool) -> int:
    """Print what was measured, keep it if asked to; 1 if a bound does not hold."""
    from elpython.security.speed import record_speed

    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    found = [replace(item, measured=today) for item in found]
    if keep:
        warn(f"recorded in {record_speed(branch, found)}")
    rows = [
        {
            "benchmark": item.name,
            "change": item.change,
            "base": item.base,
            "branch": item.branch,
            "ratio": round(item.ratio, 3),
            "bound": item.bound,
            "good": item.good,
        }
        for item in found
    ]
    if as_json:
        print_json({"branch": branch.name, "measured": today, "unit": "instructions", "rows": rows})
    else:
        print_table(
            ["benchmark", "change", "base", "EL Python", "ratio", "bound", ""],
            [
                [
                    item.name,
                    item.change or "-",
                    f"{item.base:,}",
                    f"{item.branch:,}",
                    f"{item.ratio:.3f}",
                    f"{item.bound:.2f}",
                    "good" if item.good else "too slow",
                ]
                for item in found
            ],
        )
        good = sum(item.good for item in found)
        click.echo(
            f"{good} of {len(found)} within their bounds; instructions a loop, by callgrind; "
            "not seen: caches, branch prediction, the work of the system"
        )
    return 0 if all(item.good for item in found) else 1
