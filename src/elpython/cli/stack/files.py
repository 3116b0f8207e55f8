"""The commands of `elpython stack` that read and write files: macros, spec files, prefixes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.render import json_option, print_json, print_table, warn

if TYPE_CHECKING:
    from elpython.stacks.macros import MacroStack

_FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="the current folder",
    help="Folder that holds stacks.toml.",
)
_SPECS = click.argument(
    "specs", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path)
)


def _stacks(folder: Path) -> tuple[MacroStack, MacroStack | None, str]:
    """Return the default stack, the one beside it, and what is preset for the next one."""
    from elpython.stacks import folder as repository
    from elpython.stacks.errors import BadStateError
    from elpython.stacks.state import Role

    state = repository.read(folder)
    default, other = state.with_role(Role.DEFAULT), state.with_role(Role.OTHER)
    if default is None:
        raise BadStateError("no stack is the default", str(folder))
    return default.macros, other.macros if other else None, state.preset


@click.command()
@click.option("--srpm", is_flag=True, help="For machines that only make source packages.")
@click.option(
    "--fedora-names", is_flag=True, help="Add Fedora's names, for machines without its macros."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file."
)
@click.option(
    "--base",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Macro file of the base distribution (repeatable; default: what this machine's RPM has).",
)
@click.option("--no-base", is_flag=True, help="Define everything, as if the base had no macros.")
@click.option("--check", is_flag=True, help="Ask this machine's RPM whether the values hold.")
@_FOLDER
def macros(
    *,
    srpm: bool,
    fedora_names: bool,
    output: Path | None,
    base: tuple[Path, ...],
    no_base: bool,
    check: bool,
    folder: Path,
) -> int | None:
    """Print the RPM macros of the stacks (the file macros.python3_other).

    What the base distribution defines is left to it, except the interpreter and the name of the
    default stack; the other stack's macros then go through those of the base.
    """
    from elpython.core.store import write_atomic
    from elpython.stacks import macros as made
    from elpython.stacks.overrides import base_macros, overridden

    default, other, preset = _stacks(folder)
    if check:
        wrong = overridden(default, other)
        for item in wrong:
            click.echo(f"%{item.name} is {item.found!r}, the state says {item.expected!r}")
        click.echo(f"{len(wrong)} macros differ" if wrong else "every macro is as the state says")
        return 1 if wrong else 0
    known = () if no_base else base_macros(base)
    text = made.render(default, other, srpm=srpm, base=known, preset=preset)
    if fedora_names:
        text += made.fedora_names()
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomic(output, text.encode())
        click.echo(f"{output}: {text.count(chr(10) + '%') + 1} macros")
    return None


@click.command()
@_SPECS
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path))
@click.option("--in-place", is_flag=True, help="Change the files themselves.")
@click.option("--base", multiple=True, help="Source packages of the base distribution.")
@json_option
def convert(
    *,
    specs: tuple[Path, ...],
    output: Path | None,
    in_place: bool,
    base: tuple[str, ...],
    as_json: bool,
) -> int:
    """Turn Fedora spec files into ones that build for both stacks.

    Prints the converted file, or writes it with -o FOLDER or --in-place. Each rule says what it
    did; a refusal names its line and leaves the file as it was.
    """
    from elpython.core.errors import UsageError
    from elpython.stacks.spec.files import convert_file, write_spec

    if output is not None and in_place:
        raise UsageError("give --output or --in-place, not both", "stack convert")
    if len(specs) > 1 and output is None and not in_place and not as_json:
        raise UsageError("several files need -o FOLDER or --in-place", "stack convert")
    results = [convert_file(path, base=base) for path in specs]
    for result in results:
        target = result.path if in_place else output / result.path.name if output else None
        if target is not None and not result.conversion.refusals:
            write_spec(target, result.conversion.text)
    if as_json:
        print_json([result.answer(with_text=not output and not in_place) for result in results])
    else:
        for result in results:
            if output is None and not in_place:
                sys.stdout.buffer.write(result.conversion.text.encode("utf-8", "surrogateescape"))
                sys.stdout.flush()
            for line in result.lines():
                warn(line)
    return 1 if any(result.conversion.refusals for result in results) else 0


@click.command()
@_SPECS
@json_option
def lint(*, specs: tuple[Path, ...], as_json: bool) -> int:
    """Show where spec files do not follow the plan for two stacks."""
    from elpython.stacks.spec.files import read_named
    from elpython.stacks.spec.lint import lint as look

    found = [(path, finding) for path in specs for finding in look(read_named(path)[0])]
    if as_json:
        print_json(
            [
                {
                    "file": str(path),
                    "line": item.line,
                    "rule": item.rule,
                    "message": item.message,
                }
                for path, item in found
            ]
        )
    else:
        for path, item in found:
            click.echo(f"{path}:{item.line}: {item.rule}: {item.message}")
        if not found:
            click.echo(f"{len(specs)} file{'s' if len(specs) > 1 else ''}: nothing found")
    return 1 if found else 0


@click.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--application", is_flag=True, help="They are applications, not libraries.")
@click.option("--base", multiple=True, help="Source packages of the base distribution.")
@click.option("--repository", multiple=True, help="Repositories that exist.")
@_FOLDER
@json_option
def names(
    *,
    names: tuple[str, ...],
    application: bool,
    base: tuple[str, ...],
    repository: tuple[str, ...],
    folder: Path,
    as_json: bool,
) -> None:
    """Show what packages of Fedora are called here."""
    from elpython.stacks.names import name_of

    default, other, _ = _stacks(folder)
    versions = [item.pkgversion for item in (default, other) if item is not None]
    found = {
        name: name_of(
            name,
            library=not application,
            base=base,
            repositories=repository,
            pkgversions=versions,
        )
        for name in names
    }
    if as_json:
        print_json(found)
        return
    print_table(
        ["Fedora", "source package", "packages", "because"],
        [
            (name, item.source, " ".join(item.binaries) or "one", item.why)
            for name, item in found.items()
        ],
    )


@click.command()
@click.argument("prefix", type=click.Path(file_okay=False, path_type=Path))
@click.argument("pythons", nargs=-1, type=click.Path(path_type=Path))
@click.option("--default", "default", help="Version that owns bin/python3.")
@click.option("--wheels", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--package", "packages", multiple=True, help="Install from --wheels (repeatable).")
@click.option("--roll-back", is_flag=True, help="Go back to how the prefix was before.")
@json_option
def install(
    *,
    prefix: Path,
    pythons: tuple[Path, ...],
    default: str | None,
    wheels: Path | None,
    packages: tuple[str, ...],
    roll_back: bool,
    as_json: bool,
) -> None:
    """Lay stacks side by side under PREFIX, from the interpreters PYTHONS.

    Without PYTHONS the stacks stay as they are: --default switches, --package adds wheels to all
    of them, --roll-back goes back one change.
    """
    from elpython.stacks.prefix import Prefix

    here = Prefix(prefix)
    if roll_back:
        view = here.roll_back()
    else:
        view = here.install(pythons, default=default, wheels=wheels, packages=packages)
    if as_json:
        print_json(view.answer())
        return
    print_table(
        ["stack", "role", "programs"],
        [
            (
                version,
                "default" if version == view.default else "other",
                len(view.programs(version)),
            )
            for version in view.stacks
        ],
    )
    click.echo(f"{prefix}/bin/python3 is Python {view.default}")


def add_to(group: click.Group) -> None:
    """Add the commands to `elpython stack`."""
    for command in (macros, convert, lint, names, install):
        group.add_command(command)
