"""The release calendar: one row a series, phases as tinted bars, releases as marks (PEP 605, 1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from elpython.schedule.figures.style import (
    BAR_INK,
    INK,
    LINE,
    LOOKS,
    MARKS,
    date_axis,
    new_figure,
    number,
    tint,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from elpython.schedule.expand import Release, Series, Span
    from elpython.schedule.timeline import Timeline

__all__ = ["calendar_figure"]

WIDTH = 13.0  # inches
ROW = 1.28
PLOT = 11.9  # inches that the days have, about: what labels are spread by
LEVELS = (0.48, 0.64, 0.80, 0.96)  # where in a row marks stand, from its top
FLAT = 0.38  # height of a row without releases between the days
NAME = 0.19  # where in a row its name and those of its phases stand
SHORT = {"development": "dev", "prerelease": "pre", "candidate": "RC", "bugfix": "fixes",
         "extended": "ext", "security": "sec"}  # fmt: skip
LETTER = 0.075  # inches that a letter of a mark's label takes
NAME_LETTER = 0.082


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A series' place: flat where it has no release between the days."""

    series: Series
    top: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a mark stands, in the axes' units."""

    day: float
    height: float


def calendar_figure(timeline: Timeline) -> Figure:
    """Draw the calendar of one model between the timeline's days."""
    rows = _rows(timeline)
    bottom = rows[-1].top + rows[-1].height
    figure = new_figure(WIDTH, 1.7 + ROW * bottom)
    axes = figure.add_subplot()
    date_axis(axes, timeline.start, timeline.end)
    axes.set_ylim(bottom, -0.05)
    axes.set_yticks([])
    seen: set[str] = set()
    marks: set[str] = set()
    for row in rows:
        axes.text(
            number(timeline.start), row.top + NAME, f"{row.series.name}  ", ha="right",
            va="center", fontsize=12, fontweight="bold", color=INK,
        )  # fmt: skip
        for span in row.series.spans:
            if span.start <= timeline.end and span.end > timeline.start and span.end > span.start:
                _bar(axes, timeline, row, span)
                seen.add(span.kind)
        marks |= _marks(axes, timeline, row)
    axes.set_title(timeline.model.title, loc="left", fontsize=12, fontweight="bold", color=INK,
                   pad=8)  # fmt: skip
    _legend(figure, timeline, seen, marks)
    return figure


def _rows(timeline: Timeline) -> list[Row]:
    found: list[Row] = []
    for one in timeline.series:
        if not (one.spans or one.releases):
            continue
        busy = one.spans and any(
            timeline.start <= release.date <= timeline.end for release in one.releases
        )
        top = found[-1].top + found[-1].height if found else 0.0
        found.append(Row(series=one, top=top, height=1 if busy else FLAT))
    return found


def _inches(timeline: Timeline, days: float) -> float:
    return days / max((timeline.end - timeline.start).days, 1) * PLOT


def _bar(axes: Axes, timeline: Timeline, row: Row, span: Span) -> None:
    """Draw a phase and write its name into it where it fits."""
    look = LOOKS[span.kind]
    start, end = max(span.start, timeline.start), min(span.end, timeline.end)
    width = (end - start).days
    axes.barh(
        row.top + row.height / 2, width, left=number(start), height=row.height - 0.06,
        color=tint(look.colour, look.strength), hatch=look.hatch,
        edgecolor=tint(look.colour, 0.8), linewidth=0.5,
    )  # fmt: skip
    last = span.end - timedelta(days=1)
    until = f" to {last:%Y-%m}" if last > timeline.end else ""
    for told in (f"{span.phase}{until}", span.phase, SHORT[span.kind]):
        if len(told) * NAME_LETTER < _inches(timeline, width):
            axes.text(
                number(start) + width / 2, row.top + NAME, told, ha="center", va="center",
                fontsize=9, color=BAR_INK,
            )  # fmt: skip
            return


def _marks(axes: Axes, timeline: Timeline, row: Row) -> set[str]:
    """Draw a series' releases, staggered so that their labels stay apart; return the kinds."""
    one = row.series
    levels = LEVELS if row.height == 1 else (NAME + 0.06,)
    taken = [float("-inf")] * len(levels)
    edge = min(one.end_of_life, timeline.end) if one.spans else timeline.end
    right = _inches(timeline, (edge - timeline.start).days)
    found: set[str] = set()
    level = -1
    for release in one.releases:
        if not timeline.start <= release.date <= timeline.end:
            continue
        found.add(release.label if release.label in MARKS else "final")
        place = _inches(timeline, (release.date - timeline.start).days)
        told = _told(release)
        length = 0.10 + len(told) * LETTER
        level = (level + 1) % len(levels)
        turns = [(level + offset) % len(levels) for offset in range(len(levels))]
        free = [entry for entry in turns if taken[entry] < place - 0.06]
        level = free[0] if free else level
        backward = place + length > right and taken[level] < place - length
        spot = Spot(day=number(release.date), height=row.top + levels[level] - 0.06)
        _mark(axes, release, spot, BAR_INK if one.spans else INK)
        if free:
            taken[level] = place + (0.0 if backward else length)
            _label(axes, release, spot, told, backward=backward)
    return found


def _mark(axes: Axes, release: Release, spot: Spot, ink: str) -> None:
    mark = MARKS.get(release.label, MARKS["final" if release.serial else "b"])
    line = mark.shape == "|"
    axes.plot(
        spot.day, spot.height, marker=mark.shape, markersize=mark.size,
        color=ink if mark.colour == INK else mark.colour,
        markeredgecolor=mark.colour if line else ink, markeredgewidth=2.2 if line else 0.5,
        linestyle="none", zorder=4,
    )  # fmt: skip


def _label(axes: Axes, release: Release, spot: Spot, told: str, *, backward: bool) -> None:
    strong = release.label in {"a", "final"}
    axes.annotate(
        told, (spot.day, spot.height), xytext=(-6 if backward else 6, 0),
        textcoords="offset points", ha="right" if backward else "left", va="center",
        fontsize=7.5, color=INK if release.version.endswith(".x") else BAR_INK,
        fontweight="bold" if strong else "normal", zorder=5,
    )  # fmt: skip


def _told(release: Release) -> str:
    """Return the short name of a release: `b2`, `rc1`, `3.9.1`."""
    short = f"{release.label}{release.serial}"
    return short if release.version.endswith(f".0{short}") else release.version


def _legend(figure: Figure, timeline: Timeline, seen: set[str], marks: set[str]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(
            facecolor=tint(look.colour, look.strength), edgecolor=tint(look.colour, 0.8),
            hatch=look.hatch, label=look.told,
        )
        for kind, look in LOOKS.items()
        if kind in seen
    ]  # fmt: skip
    rolling = any(phase.break_label for phase in timeline.model.phases)
    told = {"a": "alpha: breaks the ABI", "b": "beta: binary compatible"} if rolling else {}
    handles += [
        Line2D(
            [], [], linestyle="none", marker=mark.shape, markersize=mark.size, color=mark.colour,
            markeredgecolor=INK if mark.shape != "|" else mark.colour,
            markeredgewidth=0.5 if mark.shape != "|" else 2.2, label=told.get(label, mark.told),
        )
        for label, mark in MARKS.items()
        if label in marks
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="outside lower center", ncols=5, fontsize=8.5, frameon=False,
        labelcolor=INK, edgecolor=LINE,
    )  # fmt: skip
