"""What the index says about a branch's releases, and what follows for one of them."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.core.errors import BadVersionError, UnknownNameError, UsageError
from elpython.core.strict_json import portable_json
from elpython.core.text import hides
from elpython.core.toml import Reader
from elpython.core.version import ElVersion
from elpython.release.errors import BadIndexError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Index",
    "Record",
    "Retired",
    "Revocation",
    "Row",
    "check_fingerprint",
    "dump_record",
    "parse_record",
]

_FORMAT = 1
_SHA256 = r"[0-9a-f]{64}"
_FINGERPRINT = r"SHA256:[A-Za-z0-9+/]{43}"
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_SKEW = dt.timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Revocation:
    """Why and since when a release must not be used."""

    date: dt.date
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One release, as the index knows it.

    Attributes:
        version: the EL version.
        manifest_sha256: digest of its manifest.
        recorded: when the index took it in; its signature is judged as of then.
        supersedes: the releases that it replaces.
        revoked: why it must not be used; None when it may.
    """

    version: str
    manifest_sha256: str
    recorded: dt.datetime
    supersedes: tuple[str, ...] = ()
    revoked: Revocation | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Retired:
    """A key that signs releases no more.

    Attributes:
        key: its fingerprint, `SHA256:...`.
        since: what the index took in from then on does not count when this key signed it.
        reason: why.
    """

    key: str
    since: dt.datetime
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The index's statement about one branch.

    Attributes:
        branch: its name.
        rows: its releases, oldest first.
        retired: keys that sign no more.
    """

    branch: str
    rows: tuple[Row, ...] = ()
    retired: tuple[Retired, ...] = ()

    @property
    def superseded(self) -> dict[str, str]:
        """Release -> the one that replaces it; one that was revoked replaces nothing."""
        return {old: row.version for row in self.rows if not row.revoked for old in row.supersedes}

    @property
    def current(self) -> tuple[str, ...]:
        """The releases to use: neither superseded nor revoked."""
        gone = self.superseded
        return tuple(
            row.version for row in self.rows if not row.revoked and row.version not in gone
        )

    def row(self, version: str) -> Row:
        """Return a release's row.

        Raises:
            UnknownNameError: the index does not know it.
        """
        for row in self.rows:
            if row.version == version:
                return row
        raise UnknownNameError(f"the index of {self.branch} has no release {version}")

    def with_release(self, version: str, manifest_sha256: str, now: dt.datetime) -> Record:
        """Return the record with one more release, which supersedes the current ones.

        Raises:
            UsageError: it stands there already, or is not newer than what it would supersede.
        """
        if any(row.version == version for row in self.rows):
            raise UsageError(f"the index has {version} already")
        new = ElVersion.parse(version)
        newer = [row.version for row in self.rows if ElVersion.parse(row.version) > new]
        if newer:
            raise UsageError(f"the index has {newer[-1]}, which is newer than {version}")
        row = Row(
            version=version,
            manifest_sha256=manifest_sha256,
            recorded=now,
            supersedes=self.current,
        )
        return replace(self, rows=(*self.rows, row))

    def with_revocation(self, version: str, revocation: Revocation) -> Record:
        """Return the record with a release revoked.

        Raises:
            UnknownNameError: the index does not know it.
        """
        self.row(version)
        rows = [
            replace(row, revoked=revocation) if row.version == version else row for row in self.rows
        ]
        return replace(self, rows=tuple(rows))


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """The index as it was verified.

    Attributes:
        place: where it came from.
        records: branch -> what is said about it.
        expires: when this knowledge is too old.
        read: when it was read.
    """

    place: str
    records: Mapping[str, Record]
    expires: dt.datetime
    read: dt.datetime

    def by_manifest(self, sha256: str) -> tuple[Record, Row] | None:
        """Return the release that has a manifest; None when there is none."""
        for record in self.records.values():
            for row in record.rows:
                if row.manifest_sha256 == sha256:
                    return record, row
        return None

    def problems(self, sha256: str, *, allow_downgrade: bool = False) -> tuple[str, ...]:
        """Return why a release must not be used; nothing when it may.

        Args:
            sha256: digest of its manifest.
            allow_downgrade: whether a superseded release may be used.
        """
        found = self.by_manifest(sha256)
        if found is None:
            return (f"no release with this manifest ({sha256[:16]}...) is in the index",)
        record, row = found
        problems = []
        if row.revoked:
            problems.append(
                f"{row.version} was revoked on {row.revoked.date}: {row.revoked.reason}"
            )
        newer = record.superseded.get(row.version)
        if newer and not allow_downgrade:
            problems.append(
                f"{row.version} is superseded by {newer}; --allow-downgrade takes it all the same"
            )
        if row.recorded > self.read + _SKEW:
            problems.append(
                f"it was recorded on {row.recorded:%Y-%m-%d}, and this machine's clock says "
                f"{self.read:%Y-%m-%d}: its clock is wrong, and so is what it takes for fresh"
            )
        return tuple(problems)

    def key_problem(self, key: str, record: Record, row: Row) -> str:
        """Return why a key's signature on a release does not count; empty when it does.

        Args:
            key: its fingerprint, as `ssh-keygen` tells it.
            record: the branch's.
            row: the release's.
        """
        for item in record.retired:
            if item.key in key.split() and row.recorded >= item.since:
                return (
                    f"its key signs no more since {item.since:%Y-%m-%d} ({item.reason}), and the "
                    f"release was recorded on {row.recorded:%Y-%m-%d}"
                )
        return ""


def dump_record(record: Record) -> bytes:
    """Return a record's bytes; the same record gives the same bytes."""
    data = {
        "format": _FORMAT,
        "branch": record.branch,
        "releases": [
            {
                "version": row.version,
                "manifest_sha256": row.manifest_sha256,
                "recorded": row.recorded.isoformat(),
                "supersedes": list(row.supersedes),
            }
            | _revoked(row.revoked)
            for row in record.rows
        ],
        "retired_keys": [
            {"key": item.key, "since": item.since.isoformat(), "reason": item.reason}
            for item in record.retired
        ],
    }
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def _revoked(revocation: Revocation | None) -> dict[str, dict[str, str]]:
    if revocation is None:
        return {}
    return {"revoked": {"date": revocation.date.isoformat(), "reason": revocation.reason}}


