"""The overlapping support matrix: which series live side by side under each model (PEP 605, 2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from elpython.schedule.figures.style import (
    INK,
    LINE,
    LOOKS,
    YELLOW,
    date_axis,
    new_figure,
    number,
    tint,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from elpython.schedule.expand import Series
    from elpython.schedule.timeline import Timeline

__all__ = ["busiest", "matrix_figure"]

WIDTH = 11.0
ROW = 0.26
SUPPORT = ("bugfix", "extended", "security")
DOTS = {"prerelease": "...."}  # apart from support in grey print too


def matrix_figure(timelines: Sequence[Timeline]) -> Figure:
    """Draw one panel a model, all over the same days, with the fullest time marked."""
    rows = [[one for one in timeline.series if _shown(timeline, one)] for timeline in timelines]
    heights = [ROW * len(row) + 0.75 for row in rows]
    figure = new_figure(WIDTH, sum(heights) + 1.0)
    panels = figure.subplots(len(timelines), 1, squeeze=False, height_ratios=heights)
    seen: set[str] = set()
    for axes, timeline, row in zip(panels[:, 0], timelines, rows, strict=True):
        seen |= _panel(axes, timeline, row)
    _legend(figure, seen)
    return figure


def _kinds(timeline: Timeline) -> tuple[str, ...]:
    return (*SUPPORT, "prerelease") if _rolling(timeline) else SUPPORT


def _shown(timeline: Timeline, one: Series) -> bool:
    """Return whether a series has anything to draw between the timeline's days."""
    return any(
        span.kind in _kinds(timeline) and span.start < timeline.end and span.end > timeline.start
        for span in one.spans
    )


def _panel(axes: Axes, timeline: Timeline, rows: Sequence[Series]) -> set[str]:
    date_axis(axes, timeline.start, timeline.end)
    axes.set_ylim(len(rows), -0.2)
    kinds = _kinds(timeline)
    seen: set[str] = set()
    for row, one in enumerate(rows):
        for span in one.spans:
            start, end = max(span.start, timeline.start), min(span.end, timeline.end)
            if span.kind not in kinds or end <= start:
                continue
            look = LOOKS[span.kind]
            seen.add(span.kind)
            axes.barh(
                row + 0.5, (end - start).days, left=number(start), height=0.72,
                color=tint(look.colour, min(look.strength + 0.25, 1)),
                hatch=DOTS.get(span.kind, look.hatch),
                edgecolor=tint(look.colour, 1.0), linewidth=0.6,
            )  # fmt: skip
    axes.set_yticks(
        [row + 0.5 for row in range(len(rows))], [one.name for one in rows], fontsize=8, color=INK
    )
    axes.tick_params(axis="y", length=0)
    count, start, end = busiest(timeline)
    axes.axvspan(number(start), number(end), color=YELLOW, alpha=0.45, zorder=0, linewidth=0)
    told = f"{count} at once, as from {start} to {end}"
    axes.set_title(
        f"{timeline.model.title}: {told}", loc="left", fontsize=9.5, fontweight="bold", color=INK
    )
    return seen


def _rolling(timeline: Timeline) -> bool:
    """Return whether pre-releases of the model are meant for production by someone."""
    labels = {label for phase in timeline.model.phases for label in phase.labels}
    return any(set(audience.releases) & labels for audience in timeline.model.audiences)


def alive(timeline: Timeline, day: date) -> int:
    """Count the series to be tested on a day: in support, or as a rolling stream."""
    kinds = _kinds(timeline)
    return sum(
        any(span.start <= day < span.end and span.kind in kinds for span in one.spans)
        for one in timeline.series
    )


def busiest(timeline: Timeline) -> tuple[int, date, date]:
    """Return the greatest number of series alive at once, and the first and last day of it."""
    turns = {day for one in timeline.series for span in one.spans for day in (span.start, span.end)}
    inside = {day for day in turns if timeline.start < day <= timeline.end}
    days = sorted({timeline.start, *inside})
    counts = [alive(timeline, day) for day in days]
    most = max(counts)
    first = counts.index(most)
    after = next((day for day, count in zip(days[first:], counts[first:], strict=True)
                  if count != most), timeline.end + timedelta(days=1))  # fmt: skip
    return most, days[first], after - timedelta(days=1)


def _legend(figure: Figure, seen: set[str]) -> None:
    from matplotlib.patches import Patch

    told = {"prerelease": "rolling pre-releases"}
    handles: list[Any] = [
        Patch(
            facecolor=tint(look.colour, min(look.strength + 0.25, 1)),
            hatch=DOTS.get(kind, look.hatch),
            edgecolor=tint(look.colour, 1.0), label=told.get(kind, look.told),
        )
        for kind, look in LOOKS.items()
        if kind in seen
    ]  # fmt: skip
    handles.append(Patch(facecolor=tint(YELLOW, 0.45), label="most series at once"))
    figure.legend(
        handles=handles, loc="outside lower center", ncols=5, fontsize=8.5, frameon=False,
        labelcolor=INK, edgecolor=LINE,
    )  # fmt: skip
