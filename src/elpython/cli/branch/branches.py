"""`elpython branch list`, `show`, `lint`, `prepare`, `export`, `lock` and `new`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.branch.mirror import print_standings
from elpython.cli.branch.pending import (
    open_if_pending,
    print_opened,
    print_pending,
    print_pending_names,
)
from elpython.cli.complete import complete_branch, complete_change
from elpython.cli.render import Progress, json_option, print_json, print_table
from elpython.cli.sources import sources_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.define.branch import Branch
    from elpython.prepare.inputs import Standing

__all__ = ["branches", "export", "lint_branches", "lock", "new_branch", "prepare", "show"]


@click.command("list")
@click.option("--markdown", is_flag=True, help="Print the page about the branches.")
@click.option("--pending", "only_pending", is_flag=True, help="Those that are not open, alone.")
@json_option
def branches(markdown: bool, only_pending: bool, as_json: bool) -> None:
    """List the branches: base, EL release, changes, support.

    A pending branch is written, but no source of its base was had: nothing prepares, builds or
    releases it until elpython branch lock has opened it. With --json, --pending lists these.
    """
    from elpython.core.errors import BadBranchError
    from elpython.define.branch import load_all
    from elpython.define.folder import branches_folder
    from elpython.define.pending import load_pending

    found, problems = load_all(branches_folder())
    pending, more = load_pending(branches_folder())
    problems += more
    if only_pending:
        print_pending(pending, as_json=as_json)
    elif markdown:
        from elpython.define.vulnerability_read import read_record
        from elpython.security.overview import overview, page

        record = read_record(branches_folder())
        click.echo(page([overview(branch, record) for branch in found], pending), nl=False)
    elif as_json:
        print_json(
            [
                {
                    "branch": branch.name,
                    "base": branch.base,
                    "version": str(branch.version),
                    "lts": branch.lts,
                    "changes": len(branch.series),
                    "upstream_end_of_life": branch.upstream_end,
                    "end_of_life": branch.el_end,
                }
                for branch in found
            ]
        )
    else:
        print_table(
            ["branch", "base", "EL version", "LTS", "changes", "upstream ends", "EL ends"],
            [
                [
                    branch.name,
                    branch.base,
                    branch.version,
                    "yes" if branch.lts else "no",
                    len(branch.series),
                    branch.upstream_end,
                    branch.el_end,
                ]
                for branch in found
            ],
        )
        if pending:
            click.echo()
            print_pending(pending, why=False)
    if problems:
        raise BadBranchError(
            f"{len(problems)} problem(s) in the branches",
            todo="elpython branch lint lists them",
        )


@click.command("show")
@click.argument("branch", shell_complete=complete_branch)
@click.option(
    "--change",
    "change_id",
    shell_complete=complete_change,
    help="One change, with its DEP-3 header.",
)
@json_option
def show(branch: str, change_id: str | None, as_json: bool) -> None:
    """Show a branch: its series in order, with kinds and origins."""
    from elpython.define.branch import load_branch
    from elpython.define.dep3 import dep3_header
    from elpython.define.folder import branches_folder

    loaded = load_branch(branches_folder(), branch)
    if change_id is not None:
        change = loaded.change(change_id)
        if as_json:
            print_json(change)
        else:
            click.echo(dep3_header(change), nl=False)
        return
    if as_json:
        print_json(loaded)
        return
    click.echo(f"EL Python {loaded.version}: base CPython {loaded.base}")
    print_table(
        ["#", "change", "kind", "title", "first in", "issues", "CVEs", "code"],
        [
            [
                number,
                change.id,
                change.kind,
                change.title,
                change.first_in or "-",
                " ".join(change.issues) or "-",
                " ".join(change.cves) or "-",
                type(change.code).__name__.removesuffix("Code").lower(),
            ]
            for number, change in enumerate(loaded.series, 1)
        ],
    )


@click.command("lint")
@sources_option
@click.option("--no-content", is_flag=True, help="Do not prepare trees: files only, no network.")
@click.option("--inputs", is_flag=True, help="Ask the network from where each input can be had.")
@json_option
def lint_branches(no_content: bool, inputs: bool, as_json: bool) -> int:
    """Report every problem of every branch, each with file and key; exit code 1 when there are any.

    Besides reading the files it prepares each branch, and says which changes' content is no longer
    what the lock file beside the branch records.

    With --inputs every place of every pinned input is asked, as if this machine had nothing: what
    no place has any longer is a problem. It downloads all of them.
    """
    from elpython.core.errors import ElpythonError
    from elpython.core.store import Store
    from elpython.define.branch import load_all
    from elpython.define.folder import branches_folder
    from elpython.define.followups import followup_problems, read_followups
    from elpython.define.pending import load_pending
    from elpython.define.refused import read_refusals
    from elpython.define.toggles import toggle_problems
    from elpython.define.vulnerability_read import read_record
    from elpython.policy.days import policy_day_problems
    from elpython.prepare.series import moved_changes
    from elpython.prepare.tree import TreeRequest
    from elpython.prepare.tree import prepare as prepare_tree
    from elpython.security.proof import standing_problems, tree_problems

    folder = branches_folder()
    today = dt.datetime.now(tz=dt.UTC).date()
    found, problems = load_all(folder)
    pending, more = load_pending(folder)
    problems += more
    for branch in found:
        read_refusals(branch.folder, problems)
    followups = read_followups(folder, problems)
    problems += toggle_problems(folder, found)
    problems += policy_day_problems(folder, today)
    problems += standing_problems(folder, found, today=today)
    if not problems:
        record = read_record(folder)
        problems += followup_problems(followups, found, record, today=today)
    if not problems and not no_content:
        with Progress() as bar:
            for branch in found:
                request = TreeRequest(branches=folder, branch=branch)
                try:
                    tree = prepare_tree(Store.default(), request, reporter=bar.reporter)
                except ElpythonError as error:
                    problems.append(str(error))
                else:
                    problems += moved_changes(branch, tree)
                    problems += tree_problems(record, branch, tree)
    standings = _standings(folder, found) if inputs else []
    problems += _gone(standings)
    if as_json:
        told: dict[str, object] = {
            "branches": [branch.name for branch in found],
            "pending": [item.branch.name for item in pending],
            "problems": problems,
        }
        print_json(told | ({"inputs": standings} if inputs else {}))
    else:
        if inputs:
            print_standings(standings)
        for problem in problems:
            click.echo(problem)
        print_pending_names(pending)
        click.echo(f"{len(found)} branch(es), {len(problems)} problem(s)")
    return 1 if problems else 0


def _standings(folder: Path, branches: Sequence[Branch]) -> list[Standing]:
    from elpython.prepare.inputs import availability, inputs_of

    items = {item.name: item for branch in branches for item in inputs_of(folder, branch)}
    with Progress() as bar:
        return availability(list(items.values()), reporter=bar.reporter)


def _gone(standings: Sequence[Standing]) -> list[str]:
    """Return a line for each input that no place has."""
    had = {item.name for item in standings if not item.problem}
    gone = {item.name: item for item in standings if item.name not in had}
    return [
        f"{item.wanted_by}: {name}: can be had from nowhere; elpython branch mirror keeps what is "
        "left in this machine's store"
        for name, item in gone.items()
    ]


@click.command("prepare")
@sources_option
@click.argument("branch", shell_complete=complete_branch)
@click.option("--to", "target", type=click.Path(path_type=Path), help="Copy the tree there.")
@click.option("--redistributor", default="", help="Who rebuilds it: sets elpython-NAME.")
@click.option(
    "--only-first", "length", type=click.IntRange(min=0), help="Only the first N changes."
)
@json_option
def prepare(
    branch: str, target: Path | None, redistributor: str, length: int | None, as_json: bool
) -> None:
    """Prepare a branch's source tree: a git repository, the base and then one commit per change."""
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.prepare.tree import TreeRequest, copy_tree
    from elpython.prepare.tree import prepare as prepare_tree

    folder = branches_folder()
    request = TreeRequest(
        branches=folder,
        branch=load_branch(folder, branch),
        length=length,
        redistributor=redistributor,
    )
    with Progress() as bar:
        tree = prepare_tree(Store.default(), request, reporter=bar.reporter)
    place = copy_tree(tree, target) if target else tree.folder
    if as_json:
        print_json({"tree": tree, "folder": place})
        return
    count = len(tree.commits)
    click.echo(f"EL Python {tree.version}: {count} change(s) on CPython {tree.base}")
    click.echo(f"head   {tree.head}")
    click.echo(f"folder {place}")


