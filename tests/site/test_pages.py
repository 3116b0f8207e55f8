"""The pages: every link leads somewhere, and nothing in the data becomes markup."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from elpython.site.data import Data
from elpython.site.pages import render

ON = date(2026, 11, 21)
EVIL = "<script>alert(1)</script>"
DATA = Data(
    answers={
        "branches": [
            {
                "branch": "3.11", "base": "3.11.2", "version": "3.11.2.27.01.0", "lts": True,
                "changes": 2, "upstream_end_of_life": "2025-10-31", "end_of_life": "2033-01-31",
            },
            {
                "branch": "3.13", "base": "3.13.5", "version": "3.13.5.27.01.0", "lts": False,
                "changes": 0, "upstream_end_of_life": "2029-10-31", "end_of_life": "2029-10-31",
            },
        ],
        "schedule": {
            "title": "EL Python", "from": "2026-01-01", "to": "2027-12-31",
            "releases": [
                {"date": "2026-07-21", "version": "3.11.2.26.07.0", "series": "3.11", "note": ""},
                {"date": "2027-01-26", "version": "3.11.2.27.01.0", "series": "3.11", "note": EVIL},
            ],
            "series": [{"series": "3.11", "phases": [
                {"phase": "full", "start": "2027-01-01", "end": "2027-11-01"}]}],
        },
        "support": {
            "on": "2026-11-21", "data_as_of": "2026-08",
            "rules": [{"title": "A rule", "series": [
                {"series": "3.11", "release": "2022-10-24", "drop": "2026-04-24",
                 "supported": False, "held_by_minimum": False, "expected": False},
                {"series": "3.16", "release": "2027-10-06", "drop": "2031-04-06",
                 "supported": False, "held_by_minimum": False, "expected": True},
            ]}],
        },
        "freezes": {"rows": [{
            "distribution": {"name": "Debian", "version": "13", "freeze": "2025-03-15",
                             "basis": "announced"},
            "ages": {"reality": {"series": "3.13", "days": 159}, "pep605": None},
        }]},
        "a b#c": {"x": EVIL, "rows": [{"name": EVIL, "deep": {"y": [EVIL]}}]},
    },
    branches={"3.11": {
        "name": "3.11", "base": "3.11.2", "lts": True, "el_end": "2033-01-31",
        "series": [
            {"id": "CVE-1", "title": EVIL, "kind": "security", "core": False},
            {"id": "other", "title": "A thing", "kind": "strange", "core": True},
        ],
    }},
    reports={"models.html": b"<!DOCTYPE html>"},
    figures={"schedule": "<svg></svg>"},
    files={"elpython.ics": b"BEGIN:VCALENDAR"},
)  # fmt: skip


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [value or "" for name, value in attrs if name in {"href", "src"}]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {name: content.decode() for name, content in render(DATA, ON).items()}


def test_every_part_has_its_page(pages: dict[str, str]) -> None:
    assert set(pages) == {
        "index.html", "branches.html", "branch-3.11.html", "schedule.html", "support.html",
        "freezes.html", "part-a b#c.html", "reports/models.html", "elpython.ics",
    }  # fmt: skip


def test_every_link_leads_to_a_page(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        links = Links()
        links.feed(text)
        for link in links.found:
            assert link.startswith("#") or unquote(link) in pages, f"{name}: {link}"


def test_nothing_in_the_data_becomes_markup(pages: dict[str, str]) -> None:
    for text in pages.values():
        assert EVIL not in text
    assert "&lt;script&gt;" in pages["branch-3.11.html"]


def test_the_first_page_tells_what_comes_next(pages: dict[str, str]) -> None:
    assert "<b>2027-01-26</b>next release day" in pages["index.html"]
    assert "2026-07-21" not in pages["index.html"]  # gone by


def test_states_are_written_out(pages: dict[str, str]) -> None:
    assert '<span class="status unknown">dropped</span>' in pages["support.html"]
    assert '<span class="status noted">to come</span>' in pages["support.html"]
    assert '<span class="status unknown">ended</span>' in pages["branches.html"]
    assert "none yet" in pages["freezes.html"]


def test_changes_of_an_unknown_kind_are_not_lost(pages: dict[str, str]) -> None:
    assert "A thing" in pages["branch-3.11.html"]
    assert "in every branch" in pages["branch-3.11.html"]


def test_a_site_of_nothing_has_a_first_page() -> None:
    assert list(render(Data(), ON)) == ["index.html"]
