"""`elpython project stubs`: the distribution of type stubs."""

from __future__ import annotations

from pathlib import Path

import click

from elpython.cli.project.needs import known_features
from elpython.cli.render import json_option, print_json

__all__ = ["stubs"]

_FILE = click.Path(path_type=Path)


@click.command("stubs")
@click.argument("folder", type=_FILE)
@click.option("--typeshed", type=_FILE, help="A folder with stdlib [that of the mypy installed].")
@json_option
def stubs(folder: Path, typeshed: Path | None, as_json: bool) -> None:
    """Build elpython-stubs: type stubs with the branches' features, for mypy and pyright.

    FOLDER gets the wheel. What the stubs do not say is listed with --json.
    """
    from elpython.define.folder import branches_folder
    from elpython.project.stubs import bundled_typeshed, stubs_wheel

    source = branches_folder().parent / "runtime" / "stubs"
    made = stubs_wheel(folder, source, typeshed or bundled_typeshed(), known_features())
    if as_json:
        print_json(made)
        return
    click.echo(str(made.wheel))
    click.echo(f"{len(made.features)} features in {len(made.files)} stubs")
