"""`elpython build` and `elpython doctor`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.complete import complete_branch
from elpython.cli.render import Progress, json_option, print_json, print_table, warn
from elpython.cli.sources import sources_option

if TYPE_CHECKING:
    from elpython.build.build import Build

__all__ = ["build", "doctor"]


@click.command("build")
@sources_option
@click.argument("branch", shell_complete=complete_branch)
@click.option("--profile", default="quick", show_default=True, help="quick, release or debug.")
@click.option("--base", "bare", is_flag=True, help="The bare base, without any change.")
@click.option("--prefix", type=click.Path(path_type=Path), help="Where it will live.")
@click.option(
    "--destdir", type=click.Path(path_type=Path), help="Copy the result there, below its prefix."
)
@click.option("--redistributor", default="", help="Who rebuilds it: sets elpython-NAME.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Compilers at once [all cores].")
@click.option("--bolt", is_flag=True, help="Optimise the executable with BOLT (release only).")
@json_option
def build(
    branch: str,
    profile: str,
    bare: bool,
    prefix: Path | None,
    destdir: Path | None,
    redistributor: str,
    jobs: int | None,
    bolt: bool,
    as_json: bool,
) -> None:
    """Build a branch's interpreter; an unchanged one comes from the store at once."""
    from elpython.build.build import build as run_build
    from elpython.build.build import copy_build
    from elpython.build.request import BuildRequest, profile_named
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.prepare.tree import TreeRequest, prepare

    chosen = profile_named(profile)
    _refuse_bare_machine()
    folder = branches_folder()
    loaded = load_branch(folder, branch)
    request = TreeRequest(
        branches=folder,
        branch=loaded,
        length=0 if bare else None,
        redistributor=redistributor,
    )
    store = Store.default()
    with Progress() as bar:
        tree = prepare(store, request, reporter=bar.reporter)
        made = run_build(
            store,
            BuildRequest(
                tree=tree,
                settings=loaded.build,
                profile=chosen,
                prefix=prefix,
                jobs=jobs or 0,
                bolt=bolt,
            ),
            reporter=bar.reporter,
        )
    place = copy_build(made, destdir or Path("/")) if prefix or destdir else made.root
    for text in made.warnings:
        warn(text)
    if as_json:
        print_json({"build": made, "installed": place})
        return
    name = f"EL Python {made.version}" if made.variant else f"CPython {made.version} (bare base)"
    spent = sum(made.seconds.values())
    how = f"built in {spent:.0f} s" if made.fresh else "unchanged: nothing to do"
    click.echo(f"{name}, profile {made.profile}: {how}")
    click.echo(f"interpreter {place / 'bin' / made.python.name}")
    click.echo(f"log         {made.folder / 'build.log'}")
    if made.not_built:
        click.echo(_not_built(made))


def _refuse_bare_machine() -> None:
    """Refuse what cannot be built here; an optional header stops nothing.

    Raises:
        MissingProgramError: with the line that installs what is missing.
    """
    from elpython.core.errors import MissingProgramError
    from elpython.core.machine import check, way_out

    missing = [item.need for item in check("build") if not item.met and item.need.required]
    if missing:
        raise MissingProgramError(
            f"a build needs {', '.join(need.what for need in missing)}",
            todo=way_out(*[need.id for need in missing]),
        )


def _not_built(made: Build) -> str:
    """Return the line that tells which modules a build lacks, and the packages that bring them."""
    from elpython.core.machine import install_line, package_of

    packages = {name: package_of(name) for name in made.not_built}
    named = [f"{name} ({package})" if package else name for name, package in packages.items()]
    line = install_line(filter(None, packages.values()))
    return f"not built: {', '.join(named)}" + (f"; {line}" if line else "")


@click.command("doctor")
@json_option
def doctor(as_json: bool) -> int:
    """Show what this machine lacks, and the one line that installs it.

    Headers are looked for by compiling a line that includes them. Exit code 1 when something is
    missing that builds or releases need; what is optional is named.
    """
    from elpython.core.machine import check, install_line, package_of, system

    checks = check()
    packages = {item.need.id: package_of(item.need.id) for item in checks}
    missing = [item.need for item in checks if not item.met]
    required = [need for need in missing if need.required]
    line = install_line(packages[need.id] for need in required)
    if as_json:
        print_json(
            {
                "system": system().title,
                "needs": [
                    {
                        "need": item.need.id,
                        "package": packages[item.need.id],
                        "what": item.need.what,
                        "for": item.need.purpose,
                        "required": item.need.required,
                        "met": item.met,
                    }
                    for item in checks
                ],
                "install": line,
            }
        )
        return 1 if required else 0
    print_table(
        ["package", "what", "for", "state"],
        [
            [
                packages[item.need.id] or item.need.id,
                item.need.what,
                item.need.purpose,
                _state(met=item.met, required=item.need.required),
            ]
            for item in checks
        ],
    )
    click.echo(f"system: {system().title}; python: {sys.version.split()[0]}")
    if required:
        click.echo(f"run: {line or 'install what is missing'}")
    elif missing:
        wished = install_line(packages[need.id] for need in missing)
        click.echo(f"everything needed is available; optional: {wished}")
    else:
        click.echo("everything needed is available")
    return 1 if required else 0


def _state(*, met: bool, required: bool) -> str:
    if met:
        return "available"
    return "missing" if required else "missing (optional)"
