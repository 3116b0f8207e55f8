"""`elpython info identity` and `elpython versions`."""

from __future__ import annotations

import datetime as dt
import re

import click

from elpython.cli.render import json_option, print_json, print_table

__all__ = ["built", "identity", "versions"]


@click.command("identity")
@click.argument("python")
@click.option("--seconds", default=30.0, show_default=True, help="Time limit for its answer.")
@json_option
def identity(python: str, seconds: float, as_json: bool) -> int:
    """Show what a Python is: CPython, EL Python, or another variant.

    PYTHON is a path, a program's name, a prefix, a virtual environment, or the name of a branch
    that was built (3.11). For an EL Python the identity table is checked too; exit code 1 when the
    interpreter does not keep to it.
    """
    from elpython.interpreter.facts import facts_of
    from elpython.interpreter.identity import identify, own_table

    is_branch = re.fullmatch(r"3\.\d+", python) is not None
    facts = facts_of(built(python) if is_branch else python, seconds=seconds)
    found = identify(facts)
    rows = own_table(facts) if found.el else None
    if as_json:
        table = [
            {"what": row.what, "expected": row.expected, "found": row.found, "good": row.good}
            for row in rows or []
        ]
        print_json({"identity": found, "table": table})
    else:
        lines = [
            ("what", found.kind),
            ("version", found.version),
            ("stands for", f"CPython {found.base}"),
            ("because", found.because),
            ("executable", found.python),
        ]
        if found.redistributor:
            lines.insert(1, ("redistributor", found.redistributor))
        for name, value in lines:
            click.echo(f"{name + ':':14} {value}")
        if rows is not None:
            print_table(
                ["value", "expected", "found", ""],
                [
                    [row.what, row.expected, row.found, "ok" if row.good else "WRONG"]
                    for row in rows
                ],
            )
    return 0 if all(row.good for row in rows or []) else 1


def built(name: str) -> str:
    """Return the interpreter of a branch's build, the release profile before the others.

    Raises:
        BadInterpreterError: it is not built yet.
    """
    from elpython.build.build import find_build
    from elpython.build.request import BuildRequest, profile_named
    from elpython.core.errors import BadInterpreterError
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.prepare.tree import TreeRequest, prepare

    folder = branches_folder()
    branch = load_branch(folder, name)
    store = Store.default()
    tree = prepare(store, TreeRequest(branches=folder, branch=branch))
    for profile in ("release", "quick", "debug"):
        request = BuildRequest(tree=tree, settings=branch.build, profile=profile_named(profile))
        made = find_build(store, request)
        if made is not None:
            return str(made.python)
    raise BadInterpreterError(f"branch {name} is not built yet", todo=f"run: elpython build {name}")


@click.group("versions")
def versions() -> None:
    """Parse, order and convert EL versions; tell the next one."""


@versions.command("parse")
@click.argument("text")
@json_option
def parse(text: str, as_json: bool) -> None:
    """Show what an EL version means in every form that it takes."""
    from elpython.core.version import ElVersion

    version = ElVersion.parse(text)
    cal = version.calver
    shown = {
        "version": str(version),
        "base": version.base,
        "el_release": str(cal),
        "implementation_version": list(cal.implementation_version),
        "implementation_hexversion": f"{cal.hexversion:#010x}",
        "implementation_version_marker": cal.marker,
        "pep440": version.pep440,
        "package_version": version.package_version(),
    }
    if as_json:
        print_json(shown)
        return
    for key, value in shown.items():
        click.echo(f"{key.replace('_', ' ') + ':':31} {value}")


@versions.command("sort")
@click.argument("texts", nargs=-1, required=True)
@json_option
def sort(texts: tuple[str, ...], as_json: bool) -> None:
    """Print EL versions in release order, oldest first."""
    from elpython.core.version import ElVersion

    ordered = [str(version) for version in sorted(ElVersion.parse(text) for text in texts)]
    if as_json:
        print_json(ordered)
    else:
        click.echo("\n".join(ordered))


@versions.command("next")
@click.option("--on", "day", help="The day to ask from, YYYY-MM-DD [today].")
@click.option("--released", help="The newest EL release so far, for example 27.01.0.")
@json_option
def next_version(day: str | None, released: str | None, as_json: bool) -> None:
    """Show the next six-monthly EL release and the day on which it is due."""
    from elpython.core.errors import UsageError
    from elpython.core.version import CalVer, next_release

    try:
        today = dt.date.fromisoformat(day) if day else dt.datetime.now(tz=dt.UTC).date()
    except ValueError as error:
        raise UsageError(f"{day!r} is no date: {error}", where="--on", todo="YYYY-MM-DD") from error
    version, due = next_release(today, released=CalVer.parse(released) if released else None)
    if as_json:
        print_json({"version": str(version), "due": due, "days": (due - today).days})
    else:
        click.echo(f"{version} is due on {due:%A}, {due.isoformat()}")
