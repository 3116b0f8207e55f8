"""Walk syntax trees: as `ast.walk`, in a third of its time, which is what reading is made of."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["stored_attributes", "walk"]

# They hold no other node, and there are as many of them as of all others.
_LEAVES = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop, ast.Constant)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it that may hold others, in no order that means anything.

    Constants, contexts (`ast.Load`) and operators are left out.
    """
    stack = [node]
    pop, push = stack.pop, stack.append
    while stack:
        node = pop()
        yield node
        # Fields lie in the instance; positions, which are numbers, do no harm here.
        for value in node.__dict__.values():
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST) and not isinstance(item, _LEAVES):
                        push(item)
            elif isinstance(value, ast.AST) and not isinstance(value, _LEAVES):
                push(value)


def stored_attributes(node: ast.AST) -> list[str]:
    """Return the name of every attribute that is set below a node, each time that it is."""
    return [
        part.attr
        for part in walk(node)
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
    ]
