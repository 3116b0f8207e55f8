"""Where the methods of a test file's classes lie, whatever Python it is written for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from elpython.prepare.graft.newer_syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

__all__ = ["methods"]


def methods(source: str) -> list[tuple[str, range]]:
    """Return the methods of a module's classes, `Class.method`, each with its lines from 1.

    A branch can have syntax that the Python which runs this does not know. Such a module is read
    with tree-sitter's grammar, which is that of the newest Python; what it does not understand
    is left out.

    Args:
        source: a module's text.
    """
    try:
        module = parsed(source)
    except SyntaxError:
        return list(_by_grammar(source))
    return [
        (f"{holder.name}.{node.name}", _lines(node))
        for holder in module.body
        if isinstance(holder, ast.ClassDef)
        for node in holder.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> range:
    start = min([node.lineno, *(item.lineno for item in node.decorator_list)])
    return range(start, (node.end_lineno or start) + 1)


def _by_grammar(source: str) -> Iterator[tuple[str, range]]:
    import tree_sitter
    import tree_sitter_python

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
    tree = parser.parse(source.encode("utf-8", "surrogateescape"))
    for _, holder, name in _definitions(tree.root_node, "class_definition"):
        body = holder.child_by_field_name("body")
        for whole, _, method in _definitions(body, "function_definition") if body else ():
            lines = range(whole.start_point[0] + 1, whole.end_point[0] + 2)
            yield f"{name}.{method}", lines


def _definitions(node: Node, kind: str) -> Iterator[tuple[Node, Node, str]]:
    """Yield a block's definitions: with decorators, without them, and their names."""
    for whole in node.named_children:
        inner = whole.child_by_field_name("definition") or whole
        name = inner.child_by_field_name("name")
        if inner.type == kind and name is not None and name.text is not None:
            yield whole, inner, name.text.decode("utf-8", "replace")
