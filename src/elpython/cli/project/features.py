"""`elpython project features`: what is available where, since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from elpython.cli.render import json_option, print_json, print_table

if TYPE_CHECKING:
    from elpython.define.branch import Branch

__all__ = ["features"]


@click.command("features")
@click.option("--branch", "name", help="Only what this branch provides.")
@click.option("--feature", "wanted", help="Only this one and what lies below it: tomllib.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print a Markdown table.")
@json_option
def features(name: str | None, wanted: str | None, as_markdown: bool, as_json: bool) -> None:
    """List the features that branches provide beyond their bases: first CPython, EL releases."""
    from elpython.define.features import PROVIDED, cell, find, markdown, registry

    branches = _branches()
    found = registry(branches)
    if wanted is not None:
        found = find(found, wanted)
    names = [branch.name for branch in branches]
    if name is not None:
        _check_branch(name, names)
        found = tuple(item for item in found if item.on(name).state == PROVIDED)
        names = [name]
    if as_json:
        print_json({"branches": names, "features": found})
    elif as_markdown:
        click.echo(markdown(found, names), nl=False)
    else:
        headers = ["feature", "CPython", *(f"EL {each}" for each in names), "documentation"]
        rows = [
            [
                item.name,
                item.cpython or "none",
                *(cell(item.on(each)) for each in names),
                item.documentation,
            ]
            for item in found
        ]
        print_table(headers, rows)
        click.echo(f"{len(found)} feature(s)")


def _branches() -> list[Branch]:
    from elpython.core.errors import BadBranchError
    from elpython.define.branch import load_all
    from elpython.define.folder import branches_folder

    found, problems = load_all(branches_folder())
    if problems:
        raise BadBranchError(
            f"{len(problems)} problem(s) in the branches",
            details=tuple(problems),
            todo="mend them and run elpython branch lint",
        )
    return found


def _check_branch(name: str, names: list[str]) -> None:
    from elpython.core.errors import UnknownNameError
    from elpython.core.suggest import hint

    if name not in names:
        raise UnknownNameError(f"there is no branch {name!r}", todo=hint(name, names))
