"""What was found in sources, as it is kept in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elpython.core.strict_json import load_json
from elpython.project.conditions import Value
from elpython.project.rules import Use

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elpython.project.scanned import Scanned

__all__ = ["as_data", "from_data", "load", "text_of"]


def load(file: Path) -> dict[str, list[Any]]:
    """Return what was kept; a file that makes no sense counts as none."""
    try:
        data = load_json(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def as_data(item: Scanned) -> list[Any]:
    """Return plain data for a source."""
    return [
        item.lines,
        [[use.name, *use.since, use.line] for use in item.uses],
        [[name, *since] for name, since in item.stand_ins],
        [[use.name, *use.since, use.line] for use in item.elsewhere],
        [[found.module, found.runs] for found in item.imports],
        [
            [
                name,
                value.platform,
                sorted(value.by_minor.items()),
                sorted(value.names),
                sorted(value.absent),
            ]
            for name, value in item.exports
        ],
        item.unread,
    ]


def from_data(name: str, entry: list[Any]) -> Scanned:
    """Return the source of plain data."""
    from elpython.project.recorder import Imported
    from elpython.project.scanned import Scanned

    lines, uses, instead, elsewhere, imports, exports, unread = entry
    return Scanned(
        path=name,
        lines=lines,
        uses=tuple(Use(use, (major, minor), line) for use, major, minor, line in uses),
        stand_ins=tuple((dist, (major, minor)) for dist, major, minor in instead),
        elsewhere=tuple(Use(use, (major, minor), line) for use, major, minor, line in elsewhere),
        imports=tuple(Imported(module, runs) for module, runs in imports),
        exports=tuple(
            (
                key,
                Value(
                    {minor: _tuple(item) for minor, item in by_minor},
                    platform=platform,
                    names=frozenset(names),
                    absent=frozenset(absent),
                ),
            )
            for key, platform, by_minor, names, absent in exports
        ),
        unread=unread,
    )


def _tuple(item: Any) -> Any:  # noqa: ANN401 - any plain value
    return tuple(map(_tuple, item)) if isinstance(item, list) else item


def text_of(known: Mapping[str, Value]) -> str:
    """Return a text that is the same for the same values."""
    return repr(
        sorted(
            (name, sorted(value.by_minor.items()), sorted(value.names), sorted(value.absent))
            for name, value in known.items()
        )
    )
