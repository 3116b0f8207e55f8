"""Declarations of public headers: structs with their fields, enumerators, typedefs, signatures.

The parser takes what a preprocessor prints, knows no types, and leaves sizes and offsets to the
compiler. A declaration that it cannot read is kept as a remark, not passed over in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from elpython.interpreter.layout.declarator import Declared, Unreadable, declarator, strip
from elpython.interpreter.layout.tokens import Token, join

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Declarations", "Function", "Member", "Record", "read_declarations"]

_QUALIFIERS = frozenset(
    {"const", "volatile", "restrict", "__restrict", "__restrict__", "__const", "_Atomic"}
)
_STORAGE = frozenset(
    {"extern", "static", "inline", "__inline", "__inline__", "register", "_Noreturn"}
    | {"_Thread_local", "__thread", "__extension__", "auto"}
)
_BUILTIN = frozenset(
    {"void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool"}
    | {"__signed__", "__signed", "__int128", "_Complex"}
)
_TAGGED = frozenset({"struct", "union", "enum"})
_WITH_GROUP = frozenset({"typeof", "__typeof__", "_Atomic"})


@dataclass(frozen=True, slots=True)
class Member:
    """A field as declared: an anonymous struct or union has no name and an inner record."""

    name: str
    type: str
    is_bits: bool
    inner: Record | None


@dataclass(slots=True)
class Record:
    """A struct or union: `tag` is empty for an anonymous one; `members` None when opaque."""

    kind: str
    tag: str
    members: list[Member] | None
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function or variable: its type, header, and the body of an inline function."""

    type: str
    file: str
    body: str = ""


@dataclass(slots=True)
class Declarations:
    """Everything that some headers declare.

    Attributes:
        records: by C type name: `struct tag`, or the typedef of an anonymous one.
        names: C type name -> typedef names of it.
        typedefs: name -> type.
        enumerators: names in order.
        functions, variables, inlines: by name.
        problems: declarations that could not be read.
    """

    records: dict[str, Record] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    typedefs: dict[str, str] = field(default_factory=dict)
    enumerators: list[str] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
    variables: dict[str, Function] = field(default_factory=dict)
    inlines: dict[str, Function] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Specifier:
    """What stands before the declarators: type, storage, and a struct or enum defined there."""

    type: str = ""
    storage: set[str] = field(default_factory=set)
    record: Record | None = None


def read_declarations(tokens: list[Token]) -> Declarations:
    """Read the declarations of preprocessed headers."""
    found = Declarations()
    for piece, body in _pieces(tokens):
        first = piece[0]
        try:
            _declaration(strip(piece), body, found)
        except (Unreadable, IndexError) as error:
            text = join([token.text for token in piece[:12]])
            found.problems.append(f"{_place(first)}: not read: {text} ... ({error})")
    return found


def _place(token: Token) -> str:
    return f"{PurePath(token.file).name}:{token.line}"


def _pieces(tokens: list[Token]) -> Iterator[tuple[list[Token], list[Token]]]:
    """Yield each declaration at the top level, and the body where it is a function."""
    piece: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.text == "{" and _is_function(piece):
            end = closing(tokens, at)
            yield piece, tokens[at : end + 1]
            piece, at = [], end + 1
        elif token.text in "({[":
            end = closing(tokens, at)
            piece += tokens[at : end + 1]
            at = end + 1
        elif token.text == ";":
            if piece:
                yield piece, []
            piece, at = [], at + 1
        else:
            piece.append(token)
            at += 1


def _is_function(piece: list[Token]) -> bool:
    try:
        bare = strip(piece)
    except Unreadable:
        return False
    return bool(bare) and bare[-1].text == ")" and all(token.text != "=" for token in bare)


def closing(tokens: list[Token], at: int) -> int:
    """Return the place of the bracket that closes the one at a place; the last one if none does."""
    depth = 0
    for place in range(at, len(tokens)):
        text = tokens[place].text
        if text in {"(", "{", "["}:
            depth += 1
        elif text in {")", "}", "]"}:
            depth -= 1
            if depth == 0:
                return place
    return len(tokens) - 1


def _declaration(piece: list[Token], body: list[Token], found: Declarations) -> None:
    if not piece or piece[0].text in {"_Static_assert", "static_assert", "__asm__", "asm"}:
        return
    is_typedef = any(token.text == "typedef" for token in piece)
    piece = [token for token in piece if token.text != "typedef"]
    file = PurePath(piece[0].file).name
    spec, at = _specifier(piece, 0, found)
    for item in _declarators(piece, at):
        if is_typedef:
            _typedef(item, spec, found)
        elif item.is_function:
            text = item.type_text(spec.type)
            if body:
                words = join([token.text for token in body])
                found.inlines[item.name] = Function(text, file, words)
            elif "static" not in spec.storage:
                found.functions[item.name] = Function(text, file)
        elif "extern" in spec.storage:
            found.variables[item.name] = Function(item.type_text(spec.type), file)


