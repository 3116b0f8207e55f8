"""The table of what was removed, arranged for looking names up fast."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Callable, NamedTuple

from minpython.scan.finding import Fact, Window

_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "known.json")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
# Everything but letters, digits and the underscore separates words.
_BLANKED = bytes(
    code if bytes([code]).isalnum() or code == ord("_") else ord(" ") for code in range(256)
)
_NUMBER_AND_KEYWORD = b"0in"
"""Stands among the words of a file for those like it: a number that runs into a keyword."""
_KEYWORDS_TEXT = "if|or|in|is|and|else|for|not"
_KEYWORDS = tuple(word.encode() for word in _KEYWORDS_TEXT.split("|"))
_NINE = ord("9")
_SPELLINGS = (
    (b"async", re.compile(rb"async\b(?![ \t]+(?:def|for|with)\b)")),
    (b"await", re.compile(rb"await[ \t]*[=.,:)\]\r\n]|\.await\b")),
    (b"for", re.compile(rb"for\b[^()\r\n]*,[ \t]*\)")),
)
_NUMBERS = (
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
    numbers: list[int]
    expressions: list[int]


def hints(source: bytes, present: set[bytes]) -> Hints:
    """Return where a file with these words may hold old syntax; mostly nowhere."""
    return Hints(
        _places(_SPELLINGS, source, present),
        _places(_NUMBERS, source, present) if _NUMBER_AND_KEYWORD in present else [],
        _places(_EXPRESSIONS, source, present),
    )


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
            self._clue(name.split("."), _Imported(name.rpartition(".")[2].encode()))
        for name in self.attributes:
            owner, _, last = name.rpartition(".")
            above = owner.rpartition(".")[2]
            self._clue(name.split("."), _Read(above.encode(), last.encode()) if owner else None)
        for name in self.methods:
            self._clue(name.split("."), None)
        for function, names in self.parameters.items():
            called = function.rpartition(".")[2].encode()
            for name in names:
                built_in = function.startswith("builtins.")
                given = _Fitting(_GIVEN % {b"function": called, b"name": name.encode()})
                self._clue([*function.split("."), name], given if built_in else None)
        for words, pattern in _OTHER if self.other else ():
            self._clue(list(words), _Fitting(pattern) if pattern else None)

    def _clue(self, words: list[str], test: Callable[[bytes], bool] | None) -> None:
        """Add a clue, to be found by its last word."""
        wanted = frozenset(word.encode() for word in words if word != "builtins")
        self._clues.setdefault(words[-1].encode(), []).append(_Clue(wanted, test))

    def words_in(self, source: bytes, present: set[bytes]) -> set[bytes]:
        """Return the telling ones of a file's words; an empty set lets it be skipped."""
        found: set[bytes] = set()
        for last in present & self._clues.keys():
            for clue in self._clues[last]:
                if clue.words <= present and not clue.words <= found and clue.fits(source):
                    found |= clue.words
        return found


class _Clue(NamedTuple):
    """Words that must all stand in a file, and a test that its text must pass if there is one."""

    words: frozenset[bytes]
    test: Callable[[bytes], bool] | None

    def fits(self, source: bytes) -> bool:
        """Return whether the text passes."""
        return self.test is None or self.test(source)


class _Fitting:
    """A test: whether a pattern is found; compiled when it is first needed."""

    def __init__(self, pattern: bytes) -> None:
        self._pattern = pattern
        self._compiled: re.Pattern[bytes] | None = None

    def __call__(self, source: bytes) -> bool:
        """Search for the pattern."""
        if self._compiled is None:
            self._compiled = re.compile(self._pattern)
        return self._compiled.search(source) is not None


class _Read(_Fitting):
    """A test: whether a name is read from its module, imported from it, or stands in quotes.

    The pattern starts with a plain word, which the regular expression engine looks for fast.
    """

    def __init__(self, owner: bytes, name: bytes) -> None:
        super().__init__(_READ % {b"owner": owner, b"name": name})
        self._quoted = tuple(left + name + right for left in (b"'", b'"') for right in (b"'", b'"'))

    def __call__(self, source: bytes) -> bool:
        """Search for the name."""
        return any(each in source for each in self._quoted) or super().__call__(source)


class _Imported:
    """A test: whether a module's name stands in an import statement, or in a dotted name in quotes.

    It starts from the places of the name, of which there are few.
    """

    def __init__(self, name: bytes) -> None:
        self._name = name

    def __call__(self, source: bytes) -> bool:
        """Look at every place of the name."""
        place = source.find(self._name)
        while place >= 0:
            end = place + len(self._name)
            if not _LETTER.match(source, end) and not _LETTER.match(
                source, max(place - 1, 0), place
            ):
                start = source.rfind(b"\n", 0, place) + 1
                start = max(source.rfind(b"\r", start, place) + 1, start)
                before = source[start:place]
                if len(before) > _LONG or _IMPORT.search(before):
                    return True
                if _QUOTE_AFTER.match(source, end) and _QUOTE_BEFORE.search(before):
                    return True
            place = source.find(self._name, end)
        return False


_LONG = 2000
_LETTER = re.compile(rb"\w")
_IMPORT = re.compile(rb"(?:import|from)\b")
_QUOTE_BEFORE = re.compile(rb"['\"][\w.]*\Z")
_QUOTE_AFTER = re.compile(rb"[\w.]*['\"]")
_READ = (
    rb"%(owner)b(?:\s*\.\s*%(name)b\b|\s+as\b"
    rb"|\s+import\s*(?:\([^)]*|[^\r\n(]*)\b%(name)b\b)"
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
    """Return the words of a file, also those that follow a number without a blank."""
    words = set(source.translate(_BLANKED).split())
    for word in [word for word in words if word[0] <= _NINE]:
        words.discard(word)
        inner = _WORD.findall(word)
        words.update(inner)
        if inner and word.endswith(_KEYWORDS):
            words.add(_NUMBER_AND_KEYWORD)
    return words


def _facts(rows: dict[str, list[Any]], window: Window) -> dict[str, Fact]:
    """Return the rows whose change the window covers."""
    facts = ((name, Fact(*row)) for name, row in rows.items())
    return {name: fact for name, fact in facts if window.covers(fact)}
