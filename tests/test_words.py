"""The check of words finds a banned phrase in any letter case, and says where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.words import ROOT, TABLE, banned, tracked, uses

if TYPE_CHECKING:
    from pathlib import Path


def test_a_banned_phrase_is_found(tmp_path: Path) -> None:
    path = tmp_path / "it.md"
    path.write_text("good\nWe Utilize it over again\n")
    found = uses([path], banned(TABLE), tmp_path)
    assert [line.partition(": ")[0] for line in found] == ["it.md:2", "it.md:2"]
    assert "write 'use'" in found[0]


def test_files_are_read_and_none_has_one() -> None:
    paths = tracked(ROOT)
    assert len(paths) > 300
    assert ROOT / "README.md" in paths
    assert uses(paths, banned(TABLE), ROOT) == []
