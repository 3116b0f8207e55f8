"""Split Python source of any version into tokens, exactly enough to tell names from text.

The standard `tokenize` follows the rules of the interpreter that runs it and stops at what it does
not know. This one reads source of every version from 3.6 on the same way everywhere: strings with
their prefixes, f-strings and t-strings with the code inside their fields (nested as PEP 701
allows), continuation lines, form feeds.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import namedtuple

NAME = 1
NUMBER = 2
STRING = 3
OP = 4
NEWLINE = 5

_SKIP = r"(?:[ \t\f]|\\(?:\r\n|\r|\n))*"
_STRING_START = r"((?:[bB][rR]?|[rR][bBfFtT]?|[uU]|[fFtT][rR]?)?(?:'''|\"\"\"|'|\"))"
_NAME = r"([A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)"
_NUMBER = (
    r"(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+"
    r"|(?:[0-9][0-9_]*\.?(?:[0-9][0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9][0-9_]*)?[jJ]?)"
)
_NEWLINE = r"(\r\n|\r|\n)"
_COMMENT = r"(\#[^\r\n]*)"
_OP = r"(\.\.\.|\*\*=?|//=?|<<=?|>>=?|->|[-+*/%&|^@<>=!:]=|[^ \t\f\r\n])"
_TOKEN = re.compile(
    _SKIP + "(?:" + f"{_STRING_START}|{_NAME}|{_NUMBER}|{_NEWLINE}|{_COMMENT}|{_OP}" + ")"
)
_KINDS = (0, STRING, NAME, NUMBER, NEWLINE, 0, OP)
_COMMENT_GROUP = 5
_OP_GROUP = 6

_PLAIN_END = {
    "'": re.compile(r"[^\\'\r\n]*(?:\\(?:\r\n|[\s\S])[^\\'\r\n]*)*'"),
    '"': re.compile(r'[^\\"\r\n]*(?:\\(?:\r\n|[\s\S])[^\\"\r\n]*)*"'),
    "'''": re.compile(r"[^\\']*(?:(?:\\[\s\S]|'(?!''))[^\\']*)*'''"),
    '"""': re.compile(r'[^\\"]*(?:(?:\\[\s\S]|"(?!""))[^\\"]*)*"""'),
}
_LITERAL_STOP = {
    "'": re.compile(r"[\\{}'\r\n]"),
    '"': re.compile(r'[\\{}"\r\n]'),
    "'''": re.compile(r"[\\{}]|'''"),
    '"""': re.compile(r'[\\{}]|"""'),
}
_NAMED_ESCAPE = re.compile(r"\\N\{[^{}'\"\r\n]*\}")
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_TEMPLATE = frozenset("fFtT")


if TYPE_CHECKING:

    class Token(NamedTuple):
        """A token: its kind, and where it starts and ends, in characters."""

        kind: int
        start: int
        end: int

else:
    Token = namedtuple("Token", "kind start end")


class UnreadableError(Exception):
    """The text cannot be split further: a string or a bracket is not closed.

    `tokens` are those before that place.
    """

    def __init__(self, position: int, found: list[Token]) -> None:
        super().__init__(position)
        self.position = position
        self.found = found


def tokenize(text: str) -> list[Token]:
    """Return the tokens of `text`, without comments and without line ends inside brackets.

    The pieces of an f-string are `STRING` tokens, the code of its fields stands between them in
    ``{`` and ``}`` operators.

    Raises:
        UnreadableError: a string is not closed.
    """
    found: list[Token] = []
    _code(text, 1 if text.startswith("\ufeff") else 0, found, in_field=False)
    return found


def _code(text: str, position: int, found: list[Token], *, in_field: bool) -> int:
    """Read code up to the end of the text or of the f-string field; return where it ended."""
    match = _TOKEN.match
    depth = 0
    while True:
        hit = match(text, position)
        if hit is None:
            return len(text)
        group = hit.lastindex or 0
        start, position = hit.span(group)
        if group == 1:
            position = _string(text, start, position, found)
            continue
        if group == _OP_GROUP:
            char = text[start]
            if char in _OPENING:
                depth += 1
            elif in_field and not depth and _ends_expression(text, start, position):
                return start
            elif char in _CLOSING and depth:
                depth -= 1
        elif group == _COMMENT_GROUP or (group == 4 and (depth or in_field)):
            continue
        found.append(Token(_KINDS[group], start, position))


def _ends_expression(text: str, start: int, end: int) -> bool:
    """Return whether an operator outside brackets ends the expression of a field."""
    char = text[start]
    return char in "}:" or (char == "!" and end - start == 1)


def _string(text: str, start: int, position: int, found: list[Token]) -> int:
    """Read the string whose prefix and quotes end at `position`; return where it ends."""
    opening = text[start:position]
    quote = opening.lstrip("bBrRuUfFtT")
    prefix = opening[: -len(quote)]
    if not _TEMPLATE.isdisjoint(prefix):
        found.append(Token(STRING, start, position))
        return _template(text, position, quote, found)
    hit = _PLAIN_END[quote].match(text, position)
    if hit is None:
        raise UnreadableError(start, found)
    found.append(Token(STRING, start, hit.end()))
    return hit.end()


def _template(text: str, position: int, quote: str, found: list[Token]) -> int:
    """Read the inside of an f-string up to its closing quotes."""
    search = _LITERAL_STOP[quote].search
    while True:
        hit = search(text, position)
        if hit is None or hit[0] in "\r\n":
            raise UnreadableError(position, found)
        position = hit.end()
        if hit[0] == quote:
            found.append(Token(STRING, hit.start(), position))
            return position
        if hit[0] == "\\":
            position = _escape(text, hit.start())
        elif text.startswith(hit[0], position):
            position += 1
        elif hit[0] == "{":
            position = _field(text, hit.start(), quote, found)


def _escape(text: str, position: int) -> int:
    """Return where the escape at `position` ends; a brace after a backslash is no part of it."""
    named = _NAMED_ESCAPE.match(text, position)
    if named:
        return named.end()
    return position + (1 if text[position + 1 : position + 2] in ("{", "}") else 2)


def _field(text: str, position: int, quote: str, found: list[Token]) -> int:
    """Read a replacement field, conversion and format specification included."""
    found.append(Token(OP, position, position + 1))
    position = _code(text, position + 1, found, in_field=True)
    if text.startswith("!", position):
        found.append(Token(OP, position, position + 1))
        while position < len(text) and text[position] not in ":}":
            position += 1
    if text.startswith(":", position):
        found.append(Token(OP, position, position + 1))
        position = _format_spec(text, position + 1, quote, found)
    if not text.startswith("}", position):
        raise UnreadableError(position, found)
    found.append(Token(OP, position, position + 1))
    return position + 1


def _format_spec(text: str, position: int, quote: str, found: list[Token]) -> int:
    """Read a format specification with the fields nested in it; return where its brace is."""
    search = _LITERAL_STOP[quote].search
    while True:
        hit = search(text, position)
        if hit is None or hit[0] == quote or hit[0] in "\r\n":
            raise UnreadableError(position, found)
        if hit[0] == "}":
            return hit.start()
        if hit[0] == "\\":
            position = _escape(text, hit.start())
        else:
            position = _field(text, hit.start(), quote, found)
