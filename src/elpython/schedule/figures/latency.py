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


def latency_figure(curves: Mapping[tuple[str, str], Latency], start: date, end: date) -> Figure:
    """Draw one line a model and audience; a band shows 90 % of the runs where releases slip."""
    figure = new_figure(11.0, 5.4)
    axes = figure.add_subplot()
    date_axis(axes, start, end)
    highest = 0.0
    for position, ((model, audience), curve) in enumerate(curves.items()):
        days = [
            number(start + timedelta(days=step * curve.step)) for step in range(len(curve.days))
        ]
        colour = CHART_COLOURS[position % len(CHART_COLOURS)]
        if colour.lower() == "#f0e442":  # yellow lines do not show on white paper
            colour = INK
        axes.plot(
            days, curve.days / MONTH, color=colour, linestyle=STYLES[position % len(STYLES)],
            linewidth=1.9, label=f"{model}, {audience}: {curve.mean / MONTH:.1f} months on average",
        )  # fmt: skip
        axes.fill_between(
            days, curve.low / MONTH, curve.high / MONTH, color=colour, alpha=0.15, linewidth=0
        )
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
