"""Read `stacks.toml`: every problem at once, each with the path of its key."""

from __future__ import annotations

import datetime as dt
import re
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from elpython.core.toml import Reader, parse_toml
from elpython.stacks.errors import BadStateError
from elpython.stacks.replay import replay
from elpython.stacks.state import Application, Evidence, Kind, Role, Stack, StackStep, State

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VERSION", "load"]

VERSION = re.compile(r"3\.(?:0|[1-9]\d*)")
PKGVERSION = re.compile(r"3|3\d{1,3}|3\.\d{1,3}")

_TOP: dict[str, type] = {"format": int, "project": str, "switch_at": float}
_STACK: dict[str, type] = {
    "version": str,
    "role": str,
    "since": dt.date,
    "pkgversion": str,
    "interpreter": str,
    "platlib": str,
}
_BROUGHT: dict[str, type] = {"pkgversion": str, "interpreter": str, "platlib": str}
_APPLICATION: dict[str, type] = {"name": str, "needs": str}
_STEP: dict[str, type] = {
    "number": int,
    "kind": str,
    "version": str,
    "date": dt.date,
    "by": str,
    "text": str,
    "announced": dt.date,
    "announced_by": str,
    "evidence": dict,
    "stack": dict,
    "preset": str,
}
_EVIDENCE: dict[str, type] = {"built": int, "total": int, "report": str}
_OPTIONAL = {
    "announced", "announced_by", "evidence", "stack", "report", "preset",
}  # fmt: skip

Choice = TypeVar("Choice", bound=Enum)


def _choice(reader: Reader, values: Mapping[str, Any], key: str, of: type[Choice]) -> Choice | None:
    """Return the member of an enumeration that a value names; None when it is not there."""
    names = [item.value for item in of]
    if key not in values:
        return None
    value = reader.choice(key, names)
    return of(value) if value in names else None


def _matching(reader: Reader, key: str, pattern: re.Pattern[str], what: str) -> None:
    """Note a string that does not have the right form."""
    if reader.has(key) and not pattern.fullmatch(value := reader.text(key, "")) and value:
        reader.problem(key, f"{value!r} is no {what}")


def _stack(reader: Reader) -> Stack | None:
    values = reader.values(_STACK, optional=_OPTIONAL)
    role = _choice(reader, values, "role", Role)
    _matching(reader, "version", VERSION, "Python version")
    _matching(reader, "pkgversion", PKGVERSION, "pkgversion")
    reader.done()
    if role is None or len(values) < len(_STACK):
        return None
    return Stack(**{**values, "role": role})


def _step(reader: Reader) -> StackStep | None:
    values = reader.values(_STEP, optional=_OPTIONAL)
    kind = _choice(reader, values, "kind", Kind)
    _matching(reader, "version", VERSION, "Python version")
    _matching(reader, "preset", PKGVERSION, "pkgversion")
    evidence = brought = None
    if "evidence" in values:
        table = reader.table("evidence")
        numbers = table.values(_EVIDENCE, optional=_OPTIONAL)
        table.done()
        if {"built", "total"} <= set(numbers):
            evidence = Evidence(**numbers)
    if "stack" in values:
        table = reader.table("stack")
        brought = table.values(_BROUGHT, optional=_OPTIONAL)
        table.done()
    reader.done()
    if kind is None or not {"number", "version", "date", "by", "text"} <= set(values):
        return None
    stack = None
    if brought is not None and len(brought) == len(_BROUGHT):
        role = Role.DEFAULT if kind is Kind.INIT else Role.OTHER
        stack = Stack(version=values["version"], role=role, since=values["date"], **brought)
    return StackStep(**{**values, "kind": kind, "evidence": evidence, "stack": stack})


def _application(reader: Reader) -> dict[str, Any]:
    values = reader.values(_APPLICATION, optional=_OPTIONAL)
    reader.done()
    return values


def _agreement(state: State) -> list[str]:
    """Return where the stacks are not what the steps made of them."""
    found = []
    expected = {stack.version: stack for stack in replay(state.steps)}
    given = {stack.version: stack for stack in state.stacks}
    for version in sorted(set(expected) | set(given)):
        if version not in given:
            found.append(f"stack: {version} is missing, which the steps brought")
        elif version not in expected:
            found.append(f"stack: {version} is there, but no step brought it")
        elif given[version] != expected[version]:
            was, is_ = expected[version], given[version]
            found.append(
                f"stack: {version} is {is_.role.value} since {is_.since}, "
                f"but the steps make it {was.role.value} since {was.since}"
                if (was.role, was.since) != (is_.role, is_.since)
                else f"stack: {version} differs from what its step brought"
            )
    if [step.number for step in state.steps] != list(range(1, len(state.steps) + 1)):
        found.append("step: the numbers are not 1, 2, 3, ...")
    return found


def load(text: str, where: str) -> State:
    """Read the text of `stacks.toml`.

    Args:
        text: its content.
        where: its path, for messages.

    Raises:
        BadStateError: with every problem that was found.
    """
    problems: list[str] = []
    table = parse_toml(text, problems, name=where)
    if problems:
        raise BadStateError(problems[0].removeprefix(f"{where}: "), where)
    reader = Reader(table, problems, file=where)
    top = reader.values(_TOP, optional=())
    if top.get("format", 1) != 1:
        reader.problem("format", f"this elpython reads format 1, not {top['format']}")
    stacks = [_stack(item) for item in reader.tables("stack", need=True)]
    steps = [_step(item) for item in reader.tables("step")]
    applications = [_application(item) for item in reader.tables("application")]
    if not 0 <= top.get("switch_at", 0) <= 1:
        reader.problem("switch_at", f"{top['switch_at']} is no share between 0 and 1")
    reader.done()
    if not problems:
        state = State(
            project=top["project"],
            switch_at=float(top["switch_at"]),
            stacks=tuple(stack for stack in stacks if stack is not None),
            steps=tuple(step for step in steps if step is not None),
            applications=tuple(Application(**item) for item in applications),
        )
        problems += _agreement(state)
        if not problems:
            return state
    raise BadStateError(
        f"{len(problems)} problem{'s' if len(problems) > 1 else ''}",
        where,
        "correct the file, or take it back from its history",
        details=tuple(problems),
    )
