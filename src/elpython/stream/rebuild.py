"""Which wheels of a folder an ABI break touches: symbols used against symbols changed."""

from __future__ import annotations

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

# Structs that macros and inline functions of public headers reach into: a wheel that holds any
# extension at all has their layout compiled in, whatever symbols it takes.
_EVERYWHERE = frozenset({"PyObject", "PyVarObject", "PyTypeObject"})


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
    if wheel.is_pure:
        return say("keep", "pure Python: it has no binary module")
    if wheel.is_abi3:
        return say("keep", "built against the stable ABI, which no release breaks")
    if wheel.series and series and series not in wheel.series:
        return say("keep", f"it is for {', '.join(sorted(wheel.series))}, not for {series}")
    if not changes:
        return say("keep", "no ABI break lies between the two releases")
    touched = _touched(wheel, changes)
    if touched:
        return say("rebuild", "it uses what changed", touched)
    if wheel.unread:
        return say("unknown", f"{wheel.unread[0]} is no ELF file")
    vague = [change for change in changes if not change.symbol]
    named = [change for change in changes if change.symbol]
    if vague and not named:
        return say("unknown", f"marked only, no symbol was measured: {vague[0].what}")
    return say("keep", "it uses none of the symbols that changed or that reach a changed struct")


def _touched(wheel: Wheel, changes: Iterable[LedgerChange]) -> set[str]:
    """Give what a wheel uses of the changes: symbols, or those that reach a changed struct."""
    found: set[str] = set()
    for change in changes:
        if change.symbol in wheel.wanted:
            found.add(change.symbol)
        if change.symbol in _EVERYWHERE and any(name.startswith("Py") for name in wheel.wanted):
            found.add(change.symbol)
        found |= wheel.wanted & set(change.reach)
    return found
