"""What lies beside a prefix while it is replaced, and after: the journal and the way back.

Beside `/opt/python` it is `/opt/.python.elpython`:

    lock            held by the run that is at work
    journal.json    what a run is about to do; gone when it is done
    next/           the prefix being laid; after the exchange the one that was there
    next.json       which files of the one that was there are its interpreter's
    leaving/        the one that was there, where two renames had to do
    previous/       the way back, with previous.json
    discard/        on its way out
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.store import disk_errors, remove_tree, write_atomic
from elpython.core.strict_json import load_json
from elpython.install.errors import BadPrefixError, InUseError, JournalError
from elpython.install.layout import RECORD, Record, read_record
from elpython.install.swap import TRIAL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Place", "SwapJournal", "recover", "settle"]

COMPOSE, SWAP = "compose", "swap"


@dataclass(frozen=True, kw_only=True, slots=True)
class SwapJournal:
    """What a run is about to do.

    Attributes:
        step: `compose` (the prefix is untouched) or `swap` (it is exchanged, or about to be).
        token: stands in the record of the prefix that comes.
        version: of the interpreter that comes.
    """

    step: str
    token: str
    version: str


@dataclass(frozen=True, slots=True)
class Place:
    """A prefix and the folder beside it; making one touches nothing."""

    prefix: Path

    @property
    def folder(self) -> Path:
        """The folder beside the prefix: on the same file system, so that a rename is enough."""
        return self.prefix.with_name(f".{self.prefix.name}.elpython")

    @property
    def next(self) -> Path:
        """The prefix being laid."""
        return self.folder / "next"

    @property
    def leaving(self) -> Path:
        """The prefix that was there, between two renames."""
        return self.folder / "leaving"

    @property
    def previous(self) -> Path:
        """The way back."""
        return self.folder / "previous"

    @property
    def discard(self) -> Path:
        """What is on its way out."""
        return self.folder / "discard"

    @property
    def journal_file(self) -> Path:
        """The journal."""
        return self.folder / "journal.json"

    def going(self, which: str) -> Record | None:
        """Read which files are the interpreter's in `next` or `previous`."""
        return read_record(self.folder / f"{which}.json")

    def write_going(self, record: Record) -> None:
        """Write which files of the prefix that goes are its interpreter's."""
        write_atomic(self.folder / "next.json", record.text().encode())

    def write(self, journal: SwapJournal) -> None:
        """Write the journal, whole or not at all."""
        data = {"step": journal.step, "token": journal.token, "version": journal.version}
        write_atomic(self.journal_file, json.dumps(data).encode())

    def read(self) -> SwapJournal | None:
        """Read the journal; None when no run is unfinished.

        Raises:
            JournalError: it makes no sense.
        """
        try:
            data: dict[str, Any] = load_json(self.journal_file.read_text("utf-8"))
            journal = SwapJournal(
                step=data["step"], token=str(data["token"]), version=str(data["version"])
            )
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise self._unreadable() from error
        if journal.step not in {COMPOSE, SWAP}:
            raise self._unreadable()
        return journal

    def _unreadable(self) -> JournalError:
        return JournalError(
            "the journal of an unfinished run makes no sense",
            where=str(self.journal_file),
            todo=f"look which of {self.prefix}, {self.next} and {self.leaving} works, bring that "
            "one to its place, and remove the journal",
        )

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the prefix.

        Raises:
            InUseError: another run holds it.
            BadPrefixError: the parent folder may not be written.
        """
        from filelock import FileLock, Timeout

        if not os.access(self.prefix.parent, os.W_OK):
            raise BadPrefixError(
                "cannot be exchanged: you may not write in its parent folder",
                where=str(self.prefix.parent),
                todo="run as the owner of that folder",
            )
        with disk_errors(self.prefix.parent):
            self.folder.mkdir(exist_ok=True)
            lock = FileLock(self.folder / "lock")
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                raise InUseError(
                    "another run of EL Python is replacing it", where=str(self.prefix)
                ) from error
        try:
            yield
        finally:
            lock.release()
            self._leave_nothing()

    def _leave_nothing(self) -> None:
        """Remove the folder beside the prefix when nothing is kept in it."""
        with contextlib.suppress(OSError):
            if [path.name for path in self.folder.iterdir()] == ["lock"]:
                (self.folder / "lock").unlink()
            self.folder.rmdir()


def swapped(place: Place, journal: SwapJournal) -> bool:
    """Return whether what was laid stands at its place."""
    record = read_record(place.prefix / RECORD)
    return record is not None and record.token == journal.token


def settle(place: Place) -> None:
    """After the exchange: what was there becomes the way back. May be run again at any point."""
    old = next((path for path in (place.leaving, place.next) if path.exists()), None)
    if old is not None:
        if place.previous.exists():
            _discard(place)
            place.previous.rename(place.discard)
        old.rename(place.previous)
    told = place.folder / "next.json"
    if told.exists():
        told.replace(place.folder / "previous.json")
    place.journal_file.unlink(missing_ok=True)
    _discard(place)


def _discard(place: Place) -> None:
    """Remove what is kept no more.

    Raises:
        BadPrefixError: the system does not let it go: an immutable file, for one.
    """
    try:
        remove_tree(place.discard)
    except OSError as error:
        raise BadPrefixError(
            f"the prefix is whole, but what was there earlier cannot be removed: {error.strerror}",
            where=str(error.filename or place.discard),
            todo=f"take its attribute away (lsattr, chattr -i) and remove {place.discard}",
        ) from error


def recover(place: Place) -> str:
    """Finish or undo what an interrupted run left; return what was done, empty for nothing.

    Raises:
        JournalError: the journal makes no sense; nothing is touched.
    """
    journal = place.read()
    for trial in place.folder.glob(f"{TRIAL}*"):
        remove_tree(trial)
    told = ""
    if journal is not None and journal.step == SWAP:
        if not place.prefix.exists() and place.leaving.exists():
            place.leaving.rename(place.prefix)
        if swapped(place, journal):
            settle(place)
            return f"an interrupted run had replaced it by {journal.version}: finished"
    if journal is not None:
        told = f"an interrupted run towards {journal.version} was undone"
    remove_tree(place.next)
    (place.folder / "next.json").unlink(missing_ok=True)
    place.journal_file.unlink(missing_ok=True)
    _discard(place)
    return told
