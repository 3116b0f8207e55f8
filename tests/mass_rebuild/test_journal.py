"""The journal under interruption, damage and two readers."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from elpython.mass_rebuild.errors import JournalError
from elpython.mass_rebuild.journal import RebuildJournal

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import sys
from pathlib import Path
from elpython.mass_rebuild.journal import RebuildJournal
with RebuildJournal.open(Path(sys.argv[1]), create=True) as journal:
    while True:
        journal.begin(stack="main", job="a", kind="build", content_key="k")
        print("x", flush=True)
"""


def test_a_killed_writer_leaves_a_journal_that_opens(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    argv = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for _ in range(20):
            child.stdout.readline()
        with RebuildJournal.open(path) as journal:  # a reader beside it
            assert len(journal.attempts()) >= 20
        os.kill(child.pid, signal.SIGKILL)
    with RebuildJournal.open(path) as journal:
        assert journal.close_open_attempts() >= 20
        assert {item.status for item in journal.attempts()} == {"interrupted"}
        assert journal.close_open_attempts() == 0


def test_no_journal_and_no_journal_of_ours(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        RebuildJournal.open(tmp_path / "none")
    (tmp_path / "text").write_text("this is no database, only a text that is long enough" * 20)
    with pytest.raises(JournalError, match="is no journal"):
        RebuildJournal.open(tmp_path / "text")
    db = sqlite3.connect(tmp_path / "new")
    db.execute("pragma user_version=99")
    db.close()
    with pytest.raises(JournalError, match="has version 99"):
        RebuildJournal.open(tmp_path / "new")


def test_notes_are_kept(tmp_path: Path) -> None:
    with RebuildJournal.open(tmp_path / "j", create=True) as journal:
        journal.note("when", time.time())
        journal.note("what", [1, "x"])
        assert journal.noted("what") == [1, "x"]
        assert journal.noted("nothing") is None
