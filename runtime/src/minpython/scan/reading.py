"""Scan one file: parse it as the oldest Python would, or read its tokens where it has no tree."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from bisect import bisect_right
from itertools import accumulate

from minpython.scan.finding import HIGH, LOW, Fact, Failure, Finding
from minpython.scan.knowledge import Hints, Knowledge, hints, words_of
from minpython.scan.visitor import Visitor
from minpython.source import rename, spelling
from minpython.source.positions import restore_columns
from minpython.source.tokens import NAME, NUMBER, Token, UnreadableError, tokenize
from minpython.source.translate import decode, translate

_OLDEST = (3, 6)
LINE_END = re.compile(r"\r\n|\r|\n")
# At the end of a line: for every finding in it, or for the named facts.
_IGNORE = re.compile(r"#\s*minpython:\s*ignore(?:\[([^\]]*)\])?(?:\s.*)?$")
_NAMES = "syntax async/await as identifiers"
_COMMA = "syntax unparenthesised generator argument followed by a comma"
_NUMBER = "syntax numeric literal directly followed by a keyword (0in x)"


def scan_source(
    path: str, source: bytes, known: Knowledge, target: tuple[int, ...]
) -> list[Finding] | Failure:
    """Return what a file uses that is gone on `target`."""
    read = read_source(path, source, known, target)
    if isinstance(read, Failure):
        return read
    return read[1] if read else []


def read_source(
    path: str, source: bytes, known: Knowledge, target: tuple[int, ...]
) -> tuple[Reader, list[Finding]] | Failure | None:
    """Return a file's reader and its findings; ``None`` when its words say that it has none."""
    present = words_of(source)
    words = known.words_in(source, present)
    hinted = hints(source, present)
    if not words and not any(hinted):
        return None
    text = decode(source)
    if text is None:
        return Failure(path, "its bytes are not text in the encoding that it declares")
    reader = Reader(path, text, known, target)
    if any(hinted) and reader.bytes != source:
        hinted = hints(reader.bytes, words_of(reader.bytes))
    return reader, reader.read(words, hinted)


