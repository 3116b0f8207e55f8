"""What a rebuild came to: counts, failures by root cause, and what unblocks most."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.mass_rebuild.control import read_verdicts
from elpython.mass_rebuild.graph import graph_of, levels
from elpython.mass_rebuild.journal import RebuildJournal
from elpython.mass_rebuild.plan import load
from elpython.mass_rebuild.triage import excerpt, rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from elpython.mass_rebuild.journal import Attempt
    from elpython.mass_rebuild.model import RebuildPlan

__all__ = ["Blockers", "Cause", "RebuildReport", "Row", "blockers", "make_report"]

_GROUP = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One package's line.

    Attributes:
        state: `built`, `prebuilt`, `check failed`, `failed`, `blocked`, `building` or `waiting`.
        blocks: how many packages of the plan wait on it, over all steps.
        blocked_by: the failed packages that it waits on.
        verdict: the control build's: `new only`, `both`, `not checked`; empty without failure.
    """

    key: str
    name: str
    version: str
    state: str
    requested: bool
    level: int
    seconds: float
    peak_mb: int
    failure: str
    cause: str
    verdict: str
    blocks: int
    blocked_by: tuple[str, ...]
    log: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One root cause, counted once.

    Attributes:
        packages: that fail by it.
        waiting: packages that cannot be built as long as it is there.
        excerpt: the lines of the first log that show it.
    """

    cause: str
    failure: str
    packages: tuple[str, ...]
    waiting: tuple[str, ...]
    verdicts: dict[str, int]
    excerpt: str
    log: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Blockers:
    """What unblocks most, in four lists.

    Attributes:
        most_needed: failed packages with how many wait on them, over all steps.
        last_single: failed packages that are the only thing in the way of others, with these.
        small_groups: two to four failed packages that together are the last thing in the way.
        loops: cycles among what is not built.
    """

    most_needed: tuple[tuple[str, int], ...]
    last_single: tuple[tuple[str, tuple[str, ...]], ...]
    small_groups: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    loops: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RebuildReport:
    """A rebuild's report.

    Attributes:
        counts: packages by state.
        share: built packages of all, 0 to 1.
        broken_before: failed packages that fail on the old stack too.
        seconds: wall time of all runs together, without the pauses between them.
        build_seconds: time of all builds added up.
    """

    title: str
    backend: str
    python: str
    control: str
    packages: int
    requested: int
    requested_built: int
    counts: dict[str, int]
    share: float
    classes: dict[str, int]
    broken_before: int
    causes: tuple[Cause, ...]
    blockers: Blockers
    rows: tuple[Row, ...]
    seconds: float
    build_seconds: float
    attempts: int
    contained: tuple[str, ...]
    written: float


def blockers(
    needs: Mapping[str, Iterable[str]],
    failed: Iterable[str],
    loops: Iterable[tuple[str, ...]] = (),
) -> Blockers:
    """Return the lists of what unblocks most.

    Args:
        needs: package to the packages that must be built before it.
        failed: packages that failed by themselves.
        loops: cycles that could not be broken.
    """
    roots = roots_of(needs, failed)
    waiting: dict[str, set[str]] = {key: set() for key in failed}
    groups: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for key, blocking in roots.items():
        for root in blocking:
            waiting[root].add(key)
        if blocking:
            groups[tuple(sorted(blocking))].add(key)

    def by_size(item: tuple[object, set[str]]) -> tuple[int, str]:
        return (-len(item[1]), str(item[0]))

    ordered = sorted(groups.items(), key=by_size)
    return Blockers(
        most_needed=tuple(
            (key, len(found)) for key, found in sorted(waiting.items(), key=by_size) if found
        ),
        last_single=tuple(
            (group[0], tuple(sorted(found))) for group, found in ordered if len(group) == 1
        ),
        small_groups=tuple(
            (group, tuple(sorted(found))) for group, found in ordered if 1 < len(group) <= _GROUP
        ),
        loops=tuple(loops),
    )


def roots_of(
    needs: Mapping[str, Iterable[str]], failed: Iterable[str]
) -> dict[str, frozenset[str]]:
    """Give, for each package that did not fail itself, the failed ones that it waits on."""
    bad = set(failed)
    dependents: dict[str, list[str]] = defaultdict(list)
    for key, wanted in needs.items():
        for need in wanted:
            dependents[need].append(key)
    found: dict[str, set[str]] = {key: set() for key in needs}
    for root in bad:
        seen, todo = {root}, [root]
        while todo:
            for waiting in dependents[todo.pop()]:
                if waiting not in seen:
                    seen.add(waiting)
                    found[waiting].add(root)
                    todo.append(waiting)
    return {key: frozenset(roots) for key, roots in found.items()}


def build_needs(plan: RebuildPlan) -> dict[str, list[str]]:
    """Return what each package's build waits for."""
    known = plan.by_key()
    found: dict[str, list[str]] = {key: [] for key in known}
    for edge in plan.edges:
        if edge.kind != "install" and edge.source in known and edge.target in known:
            found[edge.source].append(edge.target)
    return found


def _state(build: Attempt | None, check: Attempt | None, roots: frozenset[str]) -> str:
    if build is None:
        return "blocked" if roots else "waiting"
    if build.status == "running":
        return "building"
    if build.status == "interrupted" or (build.status == "needs" and not build.failure):
        return "waiting"
    if build.status != "built":
        return "failed"
    if check is not None and check.status in {"failed", "lost", "needs"}:
        return "check failed"
    return "prebuilt" if build.reason == "prebuilt" else "built"


