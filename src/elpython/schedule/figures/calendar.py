"""The release calendar: one row a series, phases as tinted bars, releases as marks (PEP 605, 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elpython.schedule.figures.style import (
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
BARE = 0.4  # height of a row without phases, of which only the last release is planned
SHORT = {"development": "dev", "prerelease": "pre", "candidate": "RC", "bugfix": "fixes",
         "extended": "ext", "security": "sec"}  # fmt: skip
LETTER = 0.075  # inches that a letter of a mark's label takes
NAME_LETTER = 0.082


def calendar_figure(timeline: Timeline) -> Figure:
    """Draw the calendar of one model between the timeline's days."""
    rows = [one for one in timeline.series if one.spans or one.releases]
    tops = [0.0]
    for one in rows:
        tops.append(tops[-1] + (1.0 if one.spans else BARE))
    figure = new_figure(WIDTH, 1.7 + ROW * tops[-1])
    axes = figure.add_subplot()
    date_axis(axes, timeline.start, timeline.end)
    axes.set_ylim(tops[-1], -0.05)
    axes.set_yticks([])
    seen: set[str] = set()
    marks: set[str] = set()
    for row, one in zip(tops, rows, strict=False):
        axes.text(
            number(timeline.start), row + 0.17, f"{one.name}  ", ha="right", va="center",
            fontsize=12, fontweight="bold", color=INK,
        )  # fmt: skip
        for span in one.spans:
            if span.start <= timeline.end and span.end > timeline.start and span.end > span.start:
                _bar(axes, timeline, row, span)
                seen.add(span.kind)
        marks |= _marks(axes, timeline, row, one)
    axes.set_title(
        timeline.model.title, loc="left", fontsize=12, fontweight="bold", color=INK, pad=8
    )
    _legend(figure, timeline, seen, marks)
    return figure


def _inches(timeline: Timeline, days: float) -> float:
    return days / max((timeline.end - timeline.start).days, 1) * PLOT


def _bar(axes: Axes, timeline: Timeline, row: float, span: Span) -> None:
    """Draw a phase and write its name into it where it fits."""
    look = LOOKS[span.kind]
    start, end = max(span.start, timeline.start), min(span.end, timeline.end)
    width = (end - start).days
    axes.barh(
        row + 0.5, width, left=number(start), height=0.94, color=tint(look.colour, look.strength),
        hatch=look.hatch, edgecolor=tint(look.colour, 0.8), linewidth=0.5,
    )  # fmt: skip
    until = f" to {span.end:%Y-%m}" if span.end > timeline.end else ""
    for told in (f"{span.phase}{until}", span.phase, SHORT[span.kind]):
        if len(told) * NAME_LETTER < _inches(timeline, width):
            axes.text(
                number(start) + width / 2, row + 0.17, told, ha="center", va="center",
                fontsize=9, color=INK,
            )  # fmt: skip
            return


def _marks(axes: Axes, timeline: Timeline, row: float, one: Series) -> set[str]:
    """Draw a series' releases, staggered so that their labels stay apart; give the kinds."""
    levels = LEVELS if one.spans else (0.23,)
    taken = [float("-inf")] * len(levels)
    found: set[str] = set()
    level = -1
    for release in one.releases:
        if not timeline.start <= release.date <= timeline.end:
            continue
        mark = MARKS.get(release.label, MARKS["final" if release.serial else "b"])
        found.add(release.label if release.label in MARKS else "final")
        place = _inches(timeline, (release.date - timeline.start).days)
        told = _told(release)
        level = (level + 1) % len(levels)
        free = [
            entry
            for offset in range(len(levels))
            if taken[entry := (level + offset) % len(levels)] < place - 0.06
        ]
        if free:
            level = free[0]
        day, height = number(release.date), row + levels[level] - 0.06
        axes.plot(
            day, height, marker=mark.shape, markersize=mark.size, color=mark.colour,
            markeredgecolor=INK if mark.shape != "|" else mark.colour, markeredgewidth=0.5 if
            mark.shape != "|" else 2.2, linestyle="none", zorder=4,
        )  # fmt: skip
        if not free:
            continue
        taken[level] = place + 0.10 + len(told) * LETTER
        strong = release.label in {"a", "final"}
        axes.annotate(
            told, (day, height), xytext=(6, 0), textcoords="offset points", ha="left",
            va="center", fontsize=7.5, color=INK, fontweight="bold" if strong else "normal",
            zorder=5,
        )  # fmt: skip
    return found


def _told(release: Release) -> str:
    """Give the short name of a release: `b2`, `rc1`, `3.9.1`."""
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
