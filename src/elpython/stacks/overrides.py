"""Does this machine's RPM give the values that the state has, or does another file win?

A base distribution may set `python3_pkgversion` itself (RHEL 7.7 set it to 3 while EPEL used 36):
then every spec file builds packages of the wrong name, without an error.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.stacks.errors import MacroError
from elpython.stacks.macros import (
    DEFAULT_NAMES,
    OWN_MARK,
    SHARED_NAMES,
    macro_names,
    macro_names_in,
)
from elpython.stacks.rpmtool import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from elpython.stacks.macros import MacroStack

__all__ = ["Override", "base_macros", "overridden"]


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
    """Return the macros whose values the state fixes."""
    facts = _facts(default, "python3")
    if other is not None:
        facts |= {"with_python3_other": "1", **_facts(other, "python3_other")}
    else:
        facts |= {"with_python3_other": ""}
    return facts


def base_macros(files: Sequence[Path] = ()) -> frozenset[str]:
    """Return which of the stacks' macros the base distribution defines.

    Args:
        files: its macro files; this machine's RPM is asked when there are none.

    Raises:
        MacroError: this machine has the stacks' own macros, so it can't tell what the base has.
    """
    wanted = (*macro_names(DEFAULT_NAMES), *SHARED_NAMES)
    if files:
        known = {name for path in files for name in macro_names_in(path.read_text("utf-8"))}
        return frozenset(known & set(wanted))
    if shutil.which("rpm") is None:
        return frozenset()
    own, *found = evaluate([f"%{{?{name}:1}}" for name in (OWN_MARK, *wanted)])
    if own:
        raise MacroError(
            "this machine's RPM reads the stacks' own macros: what the base has cannot be told",
            "rpm --eval",
            "name the base's macro files with --base FILE, or --no-base",
        )
    return frozenset(name for name, has in zip(wanted, found, strict=True) if has)


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
