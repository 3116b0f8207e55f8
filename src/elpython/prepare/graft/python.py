"""Take single definitions out of a later release's file and set them into the base's."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError
from elpython.core.suggest import hint
from elpython.prepare.graft.c import Item, items
from elpython.prepare.graft.newer_syntax import parse_newer, parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["transplant", "transplant_c"]

_Node = ast.stmt


def _names(node: _Node) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _find(body: Sequence[_Node], name: str, where: str) -> list[_Node]:
    """Return the statements that define a dotted name (a property has several)."""
    first, _, rest = name.partition(".")
    found = [node for node in body if first in _names(node)]
    if not found:
        known = [known for node in body for known in _names(node)]
        raise BadBranchError(f"has no definition {name!r}; {hint(first, known)}", where=where)
    if not rest:
        return found
    holder = found[-1]
    if not isinstance(holder, ast.ClassDef):
        raise BadBranchError(f"{first!r} is no class", where=where)
    return _find(holder.body, rest, where)


def _first_line(node: _Node, lines: Sequence[str]) -> int:
    """Return the index of a definition's first line: its decorators and the comment above it."""
    start = node.lineno
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    start = min([start, *(item.lineno for item in decorators)]) - 1
    indent = len(lines[start]) - len(lines[start].lstrip())
    while start > 0:
        above = lines[start - 1]
        if not above.lstrip().startswith("#") or len(above) - len(above.lstrip()) != indent:
            break
        start -= 1
    return start


def _take(lines: Sequence[str], nodes: Sequence[_Node]) -> list[str]:
    taken: list[str] = []
    for node in nodes:
        if taken:
            taken.append("\n")
        taken += lines[_first_line(node, lines) : node.end_lineno]
    return taken


def _known(body: Sequence[_Node]) -> set[str]:
    """Return the names that a module defines, and those of its classes' bodies, dotted."""
    found = {name for node in body for name in _names(node)}
    for node in body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for name in _known(node.body)}
    return found


def _header(lines: Sequence[str], body: Sequence[_Node], name: str) -> list[str]:
    """Return a class up to its first statement: what its methods need to stand in."""
    node = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == name)
    return list(lines[_first_line(node, lines) : _first_line(node.body[0], lines)])


def transplant(base: str, later: str, names: Sequence[str], *, after: str, where: str) -> str:
    """Return the base's module with definitions of the later one.

    A name that the base has already is replaced in its place; a new one goes behind `after`, or to
    the end of its class or the module. A class that only the later module has is begun with the
    first of its methods that is taken.

    Args:
        base: source of the base's module.
        later: source of the later module.
        names: dotted names (`override`, `Path.walk`), in the order in which they are to stand.
        after: dotted name behind which new ones go; empty for the end.
        where: the path, for messages.

    Raises:
        BadBranchError: a name is not there, or the result is no Python.
    """
    later_lines = later.splitlines(keepends=True)
    later_body = parse_newer(later)
    for name in names:
        taken = _take(later_lines, _find(later_body, name, f"the later {where}"))
        body = parsed(base).body
        lines = base.splitlines(keepends=True)
        try:
            old = _find(body, name, where)
        except BadBranchError:
            old = []
        if old:
            start, end = _first_line(old[0], lines), old[-1].end_lineno or 0
            lines[start:end] = taken
        else:
            holder = name.rpartition(".")[0]
            if holder and holder not in _known(body):
                taken = _header(later_lines, later_body, holder) + taken
                holder = ""
            gap = 1 if holder else 2
            before = after or holder
            anchor = _find(body, before, where)[-1].end_lineno if before else len(lines)
            lines[anchor:anchor] = ["\n"] * gap + taken
            after = name
        base = "".join(lines)
    try:
        parsed(base)
    except SyntaxError as error:  # pragma: no cover - ast gave the pieces
        raise BadBranchError(f"is no Python after the transplant: {error}", where=where) from error
    return base


def _item(found: Sequence[Item], name: str, where: str) -> Item:
    """Return the one thing that a C file calls so; `name;` asks for a prototype.

    Raises:
        BadBranchError: there is none, or more than one.
    """
    bare = name.removesuffix(";")
    called = [item for item in found if bare in item.names]
    if not called:
        known = [known for item in found for known in item.names]
        raise BadBranchError(f"has no definition {bare!r}; {hint(bare, known)}", where=where)
    defining = [item for item in called if item.defines]
    if name != bare:
        called = [item for item in called if not item.defines]
    elif defining:
        called = defining
    if len(called) != 1:
        lines = ", ".join(str(item.start + 1) for item in called) or "none"
        raise BadBranchError(
            f"has {len(called)} definitions {name!r} (lines {lines})",
            where=where,
            todo="take the #if block around them, by its directive",
        )
    return called[0]


def transplant_c(base: str, later: str, names: Sequence[str], *, after: str, where: str) -> str:
    """Return the base's C file with functions, tables, types, macros and blocks of the later one.

    A name that the base has already is replaced in its place; a new one goes behind `after`, or to
    the end of the file. A function brings the comment and the Argument Clinic input above it.

    Args:
        base: text of the base's file.
        later: text of the later file.
        names: identifiers, clinic names (`int.bit_count`), directives (`#ifdef HAVE_X`) that stand
            for the whole block, or `name;` for a prototype; in the order in which they go in.
        after: name behind which new ones go; empty for the end.
        where: the path, for messages.

    Raises:
        BadBranchError: a name is not there, or not once.
    """
    later_lines = later.splitlines(keepends=True)
    later_items = items(later)
    for name in names:
        item = _item(later_items, name, f"the later {where}")
        taken = later_lines[item.start : item.end]
        mine, lines = items(base), base.splitlines(keepends=True)
        same = [
            old
            for old in mine
            if name.removesuffix(";") in old.names and old.defines == item.defines
        ]
        if same:
            old = _item(same, name, where)
            lines[old.start : old.end] = taken
        else:
            anchor = _item(mine, after, where).end if after else len(lines)
            lines[anchor:anchor] = ["\n", *taken]
            after = name
        base = "".join(lines)
    return base
