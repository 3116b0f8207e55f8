"""Merged NEWS is read entry by entry; the first release of an issue is the earliest one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import ElpythonError
from elpython.define.branch import load_branch
from elpython.upstream import release_folder
from elpython.upstream.news import first_releases, read_news
from examples import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

NEWS = """\
+++++++++++
Python News
+++++++++++

What's New in Python 3.13.1 final?
==================================

*Release date: 2024-12-03*

Security
--------

- gh-100: First line
  goes on.

Library
-------

- bpo-7, gh-8: Two.

- An entry without an issue.

What's New in Python 3.13.0 alpha 2?
====================================

*Release date: 2023-11-22*

Library
-------

- gh-100: Earlier.
"""


def test_entries(tmp_path: Path) -> None:
    path = tmp_path / "NEWS"
    path.write_text(NEWS)
    entries = read_news(path)
    assert [(e.release, e.section, e.issue, e.text) for e in entries] == [
        ("3.13.1", "Security", "gh-100", "First line goes on."),
        ("3.13.1", "Library", "bpo-7", "Two."),
        ("3.13.1", "Library", "", "An entry without an issue."),
        ("3.13.0a2", "Library", "gh-100", "Earlier."),
    ]
    assert first_releases(entries) == {"gh-100": "3.13.0a2", "bpo-7": "3.13.1"}


@pytest.mark.slow
def test_real_news(real_store: Store) -> None:
    branch = load_branch(REPOSITORY / "branches", "3.13")
    try:
        folder = release_folder(real_store, branch.sources)
    except ElpythonError as error:
        pytest.skip(f"no provider gives the source here: {error.what}")
    first = first_releases(read_news(folder / "Misc" / "NEWS"))
    assert len(first) > 10_000
    assert first["gh-121285"] == "3.13.0rc2"
    assert first["bpo-44022"] == "3.11.0a1"
