"""The steps of a transition: what each needs, and what it makes of the state.

A step checks what the step before must have left. Until it is announced it can be undone.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.stacks.errors import AlreadyAnnouncedError, StepRefusedError
from elpython.stacks.load import PKGVERSION, VERSION
from elpython.stacks.replay import replay
from elpython.stacks.state import Application, Evidence, Kind, Role, Stack, StackStep, State

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

__all__ = [
    "Actor",
    "announce",
    "close",
    "forget",
    "init",
    "need",
    "open_stack",
    "rebuild",
    "retire",
    "switch",
    "undo",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who does a step, and when."""

    by: str
    date: dt.date


def _refuse(problems: list[str], kind: Kind, todo: str = "") -> None:
    if problems:
        raise StepRefusedError(
            problems[0] if len(problems) == 1 else f"{len(problems)} conditions do not hold",
            f"stack {kind.value}",
            todo,
            details=tuple(problems) if len(problems) > 1 else (),
        )


def _add(
    state: State,
    kind: Kind,
    version: str,
    actor: Actor,
    *,
    evidence: Evidence | None = None,
    stack: Stack | None = None,
    preset: str = "",
) -> State:
    number = len(state.steps) + 1
    step = StackStep(
        number=number,
        kind=kind,
        version=version,
        date=actor.date,
        by=actor.by,
        text=f"announcements/{number:04d}-{kind.value}-{version}.txt",
        evidence=evidence,
        stack=stack,
        preset=preset,
    )
    steps = (*state.steps, step)
    return dataclasses.replace(state, steps=steps, stacks=replay(steps))


def _dates(state: State, actor: Actor) -> list[str]:
    if state.steps and actor.date < state.steps[-1].date:
        return [f"{actor.date} lies before the last step, {state.steps[-1].date}"]
    return []


def init(*, project: str, switch_at: float, stack: Stack, actor: Actor) -> State:
    """Begin with one stack, the default."""
    _refuse([] if VERSION.fullmatch(stack.version) else [f"{stack.version!r} is no 3.X"], Kind.INIT)
    empty = State(project=project, switch_at=switch_at, stacks=(), steps=())
    return _add(empty, Kind.INIT, stack.version, actor, stack=stack)


def open_stack(state: State, stack: Stack, actor: Actor) -> State:
    """Bring the other stack.

    Raises:
        StepRefusedError: there are two already, or the version is known or older.
    """
    problems = _dates(state, actor)
    default, other = state.with_role(Role.DEFAULT), state.with_role(Role.OTHER)
    if not VERSION.fullmatch(stack.version):
        problems.append(f"{stack.version!r} is no 3.X")
    elif state.stack(stack.version) is not None:
        problems.append(f"{stack.version} is there already")
    elif default is not None and stack.order < default.order:
        problems.append(f"{stack.version} is older than the default, {default.version}")
    if default is not None and stack.pkgversion == default.pkgversion:
        problems.append(f"both stacks would name their packages python{stack.pkgversion}-foo")
    if other is not None:
        problems.append(f"there are two stacks already; {other.version} is beside the default")
    elif state.transition:
        problems.append("the last transition is not closed")
    _refuse(problems, Kind.OPEN)
    brought = dataclasses.replace(stack, role=Role.OTHER, since=actor.date)
    return _add(state, Kind.OPEN, stack.version, actor, stack=brought)


def rebuild(state: State, evidence: Evidence, actor: Actor) -> State:
    """Record how far the rebuild for the other stack has come; may be done many times.

    Raises:
        StepRefusedError: no transition is open, or the default has switched already.
    """
    other = state.with_role(Role.OTHER)
    problems = _dates(state, actor)
    if other is None:
        problems.append("no transition is open")
    elif state.last(Kind.SWITCH) is not None:
        problems.append("the default has switched already")
    if not 0 <= evidence.built <= evidence.total or evidence.total == 0:
        problems.append(f"{evidence.built} of {evidence.total} packages cannot be")
    _refuse(problems, Kind.REBUILD)
    version = other.version if other else ""
    return _add(state, Kind.REBUILD, version, actor, evidence=evidence)


def switch(state: State, actor: Actor) -> State:
    """Make the other stack the default.

    Raises:
        StepRefusedError: not enough is rebuilt, or packagers were not told.
    """
    problems = _dates(state, actor)
    other, report = state.with_role(Role.OTHER), state.last(Kind.REBUILD)
    if other is None:
        problems.append("no transition is open")
    elif state.last(Kind.SWITCH) is not None:
        problems.append(f"the default has switched already; {other.version} is the old one")
    elif report is None or report.evidence is None:
        problems.append("no rebuild is recorded")
    elif report.evidence.share < state.switch_at:
        problems.append(
            f"{report.evidence.share * 100:.1f} % is rebuilt, "
            f"the switch needs {state.switch_at * 100:.1f} %"
        )
    silent = [step for step in state.transition if step.announced is None]
    if not problems and silent:
        names = ", ".join(step.kind.value for step in silent)
        problems.append(f"not announced yet: {names}")
    _refuse(problems, Kind.SWITCH, "elpython stack announce" if silent and not problems[1:] else "")
    return _add(state, Kind.SWITCH, other.version if other else "", actor)


