"""Read libabigail's description of a binary (`abidw`) into tables of public types and functions.

Source of the form: libabigail, "ABI Instrumentation XML". Ids in it are not stable from one file
to the next, so every type is written out by name; an anonymous one by its members.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET  # the files are made by our own run of abidw

from elpython.contract.headers_view import compiler, include_folders
from elpython.contract.subject import remember
from elpython.core.elf import debug_file, read_elf
from elpython.core.process import require
from elpython.core.process import run as run_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from elpython.contract.subject import Run, Subject

__all__ = ["AbiView", "from_headers", "from_library", "parse"]

_VIEWED = ("Python.h", "structmember.h", "datetime.h", "frameobject.h", "marshal.h")
_DEEPEST = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class AbiView:
    """What programs were compiled against.

    Attributes:
        sizes: size in bits of each public struct and union.
        members: `struct.member` -> offset in bits and type.
        enums: `enum.enumerator` -> value.
        functions: name -> return type and parameters.
        variables: name -> type.
    """

    sizes: dict[str, int] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    enums: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)


def from_library(run: Run, subject: Subject, binary: Path, debug_root: Path | None) -> AbiView:
    """Describe libpython (or the executable) from its debug information.

    Raises:
        MissingProgramError: libabigail is not installed.
    """
    abidw = require("abidw")

    def make() -> dict[str, Any]:
        words = [abidw, "--no-architecture", "--no-corpus-path", "--no-comp-dir-path"]
        if debug_root is not None:
            words += ["--debug-info-dir", str(debug_root)]
        done = run_program([*words, binary], timeout=120)
        return asdict(parse(done.stdout, _public_headers(subject)))

    detached = elf_debug_file(binary, debug_root)
    inputs = [binary, *([subject.include] if subject.include else []), *detached]
    name = f"abi-library-{debug_root}"
    return AbiView(**remember(run, subject, name, make, inputs=inputs, record_as="abi-library"))


def elf_debug_file(binary: Path, root: Path | None) -> list[Path]:
    """Return the file that holds a binary's debug information, where it is another one."""
    elf = read_elf(binary) if root is not None else None
    found = debug_file(elf, root) if elf is not None and root is not None else None
    return [found] if found is not None else []


def from_headers(run: Run, subject: Subject) -> AbiView:
    """Describe the public types as the headers give them to a program that is compiled now.

    Raises:
        HeadersMissingError: the headers are not installed.
        MissingProgramError: no compiler, or no libabigail.
    """
    if subject.recorded is not None:
        return AbiView(**subject.recall("abi-headers"))
    abidw = require("abidw")
    folders = include_folders(subject)

    def make() -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="elpython-abi-") as name:
            source, made = Path(name) / "view.c", Path(name) / "view.so"
            lines = [f"#include <{header}>" for header in _VIEWED]
            source.write_text("\n".join([*lines, "int elpython_view;", ""]), "ascii")
            words: list[str | Path] = [compiler(), "-g", "-w", "-shared", "-fPIC", "-o", made]
            words += ["-fno-eliminate-unused-debug-types", *(f"-I{item}" for item in folders)]
            run_program([*words, source], timeout=60)
            done = run_program([abidw, "--load-all-types", "--no-corpus-path", made], timeout=60)
        return asdict(parse(done.stdout, _public_headers(subject)))

    return AbiView(**remember(run, subject, "abi-headers", make, inputs=folders))


def _public_headers(subject: Subject) -> Callable[[str], bool]:
    """Return a test of whether a file named in debug information is a public header."""
    include = subject.include
    known = {str(path.relative_to(include)) for path in include.rglob("*.h")} if include else None

    def is_public(path: str) -> bool:
        if not path.endswith(".h") or "/internal/" in path or path.startswith("internal/"):
            return False
        for mark in ("/Include/", f"/python{subject.tag}/", f"/python{subject.tag}m/"):
            if mark in f"/{path}":
                below = f"/{path}".rsplit(mark, 1)[1]
                return known is None or below in known
        return False

    return is_public


