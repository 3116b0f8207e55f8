"""`elpython stack`: stacks, their transition, their macros and their spec files."""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import json_option, print_json, print_table, warn
from elpython.cli.stack import files as stack_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.stacks.state import Stack, State
    from elpython.stacks.steps import Actor


@click.group()
def stack() -> None:
    """Keep python3X stacks side by side: transition, macros, spec files, prefixes."""


def folder_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the folder that holds stacks.toml."""
    return click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(),
        show_default="the current folder",
        help="Folder that holds stacks.toml.",
    )(function)


def actor_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a step who does it and when, passed on as `actor`."""

    def wrapped(*, by: str | None, date: dt.datetime | None, **rest: object) -> object:
        from elpython.stacks.steps import Actor

        day = date.date() if date else dt.datetime.now(dt.UTC).date()
        return function(actor=Actor(by=by or _user(), date=day), **rest)

    wrapped.__name__, wrapped.__doc__ = function.__name__, function.__doc__
    wrapped.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    dated = click.option(
        "--date", type=click.DateTime(["%Y-%m-%d"]), help="Day of the step (default: today)."
    )(wrapped)
    return click.option("--by", help="Who does it (default: your user name).")(dated)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def stack_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command what describes a stack."""
    for option in (
        click.option("--platlib", default="lib", show_default=True, help="lib or lib64."),
        click.option("--interpreter", help="Its interpreter (default: /usr/bin/python3.X)."),
        click.option("--pkgversion", help="In its packages' names (default: 3X)."),
    ):
        function = option(function)
    return function


def _stack(version: str, day: dt.date, described: dict[str, str | None]) -> Stack:
    from elpython.stacks.state import Role, Stack

    return Stack(
        version=version,
        role=Role.DEFAULT,
        since=day,
        pkgversion=described["pkgversion"] or version.replace(".", ""),
        interpreter=described["interpreter"] or f"/usr/bin/python{version}",
        platlib=described["platlib"] or "lib",
    )


def _step(folder: Path, change: Callable[[State], State], *, as_json: bool) -> None:
    """Do one step: read, change, record, print its announcement."""
    from elpython.stacks import folder as repository

    with repository.locked(folder):
        before = repository.read(folder)
        after = change(before)
        text = repository.record(folder, before, after)
    if as_json:
        print_json(_answer(after, text))
    else:
        click.echo(text, nl=False)


def _answer(state: State, text: str = "") -> dict[str, object]:
    return {
        "project": state.project,
        "switch_at": state.switch_at,
        "stacks": state.stacks,
        "steps": state.steps,
        "applications": state.applications,
        "announcement": text,
    }


@stack.command()
@click.argument("version")
@click.option("--project", default="This distribution", show_default=True)
@click.option(
    "--switch-at",
    type=click.FloatRange(0, 100),
    default=95.0,
    show_default=True,
    help="Percentage of packages that must be rebuilt before the default switches.",
)
@stack_options
@folder_option
@actor_options
@json_option
def init(
    *,
    version: str,
    project: str,
    switch_at: float,
    folder: Path,
    actor: Actor,
    as_json: bool,
    **described: str | None,
) -> None:
    """Begin a folder with one stack, the default."""
    from elpython.stacks import folder as repository
    from elpython.stacks.steps import init as begin

    state = begin(
        project=project,
        switch_at=switch_at / 100,
        stack=_stack(version, actor.date, described),
        actor=actor,
    )
    with repository.locked(folder):
        text = repository.create(folder, state)
    if as_json:
        print_json(_answer(state, text))
    else:
        click.echo(text, nl=False)


@stack.command()
@folder_option
@json_option
def show(*, folder: Path, as_json: bool) -> None:
    """Show the stacks and the steps so far."""
    from elpython.stacks import folder as repository

    state = repository.read(folder)
    if as_json:
        print_json(_answer(state))
        return
    print_table(
        ["stack", "role", "since", "packages", "interpreter"],
        [
            (
                item.version,
                item.role.value,
                item.since,
                f"python{item.pkgversion}-*",
                item.interpreter,
            )
            for item in state.stacks
        ],
    )
    print_table(
        ["step", "what", "date", "by", "announced"],
        [
            (
                step.number,
                f"{step.kind.value} {step.version}"
                + (f": {step.evidence.built} of {step.evidence.total}" if step.evidence else ""),
                step.date,
                step.by,
                f"{step.announced} by {step.announced_by}" if step.announced else "no",
            )
            for step in state.steps
        ],
    )
    for item in state.applications:
        click.echo(f"{item.name} needs Python {item.needs}")


@stack.command("open")
@click.argument("version")
@stack_options
@folder_option
@actor_options
@json_option
def open_command(
    *, version: str, folder: Path, actor: Actor, as_json: bool, **described: str | None
) -> None:
    """Bring the other stack: with_python3_other is on from now on."""
    from elpython.stacks.steps import open_stack

    brought = _stack(version, actor.date, described)
    _step(folder, lambda state: open_stack(state, brought, actor), as_json=as_json)


@stack.command()
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What `elpython mass-rebuild report --json` printed.",
)
@click.option("--built", type=int, help="Instead of a report: packages built.")
@click.option("--total", type=int, help="Instead of a report: packages that should be.")
@folder_option
@actor_options
@json_option
def rebuild(
    *,
    report: Path | None,
    built: int | None,
    total: int | None,
    folder: Path,
    actor: Actor,
    as_json: bool,
) -> None:
    """Record how far the mass rebuild for the other stack has come."""
    from elpython.core.errors import UsageError
    from elpython.stacks.report import read_report
    from elpython.stacks.state import Evidence
    from elpython.stacks.steps import rebuild as record

    if report is not None:
        evidence = read_report(report)
    elif built is not None and total is not None:
        evidence = Evidence(built=built, total=total)
    else:
        raise UsageError(
            "neither a report nor two numbers were given", "stack rebuild", "--report FILE"
        )
    _step(folder, lambda state: record(state, evidence, actor), as_json=as_json)


@stack.command()
@folder_option
@actor_options
@json_option
def announce(*, folder: Path, actor: Actor, as_json: bool) -> None:
    """Announce every step that is not announced yet, and print the texts to send."""
    from elpython.stacks import folder as repository
    from elpython.stacks.steps import announce as tell

    with repository.locked(folder):
        state, told = tell(repository.read(folder), actor)
        repository.save(folder, state)
    text = "\n".join(repository.text_of(folder, step) for step in told)
    if as_json:
        print_json(_answer(state, text))
    else:
        click.echo(text, nl=False)


@stack.command()
@click.option(
    "--prefix",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also switch the default of a prefix made by `stack install`.",
)
@folder_option
@actor_options
@json_option
def switch(prefix: Path | None, folder: Path, actor: Actor, as_json: bool) -> None:
    """Make the other stack the default: the macros swap."""
    from elpython.stacks.prefix import Prefix
    from elpython.stacks.state import Role
    from elpython.stacks.steps import switch as swap

    def change(state: State) -> State:
        after = swap(state, actor)
        default = after.with_role(Role.DEFAULT)
        if prefix is not None and default is not None:
            Prefix(prefix).switch(default.version)
        return after

    _step(folder, change, as_json=as_json)


@stack.command()
@click.option(
    "--rpms",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Look through a folder of RPM packages for applications that need the old stack.",
)
@click.option(
    "--prefix",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Look through a prefix for programs that only the old stack has.",
)
@folder_option
@actor_options
@json_option
def retire(
    *, rpms: Path | None, prefix: Path | None, folder: Path, actor: Actor, as_json: bool
) -> None:
    """Retire the old stack, when no application needs it any more.

    With --rpms, lists of its packages and repositories, a spec file that obsoletes them, what is
    taken out of a compose, and what still needs the stack are written to retirement/VERSION.
    """
    from elpython.stacks import retirement
    from elpython.stacks.needed import needed_in_prefix
    from elpython.stacks.state import Role
    from elpython.stacks.steps import retire as end

    def change(state: State) -> State:
        old = state.with_role(Role.OTHER)
        found: list[str] = []
        if old is not None and rpms is not None:
            made = retirement.survey(rpms, old)
            where = folder / "retirement" / old.version
            retirement.write(made, old, actor.date, where)
            warn(
                f"{len(made.packages)} of {made.looked_at} packages belong to "
                f"Python {old.version}: lists in {where}"
            )
            found += [
                item.name
                + (f" (and {', '.join(item.dependents)} with it)" if item.dependents else "")
                for item in made.needing
            ]
        if old is not None and prefix is not None:
            found += needed_in_prefix(prefix, old)
        return end(state, actor, found)

    _step(folder, change, as_json=as_json)


@stack.command("close")
@click.option(
    "--next",
    "following",
    default="",
    help="The stack that comes next, 3.15 or 315: python3_other_pkgversion is preset to it.",
)
@folder_option
@actor_options
@json_option
def close_command(*, following: str, folder: Path, actor: Actor, as_json: bool) -> None:
    """End the transition: one stack is left and with_python3_other is off."""
    from elpython.stacks.steps import close

    _step(folder, lambda state: close(state, actor, following.replace(".", "")), as_json=as_json)


@stack.command()
@folder_option
@json_option
def undo(*, folder: Path, as_json: bool) -> None:
    """Take back the last step, if it is not announced."""
    from elpython.stacks import folder as repository
    from elpython.stacks.steps import undo as take_back

    with repository.locked(folder):
        state, step = take_back(repository.read(folder))
        repository.take_back(folder, state, step)
    if as_json:
        print_json(_answer(state))
    else:
        click.echo(f"step {step.number}, {step.kind.value} {step.version}, is taken back")


@stack.command()
@click.argument("application")
@click.argument("version", required=False)
@click.option("--forget", is_flag=True, help="It needs no certain stack any more.")
@folder_option
def need(application: str, version: str | None, forget: bool, folder: Path) -> None:
    """Note that an application needs a stack, so that it is not retired under it."""
    from elpython.core.errors import UsageError
    from elpython.stacks import folder as repository
    from elpython.stacks import steps

    if (version is None) is not forget:
        raise UsageError("give a version, or --forget", "stack need")
    with repository.locked(folder):
        state = repository.read(folder)
        after = (
            steps.forget(state, application)
            if version is None
            else steps.need(state, application, version)
        )
        repository.save(folder, after)
    click.echo(f"{application}: {'no certain stack' if version is None else version}")


stack_files.add_to(stack)
