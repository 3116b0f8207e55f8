"""What still needs a stack: looked up in built packages and in prefixes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.prefix import Prefix
from elpython.stacks.rpmtool import package_facts

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.stacks.rpmtool import Built
    from elpython.stacks.state import Stack

__all__ = ["needed_by_packages", "needed_in_prefix", "own_package", "stack_needs"]


def own_package(name: str, stack: Stack) -> bool:
    """Say whether a package belongs to a stack: `python311`, `python311-foo`, `foo-python311`."""
    own = f"python{stack.pkgversion}"
    return name == own or name.startswith(f"{own}-") or name.endswith(f"-{own}")


def stack_needs(facts: Built, stack: Stack) -> tuple[str, ...]:
    """Return by which requirements and files a package needs a stack.

    A package needs it by `python(abi) = 3.11`, its interpreter, one of its packages or one of its
    distributions.
    """
    version = re.escape(stack.version)
    needs = re.compile(
        rf"python\(abi\) = {version}|\S*/bin/python{version}|python{version}dist\(.*"
        rf"|python{re.escape(stack.pkgversion)}(?:[- ].*)?"
    )
    return tuple(
        [text for text in facts.requires if needs.fullmatch(text)]
        + [file for file in facts.files if f"/python{stack.version}/" in file][:3]
    )


def needed_by_packages(folder: Path, stack: Stack) -> list[str]:
    """Return the packages of a folder that need a stack and do not belong to it.

    Args:
        folder: holds RPM packages, at any depth.
        stack: the stack.
    """
    found = []
    for path in sorted(folder.rglob("*.rpm")):
        if path.name.endswith(".src.rpm"):
            continue
        facts = package_facts(path)
        if not own_package(facts.name, stack) and stack_needs(facts, stack):
            found.append(facts.name)
    return sorted(set(found))


def needed_in_prefix(prefix: Path, stack: Stack) -> list[str]:
    """Return the distributions of a prefix with programs that no other stack has."""
    here = Prefix(prefix).current()
    if here is None or stack.version not in here.stacks:
        return []
    others = {
        name
        for version in here.stacks
        if version != stack.version
        for name in here.program_owners(version).values()
    }
    return sorted(set(here.program_owners(stack.version).values()) - others)
