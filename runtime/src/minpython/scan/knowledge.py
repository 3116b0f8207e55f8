"""The table of what was removed, arranged for looking names up fast."""

from __future__ import annotations

import json
import os
import re
from typing import Any, NamedTuple

from minpython.scan.finding import Fact, Window

_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "known.json")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS_TEXT = "if|or|in|is|and|else|for|not"
_SPELLINGS = (
    (b"async", re.compile(rb"async\b(?![ \t]+(?:def|for|with)\b)")),
    (b"await", re.compile(rb"await[ \t]*[=.,:)\]\r\n]|\.await\b")),
    (b"for", re.compile(rb"for\b[^()\r\n]*,[ \t]*\)")),
    (b"", re.compile(rb"(?<![\w.])[0-9][0-9a-fA-FxX_]*(?:%s)\b" % _KEYWORDS_TEXT.encode())),
)
_EXPRESSIONS = (
    (b"yield", re.compile(rb"yield\b[^\r\n]*\bfor\b")),
    (b"is", re.compile(rb" is (?:not )?[-\d'\"(]")),
    (b"re", re.compile(rb"\(\?[aiLmsux]+\)")),
)


class Hints(NamedTuple):
    """Where a file may hold what only its tokens tell, and what only its tree tells."""

    spellings: list[int]
    expressions: list[int]


def hints(source: bytes, present: set[bytes]) -> Hints:
    """Return where a file with these words may hold old syntax; mostly nowhere."""
    return Hints(_places(_SPELLINGS, source, present), _places(_EXPRESSIONS, source, present))


def _places(
    patterns: tuple[tuple[bytes, re.Pattern[bytes]], ...], source: bytes, present: set[bytes]
) -> list[int]:
    places = []
    for word, pattern in patterns:
        if not word or word in present:
            places += [hit.start() for hit in pattern.finditer(source)]
    return places


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
        self._clues: dict[bytes, list[_Clue]] = {}
        self._collect_clues()

    def _collect_clues(self) -> None:
        """Gather what a file must hold to be worth a closer look."""
        for name in self.loose:
            self._clue([name], None)
        for name in self.modules:
            self._clue(name.split("."), _IMPORTED % {b"name": name.rpartition(".")[2].encode()})
        for name in self.attributes:
            owner, _, last = name.rpartition(".")
            above = owner.rpartition(".")[2]
            read = _READ % {b"owner": above.encode(), b"name": last.encode()}
            self._clue(name.split("."), read if owner else None)
        for name in self.methods:
            self._clue(name.split("."), None)
        for function, names in self.parameters.items():
            called = function.rpartition(".")[2].encode()
            for name in names:
                built_in = function.startswith("builtins.")
                given = _GIVEN % {b"function": called, b"name": name.encode()}
                self._clue([*function.split("."), name], given if built_in else None)
        for words, pattern in _OTHER if self.other else ():
            self._clue(list(words), pattern)

    def _clue(self, words: list[str], pattern: bytes | None) -> None:
        """Add a clue, to be found by its last word."""
        wanted = frozenset(word.encode() for word in words if word != "builtins")
        clue = _Clue(wanted, pattern)
        self._clues.setdefault(words[-1].encode(), []).append(clue)

    def words_in(self, source: bytes, present: set[bytes]) -> set[bytes]:
        """Return the telling ones of a file's words; an empty set lets it be skipped."""
        found: set[bytes] = set()
        for last in present & self._clues.keys():
            for clue in self._clues[last]:
                if clue.words <= present and not clue.words <= found and clue.fits(source):
                    found |= clue.words
        return found


class _Clue:
    """Words that must all stand in a file, and a pattern that must fit if there is one."""

    __slots__ = ("_compiled", "_pattern", "words")

    def __init__(self, words: frozenset[bytes], pattern: bytes | None) -> None:
        self.words = words
        self._pattern = pattern
        self._compiled: re.Pattern[bytes] | None = None

    def fits(self, source: bytes) -> bool:
        """Return whether the pattern fits."""
        if self._pattern is None:
            return True
        if self._compiled is None:
            self._compiled = re.compile(self._pattern)
        return self._compiled.search(source) is not None


_IMPORTED = rb"(?:import|from)\b[^\r\n]*\b%(name)b\b|['\"][\w.]*\b%(name)b\b[\w.]*['\"]"
_READ = (
    rb"%(owner)b\s*\.\s*%(name)b\b|%(owner)b\s+as\b|['\"]%(name)b['\"]"
    rb"|%(owner)b\s+import\s*(?:\([^)]*|[^\r\n(]*)\b%(name)b\b"
)
_GIVEN = rb"%(function)b\s*\([^()]*\b%(name)b\s*="
_OPENED = rb"['\"][rbt+]*U[rbt+]*['\"]"
_OTHER = (
    (("asyncio", "get_event_loop"), None),
    (("hmac", "new"), None),
    (("open",), _OPENED),
    (("random", "shuffle"), rb"shuffle\s*\([^\r\n]*,"),
    (("types", "CodeType"), rb"CodeType\s*\("),
)


def words_of(source: bytes) -> set[bytes]:
    """Return the words of a file."""
    return set(_WORD.findall(source))


def _facts(rows: dict[str, list[Any]], window: Window) -> dict[str, Fact]:
    """Return the rows whose change the window covers."""
    facts = ((name, Fact(*row)) for name, row in rows.items())
    return {name: fact for name, fact in facts if window.covers(fact)}