def parse_record(text: bytes, branch: str) -> Record:
    """Read a record's bytes, which were verified.

    Raises:
        BadIndexError: it is no record of that branch; all problems are listed.
    """
    where = f"{branch}/releases.json"
    try:
        data = portable_json(text)
    except (ValueError, RecursionError) as error:
        raise BadIndexError(f"invalid JSON: {error}", where=where) from error
    problems: list[str] = []
    reader = Reader(data if isinstance(data, dict) else {}, problems, file=where)
    if reader.number("format", 0) != _FORMAT:
        reader.problem("format", f"must be {_FORMAT}")
    if reader.text("branch") != branch:
        reader.problem("branch", f"must be {branch!r}")
    rows = [_row(table) for table in reader.tables("releases")]
    retired = [_retired(table) for table in reader.tables("retired_keys")]
    # A misspelt `revoked` would be no revocation.
    reader.done()
    if not problems:
        _agree(reader, branch, rows)
    if problems:
        raise BadIndexError(
            f"{len(problems)} problem(s)", where=where, details=tuple(problems[:20])
        )
    return Record(branch=branch, rows=tuple(rows), retired=tuple(retired))


def _agree(reader: Reader, branch: str, rows: list[Row]) -> None:
    """Report releases of which two readers could make different things."""
    manifests: set[str] = set()
    before: list[str] = []
    for row in rows:
        version = ElVersion.parse(row.version)
        if version.series != branch:
            reader.problem("releases", f"{row.version} is no release of {branch}")
        if before and ElVersion.parse(before[-1]) >= version:
            reader.problem("releases", f"{row.version} stands twice, or behind a newer one")
        if row.manifest_sha256 in manifests:
            reader.problem("releases", f"{row.version} has the manifest of another release")
        for other in row.supersedes:
            if other not in before:
                reader.problem("releases", f"{row.version} supersedes {other!r}, not before it")
        manifests.add(row.manifest_sha256)
        before.append(row.version)


def check_fingerprint(text: str) -> str:
    """Return a key's fingerprint when it is one; another spelling would never match.

    Raises:
        UsageError: it is none.
    """
    if not re.fullmatch(_FINGERPRINT, text):
        raise UsageError(
            f"{text!r} is no fingerprint of a key",
            todo="ssh-keygen -lf KEY tells it: SHA256: and 43 characters",
        )
    return text


def _key(table: Reader) -> str:
    return table.text("key", pattern=_FINGERPRINT, like="SHA256: and 43 characters")


def _version(text: str) -> str | None:
    try:
        ElVersion.parse(text)
    except BadVersionError as error:
        return error.what
    return None


def _reason(table: Reader) -> str:
    reason = table.text("reason")
    if hides(reason):
        table.problem("reason", f"{reason[:60]!r} has characters that a terminal hides or obeys")
    return reason


def _retired(table: Reader) -> Retired:
    found = Retired(key=_key(table), since=_time(table, "since"), reason=_reason(table))
    table.done()
    return found


def _row(table: Reader) -> Row:
    revoked = None
    if table.has("revoked"):
        part = table.table("revoked")
        revoked = Revocation(date=_time(part, "date").date(), reason=_reason(part))
        part.done()
    found = Row(
        version=table.checked("version", _version),
        manifest_sha256=table.text("manifest_sha256", pattern=_SHA256, like="64 hex digits"),
        recorded=_time(table, "recorded"),
        supersedes=table.words("supersedes"),
        revoked=revoked,
    )
    table.done()
    return found


def _time(table: Reader, key: str) -> dt.datetime:
    text = table.text(key)
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        table.problem(key, f"{text!r} is no time (2027-01-26T12:00:00+00:00)")
        return dt.datetime.now(tz=dt.UTC)
    found = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    if not _FIRST_YEAR <= found.year < _LAST_YEAR:
        table.problem(key, f"{text!r} is not in this century")
        return dt.datetime.now(tz=dt.UTC)
    return found
