"""Read typeshed's stubs of the standard library for one CPython on Linux: parameters, types, bases.

Stubs tell what no interpreter does: keywords behind `**kwargs`, and the classes of what functions
return. Only plain classes count; unions, type variables and protocols are left out.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Series = tuple[int, int]
ITERABLES = {"list", "set", "frozenset", "Iterator", "Iterable", "Generator", "Sequence",
             "AsyncIterator", "tuple"}  # fmt: skip


@dataclass(slots=True)
class Stubs:
    """What the stubs say for one CPython.

    Attributes:
        names: import paths.
        parameters: function -> keywords; None where `**kwargs` hides them.
        returns: function -> class of its result, `list[str]` with the class of the items.
        attributes: attribute or property -> class of its value.
        bases: class -> its bases.
        exports: import path -> where it is defined.
        stars: module -> module whose names it takes over.
    """

    names: set[str] = field(default_factory=set)
    parameters: dict[str, set[str] | None] = field(default_factory=dict)
    returns: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    bases: dict[str, list[str]] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    stars: list[tuple[str, str]] = field(default_factory=list)


def module_files(folder: Path, series: Series) -> Iterator[tuple[str, Path]]:
    """Yield the modules of a CPython with their stubs, by the file VERSIONS."""
    spans = {}
    for line in (folder / "VERSIONS").read_text("utf-8").splitlines():
        name, _, span = line.partition("#")[0].partition(":")
        first, _, last = span.strip().partition("-")
        if first:
            spans[name.strip()] = (_series(first), _series(last) if last else (9, 9))
    for file in sorted(folder.rglob("*.pyi")):
        name = ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        parts = name.split(".")
        known = next((spans[".".join(parts[:end])] for end in range(len(parts), 0, -1)
                      if ".".join(parts[:end]) in spans), None)  # fmt: skip
        if known and known[0] <= series <= known[1]:
            yield name, file


def _series(text: str) -> Series:
    major, minor = text.split(".")
    return int(major), int(minor)


def _holds(test: ast.expr, series: Series) -> bool:
    """Return whether a condition holds on a CPython on Linux."""
    if isinstance(test, ast.BoolOp):
        parts = [_holds(value, series) for value in test.values]
        return all(parts) if isinstance(test.op, ast.And) else any(parts)
    if isinstance(test, ast.UnaryOp):
        return not _holds(test.operand, series)
    if not isinstance(test, ast.Compare):
        return True
    left, right = ast.unparse(test.left), ast.literal_eval(test.comparators[0])
    if left == "sys.platform":
        return (right == "linux") is isinstance(test.ops[0], ast.Eq)
    newer: bool = (*series, 99) >= right
    return newer if isinstance(test.ops[0], ast.GtE) else not newer


def _statements(body: Iterable[ast.stmt], series: Series) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.If):
            holds = _holds(statement.test, series)
            yield from _statements(statement.body if holds else statement.orelse, series)
        else:
            yield statement


class _Module:
    """Reads one stub."""

    def __init__(self, name: str, *, package: bool, series: Series, stubs: Stubs) -> None:
        self.name, self.series, self.stubs = name, series, stubs
        self.package = name if package else name.rpartition(".")[0]
        self.known: dict[str, str] = {}

    def read(self, tree: ast.Module) -> None:
        body = list(_statements(tree.body, self.series))
        for statement in body:
            if isinstance(statement, ast.ImportFrom):
                self._import(statement)
            elif isinstance(statement, ast.Import):
                self.known |= {item.asname or item.name: item.name for item in statement.names}
            elif isinstance(statement, ast.ClassDef):
                self.known[statement.name] = f"{self.name}.{statement.name}"
        self.stubs.names.add(self.name)
        self._body(body, self.name, "")

    def _import(self, node: ast.ImportFrom) -> None:
        source = node.module or ""
        if node.level:
            parts = self.package.split(".")
            above = ".".join(parts[: len(parts) - node.level + 1])
            source = f"{above}.{source}".rstrip(".")
        for item in node.names:
            if item.name == "*":
                self.stubs.stars.append((self.name, source))
                continue
            path = f"{source}.{item.name}"
            self.known[item.asname or item.name] = path
            self.stubs.exports[f"{self.name}.{item.asname or item.name}"] = path

    def _body(self, body: Iterable[ast.stmt], prefix: str, owner: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._function(node, f"{prefix}.{node.name}", owner)
            elif isinstance(node, ast.ClassDef):
                path = f"{prefix}.{node.name}"
                self.stubs.names.add(path)
                found = [self.type_of(base, owner) for base in node.bases]
                self.stubs.bases[path] = [base.partition("[")[0] for base in found if base]
                self._body(_statements(node.body, self.series), path, path)
            elif isinstance(node, ast.AnnAssign):
                path = f"{prefix}.{ast.unparse(node.target)}"
                self.stubs.names.add(path)
                kind = self.type_of(node.annotation, owner)
                if kind:
                    self.stubs.attributes[path] = kind
            elif isinstance(node, ast.Assign):
                self.stubs.names |= {f"{prefix}.{ast.unparse(each)}" for each in node.targets}

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, path: str, owner: str
    ) -> None:
        stubs = self.stubs
        if node.name in {"__init__", "__new__"} and owner:
            path = owner
        stubs.names.add(path)
        kind = self.type_of(node.returns, owner)
        decorators = {ast.unparse(item) for item in node.decorator_list}
        if {"property", "cached_property"} & decorators:
            if kind:
                stubs.attributes[path] = kind
            return
        if kind and path != owner and not isinstance(node, ast.AsyncFunctionDef):
            before = stubs.returns.get(path)
            stubs.returns[path] = kind if before in {None, kind} else "?"
        arguments = [*node.args.args, *node.args.kwonlyargs]
        words = {item.arg for item in arguments if not item.arg.startswith("__")}
        before_words = stubs.parameters.get(path, set())
        open_end = node.args.kwarg is not None or before_words is None
        stubs.parameters[path] = None if open_end else words | before_words  # type: ignore[operator]

    def type_of(self, node: ast.expr | None, owner: str) -> str:
        """Return the class that an annotation names; empty where it is none that is plain."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.type_of(ast.parse(node.value, mode="eval").body, owner)
        if isinstance(node, ast.Subscript):
            head = ast.unparse(node.value).rpartition(".")[2]
            several = isinstance(node.slice, ast.Tuple) and node.slice.elts
            inner = several[0] if several else node.slice
            if head in ITERABLES:
                item = self.type_of(inner, owner)
                kind = head if head in {"list", "set", "frozenset", "tuple"} else "iterator"
                return f"{kind}[{item}]"
            return self.type_of(node.value, owner)
        if isinstance(node, ast.BinOp) and ast.unparse(node.right) == "None":
            return self.type_of(node.left, owner)
        if not isinstance(node, ast.Name | ast.Attribute):
            return ""
        text = ast.unparse(node)
        if text in {"Self", "typing.Self"} or text.startswith("_"):
            return "Self" if "Self" in text and owner else ""
        if text == "LiteralString":
            return "str"
        head, _, rest = text.partition(".")
        path = self.known.get(head, head if head in BUILTIN else "")
        return f"{path}.{rest}" if path and rest else path


BUILTIN = {"str", "bytes", "bytearray", "int", "float", "dict", "list", "set", "frozenset", "tuple",
           "memoryview", "complex", "range", "slice", "type"}  # fmt: skip


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def read(folder: Path, series: Series) -> Stubs:
    """Return what typeshed says for a CPython on Linux."""
    stubs = Stubs()
    for name, file in module_files(folder, series):
        tree = _tree(file)
        package = file.name == "__init__.pyi"
        _Module(name, package=package, series=series, stubs=stubs).read(tree)
    for name, source in stubs.stars:
        for path in [path for path in stubs.names if path.rpartition(".")[0] == source]:
            stubs.exports.setdefault(f"{name}.{path.rpartition('.')[2]}", path)
    return stubs
