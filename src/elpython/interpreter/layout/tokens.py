"""What a C preprocessor prints, read into tokens with their header and line, and macro bodies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Macro", "Preprocessed", "Token", "join", "read_preprocessed"]

_MARKER = re.compile(r'^#\s*(?:line\s+)?(\d+)\s+"((?:[^"\\]|\\.)*)"')
_DEFINE = re.compile(r"^\s*#\s*define\s+(\w+)(\([^)]*\))?\s*(.*)$")
_UNDEF = re.compile(r"^\s*#\s*undef\s+(\w+)")
_TOKEN = re.compile(
    r"""(?P<word>[A-Za-z_$][\w$]*)
      | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
      | (?P<text>(?:u8|[uUL])?"(?:[^"\\]|\\.)*"|[uUL]?'(?:[^'\\]|\\.)*')
      | (?P<sign>\.\.\.|->|\+\+|--|<<=|>>=|<<|>>|[<>=!+\-*/%&|^]=|&&|\|\||\#\#|[^\s\w])""",
    re.VERBOSE,
)
_TIGHT_BEFORE = frozenset({")", "]", ",", ";", ".", "->", "++", "--", "("})
_TIGHT_AFTER = frozenset({"(", "[", ".", "->", "!", "~"})


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its text, whether it is a word, and where it comes from."""

    text: str
    word: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro as defined last."""

    parameters: str
    body: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Preprocessed:
    """The tokens and macros of the files that were asked for, and the names of all files."""

    tokens: list[Token]
    macros: dict[str, Macro]
    files: set[str]


def read_preprocessed(text: str, wanted: Callable[[str], bool]) -> Preprocessed:
    """Read the output of `cc -E -dD`.

    Args:
        text: the output.
        wanted: whether a file's content is taken.
    """
    tokens: list[Token] = []
    macros: dict[str, Macro] = {}
    files: set[str] = set()
    answers: dict[str, bool] = {}
    file, line, taken = "", 0, False
    for row in text.splitlines():
        if row.startswith("#") and (marker := _MARKER.match(row)):
            file, line = marker[2], int(marker[1])
            if file not in answers:
                files.add(file)
                answers[file] = wanted(file)
            taken = answers[file]
            continue
        if row.lstrip().startswith("#"):
            _directive(row, macros, (file, line) if taken else None)
        elif taken:
            tokens += [
                Token(found[0], found.lastgroup == "word", file, line)
                for found in _TOKEN.finditer(row)
            ]
        line += 1
    return Preprocessed(tokens, macros, files)


def _directive(row: str, macros: dict[str, Macro], place: tuple[str, int] | None) -> None:
    if found := _DEFINE.match(row):
        macros.pop(found[1], None)
        if place is not None:
            body = join([item[0] for item in _TOKEN.finditer(found[3])])
            macros[found[1]] = Macro(found[2] or "", body, *place)
    elif found := _UNDEF.match(row):
        macros.pop(found[1], None)


def join(texts: list[str]) -> str:
    """Join the texts of tokens with the blanks that a reader expects, always the same ones."""
    parts: list[str] = []
    before = ""
    for text in texts:
        if before and not (text in _TIGHT_BEFORE and _hugs(before, text)) and (
            before not in _TIGHT_AFTER
        ):  # fmt: skip
            parts.append(" ")
        parts.append(text)
        before = text
    return "".join(parts)


def _hugs(before: str, text: str) -> bool:
    """Whether an opening parenthesis belongs to what stands before it."""
    return text != "(" or before[-1].isalnum() or before[-1] in "_)]"
