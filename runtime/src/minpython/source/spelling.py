"""Find the spellings that older parsers let pass by oversight."""

from __future__ import annotations

import keyword

from minpython.source.tokens import NAME, OP, STRING, Token

_RESERVED = frozenset(keyword.kwlist) - {"True", "False", "None", "async", "await"}


class _Bracket:
    """An open bracket: where it stands, whether it calls, what was seen in it."""

    __slots__ = ("calls", "comma", "commas", "generator", "index")

    def __init__(self, index: int, *, calls: bool) -> None:
        self.index = index
        self.calls = calls
        self.generator = False
        self.commas = 0
        self.comma = -1


def edits(text: str, tokens: list[Token], version: tuple[int, ...]) -> list[tuple[int, str]]:
    """Return the edits that bring old spellings into the form that every Python takes.

    ``f(x for x in y,)`` was accepted before 3.7, ``f((name)=value)`` before 3.8, as was a
    backslash at the very end of a file.
    """
    found = [] if version >= (3, 7) else _lone_generators(text, tokens)
    found += _bracketed_keywords(text, tokens)
    if tokens and text[tokens[-1].start] == "\\":
        found.append((tokens[-1].start, " "))
    return found


def _lone_generators(text: str, tokens: list[Token]) -> list[tuple[int, str]]:
    """Return edits for the comma after a generator expression that is the only argument."""
    found = []
    stack: list[_Bracket] = []
    for index, token in enumerate(tokens):
        if token.kind == OP:
            char = text[token.start]
            if char in "([{":
                stack.append(_Bracket(index, calls=char == "(" and _callable(text, tokens, index)))
            elif char in ")]}":
                top = stack.pop() if stack else None
                if (
                    top
                    and top.calls
                    and top.generator
                    and top.commas == 1
                    and top.comma == index - 1
                ):
                    found.append((tokens[top.comma].start, " "))
            elif char == "," and stack:
                stack[-1].commas += 1
                stack[-1].comma = index
        elif token.kind == NAME and stack and text[token.start : token.end] == "for":
            stack[-1].generator = True
    return found


def _callable(text: str, tokens: list[Token], index: int) -> bool:
    """Return whether the parenthesis at `index` follows what can be called."""
    if not index:
        return False
    before = tokens[index - 1]
    word = text[before.start : before.end]
    if before.kind == NAME:
        return word not in _RESERVED
    return before.kind == STRING or word in (")", "]", "}")


def _bracketed_keywords(text: str, tokens: list[Token]) -> list[tuple[int, str]]:
    """Return edits for brackets around the name of a keyword argument."""
    found: list[tuple[int, str]] = []
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind != OP:
            continue
        char = text[token.start : token.end]
        if char in ("(", "[", "{"):
            depth += 1
        elif char in (")", "]", "}"):
            depth -= 1
        elif char == "=" and depth > 0 and text[tokens[index - 1].start] == ")":
            found += _around_name(text, tokens, index)
    return found


def _around_name(text: str, tokens: list[Token], equals: int) -> list[tuple[int, str]]:
    """Return edits for the brackets before an equals sign, if all they hold is a name."""
    last = equals - 1
    while last > 0 and text[tokens[last].start] == ")":
        last -= 1
    count = equals - 1 - last
    first = last - count
    pairs = range(1, count + 1)
    if first < 1 or tokens[last].kind != NAME:
        return []
    if any(text[tokens[last - step].start] != "(" for step in pairs):
        return []
    if text[tokens[first - 1].start] not in "(,":
        return []
    places = [tokens[last - step].start for step in pairs]
    places += [tokens[last + step].start for step in pairs]
    return [(place, " ") for place in places]