def _typedef(item: Declared, spec: _Specifier, found: Declarations) -> None:
    if item.is_plain and spec.type.startswith(("struct ", "union ", "enum ")):
        found.names.setdefault(spec.type, []).append(item.name)
    elif item.is_plain and spec.record is not None:
        found.records[item.name] = spec.record
        return
    found.typedefs[item.name] = item.type_text(spec.type)


def _declarators(piece: list[Token], at: int) -> Iterator[Declared]:
    while at < len(piece):
        item, at = declarator(piece, at, _parameter)
        yield item
        while at < len(piece) and piece[at].text != ",":
            at = closing(piece, at) + 1 if piece[at].text in {"(", "{", "["} else at + 1
        at += 1


def _parameter(tokens: list[Token]) -> str:
    """Return the type of a parameter, without its name."""
    if [token.text for token in tokens] == ["..."]:
        return "..."
    spec, at = _specifier(tokens, 0, Declarations())
    item, _ = declarator(tokens, at, _parameter)
    return item.type_text(spec.type)


def _specifier(piece: list[Token], at: int, found: Declarations) -> tuple[_Specifier, int]:
    spec = _Specifier()
    words: list[str] = []
    has_type = False
    while at < len(piece):
        token = piece[at]
        text = token.text
        if text in _STORAGE:
            spec.storage.add(text)
        elif text in _WITH_GROUP and at + 1 < len(piece) and piece[at + 1].text == "(":
            end = closing(piece, at + 1)
            words.append(join([one.text for one in piece[at : end + 1]]))
            has_type, at = True, end
        elif text in _QUALIFIERS:
            words.append(text)
        elif text in _TAGGED:
            name, spec.record, at = _tagged(piece, at, found)
            words.append(name)
            has_type = True
            continue
        elif text in _BUILTIN or (token.word and not has_type):
            words.append(text)
            has_type = True
        else:
            break
        at += 1
    if not has_type:
        raise Unreadable("no type")
    spec.type = _sorted_type(words)
    return spec, at


def _sorted_type(words: list[str]) -> str:
    """`char const` and `const char` are one type."""
    front = sorted({word for word in words if word in _QUALIFIERS})
    return " ".join([*front, *(word for word in words if word not in _QUALIFIERS)])


def _tagged(piece: list[Token], at: int, found: Declarations) -> tuple[str, Record | None, int]:
    kind, first = piece[at].text, piece[at]
    at += 1
    tag = ""
    if at < len(piece) and piece[at].word:
        tag = piece[at].text
        at += 1
    if at < len(piece) and piece[at].text == ":" and kind == "enum":  # enum with a fixed type
        while at < len(piece) and piece[at].text != "{":
            at += 1
    name = f"{kind} {tag}" if tag else kind
    file = PurePath(first.file).name
    if at >= len(piece) or piece[at].text != "{":
        if kind != "enum":
            found.records.setdefault(name, Record(kind, tag, None, file, first.line))
        return name, None, at
    end = closing(piece, at)
    inside = piece[at + 1 : end]
    if kind == "enum":
        found.enumerators += _enumerators(inside)
        return name if tag else "enum", None, end + 1
    record = Record(kind, tag, list(_members(inside, found)), file, first.line)
    if tag:
        found.records[name] = record
    return name, record, end + 1


def _enumerators(tokens: list[Token]) -> list[str]:
    names = []
    at, expected = 0, True
    while at < len(tokens):
        token = tokens[at]
        if expected and token.word:
            names.append(token.text)
            expected = False
        elif token.text == ",":
            expected = True
        elif token.text in {"(", "{", "["}:
            at = closing(tokens, at)
        at += 1
    return names


def _members(tokens: list[Token], found: Declarations) -> Iterator[Member]:
    for piece, _ in _pieces([*tokens, Token(";", word=False, file="", line=0)]):
        bare = strip(piece)
        if not bare or bare[0].text in {"_Static_assert", "static_assert"}:
            continue
        spec, at = _specifier(bare, 0, found)
        if at >= len(bare):
            yield Member(name="", type=spec.type, is_bits=False, inner=spec.record)
            continue
        while at < len(bare):
            if bare[at].text == ":":  # unnamed bits: padding
                break
            item, at = declarator(bare, at, _parameter)
            is_bits = at < len(bare) and bare[at].text == ":"
            inner = spec.record if item.is_plain or item.is_array else None
            yield Member(item.name, item.type_text(spec.type), is_bits, inner)
            while at < len(bare) and bare[at].text != ",":
                at += 1
            at += 1
