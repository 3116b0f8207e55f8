"""`elpython info demo`: the short tables at the end of `make demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.complete import complete_branch
from elpython.cli.render import json_option, print_json

if TYPE_CHECKING:
    from elpython.security.shown import Shown

__all__ = ["demo"]


@click.command("demo")
@click.argument("branch", default="3.11", shell_complete=complete_branch)
@json_option
def demo(branch: str, as_json: bool) -> int:
    """Show a built branch: what it is, how it is run, what it has that its base has not.

    Short programs (demo.toml of the branch) run on the base and on EL Python. The base is its own
    interpreter where that has been built; else its library, run by this interpreter. Exit code 1
    when one does not fail there and pass here.
    """
    from elpython.cli.info.identity import built
    from elpython.interpreter.identity import identity_of

    python = built(branch)
    found = identity_of(python)
    rows = [
        ("identity", f"{found.kind} {found.version}"),
        ("stands for", f"CPython {found.base}: same tags, same pyc files, same extensions"),
        ("interpreter", found.python),
        ("run it", f"{found.python} -VV"),
        ("use it", f"{found.python} -m venv my-project"),
    ]
    shown, base = _shown(branch, Path(python))
    how = (
        f"the interpreter of the base, {base}"
        if base
        else f"the library of CPython {found.base}, run by this interpreter (not its C code)"
    )
    if as_json:
        print_json(dict(rows) | {"shown": shown, "base": how})
    else:
        _print_identity(branch, rows)
        _print(shown, str(found.base), at_home(str(base)) if base else how)
    return 0 if all(item.proven for item in shown) else 1


def _shown(name: str, python: Path) -> tuple[list[Shown], Path | None]:
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.prepare.tree import TreeRequest, prepare
    from elpython.security.shown import base_python, read_programs, show

    folder, store = branches_folder(), Store.default()
    branch = load_branch(folder, name)
    programs = read_programs(branch)
    if not programs:
        return [], None
    tree = prepare(store, TreeRequest(branches=folder, branch=branch))
    base = base_python(store, branch, tree)
    return show(tree, programs, branch=python, base=base), base


def _print_identity(branch: str, rows: list[tuple[str, str]]) -> None:
    told = dict(rows)
    click.echo(f"\nEL Python {branch}")
    click.echo(f"  identity      {told['identity']}")
    click.echo(f"  stands for    {told['stands for']}")
    click.echo(f"  interpreter   {at_home(told['interpreter'])}")
    click.echo("  run it with   -VV (what it is), -m venv my-project (an environment of your own)")


def _print(shown: list[Shown], base: str, how: str) -> None:
    """Print each program under its title: three lines of at most 100 columns."""
    if not shown:
        return
    for item in shown:
        click.echo(f"\n{shorten(item.title)}")
        click.echo(shorten(f"  {'base ' + base:13} {_with(item.base, item.said)}"))
        click.echo(shorten(f"  {'EL Python':13} {_with(item.branch, item.error)}"))
    proven = sum(item.proven for item in shown)
    click.echo(f"\n{proven} of {len(shown)}: base fails, EL Python passes")
    click.echo(f"base: {how}")


def _with(state: str, line: str) -> str:
    return f"{state} ({line})" if line else state


def at_home(path: str) -> str:
    """Return a path as a shell takes it, with `~` for the home folder."""
    home = str(Path.home())
    return f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path


def shorten(line: str, width: int = 100) -> str:
    """Return a line that fits a width; what is cut off is marked."""
    return line if len(line) <= width else f"{line[: width - 3]}..."
