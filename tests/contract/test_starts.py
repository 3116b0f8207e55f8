"""Programs are started by the shells that are there; what needs another one is told."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from elpython.contract import starts
from elpython.contract.promises import process_state
from elpython.contract.starts import started, unreached, ways

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.contract.subject import Run, Subject


@pytest.fixture
def without_bash(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with no bash."""
    found = shutil.which
    monkeypatch.setattr(
        starts.shutil, "which", lambda name, *rest: None if name == "bash" else found(name, *rest)
    )


@pytest.mark.usefixtures("without_bash")
def test_without_bash_all_but_one_way_is_started(subject: Subject, tmp_path: Path) -> None:
    assert unreached() == ["substitution"]
    assert len(ways()) > 90
    told = started(subject, tmp_path, 1, ("stdin", "startup-file"))
    assert "name='__main__'" in told["stdin"]
    assert told["startup-file"].startswith("exit code 0\n5\nFalse\n")


@pytest.mark.usefixtures("without_bash")
def test_what_was_not_started_is_a_gap(
    subject: Subject, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from elpython.contract.subject import Pair

    monkeypatch.setattr(process_state, "MODES", {})
    monkeypatch.setattr(process_state, "_started", lambda _run, _subject: {})
    monkeypatch.setattr(process_state, "_embedded", lambda _pair, _notes: [])
    found = process_state.check(Pair(base=subject, candidate=subject), run)
    (gap,) = found.gaps
    assert gap.startswith(
        "ways of starting that were not tried: 1 (substitution): bash is not here"
    )


def test_every_line_is_one_that_sh_reads() -> None:
    """What only bash reads stands in its own table."""
    for name, line in starts._tables()["sh"].items():
        for sign in ("<(", "<<<", "PIPESTATUS", "[[", "&>", "\\x"):
            assert sign not in line, (name, sign)
