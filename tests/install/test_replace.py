"""A prefix is exchanged whole, back and forth; whatever interrupts it, one of the two is there."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from elpython.core.errors import BadInterpreterError, DiskFullError
from elpython.install import compose, replace, swap
from elpython.install.errors import (
    BadPrefixError,
    InUseError,
    JournalError,
    NoWayBackError,
    ReplacementFailedError,
)
from elpython.install.inuse import users_of
from elpython.install.layout import RECORD
from elpython.install.replace import Steps, roll_back, upgrade
from elpython.install.state import SWAP, Place, SwapJournal, recover
from elpython.install.subject import refuse_users
from prefix_samples import COMES, STOCK, USERS, lay, told

BROUGHT = {path: text for path, text in COMES.items() if "pip" not in path}
VERSIONS = ("3.11.2", "3.11.2.27.01.0")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(lay(tmp_path / "py", STOCK, USERS))
    lay(tmp_path / "el", COMES)
    made.folder.mkdir()
    return made


def comes(place: Place) -> Path:
    return place.prefix.with_name("el")


def new(place: Place) -> dict[str, str]:
    here = {path: text.replace("/built/el", str(place.prefix)) for path, text in BROUGHT.items()}
    return {**STOCK, **USERS, **here}


def now(place: Place) -> dict[str, str]:
    return {path: text for path, text in told(place.prefix).items() if path != RECORD}


@pytest.mark.parametrize("atomic", [True, False])
def test_there_and_back_and_there_again(place: Place, *, atomic: bool) -> None:
    before = told(place.prefix)
    steps = Steps(atomic=atomic)
    outcome = upgrade(place, comes(place), VERSIONS, steps)
    assert now(place) == new(place)
    assert outcome.users_files == len(USERS) + 1
    assert outcome.files == len(BROUGHT)
    assert (outcome.atomic, outcome.kept) == (atomic, place.previous)
    roll_back(place, VERSIONS[1], steps)
    assert told(place.prefix) == before
    roll_back(place, VERSIONS[0], steps)
    assert now(place) == new(place)
    assert sorted(path.name for path in place.folder.iterdir()) == ["previous", "previous.json"]


def test_what_was_installed_after_the_upgrade_stays_after_going_back(place: Place) -> None:
    upgrade(place, comes(place), VERSIONS, Steps())
    lay(place.prefix, {"lib/python3.11/site-packages/late.py": "late"})
    (place.prefix / "bin/tool").unlink()
    roll_back(place, VERSIONS[1], Steps())
    found = told(place.prefix)
    assert found["lib/python3.11/site-packages/late.py"] == "late"
    assert "bin/tool" not in found
    assert found["bin/python3.11"] == "stock"
    assert "lib/python3.11/new/__init__.py" not in found


def test_a_second_upgrade_drops_what_the_first_brought(place: Place) -> None:
    upgrade(place, comes(place), VERSIONS, Steps())
    second = lay(place.prefix.with_name("el2"), {"bin/python3.11": "el2"})
    upgrade(place, second, ("1", "2"), Steps())
    found = now(place)
    assert found["bin/python3.11"] == "el2"
    assert "lib/python3.11/new/__init__.py" not in found
    assert found["bin/tool"] == "my tool"


def refuse(_prefix: object) -> None:
    raise BadInterpreterError("does not answer")


def test_a_refusal_before_the_exchange_touches_nothing(place: Place) -> None:
    before = told(place.prefix)
    with pytest.raises(BadInterpreterError):
        upgrade(place, comes(place), VERSIONS, Steps(prove=refuse))
    assert told(place.prefix) == before
    assert list(place.folder.iterdir()) == []


@pytest.mark.parametrize("atomic", [True, False])
def test_a_new_interpreter_that_does_not_answer_makes_way_again(
    place: Place, *, atomic: bool
) -> None:
    before = told(place.prefix)
    with pytest.raises(ReplacementFailedError, match="does not work"):
        upgrade(place, comes(place), VERSIONS, Steps(answers=refuse, atomic=atomic))
    assert told(place.prefix) == before
    assert list(place.folder.iterdir()) == []


def test_without_an_upgrade_there_is_no_way_back(place: Place) -> None:
    with pytest.raises(NoWayBackError, match="no earlier"):
        roll_back(place, "", Steps())


class Killed(BaseException):
    """Ends the run where it stands: nothing is cleaned up."""


def calls(place: Place, monkeypatch: pytest.MonkeyPatch, stop_at: int, *, atomic: bool) -> bool:
    """Upgrade, killed at the n-th change of the file system; say whether it came to its end."""
    count = 0

    def counted(function: object) -> object:
        def call(*args: object, **words: object) -> object:
            nonlocal count
            count += 1
            if count == stop_at:
                raise Killed
            return function(*args, **words)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patch:
        for owner, name in [
            (os, "link"), (os, "rename"), (os, "replace"), (os, "mkdir"), (os, "unlink"),
            (shutil, "copy2"), (replace, "exchange"), (replace, "flush"),
        ]:  # fmt: skip
            patch.setattr(owner, name, counted(getattr(owner, name)))
        # A killed process cleans up nothing.
        patch.setattr(replace, "recover", lambda _place: "")
        try:
            upgrade(place, comes(place), VERSIONS, Steps(atomic=atomic))
        except Killed:
            return False
    return True


@pytest.mark.parametrize("atomic", [True, False])
def test_stopped_at_any_step_the_next_run_finds_old_or_new_whole(
    place: Place, monkeypatch: pytest.MonkeyPatch, *, atomic: bool
) -> None:
    before = told(place.prefix)
    outcomes = set()
    for stop_at in range(1, 200):
        done = calls(place, monkeypatch, stop_at, atomic=atomic)
        if done:
            break
        if atomic:
            assert now(place) in (before, new(place)), stop_at
        recover(place)
        found = now(place)
        assert found in (before, new(place)), stop_at
        outcomes.add(found == before)
        assert not place.next.exists()
        assert place.read() is None
        if found != before:
            roll_back(place, "", Steps())
            assert told(place.prefix) == before
    assert done
    assert outcomes == {True, False}


def test_recovery_may_be_stopped_and_run_again(place: Place) -> None:
    upgrade(place, comes(place), VERSIONS, Steps())
    token = json.loads((place.prefix / RECORD).read_text())["token"]
    place.write(SwapJournal(step=SWAP, token=token, version="x"))
    assert "finished" in recover(place)
    assert recover(place) == ""
    assert place.previous.is_dir()


def test_a_prefix_that_is_away_between_two_renames_comes_back(place: Place) -> None:
    before = told(place.prefix)
    place.write(SwapJournal(step=SWAP, token="t", version="x"))
    place.prefix.rename(place.leaving)
    assert "undone" in recover(place)
    assert told(place.prefix) == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"step": "dance", "token": "", "version": ""}'])
def test_a_journal_that_makes_no_sense_is_left_for_people(place: Place, text: str) -> None:
    lay(place.folder, {"journal.json": text})
    with pytest.raises(JournalError, match="makes no sense"):
        recover(place)
    assert place.journal_file.read_text() == text


def test_a_run_that_keeps_nothing_leaves_nothing(place: Place) -> None:
    with place.lock():
        assert (place.folder / "lock").exists()
    assert not place.folder.exists()


def test_a_parent_that_may_not_be_written_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_words: False)
    with pytest.raises(BadPrefixError, match="may not write"), place.lock():
        pass


def test_two_runs_at_once_are_refused(place: Place) -> None:
    with place.lock(), pytest.raises(InUseError, match="another run"), Place(place.prefix).lock():
        pass


@pytest.mark.parametrize("at", [1, 3, 5])
def test_a_full_disk_leaves_what_was_there(
    place: Place, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before, count = told(place.prefix), 0
    real = shutil.copy2

    def full(*args: object, **words: object) -> object:
        nonlocal count
        count += 1
        if count == at:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(compose.shutil, "copy2", full)
    with pytest.raises(DiskFullError):
        upgrade(place, comes(place), VERSIONS, Steps())
    assert told(place.prefix) == before
    assert list(place.folder.iterdir()) == []


def test_too_little_space_is_told_before_anything_is_written(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine does not allow mounting")
    try:
        place = Place(lay(folder / "py", USERS))
        place.folder.mkdir()
        big = lay(tmp_path / "el", {"bin/python3.11": "x" * 500_000})
        with pytest.raises(DiskFullError, match="needed"):
            upgrade(place, big, VERSIONS, Steps())
        assert told(place.prefix) == USERS
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_running_programs_are_found_and_told(tmp_path: Path) -> None:
    program = shutil.which("sleep")
    assert program
    prefix = lay(tmp_path / "py", USERS)
    shutil.copy2(program, prefix / "bin" / "napper")
    other = prefix.with_name("py2")
    child = subprocess.Popen([prefix / "bin" / "napper", "60"])
    try:
        users, _ = users_of(prefix)
        assert [user.pid for user in users] == [child.pid]
        with pytest.raises(InUseError, match="1 running program") as caught:
            refuse_users(prefix)
        assert f"{child.pid}: " in str(caught.value)
        assert "napper 60" in str(caught.value)
        assert users_of(other) == ([], users_of(other)[1])
    finally:
        child.kill()
        child.wait()
    refuse_users(prefix)


def test_the_command_itself_is_told_where_it_runs_on_the_prefix() -> None:
    prefix = Path(sys.executable).resolve().parents[1]
    found = {user.pid: user.command for user in users_of(prefix)[0]}
    assert found[os.getpid()].startswith("this very command (")
    with pytest.raises(InUseError) as caught:
        refuse_users(prefix)
    assert "run the toolchain on another Python" in caught.value.todo


def test_exchange_says_when_it_cannot(tmp_path: Path) -> None:
    assert swap.can_exchange(lay(tmp_path / "a", USERS)) in {True, False}
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["bin", "etc", "lib"]
    with pytest.raises(OSError, match="No such file"):
        swap.exchange(tmp_path / "absent", tmp_path / "a")
