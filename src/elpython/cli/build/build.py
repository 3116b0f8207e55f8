"""`elpython build` and `elpython doctor`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from elpython.cli.render import Progress, json_option, print_json, print_table, warn

__all__ = ["build", "doctor"]


@click.command("build")
@click.argument("branch")
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
    from elpython.build.build import BuildRequest, copy_build, profile_named
    from elpython.build.build import build as run_build
    from elpython.core.store import Store
    from elpython.define.branch import branches_folder, load_branch
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
        tree = prepare(store, request, say=warn, progress=bar.update)
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
            progress=bar.update,
        )
    place = copy_build(made, destdir or Path("/")) if prefix or destdir else made.root
    if as_json:
        print_json({"build": made, "installed": place})
        return
    name = f"EL Python {made.version}" if made.variant else f"CPython {made.version} (bare base)"
    spent = sum(made.seconds.values())
    how = f"built in {spent:.0f} s" if made.fresh else "unchanged: nothing to do"
    click.echo(f"{name}, profile {made.profile}: {how}")
    click.echo(f"interpreter {place / 'bin' / made.python.name}")
    click.echo(f"log         {made.folder / 'build.log'}")


def _refuse_bare_machine() -> None:
    from elpython.build.doctor import check, install_line
    from elpython.core.errors import MissingProgramError

    line = install_line(check())
    if line:
        raise MissingProgramError("packages that a build needs are missing", todo=f"run: {line}")


@click.command("doctor")
@json_option
def doctor(as_json: bool) -> int:
    """Say what this machine lacks for building, and the one line that installs it."""
    from elpython.build.doctor import check, install_line

    findings = check()
    line = install_line(findings)
    wished = install_line(findings, required_only=False)
    if as_json:
        print_json(
            {
                "needs": [
                    {
                        "package": finding.need.package,
                        "what": finding.need.what,
                        "required": finding.need.required,
                        "met": finding.met,
                    }
                    for finding in findings
                ],
                "install": line,
            }
        )
        return 1 if line else 0
    state = {True: "there", False: "missing"}
    print_table(
        ["package", "for", "state"],
        [
            [
                item.need.package,
                item.need.what,
                state[item.met] if item.need.required or item.met else "missing (optional)",
            ]
            for item in findings
        ],
    )
    click.echo(f"python: {sys.version.split()[0]}")
    if line:
        click.echo(f"run: {line}")
    elif wished:
        click.echo(f"everything needed is there; optional: {wished}")
    else:
        click.echo("everything needed is there")
    return 1 if line else 0
