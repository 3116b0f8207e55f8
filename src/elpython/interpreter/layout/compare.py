"""What differs between two layouts, and what that means for a module compiled against the first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.toml import Reader, read_toml
from elpython.interpreter.layout.headers import LayoutError
from elpython.interpreter.layout.model import Body
from elpython.interpreter.layout.structs import Leaves, compare_structs
from elpython.interpreter.layout.types import Types, same_call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elpython.interpreter.layout.model import Layout, Signature

__all__ = ["MEANINGS", "LayoutChange", "Rules", "compare_layouts", "layout_rules"]

# break: a module compiled before reads, writes or calls something else than it did.
# possible: it depends on what the module does; somebody has to look.
# none: nothing in a compiled module changes.
MEANINGS = ("break", "possible", "none")
_BITS = re.compile(r"<<|>>|[&|^~](?![&|])|\b(?:0[xX][\da-fA-F]+|\d+)[uUlL]*\b")
_MEMBER = re.compile(r"(?:->|\.)\s*(\w+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class LayoutChange:
    """One difference.

    Attributes:
        kind: `size`, `field`, `tail`, `opaque`, `struct`, `enumerator`, `constant`, `macro`,
            `inline`, `access` (a macro or inline function that reads fields another way),
            `function`, `variable`, `typedef`, `magic` or `added`.
        name: the struct, function, macro ... as programmers know it.
        what: what changed, one line.
        meaning: `break`, `possible` or `none`.
        why: why it means that.
        file: the header.
        reach: public macros and inline functions whose code holds what changed.
    """

    kind: str
    name: str
    what: str
    meaning: str
    why: str
    file: str = ""
    reach: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """`rules.toml`: structs that only the interpreter allocates, constants of each release."""

    interpreter_only: Mapping[str, str]
    release_constants: tuple[re.Pattern[str], ...]
    byte_code: frozenset[str]


@cache
def layout_rules() -> Rules:
    """Read the rules.

    Raises:
        LayoutError: with every problem of the file.
    """
    problems: list[str] = []
    path = Path(__file__).parent / "rules.toml"
    root = Reader(read_toml(path, problems), problems, file=path.name)
    only: dict[str, str] = {}
    for row in root.tables("interpreter_only"):
        reason = f"{row.text('reason')} ({row.text('source')})"
        only.update(dict.fromkeys(row.words("names"), reason))
        row.done()
    constants = []
    for row in root.tables("release_constant"):
        constants.append(re.compile(row.text("pattern")))
        row.text("reason")
        row.done()
    files = root.table("byte_code", need=True)
    byte_code = frozenset(files.words("files"))
    files.text("reason")
    files.done()
    root.done()
    if problems:
        raise LayoutError("the rules have problems", details=tuple(problems))
    return Rules(interpreter_only=only, release_constants=tuple(constants), byte_code=byte_code)


def compare_layouts(old: Layout, new: Layout, rules: Rules | None = None) -> list[LayoutChange]:
    """Compare two layouts of one platform and variant.

    Raises:
        LayoutError: they are of different platforms or variants, so that nothing follows.
    """
    rules = layout_rules() if rules is None else rules
    if (_arch(old), old.variant, old.abi_flags) != (_arch(new), new.variant, new.abi_flags):
        raise LayoutError(
            "these layouts cannot be compared: "
            f"{old.machine}, {old.variant}, flags {old.abi_flags!r} and "
            f"{new.machine}, {new.variant}, flags {new.abi_flags!r}",
            todo="measure both with the same compiler and variant",
        )
    types = (Types(old), Types(new))
    reach = _reach(old)
    found = [
        LayoutChange(
            kind=one.kind,
            name=one.name,
            what=one.what,
            meaning=one.meaning,
            why=one.why,
            file=one.file,
            reach=tuple(sorted(set().union(*(reach.get(field, ()) for field in one.members)))),
        )
        for one in compare_structs(Leaves(old, types[0]), Leaves(new, types[1]),
                                   rules.interpreter_only)
    ]  # fmt: skip
    found += _enumerators(old, new)
    found += _constants(old, new, rules)
    found += _bodies("macro", old, new, rules)
    found += _bodies("inline", old, new, rules)
    found += _signatures("function", old.functions, new.functions, types, new)
    found += _signatures("variable", old.variables, new.variables, types, new)
    found += _typedefs(old, new, types)
    found += _magic(old, new)
    return sorted(found, key=lambda one: (MEANINGS.index(one.meaning), one.kind, one.name))


def _arch(layout: Layout) -> str:
    return layout.machine.partition("-")[0]


def _reach(layout: Layout) -> dict[str, set[str]]:
    """Return for each member name the public macros and inline functions that touch it."""
    found: dict[str, set[str]] = {}
    for name, body in (*layout.macros.items(), *layout.inlines.items()):
        for member in _MEMBER.findall(body.body):
            found.setdefault(member, set()).add(name)
    return found


def _enumerators(old: Layout, new: Layout) -> Iterator[LayoutChange]:
    for name, value in old.enumerators.items():
        now = new.enumerators.get(name)
        if now is None:
            yield LayoutChange(kind="enumerator", name=name, what=f"{name} = {value} is gone",
                               meaning="possible",
                               why="compiled modules go on passing its value")  # fmt: skip
        elif now != value:
            yield LayoutChange(kind="enumerator", name=name, what=f"{name} was {value}, is {now}",
                               meaning="break", why="compiled modules hold the value")  # fmt: skip


def _constants(old: Layout, new: Layout, rules: Rules) -> Iterator[LayoutChange]:
    for name, value in old.constants.items():
        now = new.constants.get(name)
        body = old.macros.get(name, Body(head="", body="", file=""))
        is_version = value == old.constants.get("PY_VERSION_HEX")
        if now is None or now == value or is_version or _passed_over(name, body, rules):
            continue
        yield LayoutChange(
            kind="constant", name=name, what=f"{name} was {value}, is {now}", file=body.file,
            meaning="possible" if name.startswith("_") else "break",
            why="compiled modules hold the value",
        )  # fmt: skip


def _reading(text: str) -> tuple[list[str], list[str]]:
    """Return the fields that some code reaches, and how it takes their bits apart.

    Code that reaches no field has nothing to read; both lists are empty then.
    """
    members = sorted(_MEMBER.findall(text))
    return (members, sorted(_BITS.findall(text))) if members else ([], [])


def _passed_over(name: str, body: Body, rules: Rules) -> bool:
    return body.file in rules.byte_code or any(
        pattern.fullmatch(name) for pattern in rules.release_constants
    )


def _bodies(kind: str, old: Layout, new: Layout, rules: Rules) -> Iterator[LayoutChange]:
    before, after = (old.macros, new.macros) if kind == "macro" else (old.inlines, new.inlines)
    for name, body in before.items():
        now = after.get(name)
        if _passed_over(name, body, rules):
            continue
        if now is None:
            yield LayoutChange(kind=kind, name=name, what=f"{name} is gone", meaning="none",
                               why="compiled modules hold its code", file=body.file)  # fmt: skip
        elif (body.head, body.body) != (now.head, now.body):
            if kind == "macro" and name in old.constants and name in new.constants:
                continue
            reads = _reading(body.body) != _reading(now.body)
            yield LayoutChange(
                kind="access" if reads else kind, name=name, meaning="possible", file=now.file,
                what=f"the code of {name} {'reads fields another way' if reads else 'changed'}",
                why="compiled modules hold the former code",
            )  # fmt: skip


def _signatures(
    kind: str,
    old: Mapping[str, Signature],
    new: Mapping[str, Signature],
    types: tuple[Types, Types],
    layout: Layout,
) -> Iterator[LayoutChange]:
    for name, signature in old.items():
        now = new.get(name)
        if now is None:
            inline = name in layout.inlines or name in layout.macros
            yield LayoutChange(
                kind=kind, name=name, file=signature.file,
                what=f"{name} is declared no longer" + (" as a function" if inline else ""),
                meaning="possible" if inline else "break",
                why="now a macro or inline function: whether the library still exports it, headers "
                "don't tell" if inline else "modules that call it hold its name",
            )  # fmt: skip
            continue
        before, after = types[0].full(signature.type), types[1].full(now.type)
        meaning = same_call(before, after)
        if meaning != "same":
            yield LayoutChange(
                kind=kind, name=name, file=now.file,
                what=f"was {signature.type}, is {now.type}", meaning=meaning,
                why="modules call it the former way" if meaning == "break"
                else "the same registers carry it; what it points to may differ",
            )  # fmt: skip


def _typedefs(old: Layout, new: Layout, types: tuple[Types, Types]) -> Iterator[LayoutChange]:
    """Compare typedefs of functions and pointers: those of scalars and structs tell elsewhere."""
    for name, text in old.typedefs.items():
        now = new.typedefs.get(name)
        if now is None:
            continue
        before, after = types[0].full(text), types[1].full(now)
        if old.scalars.get(name, "") != new.scalars.get(name, ""):
            yield LayoutChange(kind="typedef", name=name, meaning="break",
                               what=f"was {text}, is {now}",
                               why="compiled modules hold the former type")  # fmt: skip
        elif "(" in before and (meaning := same_call(before, after)) != "same":
            yield LayoutChange(kind="typedef", name=name, what=f"was {text}, is {now}",
                               meaning=meaning,
                               why="callbacks of this type are called another way")  # fmt: skip


def _magic(old: Layout, new: Layout) -> Iterator[LayoutChange]:
    if old.magic is not None and new.magic is not None and old.magic != new.magic:
        yield LayoutChange(
            kind="magic", name="PYC_MAGIC_NUMBER", what=f"was {old.magic}, is {new.magic}",
            meaning="none", why="byte code is compiled anew; no extension holds it",
        )  # fmt: skip
