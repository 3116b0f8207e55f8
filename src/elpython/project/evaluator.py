"""Evaluate expressions for each CPython series.

Only what can be known without running the source is evaluated: the version in all its forms, the
platform (Linux), the implementation (CPython), constants, and names that hold one of these.
"""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, Any, Protocol

from elpython.project.conditions import MINORS, Value

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Lookup", "evaluate"]

# The micro number that stands for a series: above every real one, below the 99 that sources name
# for the same reason.
_MICRO = 60


class Unknown(Exception):  # noqa: N818 - an answer, no error
    """A value that only running the source tells."""


class _Version(tuple[Any, ...]):
    """`sys.version_info` of a series."""

    __slots__ = ()
    major = property(operator.itemgetter(0))
    minor = property(operator.itemgetter(1))
    micro = property(operator.itemgetter(2))
    releaselevel = property(operator.itemgetter(3))
    serial = property(operator.itemgetter(4))


def _version(minor: int) -> _Version:
    return _Version((3, minor, _MICRO, "final", 0))


_FACTS: dict[str, Callable[[int], Any]] = {
    "sys.version_info": _version,
    "sys.implementation.version": _version,
    "sys.hexversion": lambda minor: 0x030000F0 | minor << 16 | _MICRO << 8,
    "sys.version": lambda minor: f"3.{minor}.{_MICRO} (main)",
    "six.PY2": lambda _minor: False,
    "six.PY3": lambda _minor: True,
}
_TYPING_ONLY = {"TYPE_CHECKING", "MYPY"}
_PLATFORM = {
    "sys.platform": "linux",
    "os.name": "posix",
    "sys.implementation.name": "cpython",
}
_CALLS: dict[str, Callable[[int], Any]] = {
    "platform.python_version": lambda minor: f"3.{minor}.{_MICRO}",
    "platform.python_version_tuple": lambda minor: ("3", str(minor), str(_MICRO)),
}
_PLATFORM_CALLS = {"platform.system": "Linux", "platform.python_implementation": "CPython"}
_PARSERS = {"Version", "LooseVersion", "StrictVersion", "parse", "parse_version"}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right, ast.NotIn: lambda left, right: left not in right,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.RShift: operator.rshift, ast.BitAnd: operator.and_,
}  # fmt: skip
_PURE: dict[str, Callable[..., Any]] = {
    "tuple": tuple, "list": tuple, "int": int, "str": str, "bool": bool, "float": float,
    "all": all, "any": any, "len": len, "max": max, "min": min, "operator.ge": operator.ge,
    "operator.lt": operator.lt, "operator.gt": operator.gt, "operator.le": operator.le,
    "operator.eq": operator.eq, "operator.ne": operator.ne, "operator.not_": operator.not_,
}  # fmt: skip
_METHODS = {
    "startswith", "endswith", "lower", "split", "join", "__ge__", "__lt__", "__gt__", "__le__",
}  # fmt: skip
# Templates that only join: a width of a thousand million would fill the memory.
_TEMPLATE = re.compile(r"(?:[^{}]|\{\d?\})*")
_PERCENT = re.compile(r"(?:[^%]|%[dis])*")
_DEEPEST = 8
# A function that calls another with a hundred arguments, eight deep, would take for ever.
_MOST = 5_000


class Lookup(Protocol):
    """What is known of the names in an expression."""

    def resolve(self, node: ast.expr | None) -> str:
        """Return the import path of an expression; empty where it has none."""
        ...

    def value_of(self, name: str) -> Value | None:
        """Return what a name holds; None where nothing is known."""
        ...

    def inlined(self, call: ast.Call) -> ast.expr | None:
        """Return what a call of a function of the source returns; None where that isn't plain."""
        ...


# Names of methods: one table for all evaluations, of which a large project takes a million.
_READERS: dict[type[ast.AST], str] = {
    ast.Constant: "_constant", ast.Name: "_named", ast.Attribute: "_named",
    ast.Compare: "_compared", ast.Tuple: "_sequence", ast.List: "_sequence", ast.Set: "_sequence",
    ast.Subscript: "_subscript", ast.Call: "_called", ast.BinOp: "_operated",
    ast.JoinedStr: "_joined", ast.UnaryOp: "_negated", ast.NamedExpr: "_bound",
    ast.BoolOp: "_together", ast.IfExp: "_chosen",
}  # fmt: skip


