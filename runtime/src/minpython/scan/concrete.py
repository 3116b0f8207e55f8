"""A file's text with its concrete syntax tree, and changes to it that touch nothing else.

The tree is parso's, which keeps comments, blanks and line ends and reads past what it does not
know. Changes are replacements of pieces of the text, so that whatever lies outside of them stays.
"""

from __future__ import annotations

import ast
import re
from typing import Any, NamedTuple

from minpython.errors import ConfigError
from minpython.scan.reading import LINE_END, line_starts
from minpython.source import rename
from minpython.source.tokens import Token, UnreadableError, tokenize

MISSING = "minpython scan --fix needs parso: pip install 'minpython[fix]'"


class NotFixableError(Exception):
    """A fix can't be written here; the message is the reason, as a part of a sentence."""


class Edit(NamedTuple):
    """Put `new` where the text from `start` to `end` is (in characters)."""

    start: int
    end: int
    new: str


class Concrete:
    """The text of one file, its leaves and its statements.

    In the tree, `async` and `await` as names have a first letter that makes them names for parso.
    """

    def __init__(self, text: str) -> None:
        """Parse a text.

        Raises:
            NotFixableError: parso does not give the text back as it was.
        """
        self.text = text
        self.words = rename.positions(text, _tokens(text))
        shadow = list(text)
        for place in self.words:
            shadow[place] = "_"
        self.root = _grammar().parse("".join(shadow))
        if self.root.get_code() != "".join(shadow):
            raise NotFixableError("its text can't be taken apart")
        self._starts = line_starts(text)
        self.line_end = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")

    def offset(self, line: int, column: int) -> int:
        """Return the place of a line (from 1) and a column (in characters, from 0)."""
        return self._starts[line - 1] + column

    def start(self, node: ast.AST) -> int:
        """Return where a node of the abstract tree starts."""
        return self._place(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Return where a node of the abstract tree ends."""
        return self._place(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def _place(self, line: int, column: int) -> int:
        """Return the place of a column that is counted in bytes of UTF-8."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        before = self.text[start:end].encode("utf-8", "surrogatepass")[:column]
        return start + len(before.decode("utf-8", "surrogatepass"))

    def whole(self, node: ast.AST) -> tuple[int, int]:
        """Return where a dotted name starts and ends.

        Raises:
            NotFixableError: it does not stand there (in f-strings of several lines, up to Python
                3.11), or a comment stands in it.
        """
        start, end = self.start(node), self.end(node)
        self.refuse_comment(start, end)
        if re.sub(r"[\s\\()]", "", self.text[start:end]) != ast.unparse(node):
            raise NotFixableError("its place is not known")
        return start, end

    def leaf(self, place: int) -> Any:
        """Return the leaf that the character at `place` belongs to."""
        from bisect import bisect_right

        line = bisect_right(self._starts, place)
        return self.root.get_leaf_for_position(
            (line, place - self._starts[line - 1] + 1), include_prefixes=True
        )

    def comments(self) -> list[str]:
        """Return the comments, in their order."""
        found = []
        leaf = self.root.get_first_leaf()
        while leaf is not None:
            found += [line.strip() for line in leaf.prefix.splitlines() if "#" in line]
            leaf = leaf.get_next_leaf()
        return found

    def leaf_before(self, place: int) -> Any:
        """Return the leaf that ends at `place`."""
        return self.leaf(place - 1)

    def span(self, part: Any) -> tuple[int, int]:
        """Return where a leaf or node of the concrete tree starts and ends, without its prefix."""
        return self.offset(*part.start_pos), self.offset(*part.end_pos)

    def replaced(self, part: Any, new: str) -> Edit:
        """Return the edit that puts `new` in the place of a leaf or node."""
        return Edit(*self.span(part), new)

    def removed(self, start: int, end: int) -> Edit:
        """Return the edit that takes a piece out.

        Raises:
            NotFixableError: a comment stands in it.
        """
        self.refuse_comment(start, end)
        return Edit(start, end, "")

    def refuse_comment(self, start: int, end: int) -> None:
        """Raise when a comment stands in a piece of the text that is to be replaced."""
        leaf = self.leaf(start)
        while leaf is not None:
            place = self.offset(*leaf.start_pos)
            before = place - len(leaf.prefix)
            if before >= end:
                break
            if "#" in self.text[max(before, start) : min(place, end)]:
                raise NotFixableError("a comment stands in it")
            leaf = leaf.get_next_leaf()

    def before_statement(self, part: Any, line: str) -> Edit:
        """Return the edit that puts a statement before the one that holds `part`."""
        statement = part
        while statement.parent is not None and statement.parent.type not in (
            *("simple_stmt", "suite", "file_input", "error_node"),
        ):
            statement = statement.parent
        place = self.offset(*statement.start_pos)
        begin = max(self.text.rfind("\n", 0, place), self.text.rfind("\r", 0, place)) + 1
        indent = self.text[begin:place]
        if indent.strip(" \t\f"):
            return Edit(place, place, f"{line}; ")
        return Edit(place, place, f"{line}{self.line_end}{indent}")


def above(part: Any, *types: str) -> Any:
    """Return the nearest node around a leaf that is of one of these types; ``None`` without."""
    while part is not None and part.type not in types:
        part = part.parent
    return part


def applied(text: str, edits: list[Edit]) -> str:
    """Return the text with non-overlapping edits made."""
    pieces, place = [], 0
    for edit in sorted(edits):
        pieces += [text[place : edit.start], edit.new]
        place = edit.end
    return "".join([*pieces, text[place:]])


def origins(text: str, edits: list[Edit], before: list[int]) -> list[int]:
    """Return the numbers that the lines of a changed text had at first.

    Args:
        text: the text before the edits.
        edits: what changes in it, without overlap.
        before: the first numbers of the lines of `text`.
    """
    found, line, place = [before[0]], 0, 0
    for edit in [*sorted(edits), Edit(len(text), len(text), "")]:
        for _ in LINE_END.finditer(text[place : edit.start]):
            line += 1
            found.append(before[line])
        found += [before[line]] * len(LINE_END.findall(edit.new))
        line += len(LINE_END.findall(text[edit.start : edit.end]))
        place = edit.end
    return found


def overlap(edits: list[Edit], others: list[Edit]) -> bool:
    """Return whether an edit of one list meets one of the other."""
    return any(
        (one.start < two.end and two.start < one.end) or one.start == two.start
        for one in edits
        for two in others
        if one != two
    )


def _tokens(text: str) -> list[Token]:
    try:
        return tokenize(text)
    except UnreadableError as error:
        return error.found


def _grammar() -> Any:
    """Return parso's newest grammar.

    Raises:
        ConfigError: parso is not installed.
    """
    try:
        from parso.grammar import load_grammar
    except ImportError:
        raise ConfigError(MISSING) from None
    try:
        return load_grammar()
    except NotImplementedError:
        # A Python that is newer than this parso.
        return load_grammar(version="3.13")
