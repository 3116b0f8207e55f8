"""A plan as a shell script for Koji or COPR: what is ready together is built together.

Only commands are made, nothing is run: who may build there, and into which tag, is not ours to
know. A level waits for the one before; Koji by the repository of the side tag, COPR by batches.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from elpython.mass_rebuild.errors import BadInputError
from elpython.mass_rebuild.graph import levels
from elpython.mass_rebuild.plan import graph_of_jobs, jobs_of

if TYPE_CHECKING:
    from elpython.mass_rebuild.model import Package, RebuildPlan

__all__ = ["script"]


def script(plan: RebuildPlan, system: str, target: str, sources: str) -> str:
    """Return the script.

    Args:
        plan: of spec files or source RPMs.
        system: `koji` or `copr`.
        target: Koji's build target, or COPR's project.
        sources: folder of the source RPMs, as the script sees it.

    Raises:
        BadInputError: the plan is of wheels.
    """
    if plan.backend != "rpm":
        raise BadInputError("is a plan of wheels: these systems build RPMs", where=plan.title)
    jobs = [job for job in jobs_of(plan) if job.kind == "build"]
    graph = graph_of_jobs(jobs)
    known = plan.by_key()
    stages: dict[int, list[Package]] = {}
    for job, level in zip(jobs, levels(graph), strict=True):
        stages.setdefault(level, []).append(known[job.package])
    write = _koji if system == "koji" else _copr
    lines = ["#!/bin/sh -eu", f"# {plan.title}: {len(jobs)} packages in {len(stages)} stages"]
    for number, level in enumerate(sorted(stages), 1):
        buildable = [package for package in stages[level] if not package.problem]
        lines += [f"# stage {number}"]
        lines += [f"# left out: {x.key}: {x.problem}" for x in stages[level] if x.problem]
        lines += write(buildable, target, sources, number)
    return "\n".join(lines) + "\n"


def _archive(package: Package, sources: str) -> str:
    version = re.sub(r"^\d+:", "", package.version)
    return shlex.quote(f"{sources.rstrip('/')}/{package.name}-{version}.src.rpm")


def _koji(packages: list[Package], target: str, sources: str, _number: int) -> list[str]:
    where = shlex.quote(target)
    lines = [f"koji build --background {where} {_archive(item, sources)} &" for item in packages]
    names = [f"--build={item.name}-{re.sub(r'^[0-9]+:', '', item.version)}" for item in packages]
    waits = [f"koji wait-repo {where} {' '.join(names)}"] if names else []
    return [*lines, "wait", *waits] if packages else []


def _copr(packages: list[Package], target: str, sources: str, number: int) -> list[str]:
    if not packages:
        return []
    after = f" --after-build-id $stage{number - 1}" if number > 1 else ""
    asked = f"copr-cli build --nowait {shlex.quote(target)}"
    take = "sed -n 's/^Created builds: //p'"
    first, *others = packages
    lines = [f"stage{number}=$({asked}{after} {_archive(first, sources)} | {take})"]
    together = f" --with-build-id $stage{number}"
    lines += [f"{asked}{together} {_archive(item, sources)}" for item in others]
    return lines
