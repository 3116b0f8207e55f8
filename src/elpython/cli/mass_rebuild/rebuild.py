"""`elpython mass-rebuild`: plan, run, resume, report, page, serve, simulate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.mass_rebuild import after
from elpython.cli.render import Progress, json_option, print_json, print_table
from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.mass_rebuild.model import Interpreter, RebuildPlan
    from elpython.mass_rebuild.options import Options
    from elpython.mass_rebuild.report import RebuildReport
    from elpython.mass_rebuild.work import WorkOptions

__all__ = ["rebuild"]

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_NOTES = "planning.jsonl"


@click.group("mass-rebuild")
def rebuild() -> None:
    """Rebuild every package for a new interpreter, in dependency order, on one machine or many."""


def folder_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the rebuild's folder."""
    return click.argument("folder", type=_FOLDER)(function)


@rebuild.command()
@folder_argument
@click.option("--python", "python", required=True, help="Interpreter: a path, or 3.13.")
@click.option("-r", "--requirements", type=_FILE, help="Requirements file or pylock.toml.")
@click.option("--installed", "installed", help="Everything that this interpreter has installed.")
@click.option("--specs", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of spec files or source RPMs.")  # fmt: skip
@click.option("--options", "options_file", type=_FILE, help="rebuild.toml, see the reference.")
@click.option("--macros", type=_FILE, help="RPM macro file that every spec file is built with.")
@click.option("--index-url", default="", help="Simple index to take sdists from.")
@click.option("--find-links", multiple=True, help="Folder of archives; may be given again.")
@click.option("--offline", is_flag=True, help="No network: --find-links and the cache only.")
@click.option("--only-binary", multiple=True, metavar="NAMES",
              help="Take published wheels of these (by commas; repeatable).")  # fmt: skip
@click.option("--no-checks", is_flag=True, help="Do not install and import what was built.")
@click.option("--contain", type=click.Choice(["auto", "bubblewrap", "none"]),
              default="auto", show_default=True,
              help="What keeps in code that planning has to run.")  # fmt: skip
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False),
              help="Draw the graph's shape into this SVG file.")  # fmt: skip
@click.argument("requirement", nargs=-1)
@json_option
def plan(folder: Path, picture: Path | None, as_json: bool, **given: Any) -> int:  # noqa: ANN401 - click's options
    """Resolve the graph, break its cycles, and write FOLDER/plan.json.

    A package that cannot be configured, fetched or resolved is listed with its reason and stops
    no other. Planning that was stopped goes on when it is started again.

    Exit code 1: a cycle cannot be broken, or a package cannot be built as planned.
    """
    from elpython.mass_rebuild.plan import describe, save

    folder.mkdir(parents=True, exist_ok=True)
    made = _make_plan(folder, given, quiet=as_json)
    save(made, folder / "plan.json")
    (folder / _NOTES).unlink(missing_ok=True)
    if picture is not None:
        from elpython.core.store import write_atomic
        from elpython.mass_rebuild.charts import graph_picture

        write_atomic(picture, graph_picture(made).encode())
    if as_json:
        print_json(describe(made))
    else:
        _print_plan(made)
    bad = any(item.rule == "unbreakable" for item in made.breaks)
    return 1 if bad or any(package.problem for package in made.packages) else 0


def _make_plan(folder: Path, given: dict[str, Any], *, quiet: bool) -> RebuildPlan:
    from elpython.mass_rebuild import interpreters, options
    from elpython.mass_rebuild.journal import RebuildJournal

    sources = [given["requirements"], given["installed"], given["specs"], given["requirement"]]
    if sum(bool(item) for item in sources) != 1:
        raise UsageError(
            "say what to rebuild in one way",
            todo="requirements as arguments, or -r FILE, or --installed PYTHON, or --specs FOLDER",
        )
    stated = options.read(given["options_file"] or folder / "rebuild.toml").with_prebuilt(
        [name for words in given["only_binary"] for name in words.split(",") if name.strip()]
    )
    interpreter = interpreters.ask(interpreters.find(given["python"]))
    earlier: dict[str, float] = {}
    if (folder / "journal.sqlite").is_file():
        with RebuildJournal.open(folder / "journal.sqlite") as journal:
            earlier = journal.seconds()
    if given["specs"]:
        from elpython.mass_rebuild.specs import SpecSet, plan_specs

        macros = given["macros"]
        return plan_specs(
            SpecSet(
                folder=given["specs"],
                interpreter=interpreter,
                options=stated,
                macros=macros.read_text("utf-8") if macros else "",
                title=f"{given['specs'].name} for Python {interpreter.short}",
                earlier=earlier,
                contain=given["contain"],
            )
        )
    return _wheel_plan(folder, given, stated, interpreter, earlier, quiet=quiet)


