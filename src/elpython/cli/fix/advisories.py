"""`elpython fix advisories`: our own advisories, as feeds that scanners read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from elpython.cli.render import json_option, print_json

__all__ = ["advisories"]


@click.command("advisories")
@click.option(
    "--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False),
    help="Folder that any web server can serve.",
)  # fmt: skip
@click.option(
    "--url", "home", default="https://elpython.example", show_default=True, metavar="ADDRESS",
    help="Where the folder is served.",
)  # fmt: skip
@click.option("--up", default="", metavar="LINK", help="A page above the folder to link to.")
@json_option
def advisories(folder: Path, home: str, up: str, as_json: bool) -> None:
    """Write our advisories: OSV, CSAF 2.0 VEX, OpenVEX, an Atom feed and a page each.

    Run it on the folder of the last time: a document whose content is the same keeps its version
    and time, another one gets the next version.
    """
    from elpython.core.errors import BadBranchError
    from elpython.define.branch import load_all
    from elpython.define.folder import branches_folder
    from elpython.define.vulnerability_read import read_record
    from elpython.security.advise.folder import write_advisories
    from elpython.security.proof import standing_problems

    place = branches_folder()
    branches, problems = load_all(place)
    now = dt.datetime.now(tz=dt.UTC)
    problems += standing_problems(place, branches, today=now.date())
    if problems:
        raise BadBranchError(
            f"{len(problems)} problem(s): nothing is written",
            details=tuple(problems),
            todo="fix them; elpython branch lint lists them too",
        )
    made = write_advisories(
        read_record(place), branches, folder, now=now, home=home.rstrip("/"), up=up
    )
    if as_json:
        print_json({"folder": folder, "advisories": made.advisories, "changed": made.changed})
        return
    click.echo(f"{made.advisories} advisories in {folder}; {len(made.changed)} file(s) changed")
