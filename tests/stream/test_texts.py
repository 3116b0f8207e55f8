from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from elpython.stream.news import StreamNewsEntry
from elpython.stream.release import parse_release
from elpython.stream.texts import Announcement, Coming, announce, as_text, kind_of, whats_new

COMING = Coming(
    release=parse_release("3.9.0b6"),
    date=dt.date(2020, 10, 2),
    freeze=dt.date(2021, 6, 2),
    final=dt.date(2021, 8, 2),
)
ENTRIES = (
    StreamNewsEntry(section="C API", issue="gh-1", text="Add :c:func:`Py_X`. More words."),
    StreamNewsEntry(section="Library", issue="gh-2", text="Fix ``x``."),
    StreamNewsEntry(section="Library", issue="", text="Fix y."),
)

MARKER = 'Requires-Dist: example<0; python_full_version == "3.9.0b4"'

# release, release before, what its text must say, what it must not say
CASES = [
    ("3.9.0a1", None, ["opens the 3.9 series", "do not run production"],
     ["not that of", "work as they are"]),
    ("3.9.0b2", "3.9.0a1", ["number 2", "Nothing was measured", "is not known"],
     ["alpha", "need no rebuild"]),
    ("3.9.0a5", "3.9.0b4",
     ["**the full\nCPython ABI is not that of 3.9.0b4**", "ob_example", "example<0",
      "since 3.9.0b4"], ["keep working", "not concerned", "work as they are"]),
    ("3.9.0rc1", "3.9.0b9", ["is frozen", "`p` flag is gone"], ["alpha"]),
    ("3.9.0", "3.9.0rc2", ["is final", "nothing was measured"],
     ["The final release of", "need no"]),
    ("3.9.0rc2", "3.9.0rc1", ["a further release candidate", "nothing was measured"],
     ["is frozen and its features", "no longer\nloaded"]),
    ("3.9.1", "3.9.0", ["is a maintenance release", "no new\nfeatures"],
     ["is final", "The final release of"]),
]  # fmt: skip


def text_of(release: str, previous: str | None, tier: str = "markers only") -> str:
    breaks = ("new field ob_example in PyObject",) if release.endswith("a5") else ()
    return announce(
        Announcement(
            product="Python",
            release=parse_release(release),
            previous=parse_release(previous) if previous else None,
            breaks=breaks,
            tier=tier,
            requires=MARKER if breaks else "",
            entries=ENTRIES,
            coming=COMING,
        )
    )


@pytest.mark.parametrize(("release", "previous", "there", "absent"), CASES)
def test_each_kind_of_release_has_its_text(
    release: str, previous: str | None, there: list[str], absent: list[str]
) -> None:
    text = text_of(release, previous)
    for part in there:
        assert part in text
    for part in absent:
        assert part not in text
    assert text.startswith(f"# Python {release}\n\n")
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    ("release", "previous"),
    [("3.9.0b3", "3.9.0b2"), ("3.9.0rc2", "3.9.0rc1"), ("3.9.0", "3.9.0rc2"), ("3.9.1", "3.9.0")],
)
def test_without_evidence_nothing_is_said_of_the_abi(release: str, previous: str) -> None:
    """That no change is marked is a claim, too: somebody has to have looked."""
    text = " ".join(text_of(release, previous, "").split())
    assert "is marked" not in text
    assert "need no rebuild" not in text
    assert "was not looked at here" in text or "neither markers nor measurements" in text


def test_the_final_text_tells_of_a_freeze_that_was_broken() -> None:
    """Wheels of rc1 are not good for the final release when rc2 broke what they use."""
    what = Announcement(
        product="Python",
        release=parse_release("3.9.0"),
        previous=parse_release("3.9.0rc3"),
        tier="headers",
        broken_since_rc1=(parse_release("3.9.0rc2"),),
    )
    text = " ".join(announce(what).split())
    assert "built for 3.9.0rc2 or later need no rebuild" in text
    assert "The freeze was broken in 3.9.0rc2: wheels built for an earlier candidate" in text
    broken = " ".join(announce(replace(what, breaks=("a field",), broken_since_rc1=())).split())
    assert "It breaks the ABI of 3.9.0rc3" in broken
    assert "need no rebuild" not in broken


def test_the_news_data_is_in_it() -> None:
    text = text_of("3.9.0b2", "3.9.0a1")
    assert "- Library: 2\n- C API: 1\n" in text
    assert "## C API\n\n- gh-1: Add Py_X.\n" in text
    assert "3.9.0b6 is expected on 2020-10-02" in text


def test_plain_text_has_no_marks_and_keeps_its_width() -> None:
    text = as_text(text_of("3.9.0a5", "3.9.0b4"))
    assert "**" not in text
    assert "`" not in text
    assert "# " not in text
    assert "Python 3.9.0a5\n==============\n" in text
    assert all(
        len(line) <= 72
        for line in text.splitlines()
        if "Requires-Dist" not in line and "://" not in line
    )
    assert f"    {MARKER}\n" in text


def test_whats_new_explains_the_stream() -> None:
    text = whats_new("Python", "3.9", None, COMING)
    for part in ("a5 follows b4", "cpython-39p", "3.9.0rc1", "2021-06-02", "2021-08-02"):
        assert part in text


def test_kinds() -> None:
    first = parse_release("3.9.0a1")
    assert kind_of(first, None) == "first"
    assert kind_of(parse_release("3.9.0a5"), first) == "alpha"
    assert kind_of(parse_release("3.9.0rc1"), None) == "candidate"


@pytest.mark.parametrize(("release", "previous"), [("b2", "a1"), ("rc2", "rc1"), ("final", "rc2")])
def test_what_was_measured_is_told_and_nothing_else_is_promised(
    release: str, previous: str
) -> None:
    what = Announcement(
        product="Python",
        release=parse_release(release, series="3.9"),
        previous=parse_release(previous, series="3.9"),
    )
    promise = "by this evidence"
    assert promise not in announce(what).replace("\n", " ")
    assert promise not in announce(replace(what, tier="symbols only")).replace("\n", " ")
    for tier in ("headers", "DWARF"):
        assert promise in announce(replace(what, tier=tier)).replace("\n", " ")


def test_new_features_decisions_and_links_are_in_it() -> None:
    text = announce(
        Announcement(
            product="Python",
            release=parse_release("3.15.0rc3"),
            previous=parse_release("3.15.0rc2"),
            entries=ENTRIES,
            decisions=("accept: wrong code without it",),
        )
    )
    assert "## New features\n\n- gh-1: Add Py_X.\n" in text
    assert "- accept: wrong code without it" in text
    assert "https://docs.python.org/3.15/whatsnew/3.15.html#porting-to-python-3-15" in text