def _wheel_plan(
    folder: Path,
    given: dict[str, Any],
    stated: Options,
    interpreter: Interpreter,
    earlier: dict[str, float],
    *,
    quiet: bool,
) -> RebuildPlan:
    from elpython.mass_rebuild import wheels
    from elpython.mass_rebuild.notes import open_notes
    from elpython.mass_rebuild.plain import to_plain
    from elpython.mass_rebuild.resolve import IndexOptions

    wanted, title = _wanted(given)
    index = IndexOptions(
        index_url=given["index_url"],
        find_links=tuple(
            str(Path(item).absolute()) if Path(item).exists() else item
            for item in given["find_links"]
        ),
        offline=given["offline"],
    )
    request = [wanted, to_plain(interpreter), stated.to_plain(), to_plain(index), given["contain"]]
    with Progress(enabled=not quiet) as progress:
        return wheels.plan_wheels(
            wheels.WheelSet(
                requirements=wanted,
                interpreter=interpreter,
                options=stated,
                index=index,
                title=f"{title} for Python {interpreter.short}",
                earlier=earlier,
                reporter=progress.reporter,
                checks=not given["no_checks"],
                contain=given["contain"],
                notes=open_notes(folder / _NOTES, request),
            )
        )


def _wanted(given: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the requirements that were asked for, and how to call them."""
    from elpython.mass_rebuild import interpreters, requirements

    if given["requirements"]:
        return requirements.read_requirements(given["requirements"]), given["requirements"].name
    if given["installed"]:
        other = interpreters.ask(interpreters.find(given["installed"]))
        return requirements.installed(other), f"what Python {other.version} has"
    lines = requirements.parse_requirements("\n".join(given["requirement"]), "arguments")
    return lines, ", ".join(given["requirement"][:3])


def _print_plan(made: RebuildPlan) -> None:
    from elpython.mass_rebuild.plan import describe, troubles

    told: Any = describe(made)
    seconds = told["seconds"]
    click.echo(f"{made.title}: {len(made.packages)} packages, {len(made.edges)} edges")
    click.echo(f"levels: {' '.join(map(str, told['levels']))}")
    click.echo(
        f"critical path ({seconds['critical_path']:.0f} s): " + " > ".join(told["critical_path"])
    )
    expected = ", ".join(
        f"{count} slots {value:.0f} s" for count, value in seconds["expected"].items()
    )
    click.echo(f"expected duration: {expected}")
    if made.contained != "bubblewrap":
        click.echo(f"code that planning ran was kept in by: {made.contained}")
    for item in made.breaks:
        chain = " needs ".join([*item.cycle, item.cycle[0]])
        what = f"{item.rule}: {item.package} {item.dropped}".strip(": ")
        click.echo(f"cycle: {chain}: {what}")
    for trouble in troubles(made):
        click.echo(f"{trouble.key}: {trouble.problem} ({trouble.failure})")
        if trouble.waits:
            click.echo(f"  waits for it: {', '.join(trouble.waits)}")


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a run."""
    options = [
        click.option("--slots", default=1, show_default=True, help="Builds at once here."),
        click.option("--workers", default=0, help="Start this many Dask workers here instead."),
        click.option("--scheduler", default="", help="Dask scheduler, tcp://HOST:8786."),
        click.option("--depot-host", default="127.0.0.1", show_default=True,
                     help="Address under which workers elsewhere reach this machine."),
        click.option("--tls-ca", type=_FILE, help="Certificate of the authority of all workers."),
        click.option("--tls-cert", type=_FILE, help="This machine's certificate."),
        click.option("--tls-key", type=_FILE, help="Its private key."),
        click.option("--control", default="", help="Old interpreter: build there what fails."),
        click.option("--contain", type=click.Choice(["auto", "bubblewrap", "none"]),
                     default="auto", show_default=True, help="What builds are kept in by."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return json_option(function)


def _how(given: dict[str, Any], progress: Progress) -> WorkOptions:
    from elpython.mass_rebuild.tls import tls_of
    from elpython.mass_rebuild.work import WorkOptions

    if given["slots"] < 1 or given["workers"] < 0:
        raise UsageError("at least one slot is wanted")
    if given["workers"] and given["scheduler"]:
        raise UsageError("--workers starts a scheduler of its own: give one of the two")
    tls = tls_of(given.pop("tls_ca"), given.pop("tls_cert"), given.pop("tls_key"))
    return WorkOptions(**given, tls=tls, reporter=progress.reporter)


@rebuild.command()
@folder_argument
@run_options
def run(folder: Path, **given: Any) -> int:  # noqa: ANN401 - click's options
    """Build what FOLDER/plan.json says; go on where an earlier run ended.

    What failed is tried again. Exit code 1: something could not be built;
    `elpython mass-rebuild report FOLDER` tells what.
    """
    return _run(folder, **given)


def _run(folder: Path, *, as_json: bool, **given: Any) -> int:  # noqa: ANN401 - click's options
    from elpython.mass_rebuild import work

    with Progress(enabled=not as_json) as progress:
        result = work.run(folder, _how(given, progress))
    tally = result.tally
    if as_json:
        print_json(result)
    else:
        click.echo(
            f"{tally.built} built ({tally.reused} of them before), {tally.failed} failed, "
            f"{tally.blocked} blocked; {tally.checked} checked, {tally.check_failed} of the checks "
            f"failed; {tally.seconds:.0f} s"
        )
        if result.control:
            click.echo(
                f"control build: {result.control.built} built, {result.control.failed} failed"
            )
        click.echo(f"products: {result.products}")
        click.echo(f"status page: {folder / 'status.html'}")
    return 1 if tally.failed or tally.blocked or tally.check_failed else 0


@rebuild.command()
@folder_argument
@run_options
def resume(folder: Path, **given: Any) -> int:  # noqa: ANN401 - click's options
    """Go on with a run that was stopped; finished builds are not repeated.

    Neither is what failed for a reason that lies in the package; `run` tries that again.
    """
    from elpython.mass_rebuild.journal import RebuildJournal

    with RebuildJournal.open(folder / "journal.sqlite"):
        pass
    return _run(folder, again=False, **given)


@rebuild.command()
@folder_argument
@json_option
def report(folder: Path, as_json: bool) -> int:
    """Show what was built, what failed and why, and what to repair first.

    Exit code 1: something failed or is not built yet.
    """
    from elpython.mass_rebuild import work

    found = work.report(folder)
    if as_json:
        print_json(found)
    else:
        _print_report(found)
    return 0 if found.share == 1 else 1


def _print_report(found: RebuildReport) -> None:
    states = ", ".join(f"{count} {state}" for state, count in found.counts.items())
    click.echo(f"{found.title}: {found.packages} packages for Python {found.python}: {states}")
    click.echo(
        f"share built {found.share:.1%}; asked for: {found.requested_built} of {found.requested}; "
        f"{found.seconds:.0f} s at work, {found.build_seconds:.0f} s of builds"
    )
    if found.control:
        click.echo(f"broken before (fails on {found.control} too): {found.broken_before}")
    if not found.causes:
        return
    click.echo("")
    print_table(
        ["waiting", "failed", "root cause", "packages", "control"],
        [
            [
                len(item.waiting),
                len(item.packages),
                item.cause,
                ", ".join(item.packages),
                ", ".join(f"{count} {verdict}" for verdict, count in item.verdicts.items()),
            ]
            for item in found.causes
        ],
    )
    for key, freed in found.blockers.last_single:
        click.echo(f"last single blocker: {key}: {len(freed)} packages")
    for group, freed in found.blockers.small_groups:
        click.echo(f"last blockers together: {', '.join(group)}: {len(freed)} packages")
    for cycle in found.blockers.loops:
        click.echo(f"loop: {' needs '.join([*cycle, cycle[0]])}")


@rebuild.command()
@folder_argument
def page(folder: Path) -> None:
    """Write FOLDER/status.html anew."""
    from elpython.mass_rebuild.page import write_page

    click.echo(str(write_page(folder, running=False)))


@rebuild.command()
@folder_argument
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8503, show_default=True)
def serve(folder: Path, host: str, port: int) -> None:
    """Serve what was built as an index for pip and uv (PEP 503 and 691), until Ctrl-C."""
    import threading

    from elpython.core.errors import UnknownNameError
    from elpython.mass_rebuild.serve import index_server

    index = folder / "index"
    if not (index / "simple").is_dir():
        raise UnknownNameError(
            "there is no index",
            where=str(index),
            todo="run the rebuild first: elpython mass-rebuild run",
        )
    with index_server(index, host, port) as address:
        click.echo(f"pip install --index-url {address} NAME")
        threading.Event().wait()


after.add_to(rebuild)
