"""Latency curves: how long a feature merged on a day waits for production, by model."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from elpython.schedule.figures.style import CHART_COLOURS, INK, LINE, date_axis, new_figure, number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from matplotlib.figure import Figure

    from elpython.schedule.latency import Latency

__all__ = ["latency_figure"]

STYLES = ("-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (10, 3)))
MONTH = 30.44  # days
NOTHING = 0.001  # days: a change of direction smaller than this is not drawn


def latency_figure(curves: Mapping[tuple[str, str], Latency], start: date, end: date) -> Figure:
    """Draw one line a model and audience; a band shows 90 % of the runs where releases slip."""
    figure = new_figure(11.0, 5.4)
    axes = figure.add_subplot()
    date_axis(axes, start, end)
    highest = 0.0
    for position, ((model, audience), curve) in enumerate(curves.items()):
        kept = _corners(curve)
        days = [number(start + timedelta(days=step * curve.step)) for step in kept]
        colour = CHART_COLOURS[position % len(CHART_COLOURS)]
        if colour.lower() == "#f0e442":  # yellow lines do not show on white paper
            colour = INK
        axes.plot(
            days, curve.days[kept] / MONTH, color=colour, linestyle=STYLES[position % len(STYLES)],
            linewidth=1.9, label=f"{model}, {audience}: {curve.mean / MONTH:.1f} months on average",
        )  # fmt: skip
        if (curve.low < curve.high).any():
            axes.fill_between(
                days, curve.low[kept] / MONTH, curve.high[kept] / MONTH, color=colour, alpha=0.15,
                linewidth=0,
            )  # fmt: skip
        highest = max(highest, float(curve.high.max()) / MONTH)
    axes.set_ylim(0, highest * 1.05)
    axes.set_ylabel("months until a release suited for production", color=INK)
    axes.set_xlabel("merged on", color=INK)
    axes.tick_params(axis="y", colors=INK)
    axes.grid(visible=True, axis="y", color=LINE, linewidth=0.5, alpha=0.6)
    axes.set_title(
        "How long a feature waits", loc="left", fontsize=12, fontweight="bold", color=INK
    )
    figure.legend(
        loc="outside lower center", ncols=2, fontsize=8.5, frameon=False, labelcolor=INK,
        handlelength=4.5,
    )  # fmt: skip
    return figure


def _corners(curve: Latency) -> list[int]:
    """Return the places at which a curve or its band changes direction, the ends included."""
    import numpy as np

    last = len(curve.days) - 1
    turns = np.zeros(last + 1, dtype=bool)
    for line in (curve.days, curve.low, curve.high):
        turns[1:-1] |= np.abs(np.diff(line, 2)) > NOTHING
    turns[[0, last]] = True
    return [int(place) for place in np.flatnonzero(turns)]
