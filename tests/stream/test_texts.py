from __future__ import annotations

import datetime as dt

import pytest

from elpython.stream.news import Entry
from elpython.stream.release import parse_release
from elpython.stream.texts import Announcement, Coming, announce, as_text, kind_of, whats_new

COMING = Coming(
    release=parse_release("3.9.0b6"),
    date=dt.date(2020, 10, 2),
    freeze=dt.date(2021, 6, 2),
    final=dt.date(2021, 8, 2),
)
ENTRIES = (
    Entry(section="C API", issue="gh-1", text="Add :c:func:`Py_X`. More words."),
    Entry(section="Library", issue="gh-2", text="Fix ``x``."),
    Entry(section="Library", issue="", text="Fix y."),
)

# release, release before, what its text must say, what it must not say
CASES = [
    ("3.9.0a1", None, ["opens the 3.9 series", "do not run production"], ["not that of"]),
    ("3.9.0b2", "3.9.0a1", ["number 2", "built for 3.9.0a1 keep working"], ["alpha"]),
    ("3.9.0a5", "3.9.0b4",
     ["**the full\nCPython ABI is not that of 3.9.0b4**", "ob_example", "!=3.9.0b4",
      "since 3.9.0b4"], ["keep working"]),
    ("3.9.0rc1", "3.9.0b9", ["is frozen", "`p` flag is gone"], ["alpha"]),
    ("3.9.0", "3.9.0rc2", ["is final", "need no\nrebuild"], ["The final release of"]),
]  # fmt: skip


def text_of(release: str, previous: str | None) -> str:
    breaks = ("new field ob_example in PyObject",) if release.endswith("a5") else ()
    return announce(
        Announcement(
            product="Python",
            release=parse_release(release),
            previous=parse_release(previous) if previous else None,
            breaks=breaks,
            requires="Requires-Python: >=3.8,!=3.9.0b4" if breaks else "",
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
    assert all(len(line) <= 72 for line in text.splitlines() if "Requires-Python" not in line)
    assert "    Requires-Python: >=3.8,!=3.9.0b4\n" in text


def test_whats_new_explains_the_stream() -> None:
    text = whats_new("Python", "3.9", None, COMING)
    for part in ("a5 follows b4", "cpython-39p", "3.9.0rc1", "2021-06-02", "2021-08-02"):
        assert part in text


def test_kinds() -> None:
    first = parse_release("3.9.0a1")
    assert kind_of(first, None) == "first"
    assert kind_of(parse_release("3.9.0a5"), first) == "alpha"
    assert kind_of(parse_release("3.9.0rc1"), None) == "candidate"
