"""`elpython fix news`: what a later upstream release has and a branch lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from elpython.cli.complete import complete_branch
from elpython.cli.render import WARNINGS, json_option, print_json, print_table
from elpython.cli.sources import sources_option

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.security.watch import Watched

__all__ = ["upstream_watch"]

_WIDTH = 110


@click.command("news")
@sources_option
@click.argument("branch", shell_complete=complete_branch)
@click.option("--newer", required=True, metavar="SOURCE", help="A later release: see below.")
@click.option("--section", "sections", multiple=True, help="List this section too: Library.")
@click.option("--state", "states", multiple=True, help="Only these: taken, refused, new.")
@click.option("--all", "everything", is_flag=True, help="List every section.")
@json_option
def upstream_watch(
    branch: str,
    newer: str,
    sections: tuple[str, ...],
    states: tuple[str, ...],
    everything: bool,
    as_json: bool,
) -> int:
    """List what a later upstream release's NEWS has and the branch lacks.

    Listed are the section Security, and follow-ups: entries that come back to an issue whose fix
    the branch has taken. The other sections are counted; --section and --all list them.

    SOURCE is a folder of CPython's source, its archive, a Misc/NEWS file, a branch (3.13: its
    base), a known release (3.13.5), or debian:SUITE/PACKAGE (debian:forky/python3.13).

    Exit code 1 when a security fix or a follow-up is new: neither taken nor refused.
    """
    from elpython.core.errors import UsageError
    from elpython.core.suggest import hint
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.security.watch import NEW, STATES, counts

    for state in states:
        if state not in STATES:
            raise UsageError(f"{state!r} is no state", where="--state", todo=hint(state, STATES))
    folder = branches_folder()
    loaded = load_branch(folder, branch)
    release, found = _watched(folder, loaded, newer)
    known = sorted({item.section for item in found})
    for section in sections:
        if section not in known:
            raise UsageError(
                f"there is no section {section!r}", where="--section", todo=hint(section, known)
            )
    shown = [
        item
        for item in found
        if (everything or item.section in {"Security", *sections} or item.follows)
        and (not states or item.state in states)
    ]
    urgent = [item for item in found if item.state == NEW and _urgent(item)]
    if as_json:
        print_json(
            {
                "branch": branch,
                "base": loaded.base,
                "newer": release,
                "counts": counts(found),
                "entries": shown,
            }
        )
    else:
        _print(shown)
        rows = [[section, *row.values()] for section, row in counts(found).items()]
        print_table(["section", *STATES], rows)
        click.echo(
            f"{release} against {branch} ({loaded.base}): {len(found)} entries that the "
            f"base lacks; new: {sum(item.section == 'Security' for item in urgent)} in Security, "
            f"{sum(bool(item.follows) for item in urgent)} follow-up(s)"
        )
    return 1 if urgent else 0


def _watched(folder: Path, branch: Branch, newer: str) -> tuple[str, list[Watched]]:
    """Return which release is the later one, and what of its NEWS the branch's base lacks.

    Args:
        folder: the `branches` folder.
        branch: the branch.
        newer: where the later NEWS is.

    Raises:
        UsageError: it is no NEWS.
    """
    from elpython.core.errors import UsageError
    from elpython.core.store import Store
    from elpython.define.refused import read_refusals
    from elpython.define.vulnerability_read import read_record
    from elpython.security.watch import Decisions, watch
    from elpython.security.watch_source import news_file
    from elpython.upstream.news import read_news

    store = Store.default()
    later = read_news(news_file(store, folder, newer, reporter=WARNINGS))
    if not later:
        raise UsageError("its NEWS has no entries", where=newer, todo="is it CPython's Misc/NEWS?")
    record = read_record(folder).by_name()
    decisions = Decisions(
        changes=branch.series,
        refusals=read_refusals(branch.folder),
        standings={name: item.standing(branch.name) for name, item in record.items()},
    )
    own = read_news(news_file(store, folder, branch.name, reporter=WARNINGS))
    return later[0].release, list(watch(branch, decisions, own=own, newer=later))


def _urgent(item: Watched) -> bool:
    return item.section == "Security" or bool(item.follows)


def _print(shown: Sequence[Watched]) -> None:
    rows = []
    for item in shown:
        why = " ".join(filter(None, [item.because, item.follows and f"follows {item.follows}"]))
        text = item.text if len(item.text) <= _WIDTH else f"{item.text[:_WIDTH]}..."
        rows.append([item.section, item.release, item.issue, item.state, why, text])
    if rows:
        print_table(["section", "release", "issue", "state", "by, because", "entry"], rows)
