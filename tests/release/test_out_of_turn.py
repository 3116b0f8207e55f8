"""A security release out of turn has the next small number, and nothing but security in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from elpython.cli import cli
from elpython.core.version import CalVer
from elpython.release.errors import RefusedReleaseError
from elpython.release.out_of_turn import beyond_security, security_version
from examples import Example, diff
from release_sample import REAL, git, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from release_sample import Sample

FIX = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})


@pytest.mark.parametrize(
    ("released", "wanted"),
    [
        (None, "27.01.0rc1"),
        ("27.01.0rc1", "27.01.0rc2"),
        ("27.01.0", "27.01.1"),
        ("27.01.3", "27.01.4"),
        ("27.07.0", "27.07.1"),
    ],
)
def test_numbers(released: str | None, wanted: str) -> None:
    last = CalVer.parse(released) if released else None
    assert security_version(last, CalVer.parse("27.01.0")) == CalVer.parse(wanted)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ({"hole": "old", "bug": "b", "more": "m"}, []),
        ({"bug": "b", "more": "m"}, []),
        ({"hole": "h", "bug": "old", "more": "m"}, []),
        ({"hole": "h", "more": "m"}, ["bug: is new, of kind bugfix"]),
        ({"hole": "h", "bug": "b"}, ["more: is new, of kind feature"]),
        ({"hole": "h", "bug": "b", "more": "old"}, ["more: is edited, of kind feature"]),
        ({"hole": "h", "bug": "b", "more": "m", "gone": "g"}, ["gone: was in the last release"]),
    ],
)
def test_what_may_come_with_it(example: Example, before: dict[str, str], told: list[str]) -> None:
    example.add("hole", FIX, kind="security", toml='\n[upstream]\nissues = ["gh-1"]\n')
    example.add("bug", FIX, kind="bugfix", toml='\n[upstream]\nissues = ["gh-2"]\n')
    example.add("more", FIX, kind="feature")
    now = {"hole": "h", "bug": "b", "more": "m"}
    assert beyond_security(example.load(), before, now) == told


def test_a_fix_to_a_fix_may_come(example: Example) -> None:
    example.add("hole", FIX, kind="security", toml='\n[upstream]\nissues = ["gh-1"]\n')
    example.add("mends", FIX, kind="bugfix", toml='\n[upstream]\nissues = ["gh-1"]\n')
    assert beyond_security(example.load(), {"hole": "h"}, {"hole": "h", "mends": "m"}) == []


def _raise_el(sample: Sample, el: str) -> None:
    example = sample.example
    example.write(el=f'"{el}"', first='"27.01.0"')
    sample.lock()
    sample.commit(f"Make {el}")


def test_a_security_release_is_made(sample: Sample) -> None:
    """27.01.0, then a new security change, then 27.01.1; the wrong number says the right one."""
    sample.release()
    fix = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})
    sample.example.add("hole", fix, kind="security", toml="\n[dep3]\nlast-update = 2026-11-30\n")
    _raise_el(sample, "27.07.0")
    with pytest.raises(RefusedReleaseError) as caught:
        sample.release(security=True)
    assert caught.value.todo == 'set el = "27.01.1"'
    _raise_el(sample, "27.01.1")
    made = sample.release(security=True)
    assert made.version.endswith("27.01.1")
    assert read_manifest(made.folder)["version"].endswith("27.01.1")
    assert made.version in git(sample.example.branches, "tag")


ROW = """\
title = "A hole <script>alert(1)</script>"
product = "cpython"
public = 2026-11-01
recorded = 2026-11-21
severity = "high"
severity-by = "EL Python"
sources = ["Misc/NEWS 3.13.16"]

