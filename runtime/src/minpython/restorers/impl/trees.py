"""Syntax trees in the shape they had: old node classes, and the way back before compiling.

The classes of literals are subclasses of ``Constant``, so that the interpreter compiles them as
they are and new code takes them for what it knows. ``Index`` and ``ExtSlice`` have no counterpart:
`renewed` takes them out of a tree while that is compiled, and puts them back.
"""

from __future__ import annotations

import ast
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

    from minpython.engine.patch import Patch

LITERALS = ("Bytes", "Ellipsis", "NameConstant", "Num", "Str")
_FIELD = {"Bytes": "s", "Num": "n", "Str": "s"}
_TYPES: dict[str, tuple[type, ...]] = {
    "Bytes": (bytes,),
    "Ellipsis": (type(...),),
    "NameConstant": (bool, type(None)),
    "Num": (int, float, complex),
    "Str": (str,),
}
_KINDS = {kind: name for name, kinds in _TYPES.items() for kind in kinds}

patches: dict[str, Patch] = {}
"""The behaviours in force, by what they are about: ``literals``, ``slices``, ``fields``."""


class _Literal(type):
    def __instancecheck__(cls, node: object) -> bool:
        return (
            isinstance(node, ast.Constant)
            and _KINDS.get(type(getattr(node, "value", cls))) == cls.__name__
        )


def _literal(name: str) -> type:
    field = _FIELD.get(name)
    body: dict[str, Any] = {
        "__slots__": (),
        "__module__": "ast",
        "__doc__": f"A literal, as ``ast`` told them apart: {name}.",
        "_fields": (field or "value",) if name != "Ellipsis" else (),
    }
    if field:
        body[field] = property(_value, _set_value)
    if name == "Ellipsis":
        body["value"] = ...
    return _Literal(name, (ast.Constant,), body)


def _value(node: Any) -> Any:
    return node.value


def _set_value(node: Any, value: Any) -> None:
    node.value = value


CLASSES = {name: _literal(name) for name in LITERALS}
_OLD = frozenset(CLASSES.values())


class Index(ast.AST):
    """A subscript that is one expression."""

    __module__ = "ast"
    _fields = ("value",)

    def __new__(cls, *_args: Any, **_more: Any) -> Any:
        """Return an empty node; the fields follow."""
        return ast.AST.__new__(cls)


class ExtSlice(ast.AST):
    """A subscript of several dimensions, one of them a slice."""

    __module__ = "ast"
    _fields = ("dims",)

    def __new__(cls, *_args: Any, **_more: Any) -> Any:
        """Return an empty node; the fields follow."""
        return ast.AST.__new__(cls)


class Suite(ast.mod):
    """Statements; unlike the class that ``ast`` still has, it knows its field."""

    __module__ = "ast"
    _fields = ("body",)


def in_force(frame: FrameType | None) -> dict[str, Patch]:
    """Return the behaviours that the code sees which runs in `frame`, or called ``ast`` there."""
    while frame is not None and frame.f_globals.get("__name__") == "ast":
        frame = frame.f_back
    return {about: patch for about, patch in patches.items() if patch.scope.has(frame)}


def aged(tree: ast.AST, frame: FrameType | None) -> None:
    """Turn a fresh tree into what `frame` expects, in place."""
    wanted = in_force(frame)
    for patch in wanted.values():
        patch.used()
    if "literals" in wanted or "slices" in wanted:
        for node in list(ast.walk(tree)):
            if type(node) is ast.Constant and "literals" in wanted:
                node.__class__ = CLASSES[_KINDS[type(node.value)]]  # type: ignore[assignment]
            elif type(node) is ast.Subscript and "slices" in wanted:
                node.slice = _old_slice(node.slice)


def _old_slice(found: Any) -> Any:
    if isinstance(found, ast.Slice):
        return found
    if isinstance(found, ast.Tuple) and any(isinstance(e, ast.Slice) for e in found.elts):
        made = ExtSlice()
        made.dims = [_old_slice(element) for element in found.elts]  # type: ignore[attr-defined]
        return made
    made = Index()
    made.value = found  # type: ignore[attr-defined]
    return made


@contextmanager
def renewed(tree: ast.AST, *, literals: bool = False) -> Iterator[None]:
    """Let a tree be what this interpreter compiles; at the end it is what it was.

    ``literals``: let literals be plain constants too, for code that goes by a class's name.
    """
    before: list[tuple[Any, str, Any]] = []
    pending: list[tuple[ast.AST, ast.AST]] = [(tree, tree)]
    while pending:
        node, place = pending.pop()
        if hasattr(node, "lineno"):
            place = node
        if isinstance(node, ast.Subscript) and isinstance(node.slice, (Index, ExtSlice)):
            before.append((node, "slice", node.slice))
            node.slice = _new_slice(node.slice)
        if literals and type(node) in _OLD:
            before.append((node, "__class__", type(node)))
            node.__class__ = ast.Constant
        _complete(node, place)
        pending += [(child, place) for child in ast.iter_child_nodes(node)]
    try:
        yield
    finally:
        for node, name, value in reversed(before):
            setattr(node, name, value)


def _new_slice(found: Any) -> Any:
    if isinstance(found, Index):
        return found.value  # type: ignore[attr-defined]
    if isinstance(found, ExtSlice):
        elements = [_new_slice(each) for each in found.dims]  # type: ignore[attr-defined]
        return ast.Tuple(elts=elements, ctx=ast.Load())
    return found


def _complete(node: ast.AST, place: ast.AST) -> None:
    """Add the fields and positions that a node may lack, since old ones hadn't them."""
    if isinstance(node, ast.Module) and not hasattr(node, "type_ignores"):
        node.type_ignores = []
    elif isinstance(node, ast.arguments) and not hasattr(node, "posonlyargs"):
        node.posonlyargs = []
    elif type(node).__name__ in ("FunctionDef", "AsyncFunctionDef", "ClassDef"):
        if "type_params" in node._fields and not hasattr(node, "type_params"):
            node.type_params = []  # type: ignore[attr-defined]
    elif (
        isinstance(node, (ast.alias, ast.keyword, ast.Slice, ast.Tuple))
        and "lineno" in node._attributes
        and not hasattr(node, "lineno")
        and hasattr(place, "lineno")
    ):
        ast.copy_location(node, place)


def visit(original: Any) -> Any:
    """Return ``NodeVisitor.visit`` that takes a visitor of new nodes to old literals."""

    def visit(self: Any, node: Any) -> Any:
        if type(node) in _OLD and not hasattr(self, "visit_" + type(node).__name__):
            return self.visit_Constant(node)
        return original(self, node)

    return visit


def unparse(original: Any) -> Any:
    """Return ``ast.unparse`` that takes old nodes."""

    def unparse(ast_obj: Any) -> Any:
        with renewed(ast_obj, literals=True):
            return original(ast_obj)

    return unparse
