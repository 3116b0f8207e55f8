"""Make a plan of packages and edges, keep it, and turn it into jobs and a graph."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.core.store import write_atomic
from elpython.core.strict_json import load_json
from elpython.mass_rebuild.bootstrap import untangle
from elpython.mass_rebuild.errors import BadInputError
from elpython.mass_rebuild.graph import (
    Graph,
    critical_path,
    graph_of,
    levels,
    widths,
)
from elpython.mass_rebuild.model import BOOTSTRAP, BuildJob, BuildOutcome, Package, RebuildPlan
from elpython.mass_rebuild.plain import from_plain, to_plain
from elpython.mass_rebuild.triage import classify

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


__all__ = [
    "Trouble",
    "describe",
    "finish",
    "graph_of_jobs",
    "guess_seconds",
    "jobs_of",
    "load",
    "save",
    "troubles",
]

_BASE_SECONDS = 4.0
_SECONDS_A_MEGABYTE = 12.0
_CHECK_SECONDS = 2.0
_WAITS_FOR = ("build", "test", "optional")


def guess_seconds(package: Package, earlier: Mapping[str, float]) -> float:
    """Expect a duration: from the last run of this version, of this name, else from its size."""
    for key in (package.key, package.name):
        if key in earlier:
            return earlier[key]
    return _BASE_SECONDS + _SECONDS_A_MEGABYTE * package.size / 1_000_000


def finish(draft: RebuildPlan, earlier: Mapping[str, float]) -> RebuildPlan:
    """Break a draft's cycles and give every package an expected duration.

    Args:
        draft: packages and edges as they were found.
        earlier: seconds of earlier runs, by package key and by name.
    """
    listed = sorted(draft.packages, key=lambda package: package.key)
    seconds = {package.key: guess_seconds(package, earlier) for package in listed}
    free = untangle(listed, draft.edges, seconds)
    for package in free.packages:
        seconds.setdefault(package.key, guess_seconds(package, earlier))
    return replace(
        draft, packages=free.packages, edges=free.edges, breaks=free.breaks, seconds=seconds
    )


def jobs_of(plan: RebuildPlan) -> list[BuildJob]:
    """Return the jobs: a build for each package, and a check for each requested wheel.

    A check needs its package's build and the builds of everything that it needs to run.
    """
    known = plan.by_key()
    needs: dict[str, set[str]] = {key: set() for key in known}
    install: dict[str, list[str]] = {key: [] for key in known}
    for edge in plan.edges:
        if edge.source not in known or edge.target not in known:
            continue
        if edge.kind in _WAITS_FOR:
            needs[edge.source].add(edge.target)
        elif edge.kind == "install":
            install[edge.source].append(edge.target)
    jobs = [
        BuildJob(
            key=key,
            kind="build",
            package=key,
            needs=tuple(sorted(needs[key])),
            seconds=plan.seconds.get(key, _BASE_SECONDS),
        )
        for key in known
    ]
    if plan.backend == "wheel" and plan.checks:
        jobs += [
            BuildJob(
                key=f"check {key}",
                kind="check",
                package=key,
                needs=tuple(sorted({key, *_closure(key, install)})),
                seconds=_CHECK_SECONDS,
            )
            for key, package in known.items()
            if package.requested and not package.bootstrap
        ]
    return jobs


def _closure(key: str, install: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(install[key])
    while todo:
        need = todo.pop()
        if need not in found:
            found.add(need)
            todo += install.get(need, [])
    return found


def graph_of_jobs(jobs: Iterable[BuildJob]) -> Graph:
    """Number the jobs; nodes stand in the order of the jobs."""
    listed = list(jobs)
    return graph_of(
        {job.key: job.needs for job in listed}, {job.key: job.seconds for job in listed}
    )


def save(plan: RebuildPlan, path: Path) -> None:
    """Write a plan, whole or not at all."""
    write_atomic(path, (json.dumps(to_plain(plan), indent=1) + "\n").encode())


def load(path: Path) -> RebuildPlan:
    """Read a plan.

    Raises:
        BadInputError: it is not there or no plan of ours.
    """
    try:
        return from_plain(RebuildPlan, load_json(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise BadInputError(
            "there is no plan", where=str(path), todo="make one: elpython mass-rebuild plan"
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInputError(f"is no plan: {error}", where=str(path)) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A package of a plan that cannot be built, and what it holds up.

    Attributes:
        key: the package.
        kind: `hook`, `resolve` or `source`, as in `Package.trouble`.
        failure: class of the failure, as after a build.
        problem: what is wrong.
        waits: keys of the packages that cannot be built without it.
    """

    key: str
    kind: str
    failure: str
    problem: str
    waits: tuple[str, ...]


def troubles(plan: RebuildPlan) -> tuple[Trouble, ...]:
    """Return what of a plan cannot be built, each with its class and what waits for it."""
    waiting: dict[str, set[str]] = {}
    for edge in plan.edges:
        if edge.kind in _WAITS_FOR:
            waiting.setdefault(edge.target, set()).add(edge.source)
    found = []
    for package in plan.packages:
        if not package.problem:
            continue
        seen: set[str] = set()
        todo = [package.key]
        while todo:
            for key in waiting.get(todo.pop(), set()) - seen - {package.key}:
                seen.add(key)
                todo.append(key)
        verdict = classify(problem_outcome(package), plan)
        found.append(
            Trouble(
                key=package.key,
                kind=package.trouble,
                failure=verdict.failure,
                problem=package.problem,
                waits=tuple(sorted(seen)),
            )
        )
    return tuple(found)


def problem_outcome(package: Package) -> BuildOutcome:
    """Return a package's problem as the outcome of its build, which is not tried."""
    return BuildOutcome(
        key=package.key,
        status="failed",
        reason="exit" if package.trouble == "hook" else "source",
        log="\n".join([*package.details, package.problem]),
    )


def describe(plan: RebuildPlan) -> dict[str, object]:
    """Return what `plan --json` prints: levels, critical path, expected duration, cycles, edges."""
    graph = graph_of_jobs(jobs_of(replace(plan, checks=False)))
    level = dict(zip(graph.names, levels(graph), strict=True))
    path, length = critical_path(graph)
    work = sum(graph.seconds)
    return {
        "title": plan.title,
        "backend": plan.backend,
        "python": plan.interpreter.version,
        "contained": plan.contained,
        "packages": [
            {
                "name": package.name,
                "version": package.version,
                "key": package.key,
                "stage": "bootstrap" if package.key.endswith(BOOTSTRAP) else "full",
                "level": level[package.key],
                "seconds": round(plan.seconds[package.key], 1),
                "requested": package.requested,
                "prebuilt": package.prebuilt,
                "backend": package.backend,
                "source": package.source.filename if package.source else None,
                "sha256": package.source.sha256 if package.source else None,
                "problem": package.problem,
            }
            for package in plan.packages
        ],
        "edges": [to_plain(edge) for edge in plan.edges],
        "troubles": [to_plain(item) for item in troubles(plan)],
        "cycles": [to_plain(item) for item in plan.breaks],
        "levels": widths(graph),
        "critical_path": [graph.names[node] for node in path],
        "seconds": {
            "critical_path": round(length, 1),
            "work": round(work, 1),
            "expected": {
                str(count): round(max(length, work / count), 1) for count in (1, 2, 4, 8, 32, 128)
            },
        },
    }
