"""`elpython branch mirror`: one folder with everything that branches are made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.complete import complete_branch
from elpython.cli.render import Progress, json_option, print_json, print_table
from elpython.cli.sources import sources_option

if TYPE_CHECKING:
    from elpython.prepare.inputs import Standing

__all__ = ["mirror", "print_standings"]


@click.command("mirror")
@sources_option
@click.argument("names", metavar="[BRANCH]...", nargs=-1, shell_complete=complete_branch)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder; what is there and whole stays.",
)
@json_option
def mirror(names: tuple[str, ...], target: Path, as_json: bool) -> None:
    """Write every pinned input of branches (all when none is named) into one folder.

    Each file is checked and lies under its sha256. Given to --sources or ELPYTHON_SOURCES, as a
    folder or as the address of a web server that serves it, it is asked before anybody else: with
    it prepare, build, test, release and verify need no network.
    """
    from elpython.core.store import Store
    from elpython.define.branch import branch_names, load_branch
    from elpython.define.folder import branches_folder
    from elpython.prepare.inputs import inputs_of
    from elpython.prepare.inputs import mirror as write_mirror

    folder = branches_folder()
    branches = [load_branch(folder, name) for name in names or branch_names(folder)]
    inputs = [item for branch in branches for item in inputs_of(folder, branch)]
    with Progress() as bar:
        found = write_mirror(Store.default(), inputs, target.absolute(), reporter=bar.reporter)
    files = {item.sha256: item for item in found}
    size = sum(item.size for item in files.values())
    if as_json:
        print_json(
            {"folder": target, "branches": [branch.name for branch in branches],
             "files": list(files.values()), "bytes": size}
        )  # fmt: skip
        return
    new = sum(item.new for item in found)
    click.echo(
        f"{len(files)} file(s), {size / 1e6:.1f} MB, {new} of them new, in {target}\n"
        f"next: elpython branch prepare {branches[0].name} --sources {target}"
    )


def print_standings(found: list[Standing]) -> None:
    """Print from where inputs can be had, those that cannot first."""
    rows = [
        [item.name, item.wanted_by, item.place, item.problem[:160] or "can be had"]
        for item in sorted(found, key=lambda item: not item.problem)
        if item.problem
    ]
    if rows:
        print_table(["input", "wanted by", "place", "problem"], rows)
    good = sum(not item.problem for item in found)
    click.echo(f"{good} of {len(found)} place(s) of inputs have what is pinned")
