"""Commands beside a run: reports for a tracker, commands for other build systems, simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from elpython.cli.render import json_option, print_json, print_table
from elpython.core.errors import UsageError

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--to", "target", type=_FOLDER, help="Where to (default: FOLDER/tickets).")
@click.option("--logs", default="", help="Address under which FOLDER/logs can be read.")
@json_option
def tickets(folder: Path, target: Path | None, logs: str, as_json: bool) -> None:
    """Write a report for each package that failed to build from source, one file each.

    A file begins with a line for the tracker's title; class, cause, the control build's verdict,
    what waits for it, and the lines of the log follow.
    """
    from elpython.mass_rebuild.tickets import write_tickets

    written = write_tickets(folder, target or folder / "tickets", logs)
    if as_json:
        print_json([str(path) for path in written])
        return
    for path in written:
        click.echo(str(path))
    click.echo(f"{len(written)} packages failed to build from source")


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--system", type=click.Choice(["koji", "copr"]), required=True)
@click.option("--target", required=True, help="Koji target (a side tag) or COPR project.")
@click.option("--sources", default=".", show_default=True, help="Folder of the source RPMs there.")
def submit(folder: Path, system: str, target: str, sources: str) -> None:
    """Print a shell script that builds FOLDER's plan in Koji or COPR, in dependency order.

    Nothing is run: look at it, then give it to a shell.
    """
    from elpython.mass_rebuild.plan import load
    from elpython.mass_rebuild.submit import script

    click.echo(script(load(folder / "plan.json"), system, target, sources), nl=False)


@click.command()
@click.option("--packages", default=5000, show_default=True, help="Size of the synthetic graph.")
@click.option("--workers", default="8,32,128,512", show_default=True, help="Counts, by commas.")
@click.option("--failures", default=0.01, show_default=True, help="Share that fails.")
@click.option("--noise", default=0.0, show_default=True, help="Spread of estimates (log-normal).")
@click.option("--seed", default=1, show_default=True)
@json_option
def simulate(workers: str, as_json: bool, **shape_options: Any) -> None:  # noqa: ANN401 - click's options
    """Drive the scheduler with a synthetic graph and a simulated clock."""
    from elpython.mass_rebuild.simulate import Shape
    from elpython.mass_rebuild.simulate import simulate as play

    try:
        counts = [int(item) for item in workers.split(",")]
    except ValueError as error:
        raise UsageError(f"{workers!r} is no list of counts", todo="for example 8,64") from error
    shape = Shape(**shape_options)
    if shape.packages < 1 or min(counts) < 1 or not 0 <= shape.failures <= 1 or shape.noise < 0:
        raise UsageError("packages and workers must be 1 or more, failures between 0 and 1")
    found = [play(shape, count) for count in counts]
    if as_json:
        print_json(found)
        return
    print_table(
        ["workers", "makespan s", "lower bound s", "ratio", "built", "failed", "blocked",
         "ms a package"],
        [
            [run.workers, f"{run.makespan:.0f}", f"{run.bound:.0f}", f"{run.ratio:.3f}", run.built,
             run.failed, run.blocked, f"{run.milliseconds:.3f}"]
            for run in found
        ],
    )  # fmt: skip


def add_to(group: click.Group) -> None:
    """Add the commands to `elpython mass-rebuild`."""
    for command in (tickets, submit, simulate):
        group.add_command(command)
