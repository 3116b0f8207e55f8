"""`elpython branch rebase`: move a branch to a newer release of its base."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.complete import complete_branch
from elpython.cli.render import Progress, json_option, print_json, print_table, warn
from elpython.cli.sources import sources_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.core.store import Store
    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.prepare.rebase.model import Placed, Rebase, Sorting
    from elpython.prepare.rebase.write import Staged

__all__ = ["rebase"]

_FOLDER = click.Path(path_type=Path, file_okay=False)
_CLONE = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command("rebase")
@sources_option
@click.argument("name", metavar="BRANCH", shell_complete=complete_branch)
@click.option("--base", required=True, metavar="RELEASE", help="The newer release: 3.13.15.")
@click.option("--archive", default="", help="A file, a folder, or debian:SUITE/PACKAGE.")
@click.option("--to", "target", type=_FOLDER, help="Write the branches to a new folder there.")
@click.option("--in-place", is_flag=True, help="Replace the branches folder, in one step.")
@click.option("--dry-run", is_flag=True, help="Only say what becomes of each change.")
@click.option("--resolved", type=_FOLDER, help="Where conflicts are left, and taken resolved.")
@click.option("--run-tests", is_flag=True, help="Build the bare base; ask the changes' own tests.")
@click.option("--prove", is_flag=True, help="Build both; renew evidence; hold the contract.")
@click.option("--clone", type=_CLONE, help="A clone of CPython: names the commits in a conflict.")
@json_option
def rebase(
    name: str,
    base: str,
    archive: str,
    target: Path | None,
    in_place: bool,
    dry_run: bool,
    resolved: Path | None,
    run_tests: bool,
    prove: bool,
    clone: Path | None,
    as_json: bool,
) -> int:
    """Move a branch to a newer release of its base.

    Says of each change: in the base already (its lines are there, its own tests pass there, or
    upstream's NEWS names its issue), applies, applies with fuzz (a three-way merge puts it in), or
    conflicts: where, and which upstream releases touched that.

    Without --to or --in-place nothing is written but what --resolved names. With one of them the
    branch loses what the base has, and gets new patches, digests, lock file and vulnerability
    record; identity, EL release and the features' since stay. It is written beside and renamed at
    the end: stopped at any point, run it again.

    Exit code 1 when a change conflicts, or --prove finds a broken promise; then nothing is renamed.
    """
    from elpython.core.errors import UsageError
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder, own_branches
    from elpython.prepare.new_base import new_base
    from elpython.prepare.rebase.model import CONFLICTS, Rebase
    from elpython.prepare.rebase.sort import sort_changes

    if sum((target is not None, in_place, dry_run)) > 1:
        raise UsageError("choose one", where="--to, --in-place, --dry-run")
    folder = own_branches() if in_place else branches_folder()
    branch = load_branch(folder, name)
    _check(branch, base, target)
    store = Store.default()
    with Progress() as bar:
        taken = new_base(store, base, archive)
        request = Rebase(
            branches=folder,
            branch=branch,
            base=base,
            sources=taken.sources,
            resolved=resolved,
            history=clone,
        )
        if run_tests:
            request = _with_tests(store, request, bar)
        sorting = sort_changes(store, request, reporter=bar.reporter)
    proven: bool | None = None
    place: Path | None = None
    wanted = (target is not None or in_place) and not sorting.of(CONFLICTS)
    if wanted:
        place, proven = _write(store, request, sorting, target, prove=prove)
    if as_json:
        print_json(
            {
                "branch": name, "base": branch.base, "new_base": base, "counts": sorting.counts(),
                "changes": [_row(item) for item in sorting.placed],
                "written": place, "proven": proven,
            }
        )  # fmt: skip
    else:
        _print(branch, base, sorting, resolved)
        _say_written(place, name, in_place=in_place, proven=proven)
    return 1 if sorting.of(CONFLICTS) or proven is False else 0


def _check(branch: Branch, base: str, target: Path | None) -> None:
    """Refuse what is no newer release of the branch's series, and a folder that is in use."""
    import re

    from packaging.version import Version

    from elpython.core.errors import UsageError

    if not re.fullmatch(rf"{re.escape(branch.name)}\.\d+((a|b|rc)\d+)?", base):
        raise UsageError(f"{base!r} is no release of {branch.name}", where="--base")
    if Version(base) <= Version(branch.base):
        raise UsageError(f"is no newer than the base {branch.base}", where=f"--base {base}")
    if target is not None and target.exists() and any(target.iterdir()):
        raise UsageError("is not empty", where=str(target), todo="name a new folder")


def _python(store: Store, folder: Path, branch: Branch, bar: Progress, *, bare: bool) -> Path:
    from elpython.build.build import build
    from elpython.build.request import BuildRequest, profile_named
    from elpython.prepare.tree import TreeRequest, prepare

    request = TreeRequest(branches=folder, branch=branch, length=0 if bare else None)
    tree = prepare(store, request, reporter=bar.reporter)
    asked = BuildRequest(tree=tree, settings=branch.build, profile=profile_named("quick"))
    return build(store, asked, reporter=bar.reporter).python


def _with_tests(store: Store, request: Rebase, bar: Progress) -> Rebase:
    """Return the request with a way to run a change's own tests on the bare new base."""
    import dataclasses

    from elpython.prepare.tree import TreeRequest, prepare
    from elpython.security.rebased import on_base

    bare = dataclasses.replace(request.branch, base=request.base, sources=request.sources)
    python = _python(store, request.branches, bare, bar, bare=True)
    old = TreeRequest(branches=request.branches, branch=request.branch)
    tree = prepare(store, old, reporter=bar.reporter)

    def tests(change: Change) -> str:
        return on_base(tree, change.id, python)

    return dataclasses.replace(request, tests=tests)


def _write(
    store: Store, request: Rebase, sorting: Sorting, target: Path | None, *, prove: bool
) -> tuple[Path | None, bool | None]:
    """Write the branches beside their place, prove them if asked, rename them.

    Returns:
        Where they are now, None when nothing was renamed; and whether the contract holds, None
        when nobody asked.
    """
    from elpython.core.store import disk_errors, remove_tree
    from elpython.prepare.rebase.write import stage

    home = request.branches.parent if target is None else target.absolute().parent
    beside = home / f".elpython-rebase-{request.branch.name}"
    with disk_errors(beside):
        remove_tree(beside)
        beside.mkdir(parents=True)
        try:
            for outside in _outside(request.branch):
                _bring(request.branches.parent, beside, outside, link=target is None)
            with Progress() as bar:
                staged = stage(store, request, sorting, beside / "branches", reporter=bar.reporter)
            _renew_record(request, sorting, staged)
            proven = _prove(store, request, staged) if prove else None
            if proven is False:
                return None, False
            if target is None:
                from elpython.install.swap import exchange

                exchange(staged.branches, request.branches)
                return request.branches, proven
            if target.exists():
                target.rmdir()
            beside.rename(target)
            return target / "branches", proven
        finally:
            remove_tree(beside)


def _outside(branch: Branch) -> list[str]:
    """Return what changes lay into trees from the repository's root: `runtime/...`."""
    from elpython.define.code import FilesCode

    return sorted(
        {
            source.removeprefix("//")
            for change in branch.series
            if isinstance(change.code, FilesCode)
            for source in change.code.folders
            if source.startswith("//")
        }
    )


def _bring(root: Path, beside: Path, outside: str, *, link: bool) -> None:
    source, place = root / outside, beside / outside
    place.parent.mkdir(parents=True, exist_ok=True)
    if link:
        place.symlink_to(source)
    elif source.is_dir():
        shutil.copytree(
            source, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    else:
        shutil.copyfile(source, place)


def _renew_record(request: Rebase, sorting: Sorting, staged: Staged) -> None:
    """Let the vulnerability record say what the base has fixed."""
    import datetime as dt

    from elpython.define.vulnerability_read import FOLDER, read_record
    from elpython.prepare.rebase.model import DROPPED, IN_BASE
    from elpython.security.rebased import without_dropped, write_dropped

    if not (staged.branches / FOLDER).is_dir():
        return
    gone = {item.change: item.because for item in sorting.of(IN_BASE)}
    gone |= {item.change: "" for item in sorting.of(DROPPED)}
    gone |= {item.change: item.base_has for item in sorting.placed if item.base_has}
    changed = without_dropped(
        read_record(staged.branches), staged.branch.name, gone, request.base,
        dt.datetime.now(tz=dt.UTC).date(),
    )  # fmt: skip
    write_dropped(staged.branches, changed)


def _prove(store: Store, request: Rebase, staged: Staged) -> bool:
    """Build the old EL release and the new one; renew the evidence, hold the contract."""
    import datetime as dt

    from elpython.cli.contract.contract import check
    from elpython.security.evidence import gather
    from elpython.security.record import record, recorded

    with Progress() as bar:
        before = _python(store, request.branches, request.branch, bar, bare=False)
        base = _python(store, staged.branches, staged.branch, bar, bare=True)
        after = _python(store, staged.branches, staged.branch, bar, bare=False)
        found = []
        for number, change in enumerate(staged.branch.series):
            bar.update("changes", number, len(staged.branch.series))
            evidence = gather(staged.tree, change.id, branch=after, base=base)
            if evidence is not None:
                found.append(evidence)
    ids = {item.change: item.patch_id or "empty" for item in staged.tree.commits}
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    record(staged.branch, recorded(found, measured=today, patch_ids=ids))
    bad = [item.change for item in found if not item.good]
    for name in bad:
        warn(f"{name}: its own tests do not pass on the new branch")
    code = click.get_current_context().invoke(
        check, base=str(before), candidate=str(after), sample=True, no_network=True
    )
    return code == 0 and not bad


def _row(item: Placed) -> dict[str, object]:
    return {
        "change": item.change,
        "kind": item.kind,
        "state": item.state,
        "because": item.because,
        "remark": item.remark,
        "conflicts": [
            {"file": one.hunk.file, "inside": one.hunk.inside, "text": one.hunk.text,
             "touched": one.touched}
            for one in item.conflicts
        ],
    }  # fmt: skip


def _print(branch: Branch, base: str, sorting: Sorting, resolved: Path | None) -> None:
    rows = [[item.change, item.kind, item.state, item.because] for item in sorting.placed]
    print_table(["change", "kind", "on the new base", "because"], rows)
    _each(sorting.placed, lambda item: [item.remark] if item.remark else [])
    for item in sorting.placed:
        for one in item.conflicts:
            inside = f", in {one.hunk.inside}" if one.hunk.inside else ""
            click.echo(f"\n{item.change}: {one.hunk.file}{inside}")
            click.echo("".join(f"    {line}\n" for line in one.hunk.text.splitlines()), nl=False)
            told = one.touched or ("no entry of NEWS speaks of it",)
            click.echo("".join(f"  upstream: {line}\n" for line in told), nl=False)
        if item.conflicts and resolved is not None:
            click.echo(f"  resolve it in {resolved / item.change / 'after'}")
    counts = ", ".join(f"{number} {state}" for state, number in sorting.counts().items() if number)
    click.echo(f"{branch.name}, CPython {branch.base} -> {base}: {counts}")


def _each(placed: tuple[Placed, ...], lines: Callable[[Placed], list[str]]) -> None:
    for item in placed:
        for line in lines(item):
            click.echo(f"{item.change}: {line}")


def _say_written(place: Path | None, name: str, *, in_place: bool, proven: bool | None) -> None:
    if place is None:
        click.echo("nothing was written" if proven is None else "a promise is broken: not renamed")
        return
    todo = "" if in_place else f"ELPYTHON_BRANCHES={place} "
    click.echo(f"written: {place}")
    if proven is None:
        click.echo(f"next: {todo}elpython fix test {name} --show-regression --record")
