"""The features that this interpreter has beyond its base, out of ``features.json``."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["table", "warns"]

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "features.json")


def table() -> dict[str, Any]:
    """Return what ``features.json`` tells: ``branch``, ``base`` and the list ``features``.

    A tree that was prepared with a part of its series only has no such file: then no feature is
    told.
    """
    import json

    try:
        with open(FILE, encoding="utf-8") as file:
            found: dict[str, Any] = json.load(file)
    except FileNotFoundError:
        found = {"features": []}
    return found


def warns(name: str) -> bool:
    """Return whether the branch wants a warning where this provisional feature is used.

    Args:
        name: a feature. One that the table does not tell is taken for provisional, as its own
            code says.
    """
    found = table()
    if not found.get("provisional-warning", False):
        return False
    told = {item["name"]: item["provisional"] for item in found["features"]}
    return bool(told.get(name, True))