def make_report(folder: Path) -> RebuildReport:
    """Make the report of a rebuild's folder, also while it runs.

    Raises:
        BadInputError, JournalError: there is no plan or no journal.
    """
    plan = load(folder / "plan.json")
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        attempts = journal.attempts()
    last = {attempt.job: attempt for attempt in attempts if attempt.stack == "main"}
    verdicts = read_verdicts(folder)
    needs = build_needs(plan)
    failed = [key for key in needs if _state(last.get(key), None, frozenset()) == "failed"]
    roots = roots_of(needs, failed)
    rows = _rows(plan, last, _really_built(attempts), needs, roots, verdicts)
    counts = Counter(row.state for row in rows)
    good = counts["built"] + counts["prebuilt"]
    loops = tuple(item.cycle for item in plan.breaks if item.rule == "unbreakable")
    main = [attempt for attempt in attempts if attempt.stack == "main"]
    asked = [row for row in rows if row.requested]
    return RebuildReport(
        title=plan.title,
        backend=plan.backend,
        python=plan.interpreter.version,
        control=_control_version(folder),
        packages=len(rows),
        requested=len(asked),
        requested_built=sum(row.state in {"built", "prebuilt"} for row in asked),
        counts=dict(sorted(counts.items())),
        share=round(good / len(rows), 4) if rows else 0.0,
        classes=dict(Counter(row.failure for row in rows if row.failure).most_common()),
        broken_before=sum(verdict == "both" for verdict in verdicts.values()),
        causes=_causes(folder, rows, roots),
        blockers=blockers(needs, failed, loops),
        rows=rows,
        seconds=round(_busy_seconds(main), 1),
        build_seconds=round(sum(a.seconds for a in main if a.reason != "reused"), 1),
        attempts=len(main),
        contained=tuple(sorted({a.contained for a in main if a.contained})),
        written=time.time(),
    )


def _control_version(folder: Path) -> str:
    path = folder / "control.json"
    return load(path).interpreter.version if path.is_file() else ""


def _busy_seconds(attempts: Iterable[Attempt]) -> float:
    """Add up the time in which at least one attempt was under way."""
    total, end = 0.0, 0.0
    for start, stop in sorted((a.queued, a.ended) for a in attempts if a.ended):
        total += max(0.0, stop - max(start, end))
        end = max(end, stop)
    return total


def _really_built(attempts: Iterable[Attempt]) -> dict[str, Attempt]:
    """Return the last attempt of each job in which it was built, not taken from an earlier one."""
    return {
        attempt.job: attempt
        for attempt in attempts
        if attempt.stack == "main" and attempt.status == "built" and attempt.reason != "reused"
    }


def _rows(
    plan: RebuildPlan,
    last: Mapping[str, Attempt],
    really: Mapping[str, Attempt],
    needs: Mapping[str, list[str]],
    roots: Mapping[str, frozenset[str]],
    verdicts: Mapping[str, str],
) -> tuple[Row, ...]:
    graph = graph_of(needs, plan.seconds)
    level = dict(zip(graph.names, levels(graph), strict=True))
    waits: Counter[str] = Counter()
    for blocking in roots.values():
        waits.update(blocking)
    found = []
    for package in plan.packages:
        key = package.key
        build, check = last.get(key), last.get(f"check {key}")
        state = _state(build, check, roots[key])
        if build is not None and build.reason == "reused":
            build = really.get(key, build)
        shown = check if state == "check failed" else build
        failing = state in {"failed", "check failed"} and shown is not None
        found.append(
            Row(
                key=key,
                name=package.name,
                version=package.version,
                state=state,
                requested=package.requested,
                level=level[key],
                seconds=round(build.seconds, 1) if build else 0.0,
                peak_mb=build.peak_mb if build else 0,
                failure=shown.failure if failing and shown else "",
                cause=shown.cause if failing and shown else "",
                verdict=verdicts.get(key, "not checked") if failing else "",
                blocks=waits[key],
                blocked_by=tuple(sorted(roots[key])) if state == "blocked" else (),
                log=shown.log if shown else "",
            )
        )
    return tuple(found)


def _causes(
    folder: Path, rows: Iterable[Row], roots: Mapping[str, frozenset[str]]
) -> tuple[Cause, ...]:
    by_cause: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.failure:
            by_cause[row.cause].append(row)
    found = []
    for cause, group in by_cause.items():
        bad = {row.key for row in group}
        waiting = sorted(key for key, blocking in roots.items() if blocking & bad)
        log = group[0].log
        path = folder / log
        text = path.read_text("utf-8", "replace") if log and path.is_file() else ""
        found.append(
            Cause(
                cause=cause,
                failure=group[0].failure,
                packages=tuple(sorted(bad)),
                waiting=tuple(waiting),
                verdicts=dict(Counter(row.verdict for row in group)),
                excerpt=excerpt(text, _rule_of(text, group[0].failure)),
                log=log,
            )
        )
    return tuple(
        sorted(found, key=lambda item: (-len(item.waiting), -len(item.packages), item.cause))
    )


def _rule_of(log: str, failure: str) -> str:
    for rule in rules():
        if rule.failure == failure and rule.pattern is not None and rule.pattern.search(log):
            return rule.name
    return ""
