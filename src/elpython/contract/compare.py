"""Compare two tables of names and texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elpython.contract.model import Difference, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["added", "changed", "removed", "tables", "text"]


def text(value: object) -> str:
    """Return a value as the report shows it: strings as they are, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def added(key: str, what: str, new: object = "", *, harmless: bool = True) -> Difference:
    """Something that only the candidate has."""
    return Difference(kind=Kind.ADDED, key=key, what=what, new=text(new), harmless=harmless)


def removed(key: str, what: str, old: object = "") -> Difference:
    """Something that only the base has."""
    return Difference(kind=Kind.REMOVED, key=key, what=what, old=text(old))


def changed(key: str, what: str, old: object, new: object) -> Difference:
    """Something that both have, but not alike."""
    return Difference(kind=Kind.CHANGED, key=key, what=what, old=text(old), new=text(new))


def tables(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    thing: str,
    *,
    harmless: bool = True,
    ignore: Iterable[str] = (),
) -> list[Difference]:
    """Compare two tables.

    Args:
        old: the base's entries.
        new: the candidate's.
        thing: what an entry is called, for the message (`macro`).
        harmless: whether an entry that only the candidate has takes nothing from users.
        ignore: names that are not compared.
    """
    skip = set(ignore)
    found = []
    for key in sorted((old.keys() | new.keys()) - skip):
        if key not in new:
            found.append(removed(key, f"{thing} is gone", old[key]))
        elif key not in old:
            found.append(added(key, f"{thing} is new", new[key], harmless=harmless))
        elif old[key] != new[key]:
            found.append(changed(key, f"{thing} changed", old[key], new[key]))
    return found
