"""Code that provides for the absence of what it uses, or that never runs on the target."""

from __future__ import annotations

import ast
import operator

_PREPARED = frozenset(
    ("ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "Exception")
)
_COMPARE = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_PYTHON_2 = frozenset(("PY2", "PYTHON2", "IS_PY2", "PY_2", "is_py2", "py2", "_PY2"))
_PYTHON_3 = frozenset(("PY3", "PYTHON3", "IS_PY3", "PY_3", "is_py3", "py3", "_PY3"))


def is_prepared(node: ast.Try) -> bool:
    """Return whether a ``try`` statement catches that something is missing."""
    return any(
        handler.type is None or not _PREPARED.isdisjoint(_names(handler.type))
        for handler in node.handlers
    )


def asks_whether_there(test: ast.expr) -> bool:
    """Return whether a condition asks for an attribute before it is used."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("hasattr", "getattr")
        for node in ast.walk(test)
    )


def outcome(test: ast.expr, target: tuple[int, ...]) -> bool | None:
    """Return what a condition on the Python version is on `target`; ``None`` if it is another."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = outcome(test.operand, target)
        return None if inner is None else not inner
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    if name in _PYTHON_2 or name in _PYTHON_3:
        return name in _PYTHON_3
    if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
        return None
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test, target)
    return None


def _compared(test: ast.Compare, target: tuple[int, ...]) -> bool | None:
    """Return the outcome of ``sys.version_info < (3, 8)`` and its like."""
    left: ast.expr = test.left
    major = isinstance(left, ast.Subscript) and isinstance(left.slice, ast.Constant)
    if isinstance(left, ast.Subscript):
        left = left.value
    if not (isinstance(left, ast.Attribute) and left.attr == "version_info"):
        return None
    try:
        right = ast.literal_eval(test.comparators[0])
    except ValueError:
        return None
    compare = _COMPARE.get(type(test.ops[0]))
    if compare is None:
        return None
    if major:
        return bool(compare(target[:1], (right,))) if isinstance(right, int) else None
    return bool(compare(target[: len(right)], right)) if isinstance(right, tuple) else None


def _names(node: ast.expr) -> set[str]:
    """Return the last parts of the exception names in a handler."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {
        part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in parts
    }