def parse(text: str, is_public: Callable[[str], bool]) -> AbiView:
    """Read abidw's XML.

    Args:
        text: the XML.
        is_public: says whether a source file's path is a public header's.
    """
    root = ET.fromstring(text)  # noqa: S314 - made by abidw just now
    reader = _Reader(root)
    view = AbiView()
    for element in root.iter():
        if element.tag in {"class-decl", "union-decl"}:
            if is_public(element.get("filepath", "")) and element.get("size-in-bits"):
                reader.add_struct(element, view)
        elif element.tag == "enum-decl":
            if is_public(element.get("filepath", "")):
                name = reader.enum_name(element)
                for item in element.iter("enumerator"):
                    view.enums[f"{name}.{item.get('name')}"] = item.get("value", "")
        elif element.tag == "function-decl" and element.get("name"):
            view.functions[element.get("mangled-name") or element.get("name") or ""] = (
                reader.signature(element)
            )
    for unit in root.iter("abi-instr"):
        for variable in unit.findall("var-decl"):
            view.variables[variable.get("name", "")] = reader.type_name(variable.get("type-id"))
    return view


class _Reader:
    """The ids of one file, and how to write out what they stand for."""

    def __init__(self, root: ET.Element) -> None:
        self._by_id = {item.get("id", ""): item for item in root.iter() if item.get("id")}

    def struct_name(self, element: ET.Element) -> str:
        typedef = self._by_id.get(element.get("naming-typedef-id", ""))
        return (typedef if typedef is not None else element).get("name", "?")

    def enum_name(self, element: ET.Element) -> str:
        if element.get("is-anonymous"):
            first = element.find("enumerator")
            return f"enum with {first.get('name') if first is not None else 'nothing'}"
        return self.struct_name(element)

    def add_struct(self, element: ET.Element, view: AbiView) -> None:
        if element.get("is-anonymous") and not element.get("naming-typedef-id"):
            return
        name = self.struct_name(element)
        view.sizes[name] = int(element.get("size-in-bits", "0"))
        for member, offset, kind in self._members(element):
            view.members[f"{name}.{member}"] = f"at bit {offset}: {kind}"

    def _members(self, element: ET.Element, depth: int = 0) -> Iterable[tuple[str, str, str]]:
        for at, data in enumerate(element.findall("data-member")):
            variable = data.find("var-decl")
            if variable is not None:
                name = variable.get("name") or f"(unnamed {at})"
                kind = self.type_name(variable.get("type-id"), depth + 1)
                yield name, data.get("layout-offset-in-bits", "0"), kind

    def signature(self, element: ET.Element) -> str:
        parameters = [
            "..." if item.get("is-variadic") else self.type_name(item.get("type-id"))
            for item in element.findall("parameter")
        ]
        result = element.find("return")
        given = self.type_name(result.get("type-id")) if result is not None else "void"
        return f"{given} ({', '.join(parameters)})"

    def type_name(self, type_id: str | None, depth: int = 0) -> str:
        """Write a type out; pointers and arrays around it included."""
        element = self._by_id.get(type_id or "")
        if element is None:
            return "?"
        if depth > _DEEPEST:
            return "..."
        inner = element.get("type-id")
        if element.tag == "pointer-type-def":
            return f"{self.type_name(inner, depth)}*"
        if element.tag == "qualified-type-def":
            words = [w for w in ("const", "volatile", "restrict") if element.get(w) == "yes"]
            return " ".join([self.type_name(inner, depth), *words])
        if element.tag == "array-type-def":
            lengths = "".join(f"[{item.get('length')}]" for item in element.findall("subrange"))
            return self.type_name(inner, depth) + lengths
        if element.tag == "function-type":
            return self.signature(element)
        if element.get("is-anonymous") and not element.get("naming-typedef-id"):
            inside = [f"{kind} {name}" for name, _, kind in self._members(element, depth)]
            values = [f"{i.get('name')}={i.get('value')}" for i in element.findall("enumerator")]
            return f"{element.tag.split('-')[0]} {{{'; '.join(inside or values)}}}"
        return self.struct_name(element)
