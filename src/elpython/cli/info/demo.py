"""`elpython info demo`: the short tables at the end of `make demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from elpython.cli.render import json_option, print_json, print_table

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.security.shown import Shown

__all__ = ["demo"]


@click.command("demo")
@click.argument("branch", default="3.11")
@json_option
def demo(branch: str, as_json: bool) -> int:
    """Show a built branch: what it is, how it is run, what it has that its base has not.

    Short programs (demo.toml of the branch) run on the base and on EL Python. The base is its own
    interpreter where that has been built; else its library, run by this interpreter. Exit code 1
    when one does not fail there and pass here.
    """
    from pathlib import Path

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
        click.echo()
        print_table(["", f"EL Python {branch}"], rows)
        _print(shown, str(found.base), how)
    return 0 if all(item.proven for item in shown) else 1


def _shown(name: str, python: Path) -> tuple[list[Shown], Path | None]:
    from elpython.core.store import Store
    from elpython.define.branch import branches_folder, load_branch
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


def _print(shown: list[Shown], base: str, how: str) -> None:
    if not shown:
        return
    click.echo()
    rows = [
        [item.title, _with(item.base, item.said), _with(item.branch, item.error)] for item in shown
    ]
    print_table(["what is shown", f"base {base}", "EL Python"], rows)
    proven = sum(item.proven for item in shown)
    click.echo(f"{proven} of {len(shown)}: base fails, EL Python passes")
    click.echo(f"base: {how}")


def _with(state: str, line: str) -> str:
    return f"{state} ({line})" if line else state
