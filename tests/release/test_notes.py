"""Release notes and What's New tell each change in its own words."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from elpython.release.notes import release_notes, whats_new
from release_sample import SPAM, Sample

if TYPE_CHECKING:
    from elpython.define.branch import Branch

FEATURE = """
description = "Adds spam.third, for those who count."
provides = ["spam.third", "spam.first(strict=)"]
provisional = true

[upstream]
first-in = "3.13.0"
issues = ["gh-12345"]
peps = ["706"]
"""


def branch(sample: Sample) -> Branch:
    from release_sample import diff

    two = SPAM.replace("return 1", "return 10").replace("return 2", "return 20")
    patch = diff({"Lib/spam.py": two}, {"Lib/spam.py": two + "\n\nthird = 3\n"})
    path = sample.example.add("three", patch, kind="feature")
    head, mark, source = path.read_text().partition("\n[source]")
    path.write_text(head + FEATURE + mark + source)
    return sample.example.load()


def test_notes_are_by_kind(sample: Sample) -> None:
    text = release_notes(branch(sample), "2027-01-26", ["mind the gap"])
    order = [text.index(word) for word in ("## Security", "## New features", "## Bug fixes")]
    assert order == sorted(order)
    assert "- Change two (CVE-2024-1000)" in text
    assert "(gh-12345, PEP 706, first in CPython 3.13.0)\n  Adds spam.third" in text
    assert text.endswith("## Remarks\n\n- mind the gap\n")
    assert "Faster" not in text


def test_whats_new_is_in_the_documentations_directives(sample: Sample) -> None:
    text = whats_new(branch(sample))
    title = "What's New in EL Python 3.11.2.27.01.0"
    assert text.startswith(f"{'*' * len(title)}\n{title}\n{'*' * len(title)}\n")
    assert ".. versionadded:: EL Python 3.11.2.27.01.0\n   :py:obj:`spam.third`\n" in text
    assert "   ``spam.first(strict=)``\n\n   Provisional" in text
    assert ".. versionchanged:: EL Python 3.11.2.27.01.0\n   Change two.\n" in text


def test_headings_are_underlined_whole(sample: Sample) -> None:
    lines = whats_new(branch(sample)).splitlines()
    for above, below in itertools.pairwise(lines):
        if below and set(below) <= {"=", "-"}:
            assert len(below) == len(above)
