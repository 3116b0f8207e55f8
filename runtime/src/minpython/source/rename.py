"""Find ``async`` and ``await`` where they are names.

Python 3.6 took ``async`` as a keyword before ``def`` and both inside the body of an ``async def``
(PEP 492, "Transition Plan"). A file that asks for 3.6 may hold later syntax too, so a word
is a name wherever reading it as a keyword could not be right, and as 3.6 would read it in the few
places where both readings are possible.
"""

from __future__ import annotations

import keyword

from minpython.source.tokens import NAME, NEWLINE, NUMBER, OP, STRING, Token

WIDE = {"a": "\uff41"}
"""The letters that are widened: U+FF41 is normalised to ``a``."""

_WORDS = frozenset(("async", "await"))
_OPERANDS = frozenset(("True", "False", "None", "async", "await"))
_RESERVED = frozenset(keyword.kwlist) - _OPERANDS
_BINDING = frozenset(("def", "class", "import", "as", "global", "nonlocal"))
_AFTER_NAME = frozenset(("in", "is", "and", "or", "not", "if", "else", "for", "as", "import"))
_OPERAND_START = frozenset(("{", "...", "~"))
_CALL_OR_ITEM = frozenset(("(", "["))
_TAB = 8


def positions(text: str, tokens: list[Token]) -> list[int]:
    """Return where the names ``async`` and ``await`` start, in characters."""
    found = []
    body = _AsyncBody(text)
    previous = Token(NEWLINE, 0, 0)
    last = len(tokens) - 1
    end = Token(NEWLINE, len(text), len(text))
    for index, token in enumerate(tokens):
        if token.kind == NEWLINE:
            body.line_ended()
        elif previous.kind == NEWLINE:
            body.line_started(token.start)
        if token.kind == NAME and token.end - token.start == 5:
            word = text[token.start : token.end]
            if word in _WORDS:
                following = tokens[index + 1] if index < last else end
                if _is_name(text, word, previous, following, inside=body.inside):
                    found.append(token.start)
                elif word == "async" and text[following.start : following.end] == "def":
                    body.opened()
        previous = token
    return found


class _AsyncBody:
    """Whether the place reached is inside an ``async def``, told by indentation as 3.6 told it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._column = 0
        self._opened_at: int | None = None
        self._past_header = False

    @property
    def inside(self) -> bool:
        """Whether the place reached is inside an ``async def``."""
        return self._opened_at is not None

    def opened(self) -> None:
        """Note an ``async def`` in the line reached."""
        if self._opened_at is None:
            self._opened_at = self._column
            self._past_header = False

    def line_ended(self) -> None:
        """Note the end of a logical line."""
        self._past_header = True

    def line_started(self, start: int) -> None:
        """Note that a logical line begins at `start`."""
        self._column = column(self._text, start)
        if self._opened_at is not None and self._past_header and self._column <= self._opened_at:
            self._opened_at = None


def column(text: str, start: int) -> int:
    """Return the indentation before `start` as the tokenizer counts it."""
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    count = 0
    for char in text[line:start]:
        count = (count // _TAB + 1) * _TAB if char == "\t" else 0 if char == "\x0c" else count + 1
    return count


def _is_name(text: str, word: str, previous: Token, following: Token, *, inside: bool) -> bool:
    """Return whether the word between two tokens is a name."""
    before = text[previous.start : previous.end]
    if previous.kind == OP and before == ".":
        return True
    after = text[following.start : following.end]
    if word == "async":
        if following.kind != NAME or after not in ("def", "with", "for"):
            return True
        return after == "for" and not (previous.kind == NEWLINE or _ends_operand(before, previous))
    if previous.kind == NAME and before in _BINDING:
        return True
    return _ends_name(after, following, inside=inside)


def _ends_name(after: str, following: Token, *, inside: bool) -> bool:
    """Return whether what follows ``await`` could not be what is awaited."""
    if following.kind == OP:
        return not (after in _OPERAND_START or (inside and after in _CALL_OR_ITEM))
    if following.kind == NAME:
        return after in _AFTER_NAME
    return following.kind == NEWLINE


def _ends_operand(before: str, previous: Token) -> bool:
    """Return whether an expression may end with this token."""
    if previous.kind == NAME:
        return before not in _RESERVED
    return previous.kind in (NUMBER, STRING) or before in (")", "]", "}", "...")
