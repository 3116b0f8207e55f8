"""The records of a ledger: which of them count, and what in a chain of records cannot be.

A ledger is a file: what `record` refuses to write, somebody may write by hand.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from elpython.stream.sequence import sequence_problems

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from elpython.stream.release import Release

__all__ = ["START", "LedgerChange", "LedgerRecord", "chain_problems", "standing_of"]

START = "start"


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
        corrects: the release whose record this one puts right; None for an ordinary record. The
            record that was wrong stays where it is.
    """

    release: Release
    date: dt.date
    last_break: Release
    last_addition: Release
    tier: str
    reasons: tuple[str, ...]
    changes: tuple[LedgerChange, ...]
    previous: str = START
    corrects: Release | None = None

    @property
    def digest(self) -> str:
        """What the next record carries as `previous`: sha256, 32 hex digits."""
        plain = asdict(self)
        for change in plain["changes"]:
            if not change["form"]:
                del change["form"]
        del plain["corrects"]
        if self.corrects is not None:
            plain["corrects"] = str(self.corrects)
        plain |= {
            "release": str(self.release),
            "date": self.date.isoformat(),
            "last_break": str(self.last_break),
            "last_addition": str(self.last_addition),
        }
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def standing_of(records: Sequence[LedgerRecord]) -> list[LedgerRecord]:
    """Return the records that count: each correction in the place of what it corrects.

    The last break and the last addition are carried on from there: a later record that names a
    release which was corrected away names the one before it instead.
    """
    standing: list[LedgerRecord] = []
    for record in records:
        at = _place(standing, record)
        if at is None:
            standing.append(record)
        else:
            standing[at] = record
    return _labelled(standing)


def _place(standing: Sequence[LedgerRecord], record: LedgerRecord) -> int | None:
    places = [at for at, one in enumerate(standing) if one.release == record.corrects]
    return places[-1] if places else None


def _labelled(standing: Sequence[LedgerRecord]) -> list[LedgerRecord]:
    found: list[LedgerRecord] = []
    for record in standing:
        last = found[-1] if found else record
        broke, added = (one == record.release for one in (record.last_break, record.last_addition))
        found.append(
            replace(
                record,
                last_break=record.release if broke or not found else last.last_break,
                last_addition=record.release if added or not found else last.last_addition,
            )
        )
    return found


def chain_problems(records: Sequence[LedgerRecord]) -> list[str]:
    """Return what in a chain of records, in the order of writing, cannot be; empty for nothing."""
    problems = []
    before: LedgerRecord | None = None
    for number, record in enumerate(records):
        wanted = before.digest if before else START
        if record.previous != wanted:
            who = f"the record of {before.release}" if before else "what came before"
            problems.append(
                f"{record.release}: {who} was changed after this record was written "
                f"(previous is {record.previous!r}, its digest {wanted!r})"
            )
        before = record
        problems += _place_problems(standing_of(records[:number]), record)
    return problems


def _place_problems(standing: list[LedgerRecord], record: LedgerRecord) -> list[str]:
    """Return why a record cannot have been written behind those that stood then."""
    at = len(standing)
    if record.corrects is not None:
        place = _place(standing, record)
        if place is None:
            return [f"{record.release} corrects {record.corrects}, which has no record"]
        at = place
    around = [*standing[:at][-1:], record, *standing[at + 1 :][:1]]
    first = [] if standing[:at] else sequence_problems(None, record.release)
    problems = [f"{record.release}: {what}" for what in first]
    for one, after in pairwise(around):
        problems += sequence_problems(one.release, after.release)
        if after.date < one.date:
            problems.append(
                f"{after.release}: {after.date} is before {one.date}, the day of {one.release}"
            )
    return problems + _label_problems(standing[:at][-1:], record)


def _label_problems(last: Sequence[LedgerRecord], record: LedgerRecord) -> list[str]:
    """Return labels that name neither the record's own release nor the label before it."""
    problems = []
    for name in ("last_break", "last_addition"):
        told = getattr(record, name)
        allowed = {record.release, *(getattr(one, name) for one in last)}
        if told not in allowed:
            wanted = " or ".join(str(one) for one in sorted(allowed))
            problems.append(f"{record.release}: {name} is {told}, and can only be {wanted}")
    return problems
