"""C declarators: the name in the middle, pointers before it, arrays and parameters behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.interpreter.layout.tokens import Token, join

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Declared", "Unreadable", "declarator", "strip"]

_POINTER_WORDS = frozenset(
    ["const", "volatile", "restrict", "__restrict", "__restrict__", "_Nullable"]
)
_ATTRIBUTES = frozenset(
    ["__attribute__", "__attribute", "__declspec", "_Alignas", "alignas", "__asm__", "__asm"]
)


class Unreadable(Exception):  # noqa: N818 - it never leaves the parser
    """A declaration that the parser does not read."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A declarator.

    Attributes:
        name: empty in a parameter without one.
        shape: the declarator without the name, `*`, `(*)(int)`, `[4]`.
        is_function: whether it declares a function.
    """

    name: str
    shape: str
    is_function: bool

    @property
    def is_plain(self) -> bool:
        """Whether the type is the specifier's own."""
        return not self.shape

    @property
    def is_array(self) -> bool:
        """Whether it is an array of the specifier's type."""
        return self.shape.startswith("[")

    def type_text(self, base: str) -> str:
        """Return the whole type."""
        tight = self.shape.startswith("[")
        return base + ("" if tight or not self.shape else " ") + self.shape


def strip(tokens: list[Token]) -> list[Token]:
    """Remove attributes, alignments and assembler names."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        text = tokens[at].text
        if text in _ATTRIBUTES and at + 1 < len(tokens) and tokens[at + 1].text == "(":
            at = _closing(tokens, at + 1) + 1
        elif text == "[" and at + 1 < len(tokens) and tokens[at + 1].text == "[":
            at = _closing(tokens, at) + 1
        else:
            kept.append(tokens[at])
            at += 1
    return kept


def declarator(
    tokens: list[Token], at: int, parameter: Callable[[list[Token]], str]
) -> tuple[Declared, int]:
    """Read a declarator.

    Args:
        tokens: of the declaration, attributes removed.
        at: where it begins.
        parameter: reads the tokens of one parameter into its type.

    Returns:
        the declarator, and the place behind it.
    """
    stars: list[str] = []
    while at < len(tokens) and (tokens[at].text == "*" or tokens[at].text in _POINTER_WORDS):
        stars.append(tokens[at].text)
        at += 1
    name, inner, inner_function = "", "", False
    if at < len(tokens) and tokens[at].text == "(" and _nests(tokens, at):
        end = _closing(tokens, at)
        nested, _ = declarator(tokens[at + 1 : end], 0, parameter)
        name, inner_function = nested.name, nested.is_function
        inner = f"({nested.shape})" if nested.shape else ""
        at = end + 1
    elif at < len(tokens) and tokens[at].word:
        name = tokens[at].text
        at += 1
    suffix, is_function, at = _suffixes(tokens, at, parameter)
    pointer = join(stars)
    gap = " " if pointer and pointer[-1].isalpha() and (inner or suffix.startswith("(")) else ""
    return (
        Declared(
            name, pointer + gap + inner + suffix, inner_function or (is_function and not inner)
        ),
        at,
    )


def _nests(tokens: list[Token], at: int) -> bool:
    """Whether a parenthesis holds a declarator rather than parameters."""
    following = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if following in {"*", "("}:
        return True
    closes = at + 2 < len(tokens) and tokens[at + 2].text == ")"
    return bool(closes and tokens[at + 1].word and at + 3 < len(tokens)
                and tokens[at + 3].text == "(")  # fmt: skip


def _suffixes(
    tokens: list[Token], at: int, parameter: Callable[[list[Token]], str]
) -> tuple[str, bool, int]:
    parts: list[str] = []
    is_function = False
    while at < len(tokens) and tokens[at].text in {"(", "["}:
        end = _closing(tokens, at)
        inside = tokens[at + 1 : end]
        if tokens[at].text == "[":
            parts.append("[" + join([token.text for token in inside]) + "]")
        else:
            is_function = is_function or not parts
            parts.append("(" + ", ".join(parameter(item) for item in _split(inside)) + ")")
        at = end + 1
    return "".join(parts), is_function, at


def _split(tokens: list[Token]) -> list[list[Token]]:
    items: list[list[Token]] = [[]]
    at = 0
    while at < len(tokens):
        if tokens[at].text in {"(", "[", "{"}:
            end = _closing(tokens, at)
            items[-1] += tokens[at : end + 1]
            at = end + 1
            continue
        if tokens[at].text == ",":
            items.append([])
        else:
            items[-1].append(tokens[at])
        at += 1
    return [item for item in items if item]


def _closing(tokens: list[Token], at: int) -> int:
    depth = 0
    for place in range(at, len(tokens)):
        if tokens[place].text in {"(", "[", "{"}:
            depth += 1
        elif tokens[place].text in {")", "]", "}"}:
            depth -= 1
            if depth == 0:
                return place
    raise Unreadable("a bracket is not closed")
