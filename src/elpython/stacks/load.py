"""Read `stacks.toml`: every problem at once, each with the path of its key."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from elpython.stacks.errors import BadStateError
from elpython.stacks.replay import replay
from elpython.stacks.state import Application, Evidence, Kind, Role, Stack, State, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VERSION", "load"]

VERSION = re.compile(r"3\.(?:0|[1-9]\d*)")
PKGVERSION = re.compile(r"3|3\d{1,3}|3\.\d{1,3}")

_TOP = {
    "format": int,
    "project": str,
    "switch_at": float,
    "stack": list,
    "application": list,
    "step": list,
}
_STACK = {
    "version": str,
    "role": str,
    "since": dt.date,
    "pkgversion": str,
    "interpreter": str,
    "platlib": str,
}
_BROUGHT = {"pkgversion": str, "interpreter": str, "platlib": str}
_APPLICATION = {"name": str, "needs": str}
_STEP = {
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
_EVIDENCE = {"built": int, "total": int, "report": str}
_OPTIONAL = {
    "announced", "announced_by", "evidence", "stack", "report", "application", "step", "preset",
}  # fmt: skip

Choice = TypeVar("Choice", bound=Enum)


class _Reader:
    """Collects problems while values are taken out of what TOML gave."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def table(self, data: object, shape: Mapping[str, type], path: str) -> dict[str, Any]:
        """Give the values of the right type; unknown keys and wrong types are noted."""
        if not isinstance(data, dict):
            self.problems.append(f"{path}: has to be a table")
            return {}
        dot = f"{path}." if path else ""
        for key in sorted(set(data) - set(shape)):
            near = difflib.get_close_matches(key, shape, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            self.problems.append(f"{dot}{key}: is not known here{hint}")
        found: dict[str, Any] = {}
        for key, kind in shape.items():
            if key not in data:
                if key not in _OPTIONAL:
                    self.problems.append(f"{dot}{key}: is missing")
                continue
            value = data[key]
            wanted: tuple[type, ...] = (int, float) if kind is float else (kind,)
            if not isinstance(value, wanted) or isinstance(value, bool):
                self.problems.append(f"{dot}{key}: has to be {kind.__name__}, is {value!r}")
                continue
            found[key] = value
        return found

    def choice(self, value: object, choices: type[Choice], path: str) -> Choice | None:
        """Give the member of an enumeration."""
        names = [item.value for item in choices]
        if value in names:
            return choices(value)
        if value is not None:
            near = difflib.get_close_matches(str(value), names, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; one of {', '.join(names)}"
            self.problems.append(f"{path}: {value!r} is not known{hint}")
        return None

    def matching(self, value: object, pattern: re.Pattern[str], path: str, what: str) -> None:
        """Note a string that has not the right form."""
        if isinstance(value, str) and not pattern.fullmatch(value):
            self.problems.append(f"{path}: {value!r} is no {what}")


def _stack(reader: _Reader, data: object, path: str) -> Stack | None:
    values = reader.table(data, _STACK, path)
    role = reader.choice(values.get("role"), Role, f"{path}.role")
    reader.matching(values.get("version"), VERSION, f"{path}.version", "Python version")
    reader.matching(values.get("pkgversion"), PKGVERSION, f"{path}.pkgversion", "pkgversion")
    if role is None or len(values) < len(_STACK):
        return None
    return Stack(**{**values, "role": role})


def _step(reader: _Reader, data: object, path: str) -> Step | None:
    values = reader.table(data, _STEP, path)
    kind = reader.choice(values.get("kind"), Kind, f"{path}.kind")
    reader.matching(values.get("version"), VERSION, f"{path}.version", "Python version")
    reader.matching(values.get("preset"), PKGVERSION, f"{path}.preset", "pkgversion")
    evidence = brought = None
    if "evidence" in values:
        numbers = reader.table(values["evidence"], _EVIDENCE, f"{path}.evidence")
        if {"built", "total"} <= set(numbers):
            evidence = Evidence(**numbers)
    if "stack" in values:
        brought = reader.table(values["stack"], _BROUGHT, f"{path}.stack")
    if kind is None or not {"number", "version", "date", "by", "text"} <= set(values):
        return None
    stack = None
    if brought is not None and len(brought) == len(_BROUGHT):
        role = Role.DEFAULT if kind is Kind.INIT else Role.OTHER
        stack = Stack(version=values["version"], role=role, since=values["date"], **brought)
    return Step(**{**values, "kind": kind, "evidence": evidence, "stack": stack})


def _agreement(state: State) -> list[str]:
    """Say where the stacks are not what the steps made of them."""
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
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadStateError(f"invalid TOML: {error}", where) from error
    reader = _Reader()
    top = reader.table(data, _TOP, "")
    if top.get("format", 1) != 1:
        reader.problems.append(f"format: this elpython reads format 1, not {top['format']}")
    stacks = [
        _stack(reader, item, f"stack[{index}]") for index, item in enumerate(top.get("stack", []))
    ]
    steps = [
        _step(reader, item, f"step[{index}]") for index, item in enumerate(top.get("step", []))
    ]
    applications = [
        reader.table(item, _APPLICATION, f"application[{index}]")
        for index, item in enumerate(top.get("application", []))
    ]
    if not 0 <= top.get("switch_at", 0) <= 1:
        reader.problems.append(f"switch_at: {top['switch_at']} is no share between 0 and 1")
    if not reader.problems:
        state = State(
            project=top["project"],
            switch_at=float(top["switch_at"]),
            stacks=tuple(stack for stack in stacks if stack is not None),
            steps=tuple(step for step in steps if step is not None),
            applications=tuple(Application(**item) for item in applications),
        )
        reader.problems += _agreement(state)
        if not reader.problems:
            return state
    raise BadStateError(
        f"{len(reader.problems)} problem{'s' if len(reader.problems) > 1 else ''}",
        where,
        "correct the file, or take it back from its history",
        details=tuple(reader.problems),
    )