def retire(state: State, actor: Actor, needed_by: Collection[str] = ()) -> State:
    """Retire the stack that was the default before.

    Args:
        state: the state.
        actor: who and when.
        needed_by: applications found on machines or in repositories that still need it; those
            of the state are known without.

    Raises:
        StepRefusedError: the switch is not announced, or an application still needs the stack.
    """
    problems = _dates(state, actor)
    old, switched = state.with_role(Role.OTHER), state.last(Kind.SWITCH)
    if old is None or switched is None:
        problems.append("the default has not switched: there is no old stack to retire")
    else:
        if switched.announced is None:
            problems.append("the switch is not announced yet")
        known = [item.name for item in state.applications if item.needs == old.version]
        problems += [
            f"{name} still needs Python {old.version}" for name in sorted({*known, *needed_by})
        ]
    _refuse(problems, Kind.RETIRE)
    return _add(state, Kind.RETIRE, old.version if old else "", actor)


def close(state: State, actor: Actor, preset: str = "") -> State:
    """End the transition: one stack is left.

    Args:
        state: the state.
        actor: who and when.
        preset: pkgversion of the stack that comes next (`315`), when it is known: spec files can
            name its packages from now on.

    Raises:
        StepRefusedError: the old stack is not retired, or that is not announced.
    """
    problems = _dates(state, actor)
    if preset and not PKGVERSION.fullmatch(preset):
        problems.append(f"{preset!r} can't stand in package names: 315 or 3.15 is wanted")
    if preset in {stack.pkgversion for stack in state.stacks}:
        problems.append(f"python{preset}-foo names packages of a stack that there is already")
    retired = state.last(Kind.RETIRE)
    if retired is None:
        problems.append("the old stack is not retired")
    elif retired.announced is None:
        problems.append("the retirement is not announced yet")
    _refuse(problems, Kind.CLOSE)
    return _add(state, Kind.CLOSE, retired.version if retired else "", actor, preset=preset)


def announce(state: State, actor: Actor) -> tuple[State, tuple[StackStep, ...]]:
    """Announce every step that is not yet; they cannot be undone from then on.

    Returns:
        The state, and the steps that were announced now.

    Raises:
        StepRefusedError: everything is announced.
    """
    silent = [step.number for step in state.steps if step.announced is None]
    problems = _dates(state, actor) or ([] if silent else ["every step is announced already"])
    if problems:
        raise StepRefusedError(problems[0], "stack announce")
    steps = tuple(
        dataclasses.replace(step, announced=actor.date, announced_by=actor.by)
        if step.number in silent
        else step
        for step in state.steps
    )
    told = tuple(step for step in steps if step.number in silent)
    return dataclasses.replace(state, steps=steps), told


def undo(state: State) -> tuple[State, StackStep]:
    """Take back the last step.

    Returns:
        The state before it, and the step.

    Raises:
        AlreadyAnnouncedError: it was announced.
        StepRefusedError: there is only the beginning.
    """
    last = state.steps[-1]
    if last.kind is Kind.INIT:
        raise StepRefusedError(
            "there is no step to take back", "stack undo", "to begin anew, remove stacks.toml"
        )
    if last.announced is not None:
        raise AlreadyAnnouncedError(
            f"step {last.number}, {last.kind.value} {last.version}, was announced on "
            f"{last.announced} by {last.announced_by}: people rely on it",
            "stack undo",
            "go on from here with a further step",
        )
    steps = state.steps[:-1]
    return dataclasses.replace(state, steps=steps, stacks=replay(steps)), last


def need(state: State, name: str, version: str) -> State:
    """Note that an application needs a stack.

    Raises:
        StepRefusedError: there is no such stack, or it is retired.
    """
    stack = state.stack(version)
    if stack is None or stack.role is Role.RETIRED:
        raise StepRefusedError(f"there is no living stack {version}", "stack need")
    others = [item for item in state.applications if item.name != name]
    items = sorted([*others, Application(name=name, needs=version)], key=lambda item: item.name)
    return dataclasses.replace(state, applications=tuple(items))


def forget(state: State, name: str) -> State:
    """Take an application off the list.

    Raises:
        StepRefusedError: it is not on it.
    """
    kept = tuple(item for item in state.applications if item.name != name)
    if len(kept) == len(state.applications):
        raise StepRefusedError(f"{name} is not on the list", "stack need")
    return dataclasses.replace(state, applications=kept)
