"""What the figures share: ink, ground, the look of phases and releases, dates on the axis.

Every phase has a tint and every release a shape, and both are written out as well: a figure is
read without colours too. The colours are those of all charts (`elpython.core.html`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from elpython.core.html import CHART_COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BAR_INK",
    "CHART_COLOURS",
    "GROUND",
    "INK",
    "LINE",
    "LOOKS",
    "MARKS",
    "YELLOW",
    "Look",
    "Mark",
    "date_axis",
    "new_figure",
    "number",
    "tint",
]

INK, GROUND, LINE = "#1b2430", "#fefefe", "#9aa4b1"
BAR_INK = "#10161e"  # on the tints of the bars, whatever the page's theme
BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY = CHART_COLOURS
FONT = "DejaVu Sans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a phase is drawn: its name in the legend, colour, strength of the tint, hatching."""

    told: str
    colour: str
    strength: float
    hatch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a release is drawn: its name in the legend, colour, shape and size."""

    told: str
    colour: str
    shape: str
    size: float


LOOKS = {
    "development": Look(told="in development, no releases", colour=GREY, strength=0.13),
    "prerelease": Look(told="pre-releases", colour=ORANGE, strength=0.45),
    "candidate": Look(told="release candidates", colour=YELLOW, strength=0.55),
    "bugfix": Look(told="bug fixes", colour=GREEN, strength=0.50),
    "extended": Look(told="bug fixes as the release manager sees fit", colour=GREEN,
                     strength=0.30, hatch="////"),
    "security": Look(told="security fixes", colour=SKY, strength=0.45),
}  # fmt: skip

MARKS = {
    "a": Mark(told="alpha", colour=RED, shape="^", size=8.5),
    "b": Mark(told="beta", colour=BLUE, shape="o", size=6.0),
    "rc": Mark(told="candidate", colour=PINK, shape="D", size=5.5),
    "final": Mark(told="first stable release", colour=INK, shape="s", size=7.5),
    "maintenance": Mark(told="maintenance release", colour="#00614a", shape="|", size=9.0),
}


def tint(colour: str, strength: float) -> tuple[float, float, float]:
    """Mix a colour with the ground, so that text on it stays readable."""
    from matplotlib.colors import to_rgb

    red, green, blue = (1 - strength + strength * part for part in to_rgb(colour))
    return red, green, blue


def number(day: date) -> float:
    """Return a day's place on a date axis."""
    return float(day.toordinal() - date(1970, 1, 1).toordinal())


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, in inches."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"font.family": FONT, "font.size": 9, "hatch.linewidth": 0.8})
    return Figure(figsize=(width, height), facecolor=GROUND, layout="constrained")


def date_axis(axes: Axes, start: date, end: date) -> None:
    """Put dates on the axis: months for up to four years, else years."""
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator

    months = (end - start).days // 30
    axes.set_xlim(number(start), number(end))
    if months <= 26:
        axes.xaxis.set_major_locator(MonthLocator(interval=1 if months <= 14 else 2))
        axes.xaxis.set_major_formatter(DateFormatter("%Y-%m"))
    elif months <= 60:
        axes.xaxis.set_major_locator(MonthLocator(bymonth=(1, 4, 7, 10)))
        axes.xaxis.set_major_formatter(DateFormatter("%Y-%m"))
        axes.xaxis.set_minor_locator(MonthLocator())
    else:
        axes.xaxis.set_major_locator(YearLocator(1 if months <= 300 else 5))
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))
    turned = months <= 60
    axes.tick_params(axis="x", labelrotation=45 if turned else 0, labelsize=8, colors=INK)
    axes.grid(visible=True, axis="x", color=LINE, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    axes.set_facecolor(GROUND)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