[branch."3.11"]
state = "{state}"
since = 2026-11-21
{more}
"""
IN_WORK = 'because = "the fix is in work since yesterday"'


def _row(sample: Sample, cve: str, state: str, more: str) -> None:
    place = sample.example.branches / "vulnerabilities"
    place.mkdir(exist_ok=True)
    (place / f"{cve}.toml").write_text(ROW.format(state=state, more=more))
    (place / "record.toml").write_text("checked = 2026-11-30\n")


def _fixed(change: str) -> str:
    return f'change = "{change}"\nuntested = "this change of an example brings no test"'


def _asking(sample: Sample) -> None:
    """Let the release ask the real record; what else it asks is a stand-in."""
    sample.told.known = REAL


def _advisories(sample: Sample, url: str = "https://el.example") -> Path:
    folder = sample.root / "feeds"
    argv = ["fix", "advisories", "--to", str(folder), "--url", url]
    done = CliRunner().invoke(cli, argv, standalone_mode=False)
    assert done.exception is None, done.exception
    return folder


def test_notes_documents_and_feeds_come_with_a_security_release(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an open vulnerability to its release: scope, notes, VEX, OSV, CSAF, Atom and page."""
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(sample.example.branches))
    _row(sample, "CVE-2024-1000", "fixed", _fixed("two"))
    _row(sample, "CVE-2026-1000", "affected", IN_WORK)
    _asking(sample)
    sample.commit("Record a hole")
    sample.release(accept_age="tried with a clock of its own")
    feeds = _advisories(sample)
    osv = feeds / "osv" / "ELPYTHON-CVE-2026-1000.json"
    assert {"introduced": "0"} in json.loads(osv.read_text())["affected"][0]["ranges"][0]["events"]
    assert "fixed" not in osv.read_text().partition("ranges")[2].partition("versions")[0]

    fix = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})
    facts = '\n[upstream]\ncves = ["CVE-2026-1000"]\n\n[dep3]\nlast-update = 2026-11-30\n'
    path = sample.example.add("hole", fix, kind="security", toml=facts)
    path.write_text(f'since = "27.01.1"\n{path.read_text()}')
    _row(sample, "CVE-2026-1000", "fixed", _fixed("hole"))
    _raise_el(sample, "27.01.1")
    made = sample.release(security=True, accept_age="tried with a clock of its own")

    assert "Change hole (CVE-2026-1000" in (made.folder / "NOTES.md").read_text()
    vex = json.loads(next(made.folder.glob("*.openvex.json")).read_text())
    told = {item["vulnerability"]["name"]: item["status"] for item in vex["statements"]}
    assert told["CVE-2026-1000"] == "fixed"
    fixed = {row["cve"]: row["change"] for row in read_manifest(made.folder)["cves"]["fixed"]}
    assert fixed["CVE-2026-1000"] == "hole"

    _advisories(sample)
    events = json.loads(osv.read_text())["affected"][0]["ranges"][0]["events"]
    assert events == [{"introduced": "0"}, {"fixed": "3.11.2.27.01.1"}]
    csaf = json.loads(next(feeds.rglob("elpython-cve-2026-1000.json")).read_text())
    assert csaf["document"]["tracking"]["version"] == "2"
    entries = ET.parse(feeds / "atom.xml").getroot().findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 2
    page = (feeds / "pages" / "CVE-2026-1000.html").read_text()
    assert "3.11.2.27.01.1" in page
    assert "<script>" not in page


def test_no_feature_comes_with_a_security_release(sample: Sample) -> None:
    sample.release()
    fix = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})
    sample.example.add("more", fix, kind="feature", toml="\n[dep3]\nlast-update = 2026-11-30\n")
    _raise_el(sample, "27.01.1")
    with pytest.raises(RefusedReleaseError) as caught:
        sample.release(security=True)
    assert caught.value.details == ("more: is new, of kind feature",)


def test_what_nothing_shows_is_not_released(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vulnerability that is told fixed by an unrelated change stops the release."""
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(sample.example.branches))
    _row(sample, "CVE-2024-1000", "fixed", _fixed("one"))
    _asking(sample)
    sample.commit("Tell another change")
    with pytest.raises(RefusedReleaseError, match="nothing shows") as caught:
        sample.release(accept_age="tried with a clock of its own")
    assert any("change one does not name CVE-2024-1000" in line for line in caught.value.details)
