"""The journal: every attempt, in SQLite. It is the truth about a run; executors forget.

Written in WAL mode: a reader (the status page, `rebuild report`) never waits, and a run killed at
any moment leaves a journal that opens. One row an attempt; a row without an end was interrupted.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from elpython.core.errors import DiskFullError
from elpython.core.store import disk_errors
from elpython.mass_rebuild.errors import JournalError, RunningError
from elpython.mass_rebuild.model import Artifact
from elpython.mass_rebuild.plain import from_plain, to_plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elpython.mass_rebuild.model import BuildOutcome

__all__ = ["Attempt", "Event", "RebuildJournal", "lock_folder"]

_VERSION = 1
_SCHEMA = """
create table if not exists attempt (
  id integer primary key,
  stack text not null,
  job text not null,
  kind text not null,
  content_key text not null,
  worker text not null default '',
  queued real not null,
  started real,
  ended real,
  seconds real,
  status text not null default 'running',
  reason text not null default '',
  exit_code integer,
  peak_mb integer,
  contained text not null default '',
  products text not null default '[]',
  class text not null default '',
  cause text not null default '',
  log text not null default ''
);
create index if not exists attempt_job on attempt (stack, job);
create table if not exists note (key text primary key, value text not null);
create table if not exists event (
  id integer primary key, at real not null, kind text not null, worker text not null,
  what text not null
);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One attempt at one job.

    Attributes:
        stack: `main` or `control`.
        queued: when it was given to an executor, seconds since the epoch.
        status: `running`, `built`, `failed`, `lost`, `needs` or `interrupted`.
        failure: the class that triage gave; empty when it did not fail.
        cause: the root cause that it shares with others.
        log: path of its log below the rebuild folder; empty when there is none.
    """

    number: int
    stack: str
    job: str
    kind: str
    content_key: str
    worker: str
    queued: float
    started: float
    ended: float
    seconds: float
    status: str
    reason: str
    exit_code: int
    peak_mb: int
    contained: str
    products: tuple[Artifact, ...]
    failure: str
    cause: str
    log: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened to the workers.

    Attributes:
        at: seconds since the epoch.
        kind: `came`, `lost`, `replace`, `short` or `whole`.
    """

    at: float
    kind: str
    worker: str
    what: str


class lock_folder:  # noqa: N801 - used like a function
    """Hold a rebuild folder, so that two runs never write one journal."""

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock

        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = FileLock(folder / ".lock")

    def __enter__(self) -> None:
        """Take the lock or say who cannot.

        Raises:
            RunningError: another run holds it.
        """
        from filelock import Timeout

        try:
            self._lock.acquire(timeout=0.2)
        except Timeout as error:
            raise RunningError(
                "another run is at work here", where=str(self._folder), todo="wait for its end"
            ) from error

    def __exit__(self, *_exception: object) -> None:
        """Give it back."""
        self._lock.release()


@contextlib.contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise DiskFullError(
                "no space left on the disk",
                where=str(path),
                todo="free some space, then: elpython mass-rebuild resume",
            ) from error
        raise JournalError(f"cannot be used: {error}", where=str(path)) from error
    except sqlite3.DatabaseError as error:
        raise JournalError(
            f"is no journal: {error}", where=str(path), todo="start again in another folder"
        ) from error


