"""Find what a file asks for itself: ``use Python 3.8;`` and ``python36_syntax``.

A `use Python` statement may stand wherever a module's own statements do, before the first one that
is written in the older syntax. It holds for the whole file, which is compiled at once: names, too,
that earlier statements look up are those of the version.

The second asks for the syntax of a version only, from ``python30_syntax`` to the running Python's
own. What 3.5 and its forerunners accept 3.6 accepts too, so they are read as 3.6.
"""

from __future__ import annotations

import re
import sys

from minpython.source.tokens import NAME, NEWLINE, OP, STRING, Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import namedtuple

_USE = re.compile(r"use[ \t\f]+Python[ \t\f]+([^\s;#]*)[ \t\f]*(;?)")
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){1,2}\Z")
_FEATURE = re.compile(r"python3(\d{1,2})_syntax\Z")
_OLDEST = 6
_DOCSTRING = re.compile(r"[rRuU]?['\"]")


if TYPE_CHECKING:

    class Request(NamedTuple):
        """A file's own request, the edits that take it out of the text, and where it stands."""

        version: tuple[int, ...] | None
        syntax: tuple[int, ...] | None
        edits: tuple[tuple[int, str], ...]
        place: int

    class _Statement(NamedTuple):
        """A simple statement: its tokens, and whether another one follows on its line."""

        tokens: list[Token]
        end: int
        follows: bool

else:
    Request = namedtuple("Request", "version syntax edits place")
    _Statement = namedtuple("_Statement", "tokens end follows")

NOTHING = Request(None, None, (), 0)


def find(text: str, tokens: list[Token], filename: str) -> Request:
    """Return what the statements at the head of a module ask for.

    Raises:
        SyntaxError: a ``use Python`` statement names no version.
    """
    version = syntax = None
    edits: list[tuple[int, str]] = []
    position = _after_docstring(text, tokens)
    statement = _statement(text, tokens, position)
    if statement and _words(text, statement)[:2] == ["use", "Python"]:
        version = _version(text, statement, filename)
        edits += _blank(text, statement)
        position += len(statement.tokens) + statement.follows
        position = _after_docstring(text, tokens, position)
        statement = _statement(text, tokens, position)
    while statement and _words(text, statement)[:3] == ["from", "__future__", "import"]:
        feature = _feature(text, statement)
        if feature is not None:
            place, minor = feature
            syntax = min(syntax or (3, minor), (3, minor))
            edits += _without_feature(text, statement, place)
        position += len(statement.tokens) + statement.follows
        while position < len(tokens) and tokens[position].kind == NEWLINE:
            position += 1
        statement = _statement(text, tokens, position)
    place = 0
    if version is None:
        later = _later(text, tokens, position)
        if later is not None:
            place = later.tokens[0].start
            version = _version(text, later, filename)
            edits += _blank(text, later)
    return Request(version, syntax, tuple(edits), place)


def _later(text: str, tokens: list[Token], position: int) -> _Statement | None:
    """Return the first `use Python` statement that starts a line of the module's own statements."""
    for index in range(position, len(tokens) - 1):
        start = tokens[index].start
        if (
            text.startswith("use", start)
            and (not start or text[start - 1] in "\r\n\f")
            and (not index or tokens[index - 1].kind == NEWLINE)
        ):
            statement = _statement(text, tokens, index)
            if statement and _words(text, statement)[:2] == ["use", "Python"]:
                return statement
    return None


def too_late(text: str, request: Request, altered: list[int], filename: str) -> None:
    """Raise when a statement before the request is written in the older syntax.

    Args:
        text: the module's source.
        request: what `find` returned for it.
        altered: where the older syntax is.
        filename: the module's file, for the error.

    Raises:
        SyntaxError: the request has to stand before the first such place.
    """
    first = min(altered, default=len(text))
    if first < request.place:
        row = len(re.findall(r"\r\n|\r|\n", text[:first])) + 1
        message = f"use Python must come before the first statement that it alters, in line {row}"
        raise SyntaxError(message, _at(text, request.place, filename))


