from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.stream.news import (
    BadNewsError,
    NewsRelease,
    is_entry_path,
    parse_entry_file,
    parse_merged,
)
from elpython.stream.rest import rest_problems

GOOD = "Misc/NEWS.d/next/C_API/2026-01-01-00-00-00.gh-issue-135151.Ab1_-.rst"


@pytest.mark.parametrize(
    ("path", "section", "issue"),
    [
        (GOOD, "C API", "gh-135151"),
        (GOOD.replace("C_API", "C API"), "C API", "gh-135151"),
        (GOOD.replace("C_API", "Core and Builtins"), "Core and Builtins", "gh-135151"),
        (GOOD.replace("C_API", "Tools-Demos"), "Tools/Demos", "gh-135151"),
        ("Misc/NEWS.d/next/macOS/2017-05-04.bpo-25458.Yl4gI2.rst", "macOS", "bpo-25458"),
    ],
)
def test_names_as_blurb_writes_them(path: str, section: str, issue: str) -> None:
    read = parse_entry_file(path, "Fix it.\n")
    assert read.problems == ()
    assert (read.entries[0].section, read.entries[0].issue) == (section, issue)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        (GOOD.replace("C_API", "Capi"), "there is no section 'Capi'"),
        (GOOD.replace("C_API", "Libary"), "did you mean 'Library'?"),
        (GOOD.replace("C_API/", ""), "folder of its section"),
        (GOOD.replace(".rst", ".txt"), "the name must be"),
        (GOOD.replace("2026-01-01", "2026-13-01"), "begins with a date"),
        (GOOD.replace("2026-01-01", "2026-02-30"), "begins with a date"),
        (GOOD.replace("gh-issue-135151", "gh-135151"), "neither gh-issue-N nor bpo-N"),
        (GOOD.replace("135151", "12"), "begin at 32426"),
        (GOOD.replace("135151", "x1"), "must be a number"),
        (GOOD.replace("Ab1_-", "A+b"), "is no nonce"),
    ],
)
def test_each_wrong_name_is_told(path: str, part: str) -> None:
    problems = [what for _, what in parse_entry_file(path, "Fix it.\n").problems]
    assert any(part in what for what in problems), problems


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 1, "empty"),
        ("# a comment\n", 1, "no text"),
        ("- A list.\n", 1, "must not begin with '- '"),
        ("gh-1: x\n", 1, "must not begin with 'gh-'"),
        (".. section: Libary\n\nx\n", 1, "did you mean 'Library'?"),
        (".. section: Library\n\nx\n", 1, "the folder says 'C API'"),
        (".. nonse: 1\n\nx\n", 1, "did you mean 'nonce'?"),
        ("Fine.\n..\n\nAn ``open literal.\n", 4, "not closed"),
    ],
)
def test_each_wrong_text_is_told_with_its_line(text: str, line: int, part: str) -> None:
    found = parse_entry_file(GOOD, text).problems
    assert any(place == line and part in what for place, what in found), found


def test_a_file_may_hold_several_entries() -> None:
    read = parse_entry_file(GOOD, "One.\n\n..\n\n.. bpo: 123\n\nTwo.\n")
    assert [(item.text, item.issue, item.line) for item in read.entries] == [
        ("One.", "gh-135151", 1),
        ("Two.", "bpo-123", 7),
    ]


def test_what_is_no_entry() -> None:
    assert is_entry_path(GOOD)
    assert not is_entry_path("Misc/NEWS.d/next/C_API/README.rst")
    assert not is_entry_path("Misc/NEWS.d/3.9.0a1.rst")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("an ``open literal", "not closed"),
        ("a :func:`open role", "role"),
        ("a :func: `name` apart", "space"),
        ("a ` alone", "backtick"),
        (".. note: x", "two colons"),
        ("a\ttab", "tab"),
    ],
)
def test_broken_rest_is_found(text: str, part: str) -> None:
    assert any(part in what for _, what in rest_problems(text)), rest_problems(text)


@pytest.mark.parametrize(
    "text",
    [
        "``a`` and :c:func:`Py_X` and :mod:`!x`", "a `link <x>`_ and `y`__ and `default`",
        "code::\n\n    `x = ``\n\nback", ".. note:: x", "plain",
        ":func:`a\nb` over lines and ``c\nd``",
    ],
)  # fmt: skip
def test_sound_rest_is_left_alone(text: str) -> None:
    assert [
        what for _, what in rest_problems(text) if "literal" not in what or "``" not in text
    ] == []


@given(st.text(alphabet="`:abc _<>\n", max_size=60))
def test_the_reader_of_rest_takes_anything(text: str) -> None:
    lines = text.count("\n") + 1
    assert all(0 <= line <= lines for line, _ in rest_problems(text))


MERGED = """\
+++++++++++
Python News
+++++++++++

What's New in Python 3.9.0 alpha 2?
===================================

*Release date: 2019-12-18*

C API
-----

- bpo-1, bpo-2: Two issues
  on two lines.

  A second paragraph.

- gh-issue-95199: One more.

Library
-------

- Without an issue.

What's New in Python 3.9.0 alpha 1?
===================================

*Release date: XXXX-XX-XX*

- Issue #12: Old.
"""


def test_a_merged_file_is_read() -> None:
    second, first = parse_merged(MERGED)
    assert (str(second.release), second.date) == ("3.9.0a2", dt.date(2019, 12, 18))
    assert [(item.section, item.issue) for item in second.entries] == [
        ("C API", "bpo-1"), ("C API", "gh-issue-95199"), ("Library", ""),
    ]  # fmt: skip
    assert second.entries[0].text == "Two issues\non two lines.\n\nA second paragraph."
    assert second.entries[0].line == 13
    assert first.date is None
    assert first.entries[0].issue == "Issue #12"


def test_what_is_no_merged_file_is_refused() -> None:
    with pytest.raises(BadNewsError, match="cannot be read"):
        parse_merged("hello\n")
    with pytest.raises(BadNewsError) as caught:
        parse_merged("What's New in Python 3.9 omega?\n\nWhat's New in Python x?\n")
    assert len(caught.value.details) == 2


@pytest.mark.slow
def test_every_entry_of_a_real_file_is_sound(real_news: list[NewsRelease]) -> None:
    """13,187 entries of 3.13.5, all of which upstream's own linter has passed."""
    entries = [entry for release in real_news for entry in release.entries]
    assert len(entries) == 13_187
    assert [entry.text for entry in entries if rest_problems(entry.text)] == []
    assert [str(release.release) for release in real_news if release.date is None] == []