@click.command("export")
@sources_option
@click.argument("branch", shell_complete=complete_branch)
@click.option(
    "--series", "folder", type=click.Path(path_type=Path), required=True, help="A new folder."
)
def export(branch: str, folder: Path) -> None:
    """Write a branch's changes as a quilt series: numbered patches with DEP-3 headers."""
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.prepare.series import export_series
    from elpython.prepare.tree import TreeRequest
    from elpython.prepare.tree import prepare as prepare_tree

    place = branches_folder()
    loaded = load_branch(place, branch)
    with Progress() as bar:
        request = TreeRequest(branches=place, branch=loaded)
        tree = prepare_tree(Store.default(), request, reporter=bar.reporter)
    paths = export_series(tree, loaded, folder)
    click.echo(f"{len(paths)} patch(es) and their series file in {folder}")


@click.command("lock")
@sources_option
@click.argument("branches", nargs=-1, shell_complete=complete_branch)
def lock(branches: tuple[str, ...]) -> int:
    """Record each change's content (`git patch-id --stable`) in the lock file beside its branch.

    A pending branch that is named is opened first: its base is had from the first of its places
    that gives it, pinned, and the core changes are put onto it. Exit code 1 when one needs a hand.
    """
    from elpython.core.store import Store
    from elpython.define.branch import branch_names, load_branch
    from elpython.define.folder import own_branches
    from elpython.prepare.series import write_lock
    from elpython.prepare.tree import TreeRequest
    from elpython.prepare.tree import prepare as prepare_tree

    folder = own_branches()
    for name in branches or branch_names(folder):
        if not open_if_pending(folder, name):
            return 1
        branch = load_branch(folder, name)
        with Progress() as bar:
            request = TreeRequest(branches=folder, branch=branch)
            tree = prepare_tree(Store.default(), request, reporter=bar.reporter)
        click.echo(f"{write_lock(branch, tree)}: {len(tree.commits)} change(s)")
    return 0


