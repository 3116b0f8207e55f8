"""Replace the interpreter of a prefix in one step, and put the one before back the same way.

Both are the same act: a prefix is laid beside the present one, from the files of the interpreter
that comes and from everything that the users have in the present one; then the two change names.
"""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import DiskFullError, ElpythonError
from elpython.core.report import SILENT
from elpython.core.store import disk_errors, remove_tree
from elpython.install.compose import Parts, bytes_needed, compose
from elpython.install.errors import NoWayBackError, ReplacementFailedError
from elpython.install.layout import RECORD, Record, interpreter_files, read_record
from elpython.install.relocate import relocate
from elpython.install.state import COMPOSE, SWAP, Place, SwapJournal, recover, settle
from elpython.install.swap import can_exchange, exchange, flush

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.core.report import Reporter

__all__ = ["Replacement", "Steps", "roll_back", "upgrade"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """What a replacement calls on its way.

    Attributes:
        prove: called with the prefix that was laid, before anything is exchanged; raises to refuse.
        free: called right before the exchange; raises when the prefix is in use.
        answers: called with the prefix after the exchange; raises when it does not work.
        reporter: told how it goes on.
        atomic: whether to exchange in one step where the file system can.
    """

    prove: Callable[[Path], None] = lambda _prefix: None
    free: Callable[[], None] = lambda: None
    answers: Callable[[Path], None] = lambda _prefix: None
    reporter: Reporter = SILENT
    atomic: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """A replacement that was made.

    Attributes:
        prefix: where.
        version: of the interpreter that is there now.
        replaced: of the one that was there.
        kept: where the one that was there is kept.
        files: how many files the interpreter brought.
        users_files: how many of the users' files stayed.
        atomic: whether it was exchanged in one step.
    """

    prefix: Path
    version: str
    replaced: str
    kept: Path
    files: int
    users_files: int
    atomic: bool


def upgrade(
    place: Place, interpreter: Path, versions: tuple[str, str], steps: Steps
) -> Replacement:
    """Replace the interpreter of a prefix.

    Args:
        place: the prefix; its lock is held.
        interpreter: folder of the interpreter that comes.
        versions: that of the one that is there, and that of the one that comes.
        steps: what to call on the way.

    Raises:
        DiskFullError: there is not enough space; nothing has changed.
        ReplacementFailedError: the new one did not answer; the old one is back.
    """
    record = read_record(place.prefix / RECORD)
    files = interpreter_files(interpreter)
    parts = Parts(
        interpreter=interpreter,
        files=files - {RECORD},
        present=place.prefix,
        going=record.files if record else frozenset(),
    )
    return _replace(place, parts, versions, steps)


def roll_back(place: Place, version: str, steps: Steps) -> Replacement:
    """Put back the interpreter that was there before, with all that users have installed since.

    Args:
        place: the prefix; its lock is held.
        version: of the interpreter that is there now.
        steps: what to call on the way.

    Raises:
        NoWayBackError: none is kept.
    """
    kept = place.going("previous")
    if kept is None or not place.previous.is_dir():
        raise NoWayBackError(
            "no earlier interpreter is kept beside it",
            where=str(place.prefix),
            todo=f"elpython upgrade keeps one in {place.folder}",
        )
    record = read_record(place.prefix / RECORD)
    if record is None and read_record(place.previous / RECORD) is None:
        raise NoWayBackError(
            f"its record {RECORD} is gone: nothing tells the interpreter's files from yours",
            where=str(place.prefix),
            todo=f"the earlier interpreter lies whole in {place.previous}",
        )
    parts = Parts(
        interpreter=place.previous,
        files=frozenset(path for path in kept.files if path != RECORD),
        present=place.prefix,
        going=record.files if record else frozenset(),
        link=True,
    )
    plain = not (place.previous / RECORD).exists()
    outcome = _replace(place, parts, (version, kept.version), steps)
    if plain:
        _forget_record(place.prefix)
    return outcome


def _forget_record(prefix: Path) -> None:
    """Take the record away again: the interpreter that was put back never had one."""
    file = prefix / RECORD
    file.unlink(missing_ok=True)
    for folder in (file.parent, file.parent.parent):
        if not any(folder.iterdir()):
            folder.rmdir()


def _replace(place: Place, parts: Parts, versions: tuple[str, str], steps: Steps) -> Replacement:
    _refuse_full_disk(place, parts)
    was, comes = versions
    token = uuid.uuid4().hex
    record = Record(version=comes, token=token, files=parts.files)
    atomic = steps.atomic and can_exchange(place.folder)
    try:
        with disk_errors(place.folder):
            place.write(SwapJournal(step=COMPOSE, token=token, version=comes))
            remove_tree(place.next)
            gone = compose(parts, place.next, record, reporter=steps.reporter)
            if not parts.link:
                relocate(place.next, parts.files, place.prefix)
            place.write_going(Record(version=was, token=token, files=gone))
            steps.prove(place.next)
            steps.free()
            flush(place.folder)
            place.write(SwapJournal(step=SWAP, token=token, version=comes))
            _exchange(place, atomic=atomic)
    except BaseException:
        recover(place)
        raise
    _check_at_place(place, steps, atomic=atomic)
    settle(place)
    flush(place.folder)
    users = sum(1 for root, _, names in os.walk(place.prefix) for _ in names) - len(parts.files) - 1
    return Replacement(
        prefix=place.prefix,
        version=comes,
        replaced=was,
        kept=place.previous,
        files=len(parts.files),
        users_files=users,
        atomic=atomic,
    )


def _exchange(place: Place, *, atomic: bool) -> None:
    if atomic:
        exchange(place.prefix, place.next)
        return
    place.prefix.rename(place.leaving)
    place.next.rename(place.prefix)


def _check_at_place(place: Place, steps: Steps, *, atomic: bool) -> None:
    """Ask the new interpreter at its place; put the old one back when it does not answer."""
    try:
        steps.answers(place.prefix)
    except ElpythonError as error:
        if atomic:
            exchange(place.prefix, place.next)
        else:
            place.prefix.rename(place.next)
            place.leaving.rename(place.prefix)
        recover(place)
        raise ReplacementFailedError(
            "the new interpreter does not work at its place; the old one is back",
            where=str(place.prefix),
            details=tuple(str(error).splitlines()),
        ) from error


def _refuse_full_disk(place: Place, parts: Parts) -> None:
    needed = bytes_needed(parts)
    free = shutil.disk_usage(place.prefix.parent).free
    if needed > free:
        raise DiskFullError(
            f"{needed / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free; nothing was touched",
            where=str(place.prefix.parent),
            todo="free some space and run again",
        )
