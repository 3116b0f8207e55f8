"""The status page: one static HTML file, written anew while the run goes on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.html import environment
from elpython.core.store import write_atomic
from elpython.mass_rebuild.charts import STATE_COLOURS, counts_over_time, level_chart
from elpython.mass_rebuild.graph import graph_of, ranks
from elpython.mass_rebuild.journal import Event, RebuildJournal
from elpython.mass_rebuild.plan import jobs_of, load
from elpython.mass_rebuild.report import RebuildReport, make_report

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from elpython.mass_rebuild.journal import Attempt
    from elpython.mass_rebuild.model import RebuildPlan

__all__ = ["render", "timeline", "write_page"]

_POINTS = 240
_LOOKS = {
    "built": "good",
    "prebuilt": "noted",
    "building": "running",
    "waiting": "unknown",
    "blocked": "unknown",
    "check failed": "bad",
    "failed": "bad",
}
_STACKED = ("built", "failed", "building", "waiting")


def timeline(attempts: Sequence[Attempt], packages: int) -> list[tuple[float, dict[str, int]]]:
    """Return the counts of waiting, building, built and failed packages over time.

    Pauses between runs (the folder was resumed later) are cut out.
    """
    events: list[tuple[float, int, str, str]] = []
    for attempt in attempts:
        if attempt.kind != "build" or attempt.stack != "main":
            continue
        events.append((attempt.started, 1, attempt.job, "building"))
        if attempt.ended:
            state = {"built": "built", "running": "building"}.get(attempt.status, "failed")
            again = attempt.status in {"interrupted", "lost"}
            events.append((attempt.ended, 0, attempt.job, "waiting" if again else state))
    events.sort()
    if not events:
        return [(0.0, {"waiting": packages})]
    states: dict[str, str] = {}
    counts = {"waiting": packages, "building": 0, "built": 0, "failed": 0}
    start, cut, last = events[0][0], 0.0, events[0][0]
    found: list[tuple[float, dict[str, int]]] = [(0.0, dict(counts))]
    for when, _, job, state in events:
        if not counts["building"] and when - last > 1:
            cut += when - last
        counts[states.get(job, "waiting")] -= 1
        counts[state] += 1
        states[job] = state
        last = when
        found.append((max(0.0, when - start - cut), dict(counts)))
    if len(found) > _POINTS:
        step = len(found) / _POINTS
        found = [found[int(i * step)] for i in range(_POINTS)] + [found[-1]]
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What the page shows beside the report.

    Attributes:
        remaining: expected seconds until the end; None when nothing is known of the workers.
        workers: those that are there, and those that were lost.
    """

    remaining: float | None = None
    workers: tuple[dict[str, Any], ...] = ()
    there: int = 0
    most: int = 0
    events: tuple[Event, ...] = ()


def remaining_seconds(plan: RebuildPlan, settled: Collection[str], slots: int) -> float:
    """Expect how long the rest takes: its critical path, or its work by the slots, if longer."""
    open_jobs = [job for job in jobs_of(plan) if job.package not in settled]
    keys = {job.key for job in open_jobs}
    graph = graph_of(
        {job.key: tuple(need for need in job.needs if need in keys) for job in open_jobs},
        {job.key: job.seconds for job in open_jobs},
    )
    return max(max(ranks(graph), default=0.0), sum(graph.seconds) / max(1, slots))


def _shown(folder: Path, report: RebuildReport) -> Shown:
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        noted: Any = journal.noted("workers") or {}
        events = journal.events()
    settled = {row.key for row in report.rows if row.state not in {"waiting", "building"}}
    there = int(noted.get("there", 0))
    plan = load(folder / "plan.json")
    return Shown(
        remaining=remaining_seconds(plan, settled, there) if there else None,
        workers=tuple(noted.get("members", ())),
        there=there,
        most=int(noted.get("most", 0)),
        events=tuple(events),
    )


def _clock(seconds: float) -> str:
    """Write a time of day (UTC)."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%H:%M:%S")


def _span(seconds: float) -> str:
    """Write a duration: `45 s`, `12 min`, `3 h 5 min`."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def render(
    report: RebuildReport, attempts: Sequence[Attempt], *, running: bool, shown: Shown | None = None
) -> str:
    """Return the page as text."""
    page = environment("elpython.mass_rebuild").get_template("status.html.j2")
    written = dt.datetime.fromtimestamp(report.written, dt.UTC)
    states = [state for state in STATE_COLOURS if report.counts.get(state)]
    return page.render(
        report=report,
        running=running,
        shown=shown or Shown(),
        clock=_clock,
        span=_span,
        written_at=round(report.written),
        written=written.strftime("%Y-%m-%d %H:%M:%S UTC"),
        looks=_LOOKS,
        states=states,
        colours=STATE_COLOURS,
        level_chart=level_chart([(row.level, row.state) for row in report.rows]),
        time_chart=counts_over_time(timeline(attempts, report.packages), _STACKED),
        done=report.packages - report.counts.get("waiting", 0) - report.counts.get("building", 0),
    )


def write_page(folder: Path, *, running: bool) -> Path:
    """Write `status.html` into a rebuild's folder."""
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        attempts = journal.attempts()
    report = make_report(folder)
    text = render(report, attempts, running=running, shown=_shown(folder, report))
    write_atomic(folder / "status.html", text.encode())
    return folder / "status.html"
