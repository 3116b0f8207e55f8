"""Our own advisories: what they say, how their versions rise, and that they are well-formed."""

from __future__ import annotations

import datetime as dt
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import UsageError
from elpython.define.branch import load_all
from elpython.define.vulnerability import Record, Standing, Vulnerability
from elpython.define.vulnerability_read import read_record
from elpython.security.advise.cvss import base_score
from elpython.security.advise.folder import write_advisories
from elpython.security.products import products_of
from elpython.security.vex import openvex, versioned
from elpython.upstream.feeds.osv_format import read_notice
from examples import REPOSITORY, Example, diff

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
HOME = "https://example.org"
FIX = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})

STANDINGS = {
    "CVE-2026-1": Standing(state="fixed", since=DAY, change="one", tests=("test.test_eggs",)),
    "CVE-2026-2": Standing(
        state="not affected",
        since=DAY,
        because="came with 3.14",
        justification="component_not_present",
    ),
    "CVE-2026-3": Standing(state="affected", since=DAY, because="in work", mitigation="filter it"),
    "CVE-2026-4": Standing(state="refused", since=DAY, because="changes behaviour"),
    "gh-5": Standing(state="unknown", since=DAY, because="new"),
}
STATUS = {
    "CVE-2026-1000": "fixed",
    "CVE-2026-2000": "not_affected",
    "CVE-2026-3000": "affected",
    "CVE-2026-4000": "affected",
    "gh-5": "under_investigation",
}


def record() -> Record:
    found = [
        Vulnerability(
            id=f"{name}000" if name.startswith("CVE") else name,
            title="A <flaw> & more",
            product="cpython",
            public=DAY,
            recorded=DAY,
            severity="high",
            severity_by="EL Python",
            score="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" if name == "CVE-2026-1" else "",
            sources=("NEWS",),
            branches={"3.11": standing},
        )
        for name, standing in STANDINGS.items()
    ]
    return Record(vulnerabilities=tuple(found), checked=DAY)


def test_openvex_names_what_scanners_match(example: Example) -> None:
    example.add("one", FIX, kind="security")
    branch = example.load()
    document = openvex(branch, record(), when="2026-11-30T00:00:00Z")
    told = {item["vulnerability"]["name"]: item["status"] for item in document["statements"]}
    assert told == STATUS
    names = {product["@id"] for product in document["statements"][0]["products"]}
    assert names == {
        "pkg:generic/elpython@3.11.2.27.01.0",
        "pkg:generic/python@3.11.2",
        "pkg:generic/cpython@3.11.2",
        "pkg:deb/debian/elpython-3.11@3.11.2.27.01.0-1",
        "pkg:rpm/elpython-3.11@3.11.2.27.01.0-1",
        "pkg:generic/python/python@3.11.2",
    }
    by_name = {item["vulnerability"]["name"]: item for item in document["statements"]}
    assert by_name["CVE-2026-2000"]["justification"] == "component_not_present"
    assert by_name["CVE-2026-3000"]["action_statement"] == "filter it"
    assert "Severity: high" in by_name["CVE-2026-1000"]["status_notes"]
    assert any(
        item.cpe.startswith("cpe:2.3:a:python:python:3.11.2:") for item in products_of(branch)
    )


def test_a_version_rises_with_the_statements_alone(example: Example) -> None:
    example.add("one", FIX, kind="security")
    branch, known = example.load(), record()
    first = openvex(branch, known, when="2026-11-30T00:00:00Z")
    same = versioned(openvex(branch, known, when="2026-12-01T00:00:00Z"), first)
    assert same == first
    fewer = replace(known, vulnerabilities=known.vulnerabilities[:2])
    second = versioned(openvex(branch, fewer, when="2026-12-02T00:00:00Z"), first)
    assert (second["version"], second["timestamp"]) == (2, "2026-11-30T00:00:00Z")
    assert second["last_updated"] == "2026-12-02T00:00:00Z"


