"""The classes of constants that ``ast`` had beside ``Constant``: checks and makers, no nodes."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "Bytes": (bytes,),
    "Ellipsis": (type(...),),
    "NameConstant": (bool, type(None)),
    "Num": (int, float, complex),
    "Str": (str,),
}


def old_name(value: object) -> str:
    """Return the name of the class that a constant of this value had."""
    for name in ("NameConstant", "Num", "Bytes", "Str"):
        if type(value) in _TYPES[name]:
            return name
    return "Ellipsis" if value is ... else "Constant"


class _Check(type):
    def __instancecheck__(cls, node: object) -> bool:
        if not isinstance(node, ast.Constant):
            return False
        return old_name(node.value) == cls.__name__


def _new(cls: type, *args: Any, **kwargs: Any) -> ast.Constant:
    """Return a ``Constant``; the value comes first, or as ``n``, ``s`` or ``value``."""
    fields = ("n", "s", "value")
    given = list(args)
    for field in fields:
        if field in kwargs:
            given.insert(0, kwargs.pop(field))
    if cls.__name__ == "Ellipsis" and not given:
        given = [...]
    return ast.Constant(*given, **kwargs)


def old_class(name: str) -> type:
    """Return the class ``name``: instances of it are the constants of the right value."""
    body = {
        "__new__": _new,
        "__doc__": f"A constant of the kind {name}; the same as Constant.",
        "__module__": "ast",
        "_fields": () if name == "Ellipsis" else ("value",),
    }
    return _Check(name, (ast.Constant,), body)


class _Folder(ast.NodeTransformer):
    """Replaces sums and differences of numbers by what they are."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Return the number, or the node when it isn't one."""
        left, right = _number(self.visit(node.left)), _number(self.visit(node.right))
        if left is None or right is None or not isinstance(node.op, (ast.Add, ast.Sub)):
            return node
        value = left + right if isinstance(node.op, ast.Add) else left - right
        return ast.copy_location(ast.Constant(value), node)


def _number(node: ast.AST) -> Any:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        value = _number(node.operand)
        return value if value is None or isinstance(node.op, ast.UAdd) else -value
    known = isinstance(node, ast.Constant) and type(node.value) in _TYPES["Num"][:3]
    return node.value if known else None  # type: ignore[attr-defined]


def folded(tree: ast.AST) -> ast.AST:
    """Return the tree with sums and differences of numbers worked out."""
    return _Folder().visit(tree)  # type: ignore[no-any-return]
