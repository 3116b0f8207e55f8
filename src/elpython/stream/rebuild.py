"""Which wheels of a folder an ABI break touches: symbols used against symbols changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.stream.elf import BadBinaryError
from elpython.stream.wheels import Wheel, read_wheel, wheels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from elpython.stream.ledger import LedgerChange, LedgerRecord

__all__ = ["ANSWERS", "Rebuild", "advise_rebuild", "judge"]

ANSWERS = ("rebuild", "keep", "unknown", "unreadable")

# Structs that every extension holds: by the inline reference counts, by its static tables.
_EVERYWHERE = re.compile(
    r"Py(Object|VarObject|TypeObject|MethodDef|GetSetDef|MemberDef|ModuleDef(_Base|_Slot)?|Type_Slot"
    r"|BufferProcs|(Number|Sequence|Mapping|Async)Methods)"
)
# Those among them that the limited API lays open too.
_STABLE = re.compile(
    r"Py(Object|VarObject|MethodDef|GetSetDef|MemberDef|ModuleDef(_Base|_Slot)?|Type_(Slot|Spec)"
    r"|_buffer|StructSequence_(Field|Desc))"
)
# What a symbol cannot show: macros and inline functions leave none.
_UNSEEN = frozenset({"value", "access", "code", "typedef"})
_INTERFACES = frozenset({"function", "removed", "variable"})
_PREFIXES = {"ASCII": "Unicode", "CompactUnicode": "Unicode", "HeapType": "Type"}
_OBJECT = re.compile(r"_?Py(\w+?)(?:Object|Value)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebuild:
    """The answer for one wheel.

    Attributes:
        wheel: its file name.
        answer: `rebuild`, `keep`, `unknown` (the ledger names no symbol, or a binary cannot be
            read) or `unreadable`.
        reason: why, one sentence.
        symbols: what it uses of what changed.
    """

    wheel: str
    answer: str
    reason: str
    symbols: tuple[str, ...] = ()


def advise_rebuild(folder: Path, records: Sequence[LedgerRecord]) -> list[Rebuild]:
    """Say of every wheel below a folder whether it has to be built again.

    Args:
        folder: the wheelhouse.
        records: the ledger's records after the release that the wheels were built with, up to the
            one that they shall run on.

    A wheel that cannot be read is in the answer as such; the others are still judged.

    Raises:
        BadBinaryError: there is no such folder.
    """
    changes = [change for record in records for change in record.changes if change.kind == "break"]
    series = records[0].release.series_name if records else ""
    found = []
    for path in wheels_of(folder):
        try:
            wheel = read_wheel(path)
        except BadBinaryError as error:
            found.append(Rebuild(wheel=path.name, answer="unreadable", reason=error.what))
            continue
        found.append(judge(wheel, changes, series))
    return found


def judge(wheel: Wheel, changes: Iterable[LedgerChange], series: str) -> Rebuild:
    """Judge one wheel.

    Args:
        wheel: the wheel.
        changes: the breaks between the two releases.
        series: the series that they are of; a wheel for another series is not touched.
    """

    def say(answer: str, reason: str, symbols: Iterable[str] = ()) -> Rebuild:
        return Rebuild(
            wheel=wheel.path.name, answer=answer, reason=reason, symbols=tuple(sorted(symbols))
        )

    changes = list(changes)
    reason = _concerns(wheel, changes, series)
    if reason:
        return say("keep", reason)
    if wheel.is_abi3:
        stable = {change.symbol for change in changes if _breaks_stable(change, wheel)}
        if stable:
            return say("rebuild", "the limited API lays open what changed", stable)
        return say("keep", "built against the stable ABI, of which nothing changed")
    touched = set().union(*(_touched(wheel, change) for change in changes))
    if touched:
        return say("rebuild", "it uses what changed", touched)
    if wheel.unread:
        return say("unknown", f"{wheel.unread[0]} is no ELF file")
    doubts = list(filter(None, (_doubt(wheel, change) for change in changes)))
    if doubts:
        return say("unknown", doubts[0])
    return say("keep", "it can reach nothing of what changed")


def _concerns(wheel: Wheel, changes: list[LedgerChange], series: str) -> str:
    """Return why no change can concern a wheel; empty when one may."""
    if wheel.is_pure:
        return "pure Python: it has no binary module"
    if wheel.series and series and series not in wheel.series:
        return f"it is for {', '.join(sorted(wheel.series))}, not for {series}"
    return "" if changes else "no ABI break lies between the two releases"


def _is_struct(change: LedgerChange) -> bool:
    if change.form:
        return change.form in {"type", "tail"}
    return change.what.startswith(("struct ", "union ")) or bool(_OBJECT.fullmatch(change.symbol))


def _breaks_stable(change: LedgerChange, wheel: Wheel) -> bool:
    if _is_struct(change):
        return bool(_STABLE.fullmatch(change.symbol))
    return change.symbol in wheel.wanted


def _touched(wheel: Wheel, change: LedgerChange) -> set[str]:
    """Return what shows that a wheel holds a change: symbols, or those that work on its struct."""
    found = set(wheel.wanted & {change.symbol, *change.reach})
    if not _is_struct(change):
        return found
    if _EVERYWHERE.fullmatch(change.symbol) and any(name.startswith("Py") for name in wheel.wanted):
        found.add(change.symbol)
    return found | {name for name in wheel.wanted if name.startswith(_prefixes(change.symbol))}


def _prefixes(struct: str) -> tuple[str, ...]:
    """Return how the functions on an object's struct begin; none for structs of other kinds."""
    named = _OBJECT.fullmatch(struct)
    if named is None:
        return ("\0",)
    stem = _PREFIXES.get(named[1], named[1])
    return f"Py{stem}_", f"_Py{stem}_"


def _doubt(wheel: Wheel, change: LedgerChange) -> str:
    """Say why a change may be in a wheel although no symbol shows it; empty when it cannot be."""
    if not change.symbol:
        return f"marked only, no symbol was measured: {change.what}"
    if change.form in _UNSEEN:
        return f"{change.symbol} changed, and macros and constants leave no symbol"
    if _is_struct(change):
        if not any(name.startswith(("Py", "_Py")) for name in wheel.wanted):
            return ""
        if _OBJECT.fullmatch(change.symbol):
            return f"{change.symbol} changed, and its macros leave no symbol"
        if not change.reach:
            return f"{change.symbol} changed, and nothing tells which functions lead to it"
    elif change.form not in _INTERFACES and not change.form and not change.reach:
        return f"the ledger does not say what {change.symbol} is"
    return ""
