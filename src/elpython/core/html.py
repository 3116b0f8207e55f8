"""The ground of every report: one base template, one style sheet, one set of chart colours.

A capability package keeps its templates in a folder of its own and extends `base.html.j2`; the
page it gets is one self-contained file: no script and no address is needed to read it.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2

__all__ = ["CHART_COLOURS", "STATUS_COLOURS", "environment", "style_sheet"]

# Eight colours that stay apart for the colour-blind, in the order in which a chart takes them
# (after Okabe and Ito, "Color Universal Design", 2008).
CHART_COLOURS: tuple[str, ...] = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#595959",
)

# What a state looks like; each is always written out too, so that colour is never the only sign.
STATUS_COLOURS: dict[str, str] = {
    "good": "#009e73",
    "bad": "#d55e00",
    "noted": "#0072b2",
    "unknown": "#767676",
    "running": "#e69f00",
}


@cache
def style_sheet() -> str:
    """Return the style sheet as text, to be put into a page's head."""
    return resources.files("elpython.core").joinpath("style.css").read_text("utf-8")


def environment(package: str) -> jinja2.Environment:
    """Return the templates of a package, beside the base template.

    Args:
        package: importable name of the package whose `templates` folder is searched first.

    Undefined names are errors, and everything is escaped: a log that holds `<script>` is text.
    """
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader(package, "templates"),
                jinja2.PackageLoader("elpython.core", "templates"),
            ]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    shared: dict[str, Any] = {
        "style_sheet": style_sheet(),
        "chart_colours": CHART_COLOURS,
        "status_colours": STATUS_COLOURS,
    }
    made.globals.update(shared)
    return made