def test_the_folder_is_whole_and_stays_the_same(example: Example, tmp_path: Path) -> None:
    example.add("one", FIX, kind="security")
    branches = [example.load()]
    write_advisories(record(), branches, tmp_path, now=NOW, home=HOME)
    later = NOW + dt.timedelta(days=1)
    assert write_advisories(record(), branches, tmp_path, now=later, home=HOME).changed == ()
    osv = json.loads((tmp_path / "osv" / "ELPYTHON-CVE-2026-1000.json").read_text())
    events = osv["affected"][0]["ranges"][0]["events"]
    assert events == [{"introduced": "0"}, {"fixed": "3.11.2.27.01.0"}]
    assert not (tmp_path / "osv" / "ELPYTHON-CVE-2026-2000.json").exists()
    ET.parse(tmp_path / "atom.xml")
    page = (tmp_path / "pages" / "CVE-2026-3000.html").read_text()
    assert "A &lt;flaw&gt; &amp; more" in page
    assert "filter it" in page
    index = (tmp_path / "csaf" / "index.txt").read_text().splitlines()
    assert len(index) == 5
    assert all((tmp_path / "csaf" / name).is_file() for name in index)
    provider = json.loads((tmp_path / ".well-known/csaf/provider-metadata.json").read_text())
    assert provider["distributions"] == [{"directory_url": f"{HOME}/csaf"}]


def test_pages_lead_back_fit_a_phone_and_link_files_only(example: Example, tmp_path: Path) -> None:
    """A link to a folder leads nowhere on a server that lists none."""
    example.add("one", FIX, kind="security")
    write_advisories(record(), [example.load()], tmp_path, now=NOW, home=HOME, up="../index.html")
    for page in (tmp_path / "index.html", tmp_path / "pages" / "CVE-2026-1000.html"):
        text = page.read_text()
        assert text.count("<table>") == text.count('<div class="scroll"') == 1
        links = re.findall(r'href="([^"#]+)"', text)
        up = [link for link in links if not (page.parent / link).is_file()]
        assert [(page.parent / link).resolve() for link in up] == [tmp_path.parent / "index.html"]


def test_csaf_keeps_its_history(example: Example, tmp_path: Path) -> None:
    example.add("one", FIX, kind="security")
    branches, known = [example.load()], record()
    write_advisories(known, branches, tmp_path, now=NOW, home=HOME)
    fixed = replace(known.vulnerabilities[2], branches={"3.11": STANDINGS["CVE-2026-1"]})
    new = replace(known, vulnerabilities=(fixed,))
    write_advisories(new, branches, tmp_path, now=NOW + dt.timedelta(days=1), home=HOME)
    path = tmp_path / "csaf" / "2026" / "elpython-cve-2026-3000.json"
    tracking = json.loads(path.read_text())["document"]["tracking"]
    assert tracking["version"] == "2"
    assert [item["number"] for item in tracking["revision_history"]] == ["1", "2"]
    assert tracking["initial_release_date"] < tracking["current_release_date"]


def test_a_damaged_folder_is_told(example: Example, tmp_path: Path) -> None:
    example.add("one", FIX, kind="security")
    write_advisories(record(), [example.load()], tmp_path, now=NOW, home=HOME)
    (tmp_path / "openvex" / "3.11.json").write_text("{")
    with pytest.raises(UsageError, match="is no JSON"):
        write_advisories(record(), [example.load()], tmp_path, now=NOW, home=HOME)


@pytest.mark.parametrize(
    ("vector", "score", "word"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "CRITICAL"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7.5, "HIGH"),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H", 5.9, "MEDIUM"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "MEDIUM"),
        ("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N", 0.0, "NONE"),
    ],
)
def test_scores_are_those_of_the_standard(vector: str, score: float, word: str) -> None:
    told = base_score(vector)
    assert (told["baseScore"], told["baseSeverity"]) == (score, word)


@pytest.mark.parametrize(
    "vector", ["CVSS:3.1/AV:N", "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"]
)
def test_what_is_no_vector_is_told(vector: str) -> None:
    with pytest.raises(ValueError, match="is no CVSS 3 vector"):
        base_score(vector)


def test_the_real_advisories_are_read_back(tmp_path: Path) -> None:
    """Our own reader takes every record; every vulnerability has one CSAF document."""
    branches, _ = load_all(REPOSITORY / "branches")
    known = read_record(REPOSITORY / "branches")
    made = write_advisories(known, branches, tmp_path, now=NOW, home=HOME)
    paths = list((tmp_path / "osv").glob("*.json"))
    assert len(paths) == made.advisories
    for path in paths:
        notice = read_notice(path.read_bytes(), "own")
        assert notice.aliases
    assert len(list((tmp_path / "csaf").rglob("*.json"))) == len(known.vulnerabilities)
