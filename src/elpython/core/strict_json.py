"""JSON that means one thing to every reader: one encoding, no key twice, no number that is none."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["load_json", "portable_json", "strict_json"]

# RFC 8259, section 6: what readers that keep numbers as doubles still tell apart.
_LARGEST = (1 << 53) - 1


@contextlib.contextmanager
def _shallow() -> Iterator[None]:
    """Turn the error of too much depth into that of any other fault."""
    try:
        yield
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _decoded(text: bytes) -> str:
    """Decode UTF-8; by itself `json.loads` guesses UTF-16, and lets half a character pass."""
    decoded = text.decode("utf-8")
    if decoded.startswith("\ufeff"):
        raise ValueError("it begins with a byte order mark")
    return decoded


def load_json(text: str | bytes) -> Any:  # noqa: ANN401 - whatever the text holds
    """Read JSON as the standard library does.

    Args:
        text: the text, or its UTF-8.

    Raises:
        ValueError: it is not JSON, or is nested too deeply.
    """
    with _shallow():
        return json.loads(text)


def strict_json(text: bytes) -> Any:  # noqa: ANN401 - whatever the text holds
    """Read JSON.

    Args:
        text: UTF-8, without a byte order mark.

    Raises:
        ValueError: it is no JSON or no UTF-8, a key stands twice, or a number is none (NaN,
            Infinity) or has thousands of digits; or it is nested too deeply.
    """
    with _shallow():
        return json.loads(_decoded(text), object_pairs_hook=_once, parse_constant=_no_number)


def portable_json(text: bytes) -> Any:  # noqa: ANN401 - whatever the text holds
    """Read JSON whose keys are words of a format, and which readers of every language read alike.

    Args:
        text: UTF-8, without a byte order mark.

    Raises:
        ValueError: as `strict_json`; keys that differ in capitals alone, half a character, or a
            number that a double does not hold.
    """
    decoded = _decoded(text)
    with _shallow():
        found = json.loads(
            decoded,
            object_pairs_hook=_once_folded,
            parse_constant=_no_number,
            parse_float=_fraction,
            parse_int=_whole,
        )
    if "\\u" in decoded:
        # Half a character, written as an escape: nobody can write it again.
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys; a key that stands twice would mean one thing to each reader."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return found


def _once_folded(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys; some readers (Go's) take `Files` for `files`."""
    found: dict[str, Any] = {}
    folded: set[str] = set()
    for name, value in pairs:
        key = unicodedata.normalize("NFKC", name).casefold()
        if key in folded:
            raise ValueError(f"the key {name!r} stands twice")
        folded.add(key)
        found[name] = value
    return found


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number of JSON")


def _fraction(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError(f"{text[:20]} is larger than a double")
    return number


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > _LARGEST:
        raise ValueError(f"{text[:20]} is a whole number that readers round differently")
    return number
