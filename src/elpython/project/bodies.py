"""Functions and lambdas whose result is one expression, and displays with constant keys."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from elpython.project.nodes import stored_attributes, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["handed_to", "inlined", "items_of", "plain_body", "result_of", "set_once"]

Function = tuple[ast.arguments, ast.expr]
_KEPT = {"cache", "lru_cache"}
_PROPERTIES = {"property", "cached_property"}
_NAMESPACES = {"dict", "SimpleNamespace", "Namespace"}


def result_of(body: Sequence[ast.stmt]) -> ast.expr | None:
    """Return what a block returns, as one expression; None where it does anything else."""
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    if not body:
        return None
    first = body[0]
    if isinstance(first, ast.Return):
        return first.value
    if isinstance(first, ast.If):
        then, other = result_of(first.body), result_of(first.orelse or body[1:])
        return ast.IfExp(first.test, then, other) if then and other else None
    return None


def plain_body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """Return what a function returns that nothing wraps."""
    wrapped = {_last(item) for item in node.decorator_list} - _KEPT
    return None if wrapped or isinstance(node, ast.AsyncFunctionDef) else result_of(node.body)


def _last(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return getattr(function, "attr", getattr(function, "id", "?"))


class _Bound(ast.NodeTransformer):
    def __init__(self, bound: dict[str, ast.expr]) -> None:
        self.bound = bound

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.bound.get(node.id, node)


def inlined(function: Function, call: ast.Call) -> ast.expr | None:
    """Return what a call returns, with its arguments in their places; None where they don't fit."""
    arguments, body = function
    names = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
    if any(isinstance(item, ast.Starred) for item in call.args):
        return None
    bound: dict[str, ast.expr] = dict(zip(names, call.args, strict=False))
    rest = call.args[len(names) :]
    if arguments.vararg:
        bound[arguments.vararg.arg] = ast.Tuple(list(rest), ast.Load())
    elif rest:
        return None
    bound |= {word.arg: word.value for word in call.keywords if word.arg}
    for name, default in zip(reversed(names), reversed(arguments.defaults), strict=False):
        bound.setdefault(name, default)
    known = {*names, *(item.arg for item in arguments.kwonlyargs)}
    if known - set(bound) or any(word.arg not in known for word in call.keywords):
        return None
    expression: ast.expr = _Bound(bound).visit(copy.deepcopy(body))
    return expression


def handed_to(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """Return the function that gets a function's own `**words`; None where several do, or none."""
    word = node.args.kwarg.arg if node.args.kwarg else ""
    uses = [part for part in walk(node) if isinstance(part, ast.Name) and part.id == word]
    calls = [
        call
        for call in walk(node)
        if isinstance(call, ast.Call)
        and any(item.arg is None and item.value in uses for item in call.keywords)
    ]
    return calls[0].func if len(calls) == len(uses) == 1 else None


def items_of(value: ast.expr) -> Iterator[tuple[str, str, ast.expr]]:
    """Yield how an item is written behind the name, its key, and its value: `{"new": ...}`."""
    if isinstance(value, ast.Dict):
        for key, item in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield f"[{key.value!r}]", key.value, item
    elif isinstance(value, ast.Call) and _last(value) in _NAMESPACES and not value.args:
        for word in value.keywords:
            if word.arg:
                dotted = _last(value) != "dict"
                yield f".{word.arg}" if dotted else f"[{word.arg!r}]", word.arg, word.value


def set_once(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """Yield `self.new` and its value, where a class sets it once, in `__init__` or as property."""
    found: dict[str, list[ast.expr | None]] = {}
    for method in node.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        names = {item.arg for item in (*method.args.args, *method.args.kwonlyargs)} - {"self"}
        if {_last(item) for item in method.decorator_list} & _PROPERTIES:
            found.setdefault(method.name, []).append(result_of(method.body))
        for name in stored_attributes(method):
            found.setdefault(name, []).append(None)
        for statement in method.body if method.name == "__init__" else ():
            for target, value in _assigned(statement):
                used = {part.id for part in walk(value) if isinstance(part, ast.Name)}
                if not used & names:
                    found[target][-1] = value
    for name, values in found.items():
        if len(values) == 1 and values[0] is not None:
            yield f"self.{name}", values[0]


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                yield target.attr, statement.value
