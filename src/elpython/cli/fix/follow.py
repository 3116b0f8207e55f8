"""`elpython fix follow`: what upstream did later to what the branches have taken."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from elpython.cli.complete import complete_branch
from elpython.cli.render import WARNINGS, Progress, json_option, print_json, print_table, warn
from elpython.cli.sources import sources_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from elpython.core.store import Store
    from elpython.define.branch import Branch
    from elpython.define.followups import FollowUp
    from elpython.security.follow import Upstream

__all__ = ["follow"]

_WIDTH = 100
# The newest NEWS of every series that upstream maintains beside the branches' own.
_NEWEST = ("debian:sid/python3.13", "debian:sid/python3.14", "debian:sid/python3.15")
_HELD = ("security", "feature")


@click.command("follow")
@sources_option
@click.argument("names", metavar="[BRANCH]...", nargs=-1, shell_complete=complete_branch)
@click.option("--newer", multiple=True, metavar="SOURCE", help="NEWS to read: see below.")
@click.option("--state", "states", multiple=True, help="Show only these: taken, new ...")
@click.option("--all", "everything", is_flag=True, help="Show what is decided too.")
@click.option("--record", "keep", is_flag=True, help="Write branches/followups.toml.")
@json_option
def follow(
    names: tuple[str, ...],
    newer: tuple[str, ...],
    states: tuple[str, ...],
    everything: bool,
    keep: bool,
    as_json: bool,
) -> int:
    """Show what upstream did later to what the branches have taken: fixes to fixes and to features.

    A later entry of NEWS comes back to a change when it names the change's issue, a feature that it
    provides, or a function that a security fix touches together with its module. Each is taken,
    refused or not needed (with the reason), or new: nobody has decided. What a person decides is
    written into branches/followups.toml; the vulnerability record and refused.toml count as well.

    SOURCE is what `elpython fix news` takes; without any, Debian's newest packages are asked. All
    of them have to answer: what could not be read may hold the very entry.

    Exit code 1 when something is new for a security fix or a feature.
    """
    from elpython.core.errors import UsageError
    from elpython.core.store import Store
    from elpython.core.suggest import hint
    from elpython.define.branch import branch_names, load_branch
    from elpython.define.folder import branches_folder, own_branches
    from elpython.define.followups import (
        NEW,
        STATES,
        read_followups,
        undecided,
        write_followups,
    )
    from elpython.security.follow import merged

    for state in states:
        if state not in STATES:
            raise UsageError(f"{state!r} is no state", where="--state", todo=hint(state, STATES))
    if keep and names:
        raise UsageError("keeps all branches' follow-ups", where="--record", todo="name no branch")
    folder = own_branches() if keep else branches_folder()
    branches = [load_branch(folder, name) for name in names or branch_names(folder)]
    store = Store.default()
    today = dt.datetime.now(tz=dt.UTC).date()
    with Progress() as bar:
        upstream, looked = _upstream(store, folder, newer or _NEWEST, bar)
        found = [item for branch in branches for item in _of(store, folder, branch, upstream, bar)]
    record = merged(read_followups(folder), found, looked, today)
    kinds = {(b.name, change.id): change.kind for b in branches for change in b.series}
    held = [item for item in undecided(record.items) if kinds[item.branch, item.change] in _HELD]
    if keep:
        warn(f"written: {write_followups(folder, record)}")
    wanted = states or (STATES if everything else (NEW,))
    shown = [item for item in record.items if item.state in wanted]
    if as_json:
        print_json(
            {"checked": today, "looked": looked, "not_looked": _NOT_LOOKED,
             "counts": _counts(record.items), "followups": shown, "held": len(held)}
        )  # fmt: skip
    else:
        _print(shown, _counts(record.items))
        click.echo(f"read: {', '.join(looked)}")
        for line in _NOT_LOOKED:
            click.echo(f"not looked at: {line}")
        click.echo(f"{len(held)} new for security fixes and features")
    return 1 if held else 0


_NOT_LOOKED = (
    "commits without an entry in NEWS",
    "issues that are open and have no fix yet",
    "the code itself: a function that differs from a later release's without a word in NEWS",
)


def _upstream(
    store: Store, folder: Path, sources: Sequence[str], bar: Progress
) -> tuple[Upstream, list[str]]:
    from elpython.define.branch import branch_names
    from elpython.security.follow_source import upstream_of
    from elpython.security.watch_source import news_file

    texts = []
    # The bases' own NEWS tell the days of their series' releases.
    places = list(dict.fromkeys([*sources, *branch_names(folder)]))
    for number, place in enumerate(places):
        bar.update("NEWS", number, len(places))
        path = news_file(store, folder, place, reporter=WARNINGS)
        texts.append((place, path.read_text("utf-8", "replace")))
    bar.update("NEWS", len(places), len(places))
    return upstream_of(texts)


def _of(
    store: Store, folder: Path, branch: Branch, upstream: Upstream, bar: Progress
) -> Iterable[FollowUp]:
    from elpython.define.refused import read_refusals
    from elpython.define.vulnerability_read import read_record
    from elpython.prepare.tree import TreeRequest, prepare
    from elpython.security.follow import Known
    from elpython.security.follow import follow as follow_branch
    from elpython.security.follow_source import digests, touched_by
    from elpython.security.watch_source import news_file

    request = TreeRequest(branches=folder, branch=branch)
    tree = prepare(store, request, reporter=bar.reporter)
    own = news_file(store, folder, branch.name, reporter=WARNINGS).read_text("utf-8", "replace")
    known = Known(
        own=digests(own),
        refusals=read_refusals(branch.folder),
        by_news=read_record(folder).by_news(),
        touched=touched_by(tree),
    )
    return follow_branch(branch, upstream, known)


def _counts(items: Iterable[FollowUp]) -> dict[str, dict[str, int]]:
    from elpython.define.followups import STATES

    found: dict[str, dict[str, int]] = {}
    for item in items:
        row = found.setdefault(item.branch, dict.fromkeys(STATES, 0))
        row[item.state] += 1
    return found


def _print(shown: Sequence[FollowUp], counts: dict[str, dict[str, int]]) -> None:
    rows = [
        [item.branch, item.change, item.state, item.release, item.issue or "-",
         item.reason or item.how, item.text[:_WIDTH]]
        for item in shown
    ]  # fmt: skip
    if rows:
        headers = ["branch", "change", "state", "since", "issue", "by, because", "entry"]
        print_table(headers, rows)
    for branch, row in counts.items():
        told = ", ".join(f"{number} {state}" for state, number in row.items() if number)
        click.echo(f"{branch}: {told or 'nothing'}")
