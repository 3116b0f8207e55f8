"""`elpython fix status` and `fix record`: what branches do about each known vulnerability."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.complete import complete_branch
from elpython.cli.render import WARNINGS, json_option, print_json, print_table, warn
from elpython.cli.sources import sources_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.security.status import Status

__all__ = ["record", "status"]

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command("status")
@click.argument("branch", shell_complete=complete_branch)
@click.option("--osv", type=_FOLDER, help="Hold a folder of OSV advisories against the record.")
@click.option("--state", "states", multiple=True, help="Only these: fixed, affected, unknown ...")
@click.option("--vex", is_flag=True, help="Print an OpenVEX document.")
@json_option
def status(branch: str, osv: Path | None, states: tuple[str, ...], vex: bool, as_json: bool) -> int:
    """Show what a branch does about each known vulnerability, and how old that knowledge is.

    The vulnerability record decides, branches/vulnerabilities. An advisory of --osv that it lacks
    is unknown, whatever issue it refers to.

    What a branch is not affected by is counted; --state "not affected" lists it.

    Exit code 1 when one is unknown, when the record was last checked more than 7 days ago, or when
    it says something that the changes and their evidence do not show.
    """
    from elpython.core.errors import UsageError
    from elpython.core.suggest import hint
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.define.vulnerability import NOT_AFFECTED, STATES, UNKNOWN
    from elpython.define.vulnerability_read import read_record
    from elpython.security.proof import branch_problems
    from elpython.security.status import age_problem, read_folder
    from elpython.security.status import status as statuses

    for state in states:
        if state not in STATES:
            raise UsageError(f"{state!r} is no state", where="--state", todo=hint(state, STATES))
    folder = branches_folder()
    loaded = load_branch(folder, branch)
    known = read_record(folder)
    now = dt.datetime.now(tz=dt.UTC)
    unproven = branch_problems(known, loaded, folder, today=now.date())
    if vex:
        _refuse(unproven)
        from elpython.security.vex import openvex

        print_json(openvex(loaded, known, when=now.isoformat(timespec="seconds")))
        return 0
    found, left = statuses(loaded, known, read_folder(osv) if osv else ())
    old = age_problem(known, now.date())
    shown = [item for item in found if not states or item.state in states]
    counts = Counter(item.state for item in found)
    if as_json:
        print_json(
            {
                "branch": branch,
                "checked": known.checked,
                "age": known.age(now.date()),
                "too_old": old,
                "asked": tuple(known.asked),
                "unasked": known.unasked,
                "problems": unproven,
                "counts": dict(counts),
                "left_out": left,
                "findings": shown,
            }
        )
    else:
        told = [item for item in shown if states or item.state != NOT_AFFECTED]
        _print(told, counts, left)
        click.echo(f"record checked on {known.checked}, {known.age(now.date())} day(s) ago")
        if known.unasked:
            click.echo(f"nobody asked: {', '.join(known.unasked)}")
    if old:
        warn(f"the vulnerability record {old}")
    for line in unproven:
        warn(line)
    return 1 if counts[UNKNOWN] or old or unproven else 0


def _refuse(unproven: Sequence[str]) -> None:
    """Raise what keeps a record from being told to others."""
    from elpython.core.errors import BadBranchError

    if unproven:
        raise BadBranchError(
            f"{len(unproven)} problem(s) in the vulnerability record: no document is written",
            details=tuple(unproven),
            todo="fix them; elpython branch lint lists them too",
        )


def _print(shown: Sequence[Status], counts: Counter[str], left: dict[str, int]) -> None:
    rows = [
        [item.id, item.state, item.severity, item.public or "-", item.because] for item in shown
    ]
    print_table(["vulnerability", "state", "severity", "public", "because"], rows)
    click.echo(", ".join(f"{count} {state}" for state, count in sorted(counts.items())))
    if left:
        click.echo("left out: " + ", ".join(f"{n} {why}" for why, n in sorted(left.items())))


@click.command("record")
@sources_option
@click.argument("branches", nargs=-1, shell_complete=complete_branch)
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when something would be.")
@json_option
def record(branches: tuple[str, ...], check: bool, as_json: bool) -> int:
    """Write into the vulnerability record what the branches' changes fix.

    A change fixes the CVEs that it names, and what is recorded under its own id; the tests that it
    brings are read from its commit in the prepared tree. What no change says stays as it is.
    """
    from elpython.core.store import Store
    from elpython.define.branch import branch_names, load_branch
    from elpython.define.folder import branches_folder, own_branches
    from elpython.define.vulnerability_read import read_record
    from elpython.prepare.tree import TreeRequest, prepare
    from elpython.security.evidence import own_tests
    from elpython.security.record_write import with_changes, write_vulnerability

    folder = branches_folder() if check else own_branches()
    today = dt.datetime.now(tz=dt.UTC).date()
    told = []
    for name in branches or branch_names(folder):
        branch = load_branch(folder, name)
        known = read_record(folder)

        def tests(change: str, branch: object = branch) -> list[str]:
            request = TreeRequest(branches=folder, branch=branch)  # type: ignore[arg-type]
            tree = prepare(Store.default(), request, reporter=WARNINGS)
            return [str(test) for test in own_tests(tree, change)]

        for item in with_changes(known, branch, tests, today):
            if not check:
                write_vulnerability(folder, item)
            told.append(
                {"id": item.id, "branch": name, "change": item.branches[name].change,
                 "tests": item.branches[name].tests}
            )  # fmt: skip
    if as_json:
        print_json({"written": not check, "fixed": told})
    else:
        rows = [[row["id"], row["branch"], row["change"], len(row["tests"])] for row in told]
        print_table(["vulnerability", "branch", "fixed by change", "tests"], rows)
    return 1 if check and told else 0
