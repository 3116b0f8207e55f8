"""Figures and the page: what they must show is in them, and they are the same again."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from elpython.schedule.errors import FigureError
from elpython.schedule.figures import draw, svg_text
from elpython.schedule.figures.calendar import calendar_figure
from elpython.schedule.figures.latency import latency_figure
from elpython.schedule.figures.matrix import busiest, matrix_figure
from elpython.schedule.figures.style import LOOKS, MARKS, tint
from elpython.schedule.latency import all_of, latency
from elpython.schedule.load import find
from elpython.schedule.measures import Question, compare
from elpython.schedule.report import page
from elpython.schedule.slips import Slips
from elpython.schedule.support import find_rule
from elpython.schedule.timeline import lay_out, relabel

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

DAYS = (date(2019, 6, 1), date(2023, 1, 31))


def texts(figure: Figure) -> list[str]:
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    for axes in figure.axes:
        found += [
            axes.get_title(loc="left"),
            *(label.get_text() for label in axes.get_yticklabels()),
        ]
    for legend in figure.legends:
        found += [text.get_text() for text in legend.get_texts()]
    return [text.strip() for text in found]


def test_the_calendar_names_every_release_and_what_alphas_are() -> None:
    timeline = relabel(lay_out(find("pep605"), *DAYS), [("3.9", 5), ("3.9", 7)])
    told = texts(calendar_figure(timeline))
    for name in ("3.9", "3.10", "a1", "b2", "a5", "b6", "a7", "b9", "rc1", "3.9.0", "3.9.1"):
        assert name in told
    assert told.count("a1") == 2  # one a series
    assert {"alpha: breaks the ABI", "beta: binary compatible", "bug fixes"} <= set(told)
    assert {"development", "pre-freeze", "RC"} <= set(told)


def test_marks_of_one_level_do_not_cover_each_others_labels() -> None:
    figure = calendar_figure(lay_out(find("pep602"), *DAYS))
    figure.draw_without_rendering()
    axes = figure.axes[0]
    boxes = [text.get_window_extent() for text in axes.texts]
    for position, one in enumerate(boxes):
        for other in boxes[position + 1 :]:
            assert not one.overlaps(other)


def test_the_matrix_counts_what_figure_2_counts() -> None:
    """PEP 605, figure 2: four to test at once under either cadence, the stream included."""
    days = (date(2021, 1, 1), date(2030, 6, 30))
    first, last = date(2025, 10, 20), date(2026, 4, 30)  # 3.12 is out, 3.9 not yet at its end
    assert busiest(lay_out(find("status-quo"), *days)) == (4, first, last)
    first, last = date(2025, 10, 2), date(2026, 8, 31)  # 3.12.0a1, the end of 3.9
    assert busiest(lay_out(find("pep605"), *days)) == (4, first, last)
    told = texts(matrix_figure([lay_out(find(name), *days) for name in ("status-quo", "pep605")]))
    assert any("4 at once" in text for text in told)
    assert {"rolling pre-releases", "security fixes", "most series at once"} <= set(told)


def test_the_matrix_has_no_pre_releases_where_they_are_not_for_production() -> None:
    assert "rolling pre-releases" not in texts(matrix_figure([lay_out(find("pep602"), *DAYS)]))


def test_latency_curves_tell_their_mean() -> None:
    model = find("pep605")
    curves = {
        (model.name, audience.name): latency(all_of(model, *DAYS), audience, DAYS, Slips())
        for audience in model.audiences
    }
    figure = latency_figure(curves, *DAYS)
    told = texts(figure)
    assert any(text.startswith("pep605, early adopters: 1.") for text in told)
    lines = figure.axes[0].get_lines()
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(lines)


@pytest.mark.parametrize("kind", ["calendar", "matrix", "latency"])
def test_the_same_figure_is_the_same_bytes(tmp_path: Path, kind: str) -> None:
    models = [find("pep605")]
    outputs = [tmp_path / name for name in ("a.svg", "b.svg", "a.png")]
    for output in outputs:
        draw(kind, models, DAYS, [output], slips=Slips())
    svg = outputs[0].read_bytes()
    assert svg == outputs[1].read_bytes()
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert outputs[2].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("kind", "names", "end", "output", "told"),
    [
        ("calendar", ["pep605"], "2023-01-31", "a.pdf", ".svg or .png"),
        ("calendar", ["pep605", "pep602"], "2023-01-31", "a.svg", "one model"),
        ("matrix", ["pep605"], "2119-01-31", "a.svg", "60 years"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    tmp_path: Path, kind: str, names: list[str], end: str, output: str, told: str
) -> None:
    days = (DAYS[0], date.fromisoformat(end))
    with pytest.raises(FigureError, match=told):
        draw(kind, [find(name) for name in names], days, [tmp_path / output], slips=Slips())
    assert list(tmp_path.iterdir()) == []


def luminance(colour: tuple[float, float, float]) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
             for part in colour]  # fmt: skip
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("kind", list(LOOKS))
def test_text_on_a_phase_has_contrast(kind: str) -> None:
    """WCAG AA asks for 4.5 to 1; the ink on every tint has more."""
    look = LOOKS[kind]
    ground = luminance(tint(look.colour, look.strength))
    ink = luminance((0x10 / 255, 0x16 / 255, 0x1E / 255))
    assert (ground + 0.05) / (ink + 0.05) > 7


def test_every_kind_of_release_has_a_shape_of_its_own() -> None:
    assert len({mark.shape for mark in MARKS.values()}) == len(MARKS)


class Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value and tag in {"section", "main"}:
                self.ids.append(value)
            if name == "href" and value and tag == "a":
                self.links.append(value)
            if name in {"src", "href"} and value and "//" in value and tag != "a":
                self.outside.append(value)


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    models = [find("pep605"), find("pep602")]
    question = Question(
        start=date(2027, 1, 1),
        end=date(2030, 12, 31),
        rule=find_rule("nep29"),
        project_releases=6,
        slips=Slips(runs=5, seed=1),
    )
    text = page(models, compare(models, question))
    parsed = Ids()
    parsed.feed(text)
    assert {link.removeprefix("#") for link in parsed.links if link.startswith("#")} <= set(
        parsed.ids
    )
    assert parsed.outside == []
    assert "<script" not in text
    assert text.count("<svg") == 4
    assert "early adopters" in text
    assert "5 runs (seed 1)" in text


def test_an_inline_figure_takes_the_colours_of_its_page() -> None:
    text = svg_text(calendar_figure(lay_out(find("pep605"), *DAYS)))
    assert text.startswith("<svg")
    assert "currentColor" in text
    assert "#fefefe" not in text
