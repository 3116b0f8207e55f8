"""A comparison as a web page: the numbers, the figures and what they mean, in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.schedule.dates import Duration, add
from elpython.schedule.timeline import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.schedule.measures import Comparison
    from elpython.schedule.model import Model

__all__ = ["page"]

SHOWN = Duration(months=48)  # a calendar of more would be crowded
WAITS = Duration(months=72)
LONG = Duration(months=144)


def page(models: Sequence[Model], comparison: Comparison) -> str:
    """Return the page of a comparison, figures inline, readable without any other file."""
    from elpython.core.html import environment
    from elpython.schedule.figures import svg_text
    from elpython.schedule.figures.calendar import calendar_figure
    from elpython.schedule.figures.latency import latency_figure
    from elpython.schedule.figures.matrix import matrix_figure
    from elpython.schedule.freezes import ages, models_from

    question = comparison.question
    start, end = question.start, question.end
    short, long = min(end, add(start, SHOWN)), min(end, add(start, LONG))
    columns = [(model, lay_out(model, start, short)) for model in models]
    freezes = ages(models, models_from(), question.start)
    template = environment(__package__ or "elpython.schedule").get_template("comparison.html.j2")
    return template.render(
        question=question,
        models=models,
        rows=comparison.rows,
        calendars=[
            (model, timeline, svg_text(calendar_figure(timeline))) for model, timeline in columns
        ],
        matrix=svg_text(matrix_figure([lay_out(model, start, long) for model in models])),
        latency=svg_text(latency_figure(comparison.curves, start, min(end, add(start, WAITS)))),
        freezes=freezes,
        best={
            "latency_mean": min(row.latency_mean for row in comparison.rows),
            "rebuilds_a_year": min(row.rebuilds_a_year for row in comparison.rows),
            "tested": min(row.tested.mean for row in comparison.rows),
        },
    )
