"""What the steps make of the stacks: the history played from its start."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from elpython.stacks.state import Kind, Role, Stack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elpython.stacks.state import StackStep

__all__ = ["replay"]


def replay(steps: Iterable[StackStep]) -> tuple[Stack, ...]:
    """Return the stacks after the steps, by version.

    Steps that make no sense (a switch without another stack) change nothing: what allows a step is
    told by `steps`.
    """
    stacks: dict[str, Stack] = {}

    def change(version: str, role: Role, step: StackStep) -> None:
        stacks[version] = dataclasses.replace(stacks[version], role=role, since=step.date)

    for step in steps:
        if step.stack is not None:
            stacks[step.version] = step.stack
        elif step.kind is Kind.SWITCH and step.version in stacks:
            for stack in list(stacks.values()):
                if stack.role is Role.DEFAULT:
                    change(stack.version, Role.OTHER, step)
            change(step.version, Role.DEFAULT, step)
        elif step.kind is Kind.RETIRE and step.version in stacks:
            change(step.version, Role.RETIRED, step)
    return tuple(sorted(stacks.values(), key=lambda stack: stack.order))
