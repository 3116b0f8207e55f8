"""How ``re`` read patterns and templates, and met empty matches, up to 3.6 and 3.10."""

from __future__ import annotations

import functools
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PIECES = r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?#[^)]*\)|\(\?([aiLmsux]+)\)|."
_TEXT = re.compile(_PIECES, re.DOTALL)
_BYTES = re.compile(_PIECES.encode(), re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPE_BYTES = re.compile(rb"\\(.)", re.DOTALL)
_MEANT = set("abfnrtvg0123456789\\")


def flags_first(pattern: Any) -> Any:
    """Return the pattern with all its global flags in front."""
    pieces = _BYTES if isinstance(pattern, bytes) else _TEXT
    flags: list[Any] = []

    def taken(found: Any) -> Any:
        if found.group(1):
            flags.append(found.group(1))
            return found.group()[:0]
        return found.group()

    rest = pieces.sub(taken, pattern)
    if isinstance(pattern, bytes):
        return b"(?" + bytes(sorted(set(b"".join(flags)))) + b")" + rest  # type: ignore[operator]
    return f"(?{''.join(sorted(set(''.join(flags))))}){rest}"  # type: ignore[str-bytes-safe]


def escapes_doubled(template: Any) -> Any:
    """Return a replacement template in which escapes without a meaning stand for themselves."""

    def text(found: Any) -> Any:
        char = found.group(1)
        known = char.decode("latin-1") if isinstance(char, bytes) else char
        if known in _MEANT or not (known.isascii() and known.isalpha()):
            return found.group()
        return found.group()[:1] + found.group()

    return (_ESCAPE_BYTES if isinstance(template, bytes) else _ESCAPE).sub(text, template)


def escape(pattern: Any) -> Any:
    """Put a backslash before everything but ASCII letters, digits and the underscore."""
    if isinstance(pattern, str):
        return "".join(
            char if char.isascii() and (char.isalnum() or char == "_") else _escaped(char)
            for char in pattern
        )
    out = bytearray()
    for byte in bytes(pattern):
        char = bytes((byte,))
        if byte == 0:
            out += b"\\000"
        elif byte < 128 and (char.isalnum() or char == b"_"):
            out += char
        else:
            out += b"\\" + char
    return bytes(out)


def _escaped(char: str) -> str:
    return "\\000" if char == "\0" else "\\" + char


@functools.lru_cache(maxsize=512)
def can_be_empty(pattern: Any) -> bool:
    """Return whether a compiled pattern may match an empty string."""
    parser = getattr(re, "_parser", None) or re.sre_parse  # type: ignore[attr-defined]
    try:
        return bool(parser.parse(pattern.pattern, pattern.flags & ~256).getwidth()[0] == 0)
    except (re.error, ValueError, RecursionError):
        return False


def _expanded(repl: Any, found: Any) -> Any:
    return repl(found) if callable(repl) else found.expand(repl)


def old_split(pattern: Any, string: Any, maxsplit: int = 0) -> list[Any]:
    """Split where something other than nothing matches."""
    parts: list[Any] = []
    start = at = 0
    while at <= len(string) and (not maxsplit or len(parts) < maxsplit * (1 + pattern.groups)):
        found = pattern.search(string, at)
        if found is None:
            break
        if found.end() == found.start():
            at = found.end() + 1
            continue
        parts += [string[start : found.start()], *found.groups()]
        start = at = found.end()
    return [*parts, string[start:]]


def old_subn(pattern: Any, repl: Any, string: Any, count: int = 0) -> tuple[Any, int]:
    """Replace matches, but no empty one right after another match; tell how many were."""
    parts: list[Any] = []
    start = at = number = 0
    last = -1
    while at <= len(string) and (not count or number < count):
        found = pattern.search(string, at)
        if found is None:
            break
        if found.start() == found.end() == last:
            at = found.end() + 1
            continue
        parts += [string[start : found.start()], _expanded(repl, found)]
        number += 1
        start = last = found.end()
        at = found.end() + (found.start() == found.end())
    parts.append(string[start:])
    return string[:0].join(parts), number


def old_sub(pattern: Any, repl: Any, string: Any, count: int = 0) -> Any:
    """Replace matches, but no empty one right after another match."""
    return old_subn(pattern, repl, string, count)[0]


def _found(pattern: Any, string: Any, pos: int, endpos: int) -> Any:
    while pos <= min(len(string), endpos):
        found = pattern.search(string, pos, endpos)
        if found is None:
            return
        yield found
        pos = found.end() + (found.start() == found.end())


def old_finditer(pattern: Any, string: Any, pos: int = 0, endpos: int = sys.maxsize) -> Any:
    """Find matches, after an empty one from the next character on."""
    return _found(pattern, string, pos, endpos)


def old_findall(pattern: Any, string: Any, pos: int = 0, endpos: int = sys.maxsize) -> list[Any]:
    """Find matches, after an empty one from the next character on."""
    several = pattern.groups > 1
    empty = string[:0]
    return [
        found.groups(empty) if several else found.group(pattern.groups) or empty
        for found in _found(pattern, string, pos, endpos)
    ]