def _after_docstring(text: str, tokens: list[Token], position: int = 0) -> int:
    """Return the index of the first token that is neither a blank line nor the docstring."""
    while position < len(tokens):
        token = tokens[position]
        plain = token.kind == STRING and _DOCSTRING.match(text, token.start)
        semicolon = token.kind == OP and text[token.start] == ";" and position
        if not (token.kind == NEWLINE or plain or semicolon):
            break
        position += 1
    return position


def _statement(text: str, tokens: list[Token], position: int) -> _Statement | None:
    """Return the simple statement that starts at a token."""
    if position >= len(tokens):
        return None
    for index in range(position, len(tokens)):
        token = tokens[index]
        if token.kind == NEWLINE:
            return _Statement(tokens[position:index], token.start, follows=False)
        if token.kind == OP and text[token.start] == ";":
            follows = index + 1 < len(tokens) and tokens[index + 1].kind != NEWLINE
            end = tokens[index + 1].start if follows else token.end
            return _Statement(tokens[position:index], end, follows)
    return _Statement(tokens[position:], tokens[-1].end, follows=False)


def _words(text: str, statement: _Statement) -> list[str]:
    return [text[token.start : token.end] for token in statement.tokens]


def _version(text: str, statement: _Statement, filename: str) -> tuple[int, ...]:
    """Return the version that a ``use Python`` statement names."""
    start = statement.tokens[0].start
    match = _USE.match(text, start)
    if match and _VERSION.match(match[1]) and match.end(1) >= statement.tokens[-1].end:
        return tuple(int(part) for part in match[1].split("."))
    message = "use Python needs a version such as 3.8 or 3.8.2: use Python 3.8;"
    raise SyntaxError(message, _at(text, start, filename))


def _at(text: str, place: int, filename: str) -> tuple[str, int, int, str]:
    """Return what a syntax error says of a place: file, line, column and the line's text."""
    line_start = max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1
    line = text[line_start:].splitlines()[0]
    row = len(re.findall(r"\r\n|\r|\n", text[:place])) + 1
    return (filename, row, place - line_start + 1, line)


def _blank(text: str, statement: _Statement) -> list[tuple[int, str]]:
    """Return edits that leave spaces where a statement stands.

    What follows on its line must not look indented: a form feed before it sets the column to 0.
    """
    start = statement.tokens[0].start
    edits = _spaces(text, start, statement.end)
    if statement.follows:
        edits.append((statement.end - 1, "\f"))
    return edits


def _spaces(text: str, start: int, end: int) -> list[tuple[int, str]]:
    """Return edits that blank a stretch, comments and line ends left as they are."""
    edits = []
    comment = False
    for place in range(start, end):
        char = text[place]
        comment = (comment or char == "#") and char not in "\r\n"
        if not comment and char not in "\r\n\f":
            edits.append((place, " "))
    return edits


def _feature(text: str, statement: _Statement) -> tuple[int, int] | None:
    """Return the place of our feature among a statement's words, and the version's second part.

    One of a later Python is left to the compiler, which refuses it.
    """
    for place, word in enumerate(_words(text, statement)):
        match = _FEATURE.match(word)
        if match and int(match[1]) <= sys.version_info[1] and match[1] == str(int(match[1])):
            return place, max(int(match[1]), _OLDEST)
    return None


def _without_feature(text: str, statement: _Statement, ours: int) -> list[tuple[int, str]]:
    """Return edits that take our feature, one of the words, out of a ``from __future__ import``."""
    tokens = statement.tokens
    words = _words(text, statement)
    names = [
        index
        for index in range(3, len(tokens))
        if tokens[index].kind == NAME and words[index - 1] != "as" and words[index] != "as"
    ]
    if names == [ours]:
        return _blank(text, statement)
    last = ours + 2 if words[ours + 1 : ours + 2] == ["as"] else ours
    if words[last + 1 : last + 2] == [","]:
        return _spaces(text, tokens[ours].start, tokens[last + 1].end)
    return _spaces(text, tokens[ours - 1].start, tokens[last].end)
