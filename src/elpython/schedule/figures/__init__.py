"""Figures of release models: the calendar, the support matrix and the latency of features.

matplotlib is imported only when a figure is drawn. The same model, range and data give the same
SVG, byte for byte, with one version of matplotlib.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from elpython.schedule.errors import FigureError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from matplotlib.figure import Figure

    from elpython.schedule.model import Model
    from elpython.schedule.slips import Slips

__all__ = ["draw", "svg_text"]

SUFFIXES = {".svg": "svg", ".png": "png"}
LONGEST = 60  # years: more leaves no room for anything to be read


def draw(
    kind: str,
    models: Sequence[Model],
    days: tuple[date, date],
    outputs: Sequence[Path],
    *,
    breaks: Sequence[tuple[str, int]] = (),
    slips: Slips,
    inline: bool = False,
) -> None:
    """Draw a figure into files.

    Args:
        kind: `calendar`, `matrix` or `latency`.
        models: what is drawn; a calendar has one.
        days: first and last day.
        outputs: files that end in .svg or .png.
        breaks: (series, serial) of releases that a calendar marks as ABI breaks.
        slips: how releases slip, for the latency's band.
        inline: an SVG is made for being put into a page, whose colours it takes.

    Raises:
        FigureError: an unknown file type, or a range or number of models that cannot be drawn.
    """
    for output in outputs:
        if output.suffix not in SUFFIXES:
            raise FigureError("a figure's file ends in .svg or .png", str(output))
    if (days[1] - days[0]).days > LONGEST * 366:
        raise FigureError(f"more than {LONGEST} years do not fit a figure", todo="take a part")
    figure = _figure(kind, models, days, breaks, slips)
    from elpython.schedule.export import save

    for output in outputs:
        form = SUFFIXES[output.suffix]
        whole = svg_text(figure).encode("utf-8") if inline and form == "svg" else None
        save(output, whole or _written(figure, form))


def svg_text(figure: Figure) -> str:
    """Return a figure as SVG that takes the page's colours: text and ground follow its theme."""
    from elpython.schedule.figures.style import GROUND, INK

    text = _written(figure, "svg").decode("utf-8")
    text = text[text.index("<svg") :]
    return text.replace(INK, "currentColor").replace(GROUND, "var(--ground)")


def _figure(
    kind: str,
    models: Sequence[Model],
    days: tuple[date, date],
    breaks: Sequence[tuple[str, int]],
    slips: Slips,
) -> Figure:
    from elpython.schedule.timeline import lay_out, relabel

    if kind == "latency":
        from elpython.schedule.figures.latency import latency_figure
        from elpython.schedule.latency import all_of, latency

        curves = {
            (model.name, audience.name): latency(timeline, audience, days, slips)
            for model in models
            for timeline in [all_of(model, *days)]
            for audience in model.audiences
        }
        return latency_figure(curves, *days)
    timelines = [lay_out(model, *days) for model in models]
    if kind == "matrix":
        from elpython.schedule.figures.matrix import matrix_figure

        return matrix_figure(timelines)
    if len(timelines) != 1:
        raise FigureError("a calendar shows one model", todo="draw one for each")
    from elpython.schedule.figures.calendar import calendar_figure

    return calendar_figure(relabel(timelines[0], breaks) if breaks else timelines[0])


def _written(figure: Figure, form: str) -> bytes:
    """Return a figure's bytes, without dates or names of machines in them."""
    import matplotlib as mpl

    out = io.BytesIO()
    meta = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
    with mpl.rc_context({"svg.hashsalt": "elpython", "svg.fonttype": "path"}):
        figure.savefig(out, format=form, dpi=150, metadata=meta)
    return out.getvalue()
