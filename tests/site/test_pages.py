"""The pages: every link leads somewhere, and nothing in the data becomes markup."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
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
        "pending": [{
            "branch": "3.14", "base": "3.14.8", "pinned": True, "changes": ["variant"],
            "left_out": {}, "because": EVIL, "tried_on": "3.13's C files", "unseen": [],
            "standing": "base pinned, never prepared",
        }],
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
                             "basis": "announced", "python": "3.13", "python_source": "a list"},
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
    assert {name for name in pages if not name.startswith("api/")} == {
        "releases.atom", "vulnerabilities.atom", "index.html",
        "branches.html", "branch-3.11.html", "schedule.html", "support.html",
        "freezes.html", "part-a b#c.html", "reports/models.html", "elpython.ics",
    }  # fmt: skip


def test_every_link_leads_to_a_page(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        links = Links()
        links.feed(text)
        for link in links.found:
            assert link.startswith("#") or unquote(link) in pages, f"{name}: {link}"


def test_nothing_in_the_data_becomes_markup(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        assert EVIL not in text or name.endswith(".json")
    assert "&lt;script&gt;" in pages["branch-3.11.html"]


def test_the_first_page_tells_what_comes_next(pages: dict[str, str]) -> None:
    assert "<b>2027-01-26</b>next releases due" in pages["index.html"]
    assert "2026-07-21" not in pages["index.html"]  # gone by


def test_states_are_written_out(pages: dict[str, str]) -> None:
    assert '<span class="status unknown">dropped</span>' in pages["support.html"]
    assert '<span class="status noted">to come</span>' in pages["support.html"]
    assert '<span class="status unknown">ended</span>' in pages["branches.html"]
    assert '3.14 <span class="status unknown">pending</span>' in pages["branches.html"]
    assert "part-pending.html" not in pages
    assert "3.14.8" not in pages["api/branches.json"]
    assert "none yet" in pages["freezes.html"]


def test_changes_of_an_unknown_kind_are_not_lost(pages: dict[str, str]) -> None:
    assert "A thing" in pages["branch-3.11.html"]
    assert "in every branch" in pages["branch-3.11.html"]


def test_a_site_of_nothing_has_a_first_page() -> None:
    pages = render(Data(), ON)
    assert [name for name in pages if name.endswith(".html")] == ["index.html"]
    assert {"api/index.json", "releases.atom", "vulnerabilities.atom"} < set(pages)


STATUS = {
    "branch": "3.11", "checked": "2026-11-20", "age": 1, "too_old": "", "unasked": ["osv"],
    "findings": [
        {"id": "CVE-2026-1000", "state": "affected", "title": EVIL, "severity": "high",
         "public": "2026-10-01", "since": "2026-11-01", "because": "in work", "change": "",
         "tests": [], "untested": ""},
        {"id": "CVE-2026-2000", "state": "fixed", "title": "two", "severity": "low",
         "public": "2026-09-01", "since": "2026-11-02", "because": "", "change": "CVE-2026-2000",
         "tests": ["test_x"], "untested": ""},
        {"id": "CVE-2026-3000", "state": "not affected", "title": "three", "severity": "low",
         "public": "2026-09-01", "since": "2026-11-02", "because": "not there", "change": "",
         "tests": [], "untested": ""},
    ],
}  # fmt: skip
FEATURES = {"branches": ["3.11"], "features": [
    {"name": "itertools.batched", "title": "Batches", "cpython": "3.12", "branches": [
        {"branch": "3.11", "state": "provided", "since": "27.01.0",
         "provisional": False}]}]}  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> dict[str, str]:
    branch = {
        **DATA.branches["3.11"],
        "series": [
            {"id": "CVE-2026-2000", "title": "two", "kind": "security", "cves": ["CVE-2026-2000"],
             "issues": ["gh-12"], "commits": ["a" * 40], "pep": [706], "tests": ["test_x"]},
        ],
    }  # fmt: skip
    data = replace(
        DATA,
        answers={**DATA.answers, "features": FEATURES},
        branches={"3.11": branch},
        status={"3.11": STATUS},
        speed={"3.11": [{"name": EVIL, "change": "CVE-2026-2000", "base": 100, "branch": 42,
                         "bound": 0.9, "measured": "2026-11-20"}]},
    )  # fmt: skip
    return {name: text.decode() for name, text in render(data, ON, "https://example.org/x").items()}


def test_the_first_page_answers_what_safe_and_what_for(whole: dict[str, str]) -> None:
    text = whole["index.html"]
    for part in ("make demo", "make test", "Is it safe today?", "1 high", "(1 day ago)", "not told",
                 "Not asked at the last check: osv", "42 %", "1 of 1 faster",
                 "due 2027-01-26", 'name="q"'):  # fmt: skip
        assert part in text


def test_what_is_to_come_is_due_and_never_out(whole: dict[str, str]) -> None:
    assert "is due on 2027-01-26" in whole["branch-3.11.html"]
    later = render(DATA, date(2027, 2, 1))["branch-3.11.html"].decode()
    assert "is out since 2027-01-26" in later


def test_a_branch_shows_open_and_fixed_with_links_and_tests(whole: dict[str, str]) -> None:
    text = whole["branch-3.11.html"]
    for part in ("Open vulnerabilities", "in work", "Fixed vulnerabilities", "test_x",
                 "https://www.cve.org/CVERecord?id=CVE-2026-1000",
                 "https://github.com/python/cpython/issues/12",
                 f"https://github.com/python/cpython/commit/{'a' * 40}",
                 "https://peps.python.org/pep-0706/"):  # fmt: skip
        assert part in text
    assert EVIL not in text


def test_the_api_follows_its_schemas_and_tells_today(whole: dict[str, str]) -> None:
    index = json.loads(whole["api/index.json"])
    assert len(index["files"]) == 5
    for row in [*index["files"], {"path": "index.json", "schema": "schemas/index.json"}]:
        value = json.loads(whole[f"api/{row['path']}"])
        jsonschema.validate(value, json.loads(whole[f"api/{row['schema']}"]))
    branch = json.loads(whole["api/branches.json"])["branches"][0]
    assert branch["is_out"] is False
    assert branch["vulnerabilities"] == {
        "open": 1, "fixed": 1, "refused": 0, "not_affected": 1, "checked": "2026-11-20",
    }  # fmt: skip
    releases = json.loads(whole["api/releases.json"])["releases"]
    assert [one["is_out"] for one in releases] == [True, False]


def test_feeds_and_sitemap_are_xml_with_the_sites_address(whole: dict[str, str]) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.fromstring(whole["vulnerabilities.atom"])
    assert [one.findtext(f"{atom}title") for one in feed.findall(f"{atom}entry")] == [
        "CVE-2026-2000 in EL Python 3.11: fixed",
        "CVE-2026-1000 in EL Python 3.11: affected",
    ]
    links = [one.get("href", "") for one in feed.iter(f"{atom}link")]
    assert all(link.startswith("https://example.org/x/") for link in links)
    releases = ET.fromstring(whole["releases.atom"])
    titles = [one.findtext(f"{atom}title") or "" for one in releases.findall(f"{atom}entry")]
    assert titles[-1] == "EL Python 3.11.2.27.01.0 is due on 2027-01-26"
    assert "https://example.org/x/index.html" in whole["sitemap.xml"]
    assert "sitemap.xml" not in render(DATA, ON)


def test_the_search_needs_nothing_from_elsewhere(whole: dict[str, str]) -> None:
    text = whole["features.html"]
    assert "itertools.batched" in text
    assert "<script>" in text
    assert "src=" not in text


def test_feeds_lead_to_pages_and_stay_the_same_while_nothing_happens() -> None:
    """The schedule has branches that have no page yet; a due release is no news every day."""
    schedule = DATA.answers["schedule"]
    further = {**schedule["releases"][-1], "series": "3.14", "version": "3.14.x.27.01.0"}
    answers = {
        **DATA.answers,
        "schedule": {**schedule, "releases": [*schedule["releases"], further]},
    }
    entries = {}
    for day in (ON, date(ON.year, ON.month, ON.day + 1)):
        pages = render(replace(DATA, answers=answers), day)
        feed = ET.fromstring(pages["releases.atom"])
        atom = "{http://www.w3.org/2005/Atom}"
        entries[day] = [ET.tostring(one) for one in feed.findall(f"{atom}entry")]
        links = [one.get("href", "") for one in feed.iter(f"{atom}link")]
        assert "schedule.html" in links
        assert all(link in pages for link in links)
    assert entries[ON] == entries[date(ON.year, ON.month, ON.day + 1)]


def test_each_advisory_has_a_page_that_its_branch_links() -> None:
    status = {
        "branch": "3.11", "checked": "2026-11-20", "age": 1,
        "findings": [
            {"id": "CVE-2026-1", "state": "fixed", "severity": "high", "title": EVIL,
             "change": "x", "since": "2026-11-20", "public": "2026-10-01", "tests": ["t"]},
            {"id": "CVE-2026-2", "state": "affected", "severity": "low", "title": "b",
             "because": "c", "since": "2026-11-20", "public": "2026-10-01", "change": ""},
        ],
    }  # fmt: skip
    told = {"index.html": b"i", "pages/CVE-2026-1.html": b"p", "osv/ELPYTHON-CVE-2026-1.json": b"o"}
    pages = render(replace(DATA, status={"3.11": status}), ON, advisories=told)
    assert pages["advisories/pages/CVE-2026-1.html"] == b"p"
    assert pages["advisories/osv/ELPYTHON-CVE-2026-1.json"] == b"o"
    branch = pages["branch-3.11.html"].decode()
    assert '<a href="advisories/pages/CVE-2026-1.html">CVE-2026-1</a>' in branch
    assert "advisories/pages/CVE-2026-2" not in branch
    assert 'href="advisories/index.html"' in pages["index.html"].decode()
    feed = pages["vulnerabilities.atom"].decode()
    assert "advisories/pages/CVE-2026-1.html" in feed
    assert "branch-3.11.html#CVE-2026-2" in feed
    assert EVIL not in branch
