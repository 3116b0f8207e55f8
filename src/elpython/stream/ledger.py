"""The ledger of a series: release by release, the last ABI change and the last ABI addition.

A TOML file in the branch's repository (`Misc/abi-ledger/3.15.toml`) that is only ever added to.
Each record carries the digest of the one before it, so that a changed record is found even
without the repository's history.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from elpython.stream.freeze import freeze_problems, is_frozen, proposal
from elpython.stream.release import BadReleaseError, Release, parse_release, parse_series
from elpython.stream.sequence import date_problems, sequence_problems
from elpython.stream.standing import (
    START,
    LedgerChange,
    LedgerRecord,
    chain_problems,
    standing_of,
)
from elpython.stream.tables import Table, read_toml

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from elpython.stream.classify import Classification

__all__ = [
    "FOLDER",
    "Ledger",
    "LedgerChange",
    "LedgerEntry",
    "LedgerRecord",
    "append",
    "parse_ledger",
    "read_ledger",
    "record_of",
]

FOLDER = "Misc/abi-ledger"
_SOURCES = ("marked", "measured", "decided")
_KINDS = ("break", "addition", "excused")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """All records of a series, oldest first, in the order of writing."""

    series: str
    records: tuple[LedgerRecord, ...]

    @property
    def standing(self) -> tuple[LedgerRecord, ...]:
        """The records that count, in release order: a correction in place of what it corrects."""
        return tuple(standing_of(self.records))

    @property
    def dates(self) -> dict[Release, dt.date]:
        """The releases with their days."""
        return {record.release: record.date for record in self.standing}

    def between(self, since: Release, to: Release) -> list[LedgerRecord]:
        """Return the records after `since` up to `to`, in release order."""
        return [record for record in self.standing if since < record.release <= to]


def read_ledger(path: Path) -> Ledger:
    """Read a ledger.

    Raises:
        BadTableError: with every problem: unknown keys, a release that cannot follow the one before
            it, days out of order, labels that name no standing release, a record that was changed
            after the next one was written.
    """
    return parse_ledger(read_toml(path))


def parse_ledger(root: Table) -> Ledger:
    """Read a ledger that is already a table; problems as in `read_ledger`."""
    series = root.text("series")
    try:
        parse_series(series)
    except BadReleaseError as error:
        root.problem("series", error.what)
        root.end()
    records = [_record(row, series) for row in root.tables("release")]
    root.done()
    if not root.problems:
        for what in chain_problems(records):
            root.problem("", what)
    root.end()
    return Ledger(series=series, records=tuple(records))


def _record(row: Table, series: str) -> LedgerRecord:
    changes = []
    for item in row.tables("change"):
        changes.append(
            LedgerChange(
                kind=item.choice("kind", _KINDS),
                source=item.choice("source", _SOURCES),
                symbol=item.text("symbol", ""),
                what=item.text("what"),
                file=item.text("file", ""),
                reach=item.texts("reach", ()),
                tier=item.text("tier", ""),
                commit=item.text("commit", ""),
                form=item.text("form", ""),
            )
        )
        item.done()
    made = LedgerRecord(
        release=_release(row, "version", series),
        date=row.date("date"),
        last_break=_release(row, "last_break", series),
        last_addition=_release(row, "last_addition", series),
        tier=row.text("tier"),
        reasons=row.texts("reasons"),
        changes=tuple(changes),
        previous=row.text("previous"),
        corrects=_release(row, "corrects", series) if row.has("corrects") else None,
    )
    row.done()
    return made


def _release(row: Table, key: str, series: str) -> Release:
    text = row.text(key)
    try:
        return parse_release(text, series=series or None)
    except BadReleaseError as error:
        row.problem(key, error.what)
        return Release(series=(0, 0))


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """What is to be written into a ledger.

    Attributes:
        release, date: which and when.
        today: the day of writing; a date after it is refused.
        corrects: the release whose record is put right.
        features: new features since the last release, as NEWS tells them.
        doubts: errors of the range's check that leave the label open.
    """

    release: Release
    date: dt.date
    today: dt.date
    corrects: Release | None = None
    features: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def record_of(ledger: Ledger | None, entry: LedgerEntry, found: Classification) -> LedgerRecord:
    """Make the record of a release from its classification.

    Args:
        ledger: the series so far; None or empty for the first release.
        entry: the release, its day, and what it corrects.
        found: what `classify` said of the changes since the release before.

    Raises:
        BadReleaseError: it cannot follow the last release, its day cannot be, its label
            contradicts the verdict, or the freeze is broken without a word of the release
            manager. All at once.
    """
    before = _before(ledger, entry)
    last = before[-1] if before else None
    _check_release(last, entry, found)
    changes = _changes(found)
    broke = last is None or any(change.kind == "break" for change in changes)
    added = last is None or any(change.kind == "addition" for change in changes)
    return LedgerRecord(
        release=entry.release,
        date=entry.date,
        last_break=entry.release if broke or last is None else last.last_break,
        last_addition=entry.release if added or last is None else last.last_addition,
        tier=found.tier,
        reasons=found.reasons,
        changes=changes,
        previous=ledger.records[-1].digest if ledger and ledger.records else START,
        corrects=entry.corrects,
    )


def _before(ledger: Ledger | None, entry: LedgerEntry) -> list[LedgerRecord]:
    """Return the standing records before the new one; before the corrected one, if it corrects."""
    standing = list(ledger.standing) if ledger else []
    if entry.corrects is None:
        return standing
    places = [at for at, one in enumerate(standing) if one.release == entry.corrects]
    if not places:
        raise BadReleaseError(f"{entry.corrects} has no record that could be corrected")
    after = standing[places[-1] + 1 :]
    problems = sequence_problems(entry.release, after[0].release) if after else []
    if after and entry.date > after[0].date:
        problems.append(f"{entry.date} is after {after[0].date}, the day of {after[0].release}")
    if problems:
        raise BadReleaseError(
            f"{entry.release} of {entry.date} does not come before {after[0].release} of "
            f"{after[0].date}, which follows {entry.corrects}",
            details=tuple(problems),
        )
    return standing[: places[-1]]


def _check_release(last: LedgerRecord | None, entry: LedgerEntry, found: Classification) -> None:
    release = entry.release
    problems = sequence_problems(last.release if last else None, release)
    problems += date_problems((last.release, last.date) if last else None, entry.date, entry.today)
    problems += () if found.override else entry.doubts
    todo = "see `elpython stream next`, or decide with --override and a --reason"
    if last is not None and release.is_pre_freeze and release.level != found.verdict:
        problems.append(f"{release} is a {release.level}, the verdict is {found.verdict}")
    frozen = last is not None and is_frozen(last.release)
    if frozen and found.override and found.override.label != "accept":
        problems.append(
            f"the ABI is frozen since rc1: {found.override.label} decides nothing any more"
        )
        todo = "--override accept takes a break that has to stay; its --reason is announced"
    if last is not None and is_frozen(last.release) and found.override is None:
        broken = freeze_problems(found) + [f"new feature: {text}" for text in entry.features]
        problems += [f"the ABI is frozen since rc1: {line}" for line in broken]
        todo = proposal(last.release, broken) or todo
    if problems:
        raise BadReleaseError(
            "the release cannot be written into the ledger", details=tuple(problems), todo=todo
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
    if found.override and found.override.label in {"alpha", "accept"}:
        decided = [LedgerChange(kind="break", source="decided", symbol="",
                                what=found.override.reason, tier="markers only")]  # fmt: skip
    return (*from_marks, *measured, *decided)


def append(text: str, series: str, record: LedgerRecord) -> str:
    """Return a ledger's text with one record more; what stood there stays as it is."""
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
    if record.corrects is not None:
        lines.append(f"corrects = {_quote(str(record.corrects))}")
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
