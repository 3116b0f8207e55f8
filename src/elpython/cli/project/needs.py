"""`elpython project needs` and `elpython project matrix`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.render import Progress, json_option, print_json, print_table, warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.project.project import Project
    from elpython.project.registry import Registry
    from elpython.project.rules import Rules
    from elpython.project.scanned import Scanned
    from elpython.project.verdict import Forced, Needs

__all__ = ["judge_sources", "known_features", "matrix", "needs"]

_PATH = click.Path(path_type=Path)


def known_features() -> Registry:
    """Return the registry of all branches, as `elpython project features` has it."""
    from dataclasses import asdict

    from elpython.define.branch import load_all
    from elpython.define.features import registry
    from elpython.define.folder import branches_folder
    from elpython.project.registry import Branch, read_registry, series

    branches, problems = load_all(branches_folder())
    for problem in problems[:3]:
        warn(problem)
    known = [
        Branch(
            series=series(branch.name),
            version=str(branch.version),
            release=branch.el,
            first=branch.first,
        )
        for branch in branches
    ]
    return read_registry([asdict(item) for item in registry(branches)], known)


def judge_sources(
    read: Callable[[Rules], list[Scanned]], project: Project, *, everything: bool = False
) -> Needs:
    """Read sources by the rules of vermin and of the branches, and judge them.

    Args:
        read: is given the rules, gives what the sources use.
        project: what it says of itself.
        everything: whether tests and tools count as what ships does.
    """
    from elpython.project.matrix import released
    from elpython.project.rules import standard_rules
    from elpython.project.verdict import judge

    registry = known_features()
    features = [(item.name, item.cpython or (0, 0)) for item in registry.features.values()]
    sources = read(standard_rules().with_features(features))
    today = dt.datetime.now(tz=dt.UTC).date()
    return judge(sources, project, registry, released=released(today), everything=everything)


def _judged(path: Path, jobs: int | None, everything: bool) -> tuple[Needs, int]:
    from elpython.core.store import Store
    from elpython.project.project import read_project
    from elpython.project.scan import scan

    anew = 0

    def read(rules: Rules) -> list[Scanned]:
        nonlocal anew
        with Progress() as bar:
            sources, anew = scan(
                Store.default(), path, rules, jobs=jobs or 0, reporter=bar.reporter
            )
        return sources

    return judge_sources(read, read_project(path), everything=everything), anew


@click.command("needs")
@click.argument("path", type=_PATH)
@click.option("--all", "everything", is_flag=True, help="Tests, documents and tools count too.")
@click.option("--most", default=12, show_default=True, help="How many uses are listed.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes at once [all cores].")
@json_option
def needs(path: Path, everything: bool, most: int, jobs: int | None, as_json: bool) -> int:
    """Show which Pythons a project needs, what forces them, and what to write down.

    PATH is a folder or a file. Exit code 1 when requires-python allows a Python on which something
    that the sources use is not there, and when a source that ships cannot be read.
    """
    found, anew = _judged(path, jobs, everything)
    if as_json:
        print_json(found)
    else:
        _show(found, anew, most)
    from elpython.project.verdict import FAILING

    return 1 if found.verdict in FAILING else 0


def _show(found: Needs, anew: int, most: int) -> None:
    click.echo(f"{found.files} files, {found.lines} lines, {anew} files read anew\n")
    print_table(
        ["Python", "enough", "because of"],
        [
            ["CPython", found.cpython or "none", _because(found.forced[:2])],
            *(
                [
                    f"EL Python {item.branch}",
                    item.release if item.enough else "no",
                    "its base is enough" if item.base_enough else _because(item.because[:2]),
                ]
                for item in found.branches
            ),
        ],
    )
    if found.forced:
        click.echo("")
        print_table(
            ["uses", "CPython", "first at", "places"],
            [
                [item.name, item.cpython or "none", f"{item.file}:{item.line}", item.places]
                for item in found.forced[:most]
            ],
        )
    if found.development:
        click.echo(f"\ntests and tools need CPython {found.development}")
    for item in found.elsewhere[:3]:
        click.echo(f"not counted, since Linux never runs it: {_because((item,))}")
    for item in found.forced:
        if item.micro:
            click.echo(f"{item.name} came with a security fix: {', '.join(item.micro)}")
    for file, why in found.unread.items():
        warn(f"{file}: {why}")
    _show_advice(found)


def _because(items: tuple[Forced, ...]) -> str:
    return ", ".join(f"{item.name} ({item.file}:{item.line})" for item in items)


def _show_advice(found: Needs) -> None:
    advice = found.advice
    declared = found.declared or "(none)"
    click.echo(f"\nrequires-python {declared}: {found.verdict}: {found.why}")
    if advice.requires_python:
        click.echo(f'write: requires-python = "{advice.requires_python}"')
        for line in advice.dependencies:
            click.echo(f"       dependencies: {line}")
        for line in advice.classifiers:
            click.echo(f"       classifiers: {line}")
        if advice.dependencies and advice.without_el:
            click.echo(f'or, without EL Python: requires-python = "{advice.without_el}"')
    else:
        click.echo("no Python has everything that the sources use")


@click.command("matrix")
@click.argument("path", type=_PATH)
@click.option("--format", "form", type=click.Choice(["table", "github", "nox", "tox", "workflow"]),
              default="table", show_default=True, help="What to write.")  # fmt: skip
@click.option("--needed", is_flag=True, help="By what the sources need, not by requires-python.")
@click.option("--on", "day", help="The day to plan for, YYYY-MM-DD [today].")
@json_option
def matrix(path: Path, form: str, needed: bool, day: str | None, as_json: bool) -> None:
    """Show a project's test matrix: one row a series, EL Python where it stands for CPython."""
    from elpython.core.errors import UsageError
    from elpython.project.matrix import matrix as rows_of
    from elpython.project.matrix import render

    try:
        today = dt.date.fromisoformat(day) if day else dt.datetime.now(tz=dt.UTC).date()
    except ValueError as error:
        raise UsageError(f"{day!r} is no date", where="--on", todo="write YYYY-MM-DD") from error
    found, _ = _judged(path, None, everything=False)
    rows = rows_of(found, known_features().branches, today, declared=not needed)
    if as_json:
        print_json(rows)
    elif form != "table":
        click.echo(render(rows, form).rstrip("\n"))
    else:
        print_table(
            ["series", "tested on", "why"],
            [[row.series, f"{row.interpreter} {row.version}".strip(), row.why] for row in rows],
        )
