"""Syntax of CPython 3.8 to 3.11, as it stands in the syntax tree."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from elpython.project.nodes import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["CHECKS"]

Found = tuple[str, int]


def _bare(node: ast.expr, lines: Sequence[bytes]) -> bool:
    """Return whether a tuple is written without parentheses."""
    if node.lineno > len(lines):
        return True
    return not lines[node.lineno - 1][node.col_offset :].startswith(b"(")


def _starred(node: ast.expr | None, lines: Sequence[bytes]) -> bool:
    """Return whether a tuple without parentheses unpacks something."""
    return (
        isinstance(node, ast.Tuple)
        and any(isinstance(item, ast.Starred) for item in node.elts)
        and _bare(node, lines)
    )


def _walrus(_node: ast.AST, _lines: Sequence[bytes]) -> Iterator[Found]:
    yield "assignment expression", 8


def _positional(node: ast.arguments, _lines: Sequence[bytes]) -> Iterator[Found]:
    if node.posonlyargs:
        yield "positional-only parameters", 8
    if node.vararg and isinstance(node.vararg.annotation, ast.Starred):
        yield "annotation of *args with *", 11


def _returned(node: ast.Return | ast.Yield, lines: Sequence[bytes]) -> Iterator[Found]:
    if _starred(node.value, lines):
        yield "unpacking in return or yield without parentheses", 8


def _iterated(node: ast.For, lines: Sequence[bytes]) -> Iterator[Found]:
    if _starred(node.iter, lines):
        yield "unpacking in for without parentheses", 9


def _indexed(node: ast.Subscript, lines: Sequence[bytes]) -> Iterator[Found]:
    if _starred(node.slice, lines):
        yield "unpacking in an index", 11
    if isinstance(node.slice, ast.NamedExpr) and _bare(node.slice, lines):
        before = lines[node.slice.lineno - 1][: node.slice.col_offset].rstrip()
        if not before.endswith(b"("):
            yield "assignment expression in an index without parentheses", 10


def _in_set(node: ast.Set | ast.SetComp, lines: Sequence[bytes]) -> Iterator[Found]:
    for item in node.elts if isinstance(node, ast.Set) else [node.elt]:
        if isinstance(item, ast.NamedExpr):
            before = lines[item.lineno - 1][: item.col_offset].rstrip()
            if not before.endswith(b"("):
                yield "assignment expression in a set without parentheses", 9


def _decorated(node: ast.FunctionDef | ast.ClassDef, _lines: Sequence[bytes]) -> Iterator[Found]:
    for decorator in node.decorator_list:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        if not isinstance(inner, ast.Name):
            yield "decorator of any expression", 9


def _match(_node: ast.AST, _lines: Sequence[bytes]) -> Iterator[Found]:
    yield "match statement", 10


def _groups(_node: ast.AST, _lines: Sequence[bytes]) -> Iterator[Found]:
    yield "except*", 11


def _finally(node: ast.Try, _lines: Sequence[bytes]) -> Iterator[Found]:
    stack: list[ast.AST] = list(node.finalbody)
    while stack:
        item = stack.pop()
        if isinstance(item, ast.Continue):
            yield "continue in finally", 8
            return
        if not isinstance(
            item, ast.For | ast.While | ast.AsyncFor | ast.FunctionDef | ast.ClassDef
        ):
            stack += [child for child in ast.iter_child_nodes(item) if isinstance(child, ast.stmt)]


def _nested(
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, _lines: Sequence[bytes]
) -> Iterator[Found]:
    """Yield an asynchronous comprehension inside another one that is not."""
    if any(loop.is_async for loop in node.generators):
        return
    parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp)
    for part in parts:
        for inner in walk(part):
            if isinstance(inner, comprehensions) and any(
                loop.is_async for loop in inner.generators
            ):
                yield "asynchronous comprehension in another comprehension", 11


def _set_comprehension(node: ast.SetComp, lines: Sequence[bytes]) -> Iterator[Found]:
    yield from _in_set(node, lines)
    yield from _nested(node, lines)


CHECKS: dict[type[ast.AST], Callable[[Any, Sequence[bytes]], Iterator[Found]]] = {
    ast.NamedExpr: _walrus,
    ast.arguments: _positional,
    ast.Return: _returned,
    ast.Yield: _returned,
    ast.For: _iterated,
    ast.Subscript: _indexed,
    ast.Set: _in_set,
    ast.SetComp: _set_comprehension,
    ast.ListComp: _nested,
    ast.DictComp: _nested,
    ast.GeneratorExp: _nested,
    ast.FunctionDef: _decorated,
    ast.AsyncFunctionDef: _decorated,
    ast.ClassDef: _decorated,
    ast.Match: _match,
    ast.TryStar: _groups,
    ast.Try: _finally,
}
