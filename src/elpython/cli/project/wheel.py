"""`elpython project wheel`: mark, check, index."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.project.needs import judge_sources, known_features
from elpython.cli.render import json_option, print_json, print_table, warn

if TYPE_CHECKING:
    from elpython.project.verdict import Needs
    from elpython.project.wheel import Wheel

__all__ = ["wheel"]

_FILE = click.Path(path_type=Path)


@click.group("wheel")
def wheel() -> None:
    """Mark wheels that need EL Python; say what a wheel needs.

    An unmarked wheel is an ordinary one, and nothing marks a wheel by itself.
    """


@wheel.command("mark")
@click.argument("file", type=_FILE)
@click.option("--needs", "release", help="The EL release, for example 27.01 [what it uses].")
@click.option("--feature", "features", multiple=True, help="A feature; more than once.")
@click.option("--below", help="Not needed from this CPython on [where all features are in].")
@click.option("--to", "folder", type=_FILE, help="Write it to this folder [in place].")
@json_option
def mark(
    file: Path,
    release: str | None,
    features: tuple[str, ...],
    below: str | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Add the requirement on EL Python to a wheel's metadata.

    Without --needs and --feature the wheel's own sources are read, and what they use is required.
    RECORD is written anew; signatures no longer hold and are left out.
    """
    from elpython.core.errors import UsageError
    from elpython.project.requirement import requirement
    from elpython.project.wheel import mark as write
    from elpython.project.wheel import open_wheel

    opened = open_wheel(file)
    registry = known_features()
    if release or features:
        lines: tuple[str, ...] = (requirement(registry, release or "", features, below or ""),)
    else:
        lines = _marks_for(_judged(opened))
        if not lines:
            raise UsageError(
                "its sources use nothing that EL Python brings: it needs no mark",
                where=str(file),
                todo="name --needs or --feature to mark it all the same",
            )
    done = write(opened, lines, folder or file.parent)
    if as_json:
        print_json(done)
        return
    for text in done.added:
        click.echo(f"added: {text}")
    for name in done.dropped:
        warn(f"{name} is left out: the signature no longer holds; sign the marked wheel again")
    click.echo(f"{done.path}" if done.changed else f"{done.path}: nothing to add")


@wheel.command("check")
@click.argument("file", type=_FILE)
@json_option
def check(file: Path, as_json: bool) -> int:
    """Show what a wheel would need, and whether its metadata say so.

    Exit code 1 when it needs EL Python somewhere that its metadata allow, and is not marked.
    """
    from elpython.project.verdict import FAILING
    from elpython.project.wheel import marks_of, open_wheel

    opened = open_wheel(file)
    marks = [str(item) for item in marks_of(opened)]
    found = _judged(opened)
    good = found.verdict not in FAILING
    if as_json:
        print_json({"wheel": opened.path, "marks": marks, "good": good, "needs": found})
        return 0 if good else 1
    rows = [
        ["CPython", found.cpython or "none"],
        *(
            [f"EL Python {item.branch}", item.release if item.enough else "no"]
            for item in found.branches
        ),
        ["requires-python", found.declared or "(none)"],
        ["mark", ", ".join(marks) or "(none)"],
    ]
    print_table(["", "needs"], rows)
    for path, why in found.unread.items():
        warn(f"{path}: {why}")
    click.echo("good" if good else f"wrong: {found.why}")
    if not good and _marks_for(found) and not marks:
        click.echo(f"mark it: elpython project wheel mark {file}")
    return 0 if good else 1


def _marks_for(found: Needs) -> tuple[str, ...]:
    """Return those of the advised requirements that are marks."""
    from elpython.project.wheel import PROBE

    return tuple(line for line in found.advice.dependencies if line.startswith(PROBE))


def _judged(opened: Wheel) -> Needs:
    """Judge a wheel's sources against its own metadata."""
    from elpython.project.project import Project
    from elpython.project.wheel import sources_of

    requires = opened.headers("Requires-Python")
    project = Project(
        name=opened.name,
        file="METADATA",
        requires=requires[0] if requires else ">=3",
        dependencies=tuple(opened.headers("Requires-Dist")),
    )
    return judge_sources(lambda rules: sources_of(opened, rules), project)


@wheel.command("index")
@click.argument("folder", type=_FILE)
@json_option
def index(folder: Path, as_json: bool) -> None:
    """Lay the distributions that marks ask for into a folder that pip and uv take as an index.

    The folder has the layout of PEP 503; any web server can serve it, and what is there of other
    releases stays.
    """
    from elpython.define.folder import branches_folder
    from elpython.project.probe import lay_index

    source = branches_folder().parent / "runtime" / "features-probe"
    made = lay_index(folder, source, known_features())
    if as_json:
        print_json({"folder": folder, "files": made})
        return
    for path in made:
        click.echo(str(path))
