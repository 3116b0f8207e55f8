"""Advisories and branches are joined: every CVE gets a state and the reason for it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elpython.core.errors import BadBranchError, UsageError
from elpython.define.branch import branch_names, load_all, load_branch
from elpython.security.advisories import join, openvex, read_advisories, read_overrides
from elpython.upstream import release_folder
from elpython.upstream.news import Entry, read_news
from examples import REPOSITORY, Example, diff

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

FIX = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})


def advisory(folder: Path, name: str, cve: str = "", issue: str = "", **extra: object) -> None:
    data: dict[str, Any] = {
        "id": name,
        "published": "2024-01-01T00:00:00Z",
        "aliases": [cve] if cve else [],
        "references": [],
    }
    if issue:
        kind, _, number = issue.partition("-")
        url = {
            "gh": f"https://github.com/python/cpython/issues/{number}",
            "bpo": f"https://bugs.python.org/issue{number}",
        }[kind]
        data["references"].append({"type": "REPORT", "url": url})
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(data | extra))


NEWS = [
    Entry(release="3.11.1", section="Security", issue="gh-500", text="Closed a hole."),
    Entry(release="3.11.0", section="Security", issue="", text="CVE-2022-6000 is fixed."),
]


@pytest.fixture
def folder(tmp_path: Path, example: Example) -> Path:
    example.add(
        "CVE-2024-1000",
        FIX,
        kind="security",
        toml='\n[upstream]\ncves = ["CVE-2024-1000", "CVE-2026-1"]\nissues = ["gh-100"]\n'.replace(
            "CVE-2026-1", "CVE-2026-1000"
        ),
    )
    osv = tmp_path / "osv"
    advisory(osv, "PSF-1", "CVE-2024-1000")
    advisory(osv, "PSF-2", "", "gh-100")
    advisory(osv, "PSF-3", "CVE-2022-5000", "gh-500")
    advisory(osv, "PSF-4", "CVE-2022-6000")
    advisory(osv, "PSF-5", "CVE-2022-7000", "bpo-700")
    advisory(osv, "PSF-6", "CVE-2022-8000", withdrawn="2024-01-01T00:00:00Z")
    return osv


def test_states_and_reasons(folder: Path, example: Example) -> None:
    found = join(example.load(), read_advisories(folder), news=NEWS, overrides={})
    assert [(item.cve, item.state, item.because) for item in found] == [
        ("CVE-2024-1000", "fixed", "change CVE-2024-1000"),
        ("PSF-2", "fixed", "change CVE-2024-1000"),
        ("CVE-2022-5000", "not affected", "the base has the fix since 3.11.1 (gh-500)"),
        ("CVE-2022-6000", "not affected", "the base has the fix since 3.11.0 (CVE-2022-6000)"),
        ("CVE-2022-7000", "unknown", "nothing tells; decide in cve.toml"),
        ("CVE-2026-1000", "fixed", "change CVE-2024-1000"),
    ]


def test_decisions_by_hand_win_but_not_over_a_fix(folder: Path, example: Example) -> None:
    path = example.folder / "cve.toml"
    path.write_text(
        '[[decision]]\ncves = ["CVE-2022-7000", "CVE-2024-1000"]\nstate = "open"\nreason = "late"\n'
    )
    overrides = read_overrides(path, "cve.toml")
    found = join(example.load(), read_advisories(folder), news=NEWS, overrides=overrides)
    states = {item.cve: (item.state, item.because) for item in found}
    assert states["CVE-2022-7000"] == ("open", "late")
    assert states["CVE-2024-1000"][0] == "fixed"


def test_decisions_without_an_advisory_are_told(folder: Path, example: Example) -> None:
    path = example.folder / "cve.toml"
    path.write_text('[[decision]]\ncves = ["CVE-2026-7000"]\nstate = "open"\nreason = "late"\n')
    overrides = read_overrides(path, "cve.toml")
    found = join(example.load(), read_advisories(folder), news=NEWS, overrides=overrides)
    assert [(item.state, item.because) for item in found if item.cve == "CVE-2026-7000"] == [
        ("open", "late")
    ]


@pytest.mark.parametrize(
    ("upstream", "state", "because"),
    [
        ('cves = ["CVE-2026-9000"]', "unknown", "3.13 has a fix, newer; decide in cve.toml"),
        (
            'cves = ["CVE-2026-9000"]\nissues = ["gh-500"]',
            "not affected",
            "the base has the fix since 3.11.1 (gh-500)",
        ),
        (
            'cves = ["CVE-2026-9000"]\nissues = ["gh-500", "gh-501"]',
            "unknown",
            "3.13 has a fix, newer; decide in cve.toml",
        ),
        (
            'cves = ["CVE-2022-6000"]',
            "not affected",
            "the base has the fix since 3.11.0 (CVE-2022-6000)",
        ),
        ('cves = ["CVE-2024-1000"]', "fixed", "change CVE-2024-1000"),
    ],
)
def test_what_another_branch_fixes_is_asked_here(
    example: Example, upstream: str, state: str, because: str
) -> None:
    """A fix that one branch alone has must not be forgotten by the others."""
    own = '\n[upstream]\ncves = ["CVE-2024-1000"]\n'
    example.add("CVE-2024-1000", FIX, kind="security", toml=own)
    branch = example.load()
    change = replace(
        branch.series[0],
        id="newer",
        cves=tuple(re.findall(r"CVE-[\d-]+", upstream)),
        issues=tuple(re.findall(r"gh-\d+", upstream)),
    )
    newer = replace(branch, name="3.13", series=(change,))
    found = join(branch, [], news=NEWS, overrides={}, others=[branch, newer])
    cve = change.cves[0]
    assert [(item.state, item.because) for item in found if item.cve == cve] == [(state, because)]


def test_openvex(folder: Path, example: Example) -> None:
    branch = example.load()
    found = join(branch, read_advisories(folder), news=NEWS, overrides={})
    document = openvex(branch, found, when="2026-11-21T00:00:00+00:00")
    statements = document["statements"]
    assert isinstance(statements, list)
    by_name = {item["vulnerability"]["name"]: item for item in statements}
    assert by_name["CVE-2024-1000"]["status"] == "fixed"
    assert by_name["CVE-2022-5000"]["justification"] == "vulnerable_code_not_present"
    assert by_name["CVE-2022-7000"]["status"] == "under_investigation"
    assert by_name["CVE-2024-1000"]["products"] == [{"@id": "pkg:generic/elpython@3.11.2.27.01.0"}]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[[decision]]\ncves = ["CVE-1"]\nstate = "open"\nreason = "x"\n', "not of the form"),
        ('[[decision]]\ncves = ["CVE-2024-1000"]\nstate = "opn"\nreason = "x"\n', "did you mean"),
        ('[[decision]]\ncves = ["CVE-2024-1000"]\nstate = "open"\n', "reason: is missing"),
        ('[[decision]]\ncves = ["CVE-2024-1000", "CVE-2024-1000"]\nstate = "open"\nreason = "x"\n',
         "decided twice"),
        ("[[decisin]]\n", "did you mean 'decision'"),
    ],
)  # fmt: skip
def test_wrong_decisions(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "cve.toml"
    path.write_text(text)
    with pytest.raises(BadBranchError) as caught:
        read_overrides(path, "cve.toml")
    assert reason in str(caught.value)


def test_bad_folders(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no advisories"):
        read_advisories(tmp_path)
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(UsageError) as caught:
        read_advisories(tmp_path)
    assert len(caught.value.details) == 2


@pytest.mark.parametrize("name", branch_names(REPOSITORY / "branches"))
def test_the_real_decisions_are_whole(name: str) -> None:
    """Each open CVE of a real branch has a reason, and no decision speaks of a fixed one."""
    branch = load_branch(REPOSITORY / "branches", name)
    overrides = read_overrides(branch.folder / "cve.toml", f"branches/{name}/cve.toml")
    fixed = {cve for change in branch.series for cve in change.cves}
    assert fixed & set(overrides) == set()
    assert all(len(item.reason) > 20 for item in overrides.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", branch_names(REPOSITORY / "branches"))
def test_no_branch_forgets_what_another_fixes(real_store: Store, name: str) -> None:
    """Each CVE that one of our branches fixes is fixed, decided or in the base of the others."""
    branches, problems = load_all(REPOSITORY / "branches")
    assert problems == []
    branch = next(item for item in branches if item.name == name)
    base = release_folder(real_store, branch.sources)
    found = join(
        branch,
        [],
        news=read_news(base / "Misc" / "NEWS"),
        overrides=read_overrides(branch.folder / "cve.toml", f"branches/{name}/cve.toml"),
        others=branches,
    )
    assert [item for item in found if item.state == "unknown"] == []
