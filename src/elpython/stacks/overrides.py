"""Does this machine's RPM give the values that the state has, or does another file win?

A base distribution may set `python3_pkgversion` itself (RHEL 7.7 set it to 3 while EPEL used 36):
then every spec file builds packages of the wrong name, without an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.stacks.rpmtool import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from elpython.stacks.macros import MacroStack

__all__ = ["Override", "overridden"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """A macro with another value than the state's.

    Attributes:
        name: the macro.
        expected: what the state says.
        found: what RPM says; empty when it knows no such macro.
    """

    name: str
    expected: str
    found: str


def _facts(stack: MacroStack, name: str) -> dict[str, str]:
    return {
        f"{name}_pkgversion": stack.pkgversion,
        f"{name}_version": stack.version,
        f"{name}_version_nodots": stack.version.replace(".", ""),
        f"__{name}": stack.interpreter,
    }


def expected(default: MacroStack, other: MacroStack | None) -> Mapping[str, str]:
    """Give the macros whose values the state fixes."""
    facts = _facts(default, "python3")
    if other is not None:
        facts |= {"with_python3_other": "1", **_facts(other, "python3_other")}
    else:
        facts |= {"with_python3_other": ""}
    return facts


def overridden(
    default: MacroStack,
    other: MacroStack | None,
    *,
    configuration: Sequence[Path] | None = None,
) -> tuple[Override, ...]:
    """Compare RPM's values with the state's.

    Args:
        default: the default stack.
        other: the stack beside it.
        configuration: macro files that RPM reads, in order; its own when None.

    Raises:
        MissingProgramError: RPM is not installed.
    """
    facts = expected(default, other)
    values = evaluate([f"%{{?{name}}}" for name in facts], configuration=configuration)
    return tuple(
        Override(name=name, expected=value, found=found)
        for (name, value), found in zip(facts.items(), values, strict=True)
        if value != found
    )
