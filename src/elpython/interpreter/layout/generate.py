"""The C program that reports sizes, offsets and values of what headers declare."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elpython.interpreter.layout.parse import Declarations, Record
    from elpython.interpreter.layout.tokens import Macro

__all__ = ["Leaf", "Program", "generate", "leaves"]

_WORD = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"\b(?:0[xX][\da-fA-F]+|\d+)[uUlL]*\b")
_SCALARS = (
    "_Bool", "char", "signed char", "unsigned char", "short", "unsigned short", "int",
    "unsigned int", "long", "unsigned long", "long long", "unsigned long long", "float", "double",
    "long double",
)  # fmt: skip
_HEAD = """\
static void bits(int item, const unsigned char *data, size_t size)
{
    long first = -1, count = 0;
    for (size_t at = 0; at < size * 8; at++) {
        if (data[at / 8] >> (at % 8) & 1) {
            if (first < 0) first = (long)at;
            count++;
        }
    }
    printf("%d %ld %ld\\n", item, first, count);
}

int main(void)
{
"""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field on its way into the program: path, type, and whether it is a bit-field."""

    path: str
    type: str
    is_bits: bool


@dataclass(frozen=True, slots=True)
class Program:
    """A program and what its output lines mean.

    Attributes:
        head: everything before the statements.
        statements: one line each; statement N prints lines that begin with N.
        items: what statement N is about: `("struct", key)`, `("field", key, path)`,
            `("enum", name)`, `("constant", name)`, `("scalar", name)`.
    """

    head: str
    statements: list[str]
    items: list[tuple[str, ...]]

    def text(self, without: set[int]) -> str:
        """Return the program, with empty lines in place of some statements."""
        lines = ["" if at in without else line for at, line in enumerate(self.statements)]
        return self.head + "\n".join(lines) + "\nreturn 0;\n}\n"

    def first_line(self) -> int:
        """Return the line number of the first statement."""
        return self.head.count("\n") + 1


def leaves(record: Record, prefix: str = "") -> Iterator[Leaf]:
    """Yield the fields of a struct, those of unnamed members by their own names."""
    for member in record.members or ():
        if not member.name:
            if member.inner is not None:
                yield from leaves(member.inner, prefix)
            continue
        path = prefix + member.name
        yield Leaf(path, member.type, member.is_bits)
        if member.inner is not None:
            inside = "[0]." if member.type.endswith("]") else "."
            yield from leaves(member.inner, path + inside)


def generate(
    headers: list[str], found: Declarations, macros: Mapping[str, Macro] | None = None
) -> Program:
    """Return the program for some declarations.

    Args:
        headers: what it includes, in order.
        found: the declarations of those headers.
        macros: their macros; those that may stand for a number are evaluated.
    """
    system = ("stddef.h", "stdio.h", "string.h")
    includes = "".join(f"#include <{name}>\n" for name in (*headers, *system))
    # Names here come out of the preprocessor: a macro of the same name (`#define test 306` in
    # graminit.h of 3.9) came later, or stands for the name itself.
    undefined = "".join(f"#undef {name}\n" for name in sorted(_names(found)))
    program = Program(includes + undefined + _HEAD, [], [])

    def add(item: tuple[str, ...], text: str) -> None:
        program.statements.append(text.replace("@", str(len(program.statements))))
        program.items.append(item)

    for key, record in found.records.items():
        if record.members is None:
            continue
        add(("struct", key),
            f'printf("@ %zu %zu\\n", sizeof({key}), (size_t)_Alignof({key}));')  # fmt: skip
        for leaf in leaves(record):
            add(("field", key, leaf.path), _field(key, leaf))
    for name in found.enumerators:
        add(("enum", name), f'printf("@ %lld\\n", (long long)({name}));')
    for name in _constants(macros or {}, found):
        add(("constant", name), f'printf("@ %lld\\n", (long long)({name}));')
    choices = ", ".join(f'{name} *: "{name}"' for name in _SCALARS)
    for name in _types(found):
        add(("scalar", name), f'printf("@ %s\\n", _Generic(({name} *)0, {choices}, default: ""));')
    return program


def _constants(macros: Mapping[str, Macro], found: Declarations) -> list[str]:
    """Return the macros whose text is made of numbers, operators and such macros alone."""
    known = set(found.enumerators) | {"int", "long", "unsigned", "char", "short", "signed"}

    def numeric(name: str, seen: frozenset[str]) -> bool:
        macro = macros[name]
        arguments = set(_WORD.findall(macro.parameters))
        if name in seen or not macro.body or '"' in macro.body:
            return False
        words = set(_WORD.findall(_NUMBER.sub(" ", macro.body))) - arguments - known
        return all(word in macros and numeric(word, seen | {name}) for word in words)

    taken = _names(found)
    return sorted(
        name
        for name, macro in macros.items()
        if not macro.parameters and name not in taken and numeric(name, frozenset())
        and re.search(r"\w", macro.body)
    )  # fmt: skip


def _names(found: Declarations) -> set[str]:
    """Return every name that the program takes from the headers."""
    texts = [*found.enumerators, *found.records]
    texts += [leaf.path for record in found.records.values() for leaf in leaves(record)]
    return {word for text in texts for word in _WORD.findall(text)} - {"struct", "union"}


def _field(key: str, leaf: Leaf) -> str:
    if leaf.is_bits:
        return (
            f"{{ {key} x; memset(&x, 0, sizeof x); x.{leaf.path} = ~0; "
            f"bits(@, (const unsigned char *)&x, sizeof x); }}"
        )
    offset = f"offsetof({key}, {leaf.path})"
    if leaf.type.endswith("[]") or leaf.type.endswith("[0]"):
        return f'printf("@ %zu -1\\n", {offset} * 8);'
    return f'printf("@ %zu %zu\\n", {offset} * 8, sizeof((({key} *)0)->{leaf.path}) * 8);'


def _types(found: Declarations) -> list[str]:
    """Return every word of the types that may be a typedef."""
    texts = [item.type for item in (*found.functions.values(), *found.variables.values(),
                                    *found.inlines.values())]  # fmt: skip
    texts += [leaf.type for record in found.records.values() for leaf in leaves(record)]
    texts += found.typedefs.values()
    words = {word for text in texts for word in _WORD.findall(text)}
    known = {word for name in _SCALARS for word in name.split()}
    left_out = known | {"void", "const", "volatile", "struct", "union", "enum"}
    return sorted((words | set(found.typedefs)) - left_out)
