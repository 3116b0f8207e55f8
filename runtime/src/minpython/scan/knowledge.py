"""The table of what was removed, arranged for looking names up fast."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from minpython.scan.finding import Fact, Window

_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "known.json")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
SYNTAX_HINT = re.compile(
    rb"\basync\b(?![ \t]+(?:def|for|with)\b)|\bawait[ \t]*[=.,:)\]\r\n]|\.await\b"
    rb"|\bfor\b[^()\r\n]*,[ \t]*\)|\(\(\w+\)[ \t]*=[^=]"
    rb"|\byield\b[^\r\n]*\bfor\b|\bis[ \t]+(?:not[ \t]+)?[-\d'\"(]"
    rb"|[^\w.](?:0x[0-9a-fA-F_]+|\d[\d_]*)(?:if|or|in|is|and|else|for|not)\b"
)


class Knowledge:
    """The facts that lie within a window of versions."""

    def __init__(self, window: Window) -> None:
        with open(_PATH, encoding="utf-8") as file:
            tables: dict[str, Any] = json.load(file)
        self.modules = _facts(tables["modules"], window)
        self.attributes = _facts(tables["attributes"], window)
        self.methods = _facts(tables["methods"], window)
        self.loose = _facts(tables["loose"], window)
        self.other = _facts(tables["other"], window)
        self.parameters: dict[str, dict[str, Fact]] = {}
        for function, names in tables["parameters"].items():
            kept = _facts(names, window)
            if kept:
                self.parameters[function] = kept
        self.single: set[bytes] = set()
        self.pairs: dict[bytes, list[tuple[bytes, bytes]]] = {}
        self._collect_words()

    def _collect_words(self) -> None:
        """Gather the words without which a file cannot hold a finding."""
        self.single.update(name.encode() for name in self.loose)
        for name in self.modules:
            first, _, last = name.rpartition(".")
            self._pair(first.rpartition(".")[2], last)
        for dotted in (*self.attributes, *self.methods):
            owner, _, last = dotted.rpartition(".")
            self._pair(owner.rpartition(".")[2], last)
        for function, names in self.parameters.items():
            for name in names:
                last = function.rpartition(".")[2]
                self._pair(last if last != "CodeType" else "", name)
        if self.other:
            for first, last in _OTHER_WORDS:
                self._pair(first, last)

    def _pair(self, first: str, last: str) -> None:
        if first in ("", "builtins"):
            self.single.add(last.encode())
        else:
            self.pairs.setdefault(last.encode(), []).append((first.encode(), last.encode()))

    def words_in(self, source: bytes) -> set[bytes]:
        """Return the telling words that stand in a file; an empty set lets it be skipped."""
        present = set(_WORD.findall(source))
        found = present & self.single
        for last in present & self.pairs.keys():
            for first, _ in self.pairs[last]:
                if first in present:
                    found.update((first, last))
        return found


_OTHER_WORDS = (
    ("asyncio", "get_event_loop"),
    ("hmac", "new"),
    ("open", "U"),
    ("open", "rU"),
    ("open", "Ur"),
    ("open", "rUb"),
    ("re", "i"),
    ("shuffle", "random"),
    ("types", "CodeType"),
)


def _facts(rows: dict[str, list[Any]], window: Window) -> dict[str, Fact]:
    """Return the rows whose change the window covers."""
    facts = ((name, Fact(*row)) for name, row in rows.items())
    return {name: fact for name, fact in facts if window.covers(fact)}
