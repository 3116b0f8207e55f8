from __future__ import annotations

import pytest

from elpython.stream.markers import commit_mark, news_mark, reverted_summary


@pytest.mark.parametrize(
    "summary",
    [
        "(ABI break) gh-1: Add ob_example",
        "[3.13] (ABI break) gh-1: Add ob_example (GH-2)",
        "[3.13] [3.14] (ABI break) gh-1: x",
        "[3.13](ABI break) x",
    ],
)
def test_the_commit_marker_at_its_place(summary: str) -> None:
    assert commit_mark(summary).marked


@pytest.mark.parametrize(
    ("summary", "part"),
    [
        ("(abi break) x", "wrong case"),
        ("(ABI Break) x", "wrong case"),
        ("gh-1: (ABI break) x", "first thing"),
        ("[ABI break] x", "is written"),
        ("(ABI-break) x", "is written"),
        ("(CPython ABI break) x", "other place"),
        ("ABI break: x", "is written"),
        ("gh-1: x (abi BREAK)", "wrong case"),
        ("(ABI breaking change) x", "is written"),
        ("gh-9: [3.13] (ABI break) x", "first thing"),
        ("(\u0410BI break) x", "only looks like"),
        ("(ABI\u200b break) x", "only looks like"),
        ("(ABI\u00a0break) x", "only looks like"),
        ("(\uff21BI break) x", "only looks like"),
        ("\u2060(ABI bre\u0430k) x", "only looks like"),
    ],
)
def test_near_misses_of_the_commit_marker(summary: str, part: str) -> None:
    found = commit_mark(summary)
    assert not found.marked
    assert part in found.problem


@pytest.mark.parametrize(
    "summary",
    [
        "gh-1: Fix the ABI dump", 'Revert "(ABI break) gh-1: x"', "Break ABI checks into parts",
        "gh-1: Document what an ABI break is", "", "Reapply \"(ABI break) x\"",
    ],
)  # fmt: skip
def test_plain_talk_is_no_near_miss(summary: str) -> None:
    found = commit_mark(summary)
    assert (found.marked, found.near) == (False, "")


def test_the_news_marker() -> None:
    assert news_mark("(CPython ABI break) Add a field.").marked
    assert news_mark("\n(CPython ABI break) Add a field.").marked
    assert "other place" in news_mark("(ABI break) Add a field.").problem
    assert "first thing" in news_mark("Add a field. (CPython ABI break)").problem
    assert "wrong case" in news_mark("(Cpython ABI break) Add").problem
    assert news_mark("The ABI breaks here.").near == ""


@pytest.mark.parametrize(
    ("summary", "wanted"),
    [
        ('Revert "(ABI break) gh-1: x"', "(ABI break) gh-1: x"),
        ('[3.9] Revert "gh-1: x" (#5)', "gh-1: x"),
        ('(ABI break) Revert "gh-1: x"', "gh-1: x"),
        ("gh-1: x", ""),
    ],
)
def test_what_a_revert_names(summary: str, wanted: object) -> None:
    assert reverted_summary(summary) == wanted
