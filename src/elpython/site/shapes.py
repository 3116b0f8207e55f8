"""Any command's JSON as something to look at: facts, tables, and parts within parts.

A page need not know what a command answers: an object of plain values is a list of facts, a list of
such objects a table, and whatever lies deeper a part of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Cell", "Part", "Table", "cell", "shape"]

ROWS = 500  # of a table; more are counted, not shown
DEEPEST = 4
# Words of verdicts and states -> how the pages mark them; each is written out as well.
STATES = {
    "kept": "good", "ok": "good", "done": "good", "built": "good", "passed": "good",
    "broken": "bad", "failed": "bad", "blocked": "bad",
    "declared": "noted", "changed": "noted",
    "not checked": "unknown", "skipped": "unknown", "unknown": "unknown",
    "running": "running", "waiting": "running",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A plain value as it is shown; `state` marks words that tell a state."""

    text: str
    state: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells under headers; `hidden` rows are left out."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A titled part of a page: facts, tables, and parts in it."""

    title: str
    facts: tuple[tuple[str, Cell], ...] = ()
    table: Table | None = None
    parts: tuple[Part, ...] = ()


def cell(value: object) -> Cell:
    """Return a plain value, or a list of plain values, as a cell."""
    if isinstance(value, bool):
        return Cell(text="yes" if value else "no")
    if value is None:
        return Cell(text="")
    if isinstance(value, float):
        return Cell(text=f"{value:.4g}", number=True)
    if isinstance(value, int):
        return Cell(text=str(value), number=True)
    if isinstance(value, list):
        return Cell(text=", ".join(cell(item).text for item in value))
    text = str(value)
    return Cell(text=text, state=STATES.get(text.lower(), ""))


def shape(title: str, value: object, depth: int = 0) -> Part:
    """Return a JSON value as a part of a page."""
    if depth > DEEPEST:
        return Part(title=title, facts=(("value", cell(str(value))),))
    if isinstance(value, dict):
        facts = [(told(key), cell(item)) for key, item in value.items() if _flat(item)]
        deeper = [
            shape(told(key), item, depth + 1) for key, item in value.items() if not _flat(item)
        ]
        return Part(title=title, facts=tuple(facts), parts=tuple(deeper))
    if isinstance(value, list):
        objects = [item for item in value if isinstance(item, dict)]
        if objects and len(objects) == len(value):
            return _listed(title, objects, depth)
        return _mixed(title, value, depth)
    return Part(title=title, facts=(("value", cell(value)),))


def _mixed(title: str, value: list[object], depth: int) -> Part:
    """Return a list of anything: plain items as facts, others as parts, each by its place."""
    places = list(enumerate(value[:ROWS], 1))
    return Part(
        title=title,
        facts=tuple((str(place), cell(item)) for place, item in places if _flat(item)),
        parts=tuple(
            shape(f"{title} {place}", item, depth + 1) for place, item in places if not _flat(item)
        ),
    )


def _listed(title: str, value: list[dict[str, Any]], depth: int) -> Part:
    """Return a list of objects: plain members as a table, deeper ones as parts below it."""
    keys = list(dict.fromkeys(key for item in value for key in item))
    plain = [key for key in keys if all(_flat(item.get(key)) for item in value)]
    deep = [key for key in keys if key not in plain]
    rows = tuple(tuple(cell(item.get(key)) for key in plain) for item in value[:ROWS])
    table = Table(headers=tuple(map(told, plain)), rows=rows, hidden=max(len(value) - ROWS, 0))
    parts = [
        shape(f"{_named(item, place)}: {told(key)}", item[key], depth + 1)
        for place, item in enumerate(value[:ROWS], 1)
        for key in deep
        if item.get(key) not in (None, [], {})
    ]
    return Part(title=title, table=table if plain else None, parts=tuple(parts))


def _named(item: dict[str, Any], place: int) -> str:
    names = (item.get(key) for key in ("name", "title", "id", "version", "rule", "model"))
    return str(next((name for name in names if isinstance(name, str)), place))


def _flat(value: object) -> bool:
    if isinstance(value, list):
        return all(not isinstance(item, (dict, list)) for item in value)
    return not isinstance(value, dict)


def told(key: str) -> str:
    """Return a key as words."""
    return key.replace("_", " ").replace("-", " ")
