"""Advisories are held against the record: by id and content, never by an issue's number alone."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elpython.core.errors import UsageError
from elpython.define.vulnerability import Record, Standing, Vulnerability
from elpython.security.match import KNOWN, NEW, Index, match, proposal
from elpython.security.status import age_problem, read_folder, status
from elpython.upstream.feeds.model import Notice
from elpython.upstream.feeds.osv_format import notice_of
from examples import Example, diff

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.define.branch import Branch

DAY = dt.date(2026, 11, 21)
FIX = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CPYTHON = [
    {
        "ranges": [
            {
                "type": "GIT",
                "repo": "https://github.com/python/cpython",
                "events": [{"introduced": "0"}],
            }
        ]
    }
]


def vulnerability(name: str, **more: object) -> Vulnerability:
    standing = Standing(state="fixed", since=DAY, change="one", tests=("test.test_eggs",))
    values: dict[str, Any] = {
        "id": name,
        "title": "A flaw",
        "product": "cpython",
        "public": DAY,
        "recorded": DAY,
        "severity": "high",
        "severity_by": "EL Python",
        "branches": {"3.11": standing},
    }
    return Vulnerability(**values | more)


RECORD = Record(
    checked=DAY,
    dismissed={"aaaaaaaaaaaa": "no flaw"},
    vulnerabilities=(
        vulnerability(
            "CVE-2024-1000", issues=("gh-100",), aliases=("PSF-2024-1", "GHSA-aaaa-bbbb-cccc")
        ),
        vulnerability(
            "CVE-2024-2000",
            issues=("gh-200",),
            branches={"3.11": Standing(state="affected", since=DAY, because="in work")},
        ),
        vulnerability("gh-300", issues=("gh-300",), news=("bbbbbbbbbbbb",)),
    ),
)


@pytest.fixture
def branch(example: Example) -> Branch:
    example.add(
        "one",
        FIX,
        kind="security",
        toml='\n[upstream]\ncves = ["CVE-2024-1000"]\nissues = ["gh-100"]\n'
        f'commits = ["{COMMIT}"]\nfirst-in = "3.12.0"\n',
    )
    return example.load()


def osv(name: str, *, issues: tuple[int, ...] = (), **more: object) -> dict[str, Any]:
    links = [{"url": f"https://github.com/python/cpython/issues/{number}"} for number in issues]
    return {"id": name, "affected": CPYTHON, "references": links} | more


PHP = [{"package": {"ecosystem": "Packagist", "name": "php"}}]
PHP_GIT = [{"ranges": [{"type": "GIT", "repo": "https://github.com/php/php-src.git"}]}]

# What is asked -> the states on the branch, by id; None: left out.
CASES: dict[str, tuple[dict[str, Any], dict[str, str] | None]] = {
    "in the record": (osv("CVE-2024-1000"), {"CVE-2024-1000": "fixed"}),
    "made up, cites a fixed issue": (
        osv("CVE-2026-99999", issues=(100,)),
        {"CVE-2026-99999": "unknown"},
    ),
    "made up, cites an issue of NEWS": (
        osv("CVE-2026-99998", issues=(300,)),
        {"CVE-2026-99998": "unknown"},
    ),
    "made up, cites two fixed issues": (
        osv("CVE-2026-99997", issues=(100, 300)),
        {"CVE-2026-99997": "unknown"},
    ),
    "known, another reference first": (
        osv("CVE-2024-1000", issues=(999, 100)),
        {"CVE-2024-1000": "fixed"},
    ),
    "alias": (osv("PSF-2024-1", aliases=["CVE-2024-1000"]), {"PSF-2024-1": "fixed"}),
    "known by alias alone": (osv("GHSA-aaaa-bbbb-cccc"), {"GHSA-aaaa-bbbb-cccc": "fixed"}),
    "new id, known alias without a CVE": (
        osv("PSF-2026-9", aliases=["GHSA-aaaa-bbbb-cccc"]),
        {"PSF-2026-9": "fixed"},
    ),
    "another CVE says it is an alias": (
        osv("CVE-2026-99996", aliases=["CVE-2024-1000"]),
        {"CVE-2026-99996": "unknown"},
    ),
    "related is another vulnerability": (
        osv("CVE-2026-99995", related=["CVE-2024-1000"]),
        {"CVE-2026-99995": "unknown"},
    ),
    "Debian, upstream": (osv("DSA-5000-1", upstream=["CVE-2024-1000"]), {"DSA-5000-1": "fixed"}),
    "Debian's record of a CVE": (
        osv("DEBIAN-CVE-2024-1000", upstream=["CVE-2024-1000"]),
        {"DEBIAN-CVE-2024-1000": "fixed"},
    ),
    "Debian's record, by its name alone": (
        osv("DEBIAN-CVE-2024-1000"),
        {"DEBIAN-CVE-2024-1000": "fixed"},
    ),
    "Ubuntu, related": (osv("USN-7000-1", related=["CVE-2024-1000"]), {"USN-7000-1": "fixed"}),
    "Ubuntu, one open": (
        osv("USN-7000-2", related=["CVE-2024-1000", "CVE-2024-2000"]),
        {"USN-7000-2": "affected"},
    ),
    "Debian, one unknown": (
        osv("DLA-4000-1", upstream=["CVE-2024-1000", "CVE-2026-99994"]),
        {"DLA-4000-1": "unknown", "CVE-2026-99994": "unknown"},
    ),
    "Debian without ids": (osv("DSA-5001-1", issues=(100,)), {"DSA-5001-1": "unknown"}),
    "PHP by package": (osv("CVE-2026-99993", affected=PHP, issues=(100,)), None),
    "PHP by repository": (osv("CVE-2026-99992", affected=PHP_GIT), None),
    "PHP by its links alone": (
        osv(
            "CVE-2026-99991",
            affected=[],
            references=[{"url": "https://github.com/php/php-src/issues/100"}],
        ),
        None,
    ),
    "a package that is called python": (
        osv("CVE-2026-99990", affected=[{"package": {"ecosystem": "npm", "name": "python"}}]),
        None,
    ),
    "Debian's package": (
        osv(
            "CVE-2026-99989",
            affected=[{"package": {"ecosystem": "Debian:12", "name": "python3.11"}}],
        ),
        {"CVE-2026-99989": "unknown"},
    ),
    "withdrawn": (osv("CVE-2026-99988", withdrawn="2026-01-01T00:00:00Z"), None),
    "rejected": (osv("CVE-2026-99987", summary="** REJECT ** not used"), None),
    "names no product": (osv("CVE-2026-99986", affected=[]), {"CVE-2026-99986": "unknown"}),
}


@pytest.mark.parametrize("case", CASES)
def test_an_advisory_gets_its_state_from_the_record(case: str, branch: Branch) -> None:
    asked, expected = CASES[case]
    found, left = status(branch, RECORD, [notice_of(asked, "x")])
    known = {item.id for item in RECORD.vulnerabilities}
    told = {item.id: item.state for item in found if item.id not in known or item.id == asked["id"]}
    assert told == (expected or {})
    assert bool(left) == (expected is None)


def test_fixed_names_the_change_and_the_test(branch: Branch) -> None:
    found, _ = status(branch, RECORD, [notice_of(osv("USN-1-1", related=["CVE-2024-1000"]), "x")])
    told = found[-1]
    assert (told.change, told.tests, told.covers) == (
        "one",
        ("test.test_eggs",),
        ("CVE-2024-1000",),
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"issues": (100,)}, "same issue as one, which decides nothing"),
        (
            {"references": [{"url": f"https://github.com/python/cpython/commit/{COMMIT}"}]},
            "has its commit",
        ),
        (
            {
                "affected": [
                    {
                        "ranges": [
                            {
                                "type": "GIT",
                                "repo": "https://github.com/python/cpython",
                                "events": [{"fixed": COMMIT}],
                            }
                        ]
                    }
                ]
            },
            "has its commit",
        ),
        ({"affected": [*CPYTHON, {"versions": ["v3.11.2"]}]}, "names 3.11.2 as affected"),
        (
            {
                "affected": [
                    *CPYTHON,
                    {"ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "3.11.9"}]}]},
                ]
            },
            "base 3.11.2 lacks it",
        ),
        (
            {
                "affected": [
                    *CPYTHON,
                    {"ranges": [{"type": "SEMVER", "events": [{"fixed": "3.11.1"}]}]},
                ]
            },
            "base 3.11.2 has it",
        ),
        ({}, "nothing tells"),
    ],
)
def test_what_speaks_for_a_state_is_proposed(
    branch: Branch, more: dict[str, Any], told: str
) -> None:
    """A commit, a range or a change is told to a person; the state stays unknown."""
    notice = notice_of(osv("CVE-2026-99999", **more), "x")
    assert told in proposal(notice, branch)
    found, _ = status(branch, RECORD, [notice])
    assert found[-1].state == "unknown"


def test_a_short_commit_is_no_proof(branch: Branch) -> None:
    link = {"url": f"https://github.com/python/cpython/commit/{COMMIT[:6]}"}
    notice = notice_of(osv("CVE-2026-99999", references=[link]), "x")
    assert proposal(notice, branch) == "nothing tells"


@pytest.mark.parametrize(
    ("asked", "remark"),
    [
        (osv("CVE-2024-1000", aliases=["CVE-2024-2000"]), "merged"),
        (osv("CVE-2024-1000", affected=PHP_GIT), "reused"),
        (osv("CVE-2024-1000", withdrawn="2026-01-01T00:00:00Z"), "withdrawn"),
        (
            osv(
                "CVE-2024-1000", affected=[{"package": {"ecosystem": "Debian:12", "name": "expat"}}]
            ),
            "reused",
        ),
    ],
)
def test_ids_that_change_their_meaning_are_told(asked: dict[str, Any], remark: str) -> None:
    found = match(notice_of(asked, "x"), Index.of(RECORD))
    assert any(remark in text for text in found.remarks)


@pytest.mark.parametrize(
    ("days", "told"), [(0, ""), (7, ""), (8, "8 days ago"), (-1, "clocks"), (400, "400 days ago")]
)
def test_old_knowledge_is_told(days: int, told: str) -> None:
    problem = age_problem(RECORD, DAY + dt.timedelta(days=days))
    assert bool(problem) == bool(told)
    assert told in problem


@pytest.mark.parametrize(("days", "told"), [(7, ""), (8, "osv (2026-11-13)")])
def test_a_feed_that_no_longer_answers_is_told(days: int, told: str) -> None:
    """The record was checked today, but what one feed said is older than a week."""
    asked = {"osv": DAY - dt.timedelta(days=days), "psf": DAY}
    problem = age_problem(replace(RECORD, asked=asked), DAY)
    assert told in problem if told else problem == ""


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        "{}",
        '{"id": 3}',
        '{"id": "CVE-1", "affected": 3}',
        '{"id": "CVE-2024-1", "schema_version": "9.0"}',
        "\xff",
    ],
)
def test_files_that_are_no_advisories_are_told(tmp_path: Path, bad: str) -> None:
    (tmp_path / "a.json").write_bytes(bad.encode("latin-1"))
    with pytest.raises(UsageError) as caught:
        read_folder(tmp_path)
    assert re.search(r"a\.json: ", "".join(caught.value.details))


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no advisories"):
        read_folder(tmp_path)
    (tmp_path / "a.json").write_text(json.dumps(osv("CVE-2024-1")))
    assert len(read_folder(tmp_path)) == 1


@pytest.mark.parametrize(
    ("issues", "state"),
    [(("gh-300",), KNOWN), ((), KNOWN), (("gh-301",), NEW), (("gh-301", "gh-300"), KNOWN)],
)
def test_an_entry_that_begins_the_same_under_another_issue_is_new(
    issues: tuple[str, ...], state: str
) -> None:
    """All updates of a bundled library begin alike: one decides none of the later ones."""
    notice = Notice(
        feed="a", id=issues[0] if issues else "news-x", where="NEWS", issues=issues,
        digest="bbbbbbbbbbbb",
    )  # fmt: skip
    assert match(notice, Index.of(RECORD)).state == state


def test_what_the_record_has_withdrawn_and_a_feed_has_not_is_told() -> None:
    """Nothing is hidden by a day in the record alone."""
    gone = vulnerability("CVE-2024-3000", issues=("gh-400",), withdrawn=DAY)
    found = match(notice_of(osv("CVE-2024-3000", issues=(400,)), "a"), Index.of(
        Record(checked=DAY, vulnerabilities=(gone,))
    ))  # fmt: skip
    assert found.remarks == ("CVE-2024-3000 is withdrawn in the record, and not there",)
