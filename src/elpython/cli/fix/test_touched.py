"""`elpython fix test BRANCH --touched`: upstream's tests of every module that a branch touches."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

import click

from elpython.cli.render import print_json, print_table, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elpython.cli.render import Progress
    from elpython.define.branch import Branch
    from elpython.prepare.tree import Tree
    from elpython.security.touched import FileResult, Side, TouchedPlan

__all__ = ["chosen", "print_touched", "record", "run_touched", "stamp"]


def chosen(tree: Tree, branch: Branch, changes: Sequence[str]) -> TouchedPlan:
    """Return what is to be run: all that the branch touches, or only what some changes touch."""
    from elpython.security.touched import TouchedPlan, plan

    found = plan(tree, branch)
    if not changes:
        return found
    wanted = {branch.change(name).id for name in changes}
    files = tuple(item for item in found.files if wanted & set(item.changes))
    return TouchedPlan(files=files, without=())


def run_touched(
    found: TouchedPlan, *, branch: Side, base: Callable[[], Side], jobs: int, bar: Progress
) -> list[FileResult]:
    """Run what was chosen, with progress."""
    import os

    from elpython.security.touched import run_plan

    return run_plan(
        found.files,
        branch=branch,
        base=base,
        jobs=jobs or os.cpu_count() or 1,
        reporter=bar.reporter,
    )


def record(branch: Branch, tree: Tree, results: Sequence[FileResult]) -> None:
    """Keep the results beside the branch."""
    from elpython.security.touched_record import record_touched, touched_record

    today, ids = stamp(tree)
    path = record_touched(branch, touched_record(results, measured=today, patch_ids=ids))
    warn(f"recorded in {path}")


def stamp(tree: Tree) -> tuple[str, dict[str, str]]:
    """Return what tells a record's content: the day, and each change's patch id."""
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return today, {item.change: item.patch_id for item in tree.commits}


def _row(item: FileResult) -> dict[str, object]:
    return {
        "test": item.module,
        "state": item.state,
        "ran": item.branch.ran,
        "skipped": item.branch.skipped,
        "seconds": round(item.branch.seconds, 1),
        "broken": item.branch.broken,
        "base": None if item.base is None else item.base.state,
        "base_broken": () if item.base is None else item.base.broken,
        "changes": item.changes,
    }


def print_touched(
    branch: str, found: TouchedPlan, results: Sequence[FileResult], *, as_json: bool
) -> int:
    """Print the results; gives the exit code: 1 when a file is broken."""
    counts = Counter(item.state for item in results)
    if as_json:
        rows = [_row(item) for item in results]
        data = {"branch": branch, "counts": counts, "touched": rows, "without": found.without}
        print_json(data)
        return 1 if counts["broken"] else 0
    print_table(
        ["tests", "ran", "skipped", "seconds", "result"],
        [
            [
                item.module,
                item.branch.ran,
                item.branch.skipped or "",
                f"{item.branch.seconds:.1f}",
                item.state,
            ]
            for item in results
        ],
    )
    for item in results:
        if item.state in {"broken", "as the base"}:
            _explain(item)
    told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    click.echo(f"{len(results)} file(s) of upstream's tests: {told}")
    if found.without:
        click.echo(f"touched, and no test file goes with it: {', '.join(found.without)}")
    return 1 if counts["broken"] else 0


def _explain(item: FileResult) -> None:
    base = item.base.state if item.base is not None else "not asked"
    click.echo(f"\n{item.module}: {item.branch.state} here, {base} on the base; {item.state}")
    theirs = set(item.base.broken) if item.base is not None else set()
    for name in item.branch.broken:
        click.echo(f"  {name}{'' if name not in theirs else ' (on the base too)'}")
    if item.state == "broken":
        click.echo(item.branch.text)
