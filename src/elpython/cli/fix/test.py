"""`elpython fix test`: the tests that come with a branch's changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from elpython.cli.complete import complete_branch, complete_change
from elpython.cli.render import Progress, json_option, print_json, print_table, warn
from elpython.cli.sources import sources_option

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.core.store import Store
    from elpython.define.branch import Branch
    from elpython.prepare.tree import Tree
    from elpython.security.evidence import Evidence

__all__ = ["test"]


@click.command("test")
@sources_option
@click.argument("branch", shell_complete=complete_branch)
@click.argument("changes", nargs=-1, shell_complete=complete_change)
@click.option("--show-regression", is_flag=True, help="Run them on the bare base too: must fail.")
@click.option("--touched", is_flag=True, help="Upstream's tests of every touched module.")
@click.option("--speed", is_flag=True, help="Instructions of each benchmark, base and branch.")
@click.option("--record", "keep", is_flag=True, help="Keep what was found beside the branch.")
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="With --touched: at once.")
@json_option
def test(
    branch: str,
    changes: tuple[str, ...],
    show_regression: bool,
    touched: bool,
    speed: bool,
    keep: bool,
    jobs: int,
    as_json: bool,
) -> int:
    """Run the tests that come with changes (ids or CVEs; all when none is named).

    With --show-regression they also run on an interpreter built from the bare base: what fails
    there and passes on the branch is proven to be fixed. Exit code 1 when a test fails on the
    branch.

    With --touched all of upstream's test files run that go with what the changes touch, each in a
    process of its own. What fails runs again, alone; what still fails runs on the bare base too,
    and is told apart when the same tests fail there.

    With --speed every benchmark of benchmarks.toml is measured on both, by instructions: what a
    change makes faster keeps its bound, and nothing else takes more than 1.02 of the base.
    """
    from elpython.core.errors import UsageError
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder, own_branches
    from elpython.security.change_tests import Wish, run_change_tests

    if speed:
        return _speed(branch, changes, keep=keep, as_json=as_json)
    if touched:
        return _touched(branch, changes, keep=keep, jobs=jobs, as_json=as_json)
    if keep and not show_regression:
        raise UsageError("needs the base's side too", where="--record", todo="--show-regression")
    folder = own_branches() if keep else branches_folder()
    loaded = load_branch(folder, branch)
    wish = Wish(branches=folder, branch=loaded, changes=changes, regression=show_regression)
    paths: list[Path] = []

    def record(tree: Tree, evidence: Evidence) -> None:
        if keep:
            paths.append(_record(loaded, tree, [evidence]))

    with Progress() as bar:
        found = run_change_tests(Store.default(), wish, reporter=bar.reporter, keep=record)
    if paths:
        warn(f"recorded in {paths[-1]}")
    if as_json:
        rows = [_row(item) for item in found.evidence]
        print_json({"evidence": rows, "without_tests": found.without})
    else:
        _print(found.evidence, found.without, regression=show_regression)
    return 1 if found.failed else 0


def _speed(branch: str, changes: tuple[str, ...], *, keep: bool, as_json: bool) -> int:
    from elpython.cli.fix.test_speed import print_speed, run_speed
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder, own_branches

    folder = own_branches() if keep else branches_folder()
    loaded = load_branch(folder, branch)
    store = Store.default()
    with Progress() as bar:
        base = _interpreter(store, folder, loaded, bar, bare=True)[1]
        mine = _interpreter(store, folder, loaded, bar, bare=False)[1]
        found = run_speed(folder, loaded, changes, base=base, mine=mine, bar=bar)
    return print_speed(loaded, found, keep=keep, as_json=as_json)


def _touched(branch: str, changes: tuple[str, ...], *, keep: bool, jobs: int, as_json: bool) -> int:
    from elpython.cli.fix.test_touched import chosen, print_touched, record, run_touched
    from elpython.core.errors import UsageError
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder, own_branches
    from elpython.security.touched import Side

    if keep and changes:
        raise UsageError(
            "keeps the whole branch's result", where="--record", todo="name no changes"
        )
    folder = own_branches() if keep else branches_folder()
    loaded = load_branch(folder, branch)
    store = Store.default()
    with Progress() as bar:

        def side(*, bare: bool) -> Side:
            tree, python = _interpreter(store, folder, loaded, bar, bare=bare)
            return Side(python=python, lib=tree.folder / "Lib")

        tree, _ = _interpreter(store, folder, loaded, bar, bare=False)
        found = chosen(tree, loaded, changes)
        results = run_touched(
            found, branch=side(bare=False), base=lambda: side(bare=True), jobs=jobs, bar=bar
        )
    if keep:
        record(loaded, tree, results)
    return print_touched(branch, found, results, as_json=as_json)


def _interpreter(
    store: Store, folder: Path, branch: Branch, bar: Progress, *, bare: bool
) -> tuple[Tree, Path]:
    from elpython.security.change_tests import Wish, interpreter

    wish = Wish(branches=folder, branch=branch)
    return interpreter(store, wish, bare=bare, reporter=bar.reporter)


def _record(branch: Branch, tree: Tree, found: list[Evidence]) -> Path:
    from elpython.cli.fix.test_touched import stamp
    from elpython.security.record import record, recorded

    today, ids = stamp(tree)
    return record(branch, recorded(found, measured=today, patch_ids=ids))


def _row(item: Evidence) -> dict[str, object]:
    return {
        "change": item.change,
        "tests": item.tests,
        "base": None if item.base is None else item.base.state,
        "branch": item.branch.state,
        "ran": item.branch.ran,
        "proven": item.proven,
    }


def _print(found: Sequence[Evidence], without: Sequence[str], *, regression: bool) -> None:
    headers = ["change", "tests", *(["base"] if regression else []), "EL Python"]
    rows = []
    for item in found:
        base = [item.base.state] if item.base is not None else []
        rows.append([item.change, item.branch.ran, *base, item.branch.state])
    print_table(headers, rows)
    if regression:
        proven = sum(item.proven for item in found)
        click.echo(f"{proven} of {len(found)} proven: base fails, EL Python passes")
    for item in found:
        if not item.good:
            click.echo(f"\n{item.change}: {item.branch.state}\n{item.branch.text}")
    if without:
        click.echo(f"without tests of their own: {', '.join(without)}")
