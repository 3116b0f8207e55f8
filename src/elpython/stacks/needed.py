"""What still needs a stack: looked up in built packages and in prefixes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.prefix import Prefix
from elpython.stacks.rpmtool import package_facts

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.stacks.state import Stack

__all__ = ["needed_by_packages", "needed_in_prefix"]


def needed_by_packages(folder: Path, stack: Stack) -> list[str]:
    """Give the packages of a folder that need a stack and do not belong to it.

    A package needs it by `python(abi) = 3.11`, its interpreter, one of its packages or one of its
    distributions; the stack's own packages (`python311-foo`) may.

    Args:
        folder: holds RPM packages, at any depth.
        stack: the stack.
    """
    version = re.escape(stack.version)
    needs = re.compile(
        rf"python\(abi\) = {version}|\S*/bin/python{version}|python{version}dist\(.*"
        rf"|python{re.escape(stack.pkgversion)}(?:[- ].*)?"
    )
    own = f"python{stack.pkgversion}"
    found = []
    for path in sorted(folder.rglob("*.rpm")):
        if path.name.endswith(".src.rpm"):
            continue
        facts = package_facts(path)
        if facts.name == own or facts.name.startswith(f"{own}-"):
            continue
        if any(map(needs.fullmatch, facts.requires)) or any(
            f"/python{stack.version}/" in file for file in facts.files
        ):
            found.append(facts.name)
    return sorted(set(found))


def needed_in_prefix(prefix: Path, stack: Stack) -> list[str]:
    """Give the distributions of a prefix with programs that no other stack has."""
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
