"""Changes that a beta may hold, as a table: private, provisional and deprecated interfaces."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.stream.measured import KINDS, Measured
from elpython.stream.tables import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Excuse", "Excuses", "excuses", "judge", "public_headers", "public_names"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Excuse:
    """A row of `excused.toml`: `pattern` must match the whole name."""

    kind: str
    pattern: re.Pattern[str]
    only: tuple[str, ...]
    series: tuple[str, ...]
    since: str
    reason: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Excuses:
    """The whole of `excused.toml`."""

    rows: tuple[Excuse, ...]
    never_private: frozenset[str]
    typedefs: Mapping[str, str]


@cache
def excuses(path: str = "") -> Excuses:
    """Read the excuses: those of the package, or a user's own file in the same form.

    Raises:
        BadTableError: with every problem in the file.
    """
    root = read_toml(Path(path) if path else "excused.toml")
    rows = []
    for row in root.tables("excuse"):
        only = row.texts("only", KINDS)
        for kind in only:
            if kind not in KINDS:
                row.problem("only", f"{kind!r} is not known; known: {', '.join(KINDS)}")
        excuse = Excuse(
            kind=row.choice("kind", ("provisional", "deprecated", "private")),
            pattern=re.compile(row.pattern("pattern").pattern),
            only=only,
            series=row.texts("series", ()),
            since=row.text("since", ""),
            reason=row.text("reason"),
            source=row.text("source"),
        )
        if excuse.kind == "deprecated" and not (excuse.series and excuse.since):
            row.problem("series", "a deprecation needs 'series' (that may remove it) and 'since'")
        row.done()
        rows.append(excuse)
    never = root.table("never_private")
    names = never.texts("names", ())
    never.done()
    typedefs = root.table("typedefs")
    pairs = {tag: typedefs.text(tag) for tag in typedefs.names()}
    root.end()
    return Excuses(rows=tuple(rows), never_private=frozenset(names), typedefs=pairs)


def public_headers(headers: Path) -> list[Path]:
    """Return the public headers of an include folder."""
    return sorted([*headers.glob("*.h"), *headers.glob("cpython/*.h")])


def public_names(headers: Path | None) -> dict[str, int]:
    """Count how often public headers say each name, and name them; empty without headers."""
    counts: dict[str, int] = {}
    for path in public_headers(headers) if headers else []:
        counts[path.name] = 1
        for word in re.findall(r"\b_?Py\w+", path.read_text("utf-8", "replace")):
            counts[word] = counts.get(word, 0) + 1
    return counts


def judge(change: Measured, table: Excuses, series: str, public: Mapping[str, int]) -> Measured:
    """Return why a beta may hold a change, where the table or the headers say so."""
    if change.kind == "added":
        return change
    interface = change.kind in {"removed", "function", "variable"}
    if public and interface and change.symbol not in public:
        return replace(change, excuse="not public: no public header declares it")
    # The count of names and the names of the headers themselves share one table: no header's
    # name is an identifier.
    if public and change.kind in {"type", "tail"} and change.file and change.file not in public:
        return replace(change, excuse=f"not public: declared in {change.file}")
    for row in table.rows:
        if _applies(row, change, table, series, public):
            return replace(change, excuse=f"{row.kind}: {row.reason} ({row.source})")
    return change


def _applies(
    row: Excuse, change: Measured, table: Excuses, series: str, public: Mapping[str, int]
) -> bool:
    if change.kind not in row.only or not row.pattern.fullmatch(change.symbol):
        return False
    if row.series and series not in row.series:
        return False
    if row.kind != "private":
        return True
    # Said twice and more in public headers: beside its declaration, a macro or an inline
    # function calls it, so that compiled modules hold the call.
    inlined = public.get(change.symbol, 0) > 1 and change.kind != "tail"
    return change.symbol not in table.never_private and not inlined
