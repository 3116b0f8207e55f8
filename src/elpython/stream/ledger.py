"""The ledger of a series: release by release, the last ABI change and the last ABI addition.

A TOML file in the branch's repository (`Misc/abi-ledger/3.15.toml`) that is only ever added to.
Each record carries the digest of the one before it, so that a changed record is found even
without the repository's history.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from elpython.stream.release import BadReleaseError, Release, parse_release
from elpython.stream.tables import Table, read_toml

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.stream.classify import Classification

__all__ = [
    "FOLDER",
    "Ledger",
    "LedgerChange",
    "LedgerRecord",
    "append",
    "parse_ledger",
    "read_ledger",
    "record_of",
]

FOLDER = "Misc/abi-ledger"
_SOURCES = ("marked", "measured", "decided")
_KINDS = ("break", "addition", "excused")
_START = "start"


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerChange:
    """One change behind a release.

    Attributes:
        kind: `break`, `addition` or `excused`.
        source: `marked`, `measured` or `decided`.
        symbol: symbol or struct; several with commas for a marked entry that names several.
        what: one line.
        file: where it is declared, or the NEWS entry.
        reach: exported symbols that reach a changed type.
        tier: the evidence.
        commit: of a marked one.
        form: what it is in C: `type`, `tail`, `function`, `removed`, `variable`, `value`, `access`
            ...; empty for a marked one.
    """

    kind: str
    source: str
    symbol: str
    what: str
    file: str = ""
    reach: tuple[str, ...] = ()
    tier: str = ""
    commit: str = ""
    form: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRecord:
    """One release.

    Attributes:
        release, date: which and when.
        last_break: the last release, up to this one, that changed the ABI.
        last_addition: the last one that added to it.
        tier: the evidence behind the label.
        reasons: why it has its label.
        changes: what is behind it.
        previous: digest of the record before; `start` for the first.
    """

    release: Release
    date: dt.date
    last_break: Release
    last_addition: Release
    tier: str
    reasons: tuple[str, ...]
    changes: tuple[LedgerChange, ...]
    previous: str = _START

    @property
    def digest(self) -> str:
        """What the next record carries as `previous`: sha256, 32 hex digits."""
        plain = asdict(self) | {
            "release": str(self.release),
            "date": self.date.isoformat(),
            "last_break": str(self.last_break),
            "last_addition": str(self.last_addition),
        }
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """All records of a series, oldest first."""

    series: str
    records: tuple[LedgerRecord, ...]

    @property
    def dates(self) -> dict[Release, dt.date]:
        """The releases with their days."""
        return {record.release: record.date for record in self.records}

    def between(self, since: Release, to: Release) -> list[LedgerRecord]:
        """Give the records after `since` up to `to`, in release order."""
        return [record for record in self.records if since < record.release <= to]


def read_ledger(path: Path) -> Ledger:
    """Read a ledger.

    Raises:
        BadTableError: with every problem: unknown keys, releases out of order, a record that was
            changed after the next one was written.
    """
    return parse_ledger(read_toml(path))


def parse_ledger(root: Table) -> Ledger:
    """Read a ledger that is already a table; problems as in `read_ledger`."""
    series = root.text("series")
    records = [_record(row, series) for row in root.tables("release")]
    root.finish()
    if not root.problems:
        root.problems.extend(f"{root.where}{what}" for what in _chain_problems(records))
    root.done()
    return Ledger(series=series, records=tuple(records))


def _record(row: Table, series: str) -> LedgerRecord:
    changes = []
    for item in row.tables("change"):
        changes.append(
            LedgerChange(
                kind=item.text("kind", among=_KINDS),
                source=item.text("source", among=_SOURCES),
                symbol=item.text("symbol", ""),
                what=item.text("what"),
                file=item.text("file", ""),
                reach=item.texts("reach", ()),
                tier=item.text("tier", ""),
                commit=item.text("commit", ""),
                form=item.text("form", ""),
            )
        )
        item.finish()
    made = LedgerRecord(
        release=_release(row, "version", series),
        date=row.date("date"),
        last_break=_release(row, "last_break", series),
        last_addition=_release(row, "last_addition", series),
        tier=row.text("tier"),
        reasons=row.texts("reasons"),
        changes=tuple(changes),
        previous=row.text("previous"),
    )
    row.finish()
    return made


def _release(row: Table, key: str, series: str) -> Release:
    text = row.text(key)
    try:
        return parse_release(text, series=series or None)
    except BadReleaseError as error:
        row.report(key, error.what)
        return Release(series=(0, 0))


def _chain_problems(records: Sequence[LedgerRecord]) -> list[str]:
    problems = []
    before: LedgerRecord | None = None
    for record in records:
        wanted = before.digest if before else _START
        if record.previous != wanted:
            who = f"the record of {before.release}" if before else "what came before"
            problems.append(
                f"{record.release}: {who} was changed after this record was written "
                f"(previous is {record.previous!r}, its digest {wanted!r})"
            )
        if before and record.release <= before.release:
            problems.append(f"{record.release} does not come after {before.release}")
        before = record
    return problems


def record_of(
    ledger: Ledger | None, release: Release, date: dt.date, found: Classification
) -> LedgerRecord:
    """Make the record of a release from its classification.

    Args:
        ledger: the series so far; None or empty for the first release.
        release: the new one.
        date: its day.
        found: what `classify` said of the changes since the release before.

    Raises:
        BadReleaseError: it does not follow the last release, or its label contradicts the
            verdict. Both at once.
    """
    last = ledger.records[-1] if ledger and ledger.records else None
    _check_release(last, release, date, found)
    changes = _changes(found)
    broke = last is None or any(change.kind == "break" for change in changes)
    added = last is None or any(change.kind == "addition" for change in changes)
    return LedgerRecord(
        release=release,
        date=date,
        last_break=release if broke or last is None else last.last_break,
        last_addition=release if added or last is None else last.last_addition,
        tier=found.tier,
        reasons=found.reasons,
        changes=changes,
        previous=last.digest if last else _START,
    )


def _check_release(
    last: LedgerRecord | None, release: Release, date: dt.date, found: Classification
) -> None:
    problems = []
    if last is not None and release <= last.release:
        problems.append(f"{release} does not come after {last.release}, the ledger's last")
    if last is not None and date < last.date:
        problems.append(f"{date} is before {last.date}, the day of {last.release}")
    if last is not None and release.is_pre_freeze and release.level != found.verdict:
        problems.append(f"{release} is a {release.level}, the verdict is {found.verdict}")
    if problems:
        raise BadReleaseError(
            "the release cannot be written into the ledger",
            details=tuple(problems),
            todo="see `elpython stream next`, or decide with --override and a --reason",
        )


def _changes(found: Classification) -> tuple[LedgerChange, ...]:
    from_marks = [
        LedgerChange(
            kind="break",
            source="marked",
            symbol="",
            what=item.entries[0].replace("\n", " ") if item.entries else item.summary,
            file=item.paths[0] if item.paths else "",
            commit=item.commit,
            tier="markers only",
        )
        for item in found.marked
    ]
    measured = [
        LedgerChange(
            kind="addition" if item.kind == "added" else "break" if item.breaks else "excused",
            source="measured",
            symbol=item.symbol,
            what=item.what + (f" [{item.excuse}]" if item.excuse else ""),
            file=item.file,
            reach=item.reach,
            tier=item.tier,
            form=item.kind,
        )
        for item in found.measured
    ]
    decided = []
    if found.override and found.override.label == "alpha":
        decided = [LedgerChange(kind="break", source="decided", symbol="",
                                what=found.override.reason, tier="markers only")]  # fmt: skip
    return (*from_marks, *measured, *decided)


def append(text: str, series: str, record: LedgerRecord) -> str:
    """Give a ledger's text with one record more; what stood there stays as it is."""
    head = text or f'series = "{series}"\n'
    lines = [
        "",
        "[[release]]",
        f"version = {_quote(str(record.release))}",
        f"date = {record.date.isoformat()}",
        f"last_break = {_quote(str(record.last_break))}",
        f"last_addition = {_quote(str(record.last_addition))}",
        f"tier = {_quote(record.tier)}",
        f"reasons = [{', '.join(map(_quote, record.reasons))}]",
        f"previous = {_quote(record.previous)}",
    ]
    for change in record.changes:
        lines += ["", "[[release.change]]"]
        for key, value in asdict(change).items():
            if value or key == "what":
                lines.append(f"{key} = {_value(value)}")
    return head + "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_quote, value))}]"
    return _quote(str(value))


def _quote(text: str) -> str:
    """Write a TOML basic string: JSON's escapes are a part of TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
