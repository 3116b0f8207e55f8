"""`elpython demo`: the short table at the end of `make demo`."""

from __future__ import annotations

import click

from elpython.cli.render import json_option, print_json, print_table

__all__ = ["demo"]


@click.command("demo")
@click.argument("branch", default="3.11")
@json_option
def demo(branch: str, as_json: bool) -> None:
    """Show a built branch in a short table: what it is, where it lies, how it is run."""
    from elpython.cli.identity import built
    from elpython.identity import identity_of

    python = built(branch)
    found = identity_of(python)
    rows = [
        ("identity", f"{found.kind} {found.version}"),
        ("stands for", f"CPython {found.base}: same tags, same pyc files, same extensions"),
        ("interpreter", found.python),
        ("run it", f"{found.python} -VV"),
        ("use it", f"{found.python} -m venv my-project"),
    ]
    if as_json:
        print_json(dict(rows))
    else:
        click.echo()
        print_table(["", f"EL Python {branch}"], rows)
