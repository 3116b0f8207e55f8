"""The state of the stacks as data: which python3X is the default, which is the other, since when.

`stacks.toml` keeps the stacks and the steps that led to them. The steps are the history and the
stacks the outcome; that both agree is checked whenever the file is read.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from elpython.stacks.macros import MacroStack

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Application", "Evidence", "Kind", "Role", "Stack", "StackStep", "State", "dump"]


class Role(Enum):
    """What a stack is at a time."""

    DEFAULT = "default"
    OTHER = "other"
    RETIRED = "retired"


class Kind(Enum):
    """A step's kind, in the order of a transition."""

    INIT = "init"
    OPEN = "open"
    REBUILD = "rebuild"
    SWITCH = "switch"
    RETIRE = "retire"
    CLOSE = "close"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """One parallel-installable stack.

    Attributes:
        version: `3.11`.
        role: default (owns `/usr/bin/python3`), other or retired.
        since: the day on which it got this role.
        pkgversion: what stands between `python` and `-foo` in its packages' names.
        interpreter: absolute path of its interpreter on the machines that build.
        platlib: its folder of platform-dependent modules, `lib` or `lib64`.
    """

    version: str
    role: Role
    since: dt.date
    pkgversion: str
    interpreter: str
    platlib: str = "lib"

    @property
    def macros(self) -> MacroStack:
        """The stack as its macros need it."""
        return MacroStack(
            version=self.version,
            pkgversion=self.pkgversion,
            interpreter=self.interpreter,
            platlib=self.platlib,
        )

    @property
    def order(self) -> tuple[int, ...]:
        """Its version as numbers: 3.9 comes before 3.11."""
        return tuple(int(part) for part in self.version.split("."))


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a rebuild left: how many packages of how many.

    Attributes:
        built: packages that were built for the other stack.
        total: packages that should be; those broken on both stacks before are not among them.
        report: sha256 of the report that says so, empty when the numbers were given by hand.
    """

    built: int
    total: int
    report: str = ""

    @property
    def share(self) -> float:
        """The rebuilt share, 0 to 1."""
        return self.built / self.total if self.total else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class StackStep:
    """One step of a transition.

    Attributes:
        number: counted from 1.
        kind: what was done.
        version: the stack that it was done to.
        date: when.
        by: who.
        text: path of its announcement, relative to the folder of `stacks.toml`.
        announced: when it was announced; None means that it can be undone.
        announced_by: who announced it.
        evidence: for a rebuild, its numbers.
        stack: for init and open, the stack as it was brought.
        preset: for close, the pkgversion of the stack that comes next; empty when none is known.
    """

    number: int
    kind: Kind
    version: str
    date: dt.date
    by: str
    text: str
    announced: dt.date | None = None
    announced_by: str = ""
    evidence: Evidence | None = None
    stack: Stack | None = None
    preset: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """An application and the stack that it needs.

    Attributes:
        name: its package.
        needs: version of the stack.
    """

    name: str
    needs: str


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Everything that `stacks.toml` says.

    Attributes:
        project: whose stacks these are, for the announcements.
        switch_at: the rebuilt share, 0 to 1, below which the default does not switch.
        stacks: all stacks, retired ones included, by version.
        steps: all steps in order.
        applications: what is known to need a stack.
    """

    project: str
    switch_at: float
    stacks: tuple[Stack, ...]
    steps: tuple[StackStep, ...]
    applications: tuple[Application, ...] = field(default=())

    def with_role(self, role: Role) -> Stack | None:
        """Return the stack that has a role (default or other), if there is one."""
        for stack in self.stacks:
            if stack.role is role:
                return stack
        return None

    def stack(self, version: str) -> Stack | None:
        """Return a stack by its version."""
        for stack in self.stacks:
            if stack.version == version:
                return stack
        return None

    @property
    def transition(self) -> tuple[StackStep, ...]:
        """The steps of the running transition, from its opening on; empty outside one."""
        for index in range(len(self.steps) - 1, -1, -1):
            if self.steps[index].kind is Kind.CLOSE:
                return ()
            if self.steps[index].kind is Kind.OPEN:
                return self.steps[index:]
        return ()

    @property
    def preset(self) -> str:
        """What `python3_other_pkgversion` is set to although there is no other stack yet."""
        closed = [step for step in self.steps if step.kind is Kind.CLOSE]
        return closed[-1].preset if closed and not self.transition else ""

    def last(self, kind: Kind) -> StackStep | None:
        """Return the running transition's last step of a kind."""
        for step in reversed(self.transition):
            if step.kind is kind:
                return step
        return None


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    text = json.dumps(str(value), ensure_ascii=False)
    return re.sub("\x7f", "\\\\u007f", text)


def _table(name: str, values: Mapping[str, object]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]
    return "\n".join([f"[[{name}]]", *lines, ""])


def _stack_values(stack: Stack) -> dict[str, object]:
    return {
        "version": stack.version,
        "role": stack.role.value,
        "since": stack.since,
        "pkgversion": stack.pkgversion,
        "interpreter": stack.interpreter,
        "platlib": stack.platlib,
    }


def _step_values(step: StackStep) -> dict[str, object]:
    values: dict[str, object] = {
        "number": step.number,
        "kind": step.kind.value,
        "version": step.version,
        "date": step.date,
        "by": step.by,
        "text": step.text,
        "announced": step.announced,
        "announced_by": step.announced_by or None,
        "preset": step.preset or None,
    }
    if step.evidence is not None:
        evidence = {"built": step.evidence.built, "total": step.evidence.total}
        report = {"report": step.evidence.report} if step.evidence.report else {}
        values["evidence"] = {**evidence, **report}
    if step.stack is not None:
        values["stack"] = {
            key: value
            for key, value in _stack_values(step.stack).items()
            if key in {"pkgversion", "interpreter", "platlib"}
        }
    return values


def dump(state: State) -> str:
    """Return the text of `stacks.toml`."""
    head = (
        "# The stacks and the steps that led to them. Written by `elpython stack`.\n"
        "format = 1\n"
        f"project = {_value(state.project)}\n"
        f"switch_at = {_value(state.switch_at)}\n"
    )
    parts = [head]
    parts += [_table("stack", _stack_values(stack)) for stack in state.stacks]
    parts += [
        _table("application", {"name": item.name, "needs": item.needs})
        for item in state.applications
    ]
    parts += [_table("step", _step_values(step)) for step in state.steps]
    return "\n".join(parts)