class _Evaluator:
    """Evaluates an expression on one series; says what it looked at."""

    def __init__(self, names: Lookup) -> None:
        self.names, self.resolve, self.value_of = names, names.resolve, names.value_of
        self.depth = self.steps = 0
        self.minor = MINORS[0]
        self.version = self.platform = False

    def at(self, node: ast.expr) -> Any:  # noqa: ANN401 - any value of the source
        """Return a value.

        Raises:
            Unknown: it cannot be known.
        """
        self.steps += 1
        read = _READERS.get(type(node))
        if read is None or self.steps > _MOST:
            raise Unknown
        return getattr(self, read)(node)

    def _constant(self, node: ast.Constant) -> Any:  # noqa: ANN401
        return node.value

    def _joined(self, node: ast.JoinedStr) -> str:
        return "".join(str(self._part(part)) for part in node.values)

    def _bound(self, node: ast.NamedExpr) -> Any:  # noqa: ANN401
        return self.at(node.value)

    def _chosen(self, node: ast.IfExp) -> Any:  # noqa: ANN401
        return self.at(node.body if self.at(node.test) else node.orelse)

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set) -> tuple[Any, ...]:
        return tuple(self.at(item) for item in node.elts)

    def _subscript(self, node: ast.Subscript) -> Any:  # noqa: ANN401
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            return self._held(ast.unparse(node))
        return self.at(node.value)[self._index(node.slice)]

    def _negated(self, node: ast.UnaryOp) -> bool:
        if not isinstance(node.op, ast.Not):
            raise Unknown
        return not self.at(node.operand)

    def _together(self, node: ast.BoolOp) -> bool:
        parts = [self.at(value) for value in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)

    def _named(self, node: ast.Name | ast.Attribute) -> Any:  # noqa: ANN401
        path = self.resolve(node) or _dotted(node)
        if path.rpartition(".")[2] in _TYPING_ONLY:
            self.version = True
            return False
        value = self.value_of(path) or self.value_of(_dotted(node))
        if value is not None:
            return self._of(value)
        if path in _FACTS:
            self.version = True
            return _FACTS[path](self.minor)
        if path in _PLATFORM:
            self.version = self.platform = True
            return _PLATFORM[path]
        if isinstance(node, ast.Attribute) and node.attr in {"major", "minor", "micro", "release"}:
            before = self.at(node.value)
            if node.attr == "release":
                return before
            return before[("major", "minor", "micro").index(node.attr)]
        raise Unknown

    def _held(self, name: str) -> Any:  # noqa: ANN401
        value = self.value_of(name)
        if value is None:
            raise Unknown
        return self._of(value)

    def _of(self, value: Value) -> Any:  # noqa: ANN401
        if self.minor not in value.by_minor:
            raise Unknown
        self.version |= not value.plain
        self.platform |= value.platform
        return value.by_minor[self.minor]

    def _operated(self, node: ast.BinOp) -> Any:  # noqa: ANN401
        left, right = self.at(node.left), self.at(node.right)
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            if not _PERCENT.fullmatch(left):
                raise Unknown
            return left % (tuple(right) if isinstance(right, tuple) else right)
        if isinstance(node.op, ast.Mult) and isinstance(left, int) and isinstance(right, int):
            return left * right
        if type(node.op) not in _ARITHMETIC:
            raise Unknown
        return _ARITHMETIC[type(node.op)](left, right)

    def _part(self, node: ast.expr) -> Any:  # noqa: ANN401
        """Return a part of an f-string."""
        if not isinstance(node, ast.FormattedValue):
            return self.at(node)
        if node.format_spec is not None or node.conversion != -1:
            raise Unknown
        return self.at(node.value)

    def _compared(self, node: ast.Compare) -> bool:
        left = self.at(node.left)
        for op, item in zip(node.ops, node.comparators, strict=True):
            right = self.at(item)
            if not _COMPARE[type(op)](left, right):
                return False
            left = right
        return True

    def _index(self, node: ast.expr) -> Any:  # noqa: ANN401
        if isinstance(node, ast.Slice):
            return slice(
                *(self.at(part) if part else None for part in (node.lower, node.upper, node.step))
            )
        return self.at(node)

    def _called(self, node: ast.Call) -> Any:  # noqa: ANN401
        path = self.resolve(node.func) or _dotted(node.func)
        if path in _CALLS:
            self.version = True
            return _CALLS[path](self.minor)
        if path in _PLATFORM_CALLS:
            self.version = self.platform = True
            return _PLATFORM_CALLS[path]
        if path.rpartition(".")[2] in _PARSERS and len(node.args) == 1:
            numbers = re.findall(r"\d+", str(self.at(node.args[0])).partition(" ")[0])
            return tuple(int(number) for number in numbers)
        if path in _PURE and node.args:
            return _PURE[path](*(self._argument(item) for item in node.args))
        value = self.value_of(f"{path}()")
        if value is not None and not node.args:
            self.version = True
            return value.by_minor[self.minor]
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            owner = self.at(node.func.value)
            return getattr(owner, node.func.attr)(*map(self._argument, node.args))
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            return self._formatted(node.func.value, node)
        return self._taken(node) if path == "getattr" else self._inlined(node)

    def _taken(self, node: ast.Call) -> Any:  # noqa: ANN401
        """Return what `getattr(sys, "version_info", ...)` returns."""
        name = self.at(node.args[1]) if len(node.args) > 1 else None
        if not isinstance(name, str) or not name.isidentifier():
            raise Unknown
        return self.at(ast.Attribute(node.args[0], name, ast.Load()))

    def _formatted(self, template: ast.expr, node: ast.Call) -> str:
        text = self.at(template)
        if not isinstance(text, str) or not _TEMPLATE.fullmatch(text) or node.keywords:
            raise Unknown
        found: list[Any] = []
        for item in node.args:
            found += self.at(item.value) if isinstance(item, ast.Starred) else [self.at(item)]
        return text.format(*found)

    def _inlined(self, node: ast.Call) -> Any:  # noqa: ANN401
        """Return what a function of the source returns."""
        body = self.names.inlined(node) if self.depth < _DEEPEST else None
        if body is None:
            raise Unknown
        self.depth += 1
        try:
            return self.at(body)
        finally:
            self.depth -= 1

    def _argument(self, node: ast.expr) -> Any:  # noqa: ANN401
        """Return an argument; `map(int, x)` and generators over a known sequence too."""
        if isinstance(node, ast.Call) and self.resolve(node.func) == "map":
            return tuple(
                self.at(ast.Call(node.args[0], [ast.Constant(part)], []))
                for part in self.at(node.args[1])
            )
        if isinstance(node, ast.GeneratorExp | ast.ListComp) and len(node.generators) == 1:
            loop = node.generators[0]
            if (
                isinstance(loop.target, ast.Name)
                and isinstance(node.elt, ast.Call)
                and not loop.ifs
            ):
                call = node.elt
                return tuple(
                    self.at(ast.Call(call.func, [ast.Constant(part)], []))
                    for part in self.at(loop.iter)
                )
        return self.at(node)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def evaluate(node: ast.expr, names: Lookup) -> Value | None:
    """Return what an expression is on each series; None where nothing about it is known.

    Args:
        node: the expression.
        names: what is known of the names in it.
    """
    evaluator = _Evaluator(names)
    found: dict[int, Any] = {}
    for minor in MINORS:
        evaluator.minor, evaluator.steps = minor, 0
        try:
            found[minor] = evaluator.at(node)
        except (Unknown, RecursionError):
            if not evaluator.version:
                return None
        except (TypeError, ValueError, IndexError, KeyError, AttributeError, ArithmeticError):
            if not evaluator.version:
                return None
        else:
            if not evaluator.version:
                return Value(dict.fromkeys(MINORS, found[minor]), plain=True)
    return Value(found, platform=evaluator.platform) if found else None
