"""Edit the text of a branch's and a change's file: what is not named stays byte for byte."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from elpython.upstream import Source

__all__ = [
    "own_patch",
    "release_sources",
    "series_patch",
    "with_base",
    "without_changes",
    "without_default",
]

_SOURCES = re.compile(r"(?:^\[\[source\]\]\n(?:(?!\[).*\n)*)+", re.MULTILINE)
_BASE = re.compile(r'^base = ".*"$', re.MULTILINE)
_SERIES = re.compile(r"^series = \[(?P<body>[^\]]*)\]", re.MULTILINE)
# `[source]` with all that belongs to it: `[[source.patches]]`, `[source.patch]`.
_SOURCE = re.compile(
    r"^\[source\]\n(?:(?!\[).*\n?)*(?:^\[\[?source\..*\]\n(?:(?!\[).*\n?)*)*", re.MULTILINE
)
_PATCH = re.compile(r"^patch = \{(?P<body>.*)\}$", re.MULTILINE)


def _text(value: str) -> str:
    # JSON's strings are TOML's basic strings.
    return json.dumps(value, ensure_ascii=False)


def _table(head: str, source: Source) -> str:
    keys = ("provider", "package", "suite", "url", "tag", "file", "sha256")
    lines = [f"{key} = {_text(getattr(source, key))}" for key in keys if getattr(source, key)]
    return "\n".join([head, *lines]) + "\n"


def with_base(text: str, base: str, sources: Iterable[Source]) -> str:
    """Return a `branch.toml` with another base and the places where that is available."""
    tables = "\n".join(_table("[[source]]", source) for source in sources) + "\n"
    text = _BASE.sub(f'base = "{base}"', text, count=1)
    found = _SOURCES.search(text)
    if found is None:
        # Before the first table, where there is one.
        place = re.search(r"^\[", text, re.MULTILINE)
        if place is None:
            return f"{text.rstrip()}\n\n{tables}".rstrip() + "\n"
        return text[: place.start()] + tables + text[place.start() :]
    rest = text[found.end() :]
    return text[: found.start()] + (tables if rest else tables.rstrip() + "\n") + rest


def without_changes(text: str, gone: Collection[str]) -> str:
    """Return a `branch.toml` whose series lacks some changes.

    Raises:
        ValueError: it has no series.
    """
    found = _SERIES.search(text)
    if found is None:
        raise ValueError("has no series")
    body = found["body"]
    for name in gone:
        body = re.sub(
            rf'(^[ \t]*)?"{re.escape(name)}",?[ \t]*(?(1)\n)', "", body, flags=re.MULTILINE
        )
    start, end = found.span("body")
    return text[:start] + body + text[end:]


def without_default(text: str, toggle: str, series: str) -> str:
    """Return a `toggles.toml` that gives no default of a toggle for a series."""
    head = rf"(^\[{re.escape(toggle)}\.default\]\n(?:(?!\[).*\n)*?)"
    line = rf'^"{re.escape(series)}" = .*\n'
    return re.sub(head + line, r"\1", text, count=1, flags=re.MULTILINE)


def with_default(text: str, toggle: str, series: str, reason: str) -> str:
    """Return a `toggles.toml` whose toggle is `new` for a further series."""
    head = rf"(^\[{re.escape(toggle)}\.default\]\n(?:\"[^\n]*\n)*)"
    line = f'"{series}" = {{ value = "new", reason = {_text(reason)} }}\n'
    return re.sub(head, lambda found: found[1] + line, text, count=1, flags=re.MULTILINE)


def own_patch(text: str, file: str) -> str:
    """Return a change's file whose code is a patch of its own, whatever it was before."""
    table = f'[source]\nprovider = "patch"\npatch = {{ default = {_text(file)} }}\n'
    found = _SOURCE.search(text)
    if found is None:
        return f"{text.rstrip()}\n\n{table}"
    rest = text[found.end() :]
    return text[: found.start()] + table + (f"\n{rest}" if rest.strip() else "")


def series_patch(text: str, series: str, file: str) -> str:
    """Return a change's file whose `patch = { ... }` names a file for a series.

    Raises:
        ValueError: it has no such line.
    """
    found = _PATCH.search(text)
    if found is None:
        raise ValueError("has no line `patch = { ... }`")
    body = re.sub(rf',?\s*"{re.escape(series)}"\s*=\s*"[^"]*"', "", found["body"]).strip(" ,")
    entry = f'"{series}" = {_text(file)}'
    new = f"patch = {{ {body}, {entry} }}" if body else f"patch = {{ {entry} }}"
    return text[: found.start()] + new + text[found.end() :]


def release_sources(text: str, release: str, sources: Iterable[Source]) -> str:
    """Return a `sources.toml` that tells where a release is; one that it knows stays."""
    head = f'[[release."{release}".source]]'
    if head in text:
        return text
    tables = "\n".join(_table(head, source) for source in sources)
    return f"{text.rstrip()}\n\n{tables}".lstrip()