class Reader:
    """The scan of one file's text."""

    def __init__(self, path: str, text: str, known: Knowledge, target: tuple[int, ...]) -> None:
        self.path = path
        self.text = text
        self.known = known
        self.target = target
        self.found: dict[tuple[int, int, str], Finding] = {}
        self.nodes: dict[tuple[int, int, str], ast.AST] = {}
        self.tree: ast.Module | None = None
        self.bytes = text.encode("utf-8", "replace")
        self._starts = line_starts(text)
        self._as_it_is = False

    def read(self, words: set[bytes], hinted: Hints) -> list[Finding]:
        """Return the findings of a file that holds these words and hints, in their order."""
        tree = self.tree = self._tree()
        if tree is None:
            self._by_tokens()
        else:
            if sys.version_info < (3, 10):
                self._place_aliases(tree)
            lines = self._lines(words, hinted)
            Visitor(self.known, lines, self.target, self._at_node).statements(tree.body)
        # What the running Python takes as it is has no other old spellings than those of numbers.
        if hinted.numbers or (hinted.spellings and not self._as_it_is):
            self._syntax(parsed=tree is not None)
        found = self.found.values()
        if found and b"minpython:" in self.bytes:
            found = [each for each in found if not self._ignored(each)]  # type: ignore[assignment]
        return sorted(found, key=lambda finding: finding[:4])

    def _ignored(self, finding: Finding) -> bool:
        """Return whether a comment at the end of the line leaves the finding out."""
        start = self._starts[finding.line - 1]
        match = _IGNORE.search(LINE_END.split(self.text[start:], maxsplit=1)[0])
        if match is None:
            return False
        names = [name.strip() for name in (match[1] or "").split(",")]
        return match[1] is None or finding.fact.name in names

    def _tree(self) -> ast.Module | None:
        """Return the tree of the text, old spellings included; ``None`` if it has none."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                tree = ast.parse(self.text)
            except (SyntaxError, ValueError, RecursionError):
                pass
            else:
                self._as_it_is = True
                return tree
            try:
                made = translate(self.text, version=_OLDEST)
                tree = ast.parse(made.source)
            except (SyntaxError, ValueError, RecursionError):
                return None
        if isinstance(made.source, str):
            restore_columns(tree, made.source, made.widened)
        return tree

    def _place_aliases(self, tree: ast.Module) -> None:
        """Give the names in import statements the places that Python 3.9 does not tell."""
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                place = self._starts[node.lineno - 1] + node.col_offset
                for word in ("import", *(alias.name for alias in node.names)):
                    hit = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)").search(self.text, place)
                    place = hit.start() if hit else place
                    line = bisect_right(self._starts, place)
                    before = self.text[self._starts[line - 1] : place].encode("utf-8", "replace")
                    for alias in node.names:
                        if alias.name == word and not hasattr(alias, "lineno"):
                            alias.lineno, alias.col_offset = line, len(before)  # type: ignore[attr-defined]

    def _lines(self, words: set[bytes], hinted: Hints) -> list[int]:
        """Return the numbers of the lines that import or hold a telling word."""
        places: set[int] = set()
        for word in map(bytes.decode, words | {b"import"}):
            for hit in re.finditer(word + r"\b", self.text):
                places.add(bisect_right(self._starts, hit.start()))
        if any(hinted):
            starts = line_starts(self.bytes.decode("latin-1"))
            for found in hinted:
                places.update(bisect_right(starts, place) for place in found)
        return sorted(places)

    def _at_node(self, node: ast.AST, fact: Fact, confidence: str) -> None:
        """Keep a finding at a node of the tree."""
        line = getattr(node, "lineno", 1)
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        before = self.text[start:end].encode("utf-8", "replace")[: getattr(node, "col_offset", 0)]
        column = len(before.decode("utf-8", "replace")) + 1
        self.nodes[line, column, fact.name] = node
        self._keep(line, column, fact, confidence)

    def _at(self, place: int, fact: Fact | None, confidence: str = HIGH) -> None:
        """Keep a finding at a place in the text."""
        if fact is not None:
            line = self.text.count("\n", 0, place) + 1
            line += self.text.count("\r", 0, place) - self.text.count("\r\n", 0, place)
            self._keep(line, place - self._starts[line - 1] + 1, fact, confidence)

    def _keep(self, line: int, column: int, fact: Fact, confidence: str) -> None:
        start = self._starts[line - 1]
        text = LINE_END.split(self.text[start : start + 400], maxsplit=1)[0].strip()
        finding = Finding(self.path, line, column, text, fact, confidence)
        key = (line, column, fact.name)
        if key not in self.found or confidence == HIGH:
            self.found[key] = finding

    def _syntax(self, *, parsed: bool) -> None:
        """Look for spellings that later Pythons refuse."""
        try:
            tokens = tokenize(self.text)
        except UnreadableError as error:
            tokens = error.found
            if not parsed:
                return
        for place in rename.positions(self.text, tokens):
            self._at(place, self.known.other.get(_NAMES))
        for place, _ in spelling.edits(self.text, tokens, _OLDEST):
            if self.text[place] == ",":
                self._at(place, self.known.other.get(_COMMA))
        for before, after in zip(tokens, tokens[1:]):
            if before.kind == NUMBER and after.kind == NAME and before.end == after.start:
                self._at(before.start, self.known.other.get(_NUMBER))

    def _by_tokens(self) -> None:
        """Look at imports and dotted names where the text has no tree."""
        try:
            tokens = tokenize(self.text)
        except UnreadableError as error:
            tokens = error.found
        for line in _logical_lines(self.text, tokens):
            words = [self.text[token.start : token.end] for token in line]
            if words[0] in ("import", "from") and len(words) > 1:
                self._import(line, words)
            else:
                self._dotted(line, words)

    def _import(self, line: list[Token], words: list[str]) -> None:
        """Look at one import statement."""
        dotted = words[1]
        for dot, part in zip(words[2::2], words[3::2]):
            if dot != ".":
                break
            dotted += f".{part}"
        fact = self.known.modules.get(dotted) or self.known.modules.get(words[1])
        self._at(line[1].start, fact, LOW)
        if words[0] == "from" and "import" in words and fact is None:
            for token, word in zip(line, words):
                self._at(token.start, self.known.attributes.get(f"{dotted}.{word}"), LOW)

    def _dotted(self, line: list[Token], words: list[str]) -> None:
        """Look at the dotted names of a line."""
        for index in range(1, len(words) - 1):
            if words[index] == ".":
                dotted = f"{words[index - 1]}.{words[index + 1]}"
                fact = self.known.attributes.get(dotted) or self.known.loose.get(words[index + 1])
                self._at(line[index - 1].start, fact, LOW)


def line_starts(text: str) -> list[int]:
    """Return where each line of a text starts."""
    if "\r" in text:
        return [0, *(hit.end() for hit in LINE_END.finditer(text))]
    return [0, *accumulate(len(line) + 1 for line in text.split("\n")[:-1])]


def _logical_lines(text: str, tokens: list[Token]) -> list[list[Token]]:
    """Split tokens at line ends and semicolons."""
    lines: list[list[Token]] = [[]]
    for token in tokens:
        if text[token.start] in "\r\n;":
            lines.append([])
        else:
            lines[-1].append(token)
    return [line for line in lines if line]
