"""JSON from elsewhere: whatever is wrong with it is a `ValueError`.

`strict_json` also wants it to mean one thing to every reader: no key twice, no numbers that JSON
does not have.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["load_json", "strict_json"]


def load_json(text: str | bytes) -> Any:  # noqa: ANN401 - whatever the text holds
    """Read JSON as the standard library does.

    Args:
        text: the text, or its UTF-8.

    Raises:
        ValueError: it is no JSON, or is nested too deeply for a reader.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def strict_json(text: bytes) -> Any:  # noqa: ANN401 - whatever the text holds
    """Read JSON.

    Args:
        text: UTF-8.

    Raises:
        ValueError: it is no JSON, a key stands twice, or a number is none (NaN, Infinity) or has
            thousands of digits; or it is nested too deeply.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys; a key that stands twice would mean one thing to each reader."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return found


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number of JSON")
