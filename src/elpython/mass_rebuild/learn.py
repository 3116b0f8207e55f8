"""What a job turns out to need while the plan runs: from its backend, its spec file, its failure.

Each of them becomes an edge of the running graph when the plan builds what is needed; the job waits
for it and is tried again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from elpython.mass_rebuild.model import Package, RebuildPlan

__all__ = ["givers", "missing_from_plan", "run_closure", "wanted_wheels"]

_CAPABILITY = re.compile(r"^(?:\(\s*)?([^\s<>=]+)")


def givers(packages: Iterable[Package]) -> dict[str, str]:
    """Return the key of the package that gives each capability (RPM)."""
    found: dict[str, str] = {}
    for package in packages:
        for capability in package.gives:
            found.setdefault(capability, package.key)
    return found


def given(wants: Iterable[str], known: Mapping[str, str], own: str) -> list[str]:
    """Return the keys of the packages that give what is wanted; the others the machine has."""
    found = []
    for text in wants:
        match = _CAPABILITY.match(text)
        key = known.get(match[1]) if match else None
        if key is not None and key != own:
            found.append(key)
    return list(dict.fromkeys(found))


def wanted_wheels(
    plan: RebuildPlan, packages: Mapping[str, Package], wants: Iterable[str]
) -> list[str]:
    """Return the keys of packages that fulfil requirements, with all that these need to run.

    Empty when the plan has nothing that fits one of them.
    """
    wanted: list[str] = []
    for text in wants:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return []
        fitting = [
            package.key
            for package in packages.values()
            if package.name == canonicalize_name(requirement.name)
            and requirement.specifier.contains(package.version, prereleases=True)
        ]
        if not fitting:
            return []
        wanted += [max(fitting), *run_closure(plan, max(fitting))]
    return wanted


def missing_from_plan(
    plan: RebuildPlan, packages: Mapping[str, Package], known: Mapping[str, str], name: str
) -> list[str]:
    """Return the keys of what the plan builds under the name of a module that a build missed."""
    top = canonicalize_name(name.split(".", maxsplit=1)[0])
    if not top:
        return []
    if plan.backend == "rpm":
        key = known.get(f"python{plan.interpreter.short}dist({top})")
        return [key] if key is not None else []
    fitting = [item.key for item in packages.values() if item.name == top and not item.problem]
    return [max(fitting), *run_closure(plan, max(fitting))] if fitting else []


def run_closure(plan: RebuildPlan, key: str) -> Iterator[str]:
    """Yield the keys of everything that a package needs to run."""
    seen, todo = {key}, [key]
    while todo:
        current = todo.pop()
        for edge in plan.edges:
            if edge.kind == "install" and edge.source == current and edge.target not in seen:
                seen.add(edge.target)
                todo.append(edge.target)
                yield edge.target
