"""A site's folder: whole pages, nothing of anybody else's, and going on after a break."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from elpython.site import write as module
from elpython.site.data import read
from elpython.site.errors import BadDataError, NotASiteError
from elpython.site.write import MARKER, write

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {"index.html": b"one", "reports/a.html": b"two"}


def test_pages_are_written_and_only_changes_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "site"
    assert write(folder, PAGES) == ["index.html", "reports/a.html"]
    assert write(folder, PAGES) == []
    assert write(folder, {**PAGES, "index.html": b"three"}) == ["index.html"]
    assert (folder / "index.html").read_bytes() == b"three"


def test_pages_that_are_no_longer_made_are_taken_away(tmp_path: Path) -> None:
    write(tmp_path, PAGES)
    assert write(tmp_path, {"index.html": b"one"}) == ["reports/a.html"]
    assert not (tmp_path / "reports" / "a.html").exists()


def test_what_others_put_beside_the_pages_stays(tmp_path: Path) -> None:
    write(tmp_path, PAGES)
    (tmp_path / "robots.txt").write_text("mine")
    write(tmp_path, {})
    assert (tmp_path / "robots.txt").read_text() == "mine"


def test_a_folder_of_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NotASiteError, match="other things"):
        write(tmp_path, PAGES)
    with pytest.raises(NotASiteError, match="other things"):
        write(tmp_path / "thesis.txt", PAGES)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_list_that_names_files_outside_removes_nothing_there(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("stay")
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / MARKER).write_text(json.dumps({"files": ["../victim", str(victim)]}))
    write(folder, PAGES)
    assert victim.read_text() == "stay"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"files": 3}'])
def test_a_broken_list_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / MARKER).write_text(text)
    with pytest.raises(NotASiteError, match="cannot be read"):
        write(tmp_path, PAGES)


def test_an_interrupted_run_is_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"old.html": b"old"})
    real = module.write_atomic

    def stopped(path: Path, data: bytes) -> None:
        if path.name == "a.html":
            raise KeyboardInterrupt
        real(path, data)

    monkeypatch.setattr(module, "write_atomic", stopped)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, PAGES)
    monkeypatch.undo()
    assert write(tmp_path, {"index.html": b"one"}) == ["old.html", "reports/a.html"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        MARKER,
        "index.html",
    ]


def test_data_is_put_where_it_belongs(tmp_path: Path) -> None:
    for name, text in {
        "branches.json": "[]",
        "branch-3.11.json": "{}",
        "contract.json": '{"a": 1}',
        "rebuild.html": '<!DOCTYPE html><meta name="generator" content="elpython">',
        "schedule.svg": "<svg/>",
        "plan.ics": "BEGIN:VCALENDAR",
        "notes.txt": "left out",
    }.items():
        (tmp_path / name).write_text(text)
    data = read(tmp_path)
    assert sorted(data.answers) == ["branches", "contract"]
    assert list(data.others) == ["contract"]
    assert (list(data.branches), list(data.reports)) == (["3.11"], ["rebuild.html"])
    assert (list(data.figures), list(data.files)) == (["schedule"], ["plan.ics"])


def test_every_unreadable_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_bytes(b"\xff")
    with pytest.raises(BadDataError) as caught:
        read(tmp_path, tmp_path / "absent")
    told = str(caught.value)
    assert caught.value.what == "3 data files cannot be read"
    assert all(name in told for name in ("a.json", "b.json", "absent: no such folder"))