@click.command("new")
@sources_option
@click.argument("name")
@click.option("--base", required=True, help="The upstream release, 3.14.0.")
@click.option("--archive", default="", help="A file, a folder, or debian:SUITE/PACKAGE.")
@click.option(
    "--resolved",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where conflicts are left, and taken resolved.",
)
@json_option
def new_branch(name: str, base: str, archive: str, resolved: Path | None, as_json: bool) -> int:
    """Open a branch: pin the base, and put every core change onto it, toggles included.

    What does not apply as it is gets merged, three-way, with the nearest older branch's; a merge
    without conflicts is written as a patch of its own. A pending branch is opened as its
    pending.toml defines it, on whatever base is named.

    Exit code 1 when a core change needs a hand; its conflicts are printed.
    """
    import datetime as dt

    from elpython.core.store import Store
    from elpython.define.folder import own_branches
    from elpython.prepare.new_branch import Opening, open_branch

    opening = Opening(
        branches=own_branches(),
        name=name,
        base=base,
        archive=archive,
        today=dt.datetime.now(tz=dt.UTC).date(),
        resolved=resolved,
    )
    opened = open_branch(Store.default(), opening)
    if as_json:
        print_json(opened)
        return 1 if opened.needing else 0
    print_opened(opened, base)
    return 1 if opened.needing else 0
