"""What `branch list`, `lock` and `new` print of branches that are written but not open."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from elpython.cli.render import WARNINGS, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.define.pending import Pending
    from elpython.prepare.new_branch import Opened

__all__ = ["open_if_pending", "print_opened", "print_pending", "print_pending_names"]


def print_pending(pending: Sequence[Pending], *, as_json: bool = False, why: bool = True) -> None:
    """Print the pending branches: base, core changes, and why each waits."""
    if as_json:
        print_json(
            [
                {
                    "branch": item.branch.name,
                    "base": item.branch.base,
                    "pinned": bool(item.pinned),
                    "changes": [change.id for change in item.branch.series],
                    "left_out": dict(item.left_out),
                    "because": item.because,
                    "tried_on": item.tried,
                    "unseen": list(item.unseen),
                    "standing": item.standing,
                }
                for item in pending
            ]
        )
        return
    print_table(
        ["pending", "base", "core changes", "left out", "digest"],
        [
            [
                item.branch.name,
                item.branch.base,
                len(item.branch.series),
                len(item.left_out),
                "pinned" if item.pinned else "not yet",
            ]
            for item in pending
        ],
    )
    for item in pending if why else ():
        click.echo(f"{item.branch.name}: {item.because}")
        click.echo(f"  tried on {item.tried}")
        click.echo(f"  nobody has seen its {', '.join(item.unseen)}")
        for change, reason in item.left_out.items():
            click.echo(f"  without {change}: {reason}")
        click.echo(f"  {item.standing}")
    if not why:
        click.echo(
            "pending: written, not open, in no release; elpython branch list --pending tells why"
        )


def print_pending_names(pending: Sequence[Pending]) -> None:
    """Print which branches were read and no more."""
    if pending:
        names = ", ".join(item.branch.name for item in pending)
        click.echo(f"pending, their files alone: {names}; nobody has prepared them")


def print_opened(opened: Opened, base: str) -> None:
    """Print what became of a branch that was opened."""
    pending = (opened.folder / "pending.toml").is_file()
    state = "pending still:" if pending else "opened"
    click.echo(f"{state} {opened.folder}, base CPython {base}, sha256 {opened.sha256}")
    for change in opened.applied:
        click.echo(f"  {change}: applies")
    for change in opened.merged:
        click.echo(f"  {change}: merged, with a patch of its own")
    for change, problem in opened.needing.items():
        click.echo(f"  {change}: needs a hand")
        click.echo("".join(f"    {line}\n" for line in problem.splitlines()), nl=False)


def open_if_pending(folder: Path, name: str) -> bool:
    """Open a branch when it is pending; give whether it is open now.

    Args:
        folder: the `branches` folder.
        name: `3.14`.

    Raises:
        SourceUnavailableError: no place gives its base.
    """
    from elpython.core.store import Store
    from elpython.prepare.new_branch import Opening, open_branch, pending_branch
    from elpython.prepare.pending_base import pending_base

    pending = pending_branch(folder, name)
    if pending is None:
        return True
    store = Store.default()
    opening = Opening(
        branches=folder,
        name=name,
        base=pending.branch.base,
        archive="",
        today=dt.datetime.now(tz=dt.UTC).date(),
    )
    opened = open_branch(store, opening, pending_base(store, pending, reporter=WARNINGS))
    print_opened(opened, pending.branch.base)
    return not opened.needing
