"""`elpython branch toggles`: which behaviours administrators can switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from elpython.cli.complete import complete_branch
from elpython.cli.render import json_option, print_json, print_table

if TYPE_CHECKING:
    from elpython.define.toggles import Toggle

__all__ = ["toggles"]


@click.command("toggles")
@click.argument("branch", required=False, shell_complete=complete_branch)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the page for documentation.")
@json_option
def toggles(branch: str | None, as_markdown: bool, as_json: bool) -> int:
    """List the behaviours that can be switched: values, defaults with reasons, other switches.

    Exit code 1 when a branch's changes and the table do not agree.
    """
    from elpython.define.branch import branch_names, load_branch
    from elpython.define.folder import branches_folder
    from elpython.define.toggles import markdown, mismatches, read_toggles

    folder = branches_folder()
    names = branch_names(folder)
    found = read_toggles(folder, names)
    shown = names if branch is None else [load_branch(folder, branch).name]
    problems = [line for name in shown for line in mismatches(found, load_branch(folder, name))]
    items = [item for item in found if any(name in item.defaults for name in shown)]
    if as_json:
        records = [
            {**_record(item), "branches": {name: _on(item, name) for name in shown}}
            for item in items
        ]
        print_json({"branches": shown, "toggles": records, "problems": problems})
    elif as_markdown:
        click.echo(markdown(items, shown), nl=False)
    else:
        headers = ["toggle", "new", "legacy", *(f"EL {name}" for name in shown), "what it does"]
        rows = [
            [
                item.name,
                item.new,
                item.legacy,
                *(item.default(name) or "-" for name in shown),
                item.title,
            ]
            for item in items
        ]
        print_table(headers, rows)
    for line in problems:
        click.echo(line, err=True)
    return 1 if problems else 0


def _record(item: Toggle) -> dict[str, object]:
    keys = ("name", "title", "description", "new", "legacy", "others", "least", "security")
    more = ("since", "cves", "peps", "cpython", "also")
    return {key: getattr(item, key) for key in keys + more}


def _on(item: Toggle, branch: str) -> dict[str, str] | None:
    found = item.defaults.get(branch)
    if found is None:
        return None
    return {"default": item.default(branch) or "", "reason": found.reason}
