"""The status page: one static HTML file, written anew while the run goes on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from elpython.core.html import environment
from elpython.core.store import write_atomic
from elpython.mass_rebuild.charts import STATE_COLOURS, counts_over_time, level_chart
from elpython.mass_rebuild.journal import Journal
from elpython.mass_rebuild.report import Report, make_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.mass_rebuild.journal import Attempt

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
    """Give the counts of waiting, building, built and failed packages over time.

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


def render(report: Report, attempts: Sequence[Attempt], *, running: bool) -> str:
    """Give the page as text."""
    page = environment("elpython.mass_rebuild").get_template("status.html.j2")
    written = dt.datetime.fromtimestamp(report.written, dt.UTC)
    states = [state for state in STATE_COLOURS if report.counts.get(state)]
    return page.render(
        report=report,
        running=running,
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
    with Journal.open(folder / "journal.sqlite") as journal:
        attempts = journal.attempts()
    text = render(make_report(folder), attempts, running=running)
    write_atomic(folder / "status.html", text.encode())
    return folder / "status.html"