@dataclass(slots=True)
class RebuildJournal:
    """An open journal; use as a context manager."""

    path: Path
    _db: sqlite3.Connection

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> Self:
        """Open a journal.

        Raises:
            JournalError: it is not there (and `create` is not given), or is none.
        """
        if not create and not path.is_file():
            raise JournalError(
                "there is no journal", where=str(path), todo="start: elpython mass-rebuild run"
            )
        with _errors(path):
            db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            db.row_factory = sqlite3.Row
            db.execute("pragma journal_mode=wal")
            db.execute("pragma synchronous=normal")
            found = int(db.execute("pragma user_version").fetchone()[0])
            if found not in {0, _VERSION}:
                raise JournalError(f"has version {found}, known is {_VERSION}", where=str(path))
            if found == 0:
                db.executescript(_SCHEMA)
                db.execute(f"pragma user_version={_VERSION}")
        return cls(path, db)

    def __enter__(self) -> Self:
        """Return the journal."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close it."""
        self._db.close()

    def close_open_attempts(self) -> int:
        """Mark what a run left in the middle as interrupted; return how many.

        They ended when the run did: not later known than by the last thing that it wrote down.
        """
        with _errors(self.path):
            last = self._db.execute(
                "select max(max(queued, coalesce(ended, 0))) from attempt"
            ).fetchone()[0]
            done = self._db.execute(
                "update attempt set status='interrupted', ended=? where status='running'", (last,)
            )
        return done.rowcount

    def begin(self, *, stack: str, job: str, kind: str, content_key: str) -> int:
        """Write that a job was given away; return the attempt's number."""
        with _errors(self.path):
            done = self._db.execute(
                "insert into attempt (stack, job, kind, content_key, queued) values (?,?,?,?,?)",
                (stack, job, kind, content_key, time.time()),
            )
        return int(done.lastrowid or 0)

    def end(
        self, number: int, outcome: BuildOutcome, *, failure: str, cause: str, log: str
    ) -> None:
        """Write what became of an attempt."""
        now = time.time()
        products = json.dumps([to_plain(item) for item in outcome.products])
        with _errors(self.path):
            self._db.execute(
                "update attempt set worker=?, started=?, ended=?, seconds=?, status=?, reason=?,"
                " exit_code=?, peak_mb=?, contained=?, products=?, class=?, cause=?, log=?"
                " where id=?",
                (
                    outcome.worker, outcome.started or now, now, outcome.seconds, outcome.status,
                    outcome.reason, outcome.exit_code, outcome.peak_mb, outcome.contained,
                    products, failure, cause, log, number,
                ),
            )  # fmt: skip

    def attempts(self, stack: str | None = None) -> list[Attempt]:
        """Return all attempts, oldest first."""
        where, values = ("where stack=?", (stack,)) if stack else ("", ())
        with _errors(self.path):
            rows = self._db.execute(f"select * from attempt {where} order by id", values)  # noqa: S608
            return [_attempt(row) for row in rows]

    def last(self, stack: str = "main") -> dict[str, Attempt]:
        """Return the last attempt of each job."""
        return {attempt.job: attempt for attempt in self.attempts(stack)}

    def has_passed(self, stack: str, job: str, content_key: str) -> bool:
        """Return whether a job has succeeded with exactly these inputs."""
        with _errors(self.path):
            row = self._db.execute(
                "select 1 from attempt where stack=? and job=? and content_key=? and"
                " status='built' limit 1",
                (stack, job, content_key),
            ).fetchone()
        return row is not None

    def seconds(self) -> dict[str, float]:
        """Return the duration of each job's last real build, to expect the next one from."""
        found = {}
        for attempt in self.attempts("main"):
            if attempt.status == "built" and attempt.reason != "reused":
                found[attempt.job] = attempt.seconds
                found[attempt.job.partition("==")[0]] = attempt.seconds
        return found

    def event(self, kind: str, worker: str, what: str) -> None:
        """Write down that something happened to a worker."""
        with _errors(self.path):
            self._db.execute(
                "insert into event (at, kind, worker, what) values (?,?,?,?)",
                (time.time(), kind, worker, what),
            )

    def events(self, most: int = 50) -> list[Event]:
        """Return the last events, newest first."""
        with _errors(self.path):
            rows = self._db.execute("select * from event order by id desc limit ?", (most,))
            return [
                Event(at=row["at"], kind=row["kind"], worker=row["worker"], what=row["what"])
                for row in rows
            ]

    def note(self, key: str, value: object) -> None:
        """Keep a value under a name."""
        with _errors(self.path):
            self._db.execute("insert or replace into note values (?,?)", (key, json.dumps(value)))

    def noted(self, key: str) -> object:
        """Return a kept value, or None."""
        with _errors(self.path):
            row = self._db.execute("select value from note where key=?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])


def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(
        number=row["id"],
        stack=row["stack"],
        job=row["job"],
        kind=row["kind"],
        content_key=row["content_key"],
        worker=row["worker"],
        queued=row["queued"],
        started=row["started"] or row["queued"],
        ended=row["ended"] or 0.0,
        seconds=row["seconds"] or 0.0,
        status=row["status"],
        reason=row["reason"],
        exit_code=row["exit_code"] or 0,
        peak_mb=row["peak_mb"] or 0,
        contained=row["contained"],
        products=tuple(from_plain(Artifact, item) for item in json.loads(row["products"])),
        failure=row["class"],
        cause=row["cause"],
        log=row["log"],
    )
