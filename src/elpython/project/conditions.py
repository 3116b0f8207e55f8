"""Evaluate conditions for each CPython series: true on some, false on others.

Only what can be known without running the source is evaluated: the version in all its forms, the
platform (Linux), the implementation (CPython), constants, and names that hold one of these.
"""

from __future__ import annotations

import ast
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ALL", "MINORS", "Guard", "Value", "below", "evaluate", "first_after", "guard_from"]

MINORS = range(6, 17)
ALL = sum(1 << minor for minor in MINORS)
# The micro number that stands for a series: its latest.
_MICRO = 99


class Unknown(Exception):  # noqa: N818 - an answer, no error
    """A value that only running the source tells."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a name holds on each series.

    Attributes:
        by_minor: minor number -> value; a series that is not there is unknown.
        platform: whether it depends on the platform or the implementation.
        plain: whether it is the same constant everywhere.
    """

    by_minor: Mapping[int, Any]
    platform: bool = False
    plain: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """What a condition says about the code behind it.

    Attributes:
        true: series on which it may be true, one bit a minor number.
        false: series on which it may be false.
        names: import paths that are there where it is true.
        absent: import paths that are there where it is false.
        platform: whether it is about platforms other than CPython on Linux.
    """

    true: int = ALL
    false: int = ALL
    names: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    platform: bool = False

    def inverted(self) -> Guard:
        """Return what the opposite condition says."""
        return Guard(
            true=self.false,
            false=self.true,
            names=self.absent,
            absent=self.names,
            platform=self.platform,
        )

    def __and__(self, other: Guard) -> Guard:
        """Return what both conditions together say."""
        absent = [part.absent for part in (self, other) if part.false]
        return Guard(
            true=self.true & other.true,
            false=self.false | other.false,
            names=self.names | other.names,
            absent=frozenset.intersection(*absent) if absent else frozenset(),
            platform=self.platform or other.platform,
        )

    def __or__(self, other: Guard) -> Guard:
        """Return what either condition says."""
        return (self.inverted() & other.inverted()).inverted()


def below(minor: int) -> int:
    """Return the bits of the series before `3.minor`."""
    return ALL & ((1 << minor) - 1)


def first_after(bits: int) -> tuple[int, int]:
    """Return the first series after the last of some; 3.6 for none."""
    return (3, bits.bit_length()) if bits else (3, MINORS[0])


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
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.RShift: operator.rshift, ast.BitAnd: operator.and_,
}  # fmt: skip
_PURE: dict[str, Callable[..., Any]] = {
    "tuple": tuple, "list": list, "int": int, "str": str, "bool": bool, "float": float,
    "all": all, "any": any, "len": len, "operator.ge": operator.ge, "operator.lt": operator.lt,
}  # fmt: skip
_METHODS = {"startswith", "endswith", "lower", "split", "__ge__", "__lt__", "__gt__", "__le__"}


class _Evaluator:
    """Evaluates an expression on one series; says what it looked at."""

    def __init__(
        self, resolve: Callable[[ast.expr], str], value_of: Callable[[str], Value | None]
    ) -> None:
        self.resolve, self.value_of = resolve, value_of
        self.minor = MINORS[0]
        self.version = self.platform = False

    def at(self, node: ast.expr) -> Any:  # noqa: ANN401, PLR0911 - any value of the source
        """Return a value.

        Raises:
            Unknown: it cannot be known.
        """
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name | ast.Attribute):
            return self._named(node)
        if isinstance(node, ast.Compare):
            return self._compared(node)
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return tuple(self.at(item) for item in node.elts)
        if isinstance(node, ast.Subscript):
            return self.at(node.value)[self._index(node.slice)]
        if isinstance(node, ast.Call):
            return self._called(node)
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            return _ARITHMETIC[type(node.op)](self.at(node.left), self.at(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not self.at(node.operand)
        if isinstance(node, ast.NamedExpr):
            return self.at(node.value)
        if isinstance(node, ast.BoolOp):
            parts = [self.at(value) for value in node.values]
            return all(parts) if isinstance(node.op, ast.And) else any(parts)
        if isinstance(node, ast.IfExp):
            return self.at(node.body if self.at(node.test) else node.orelse)
        raise Unknown

    def _named(self, node: ast.Name | ast.Attribute) -> Any:  # noqa: ANN401
        path = self.resolve(node) or _dotted(node)
        if path.rpartition(".")[2] in _TYPING_ONLY:
            self.version = True
            return False
        value = self.value_of(path)
        if value is not None:
            if self.minor not in value.by_minor:
                raise Unknown
            self.version |= not value.plain
            self.platform |= value.platform
            return value.by_minor[self.minor]
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
            return getattr(owner, node.func.attr)(*(self.at(item) for item in node.args))
        raise Unknown

    def _argument(self, node: ast.expr) -> Any:  # noqa: ANN401
        """Return an argument; `map(int, x)` and generators over a known sequence too."""
        if isinstance(node, ast.Call) and self.resolve(node.func) == "map":
            return [
                self.at(ast.Call(node.args[0], [ast.Constant(part)], []))
                for part in self.at(node.args[1])
            ]
        if isinstance(node, ast.GeneratorExp | ast.ListComp) and len(node.generators) == 1:
            loop = node.generators[0]
            if (
                isinstance(loop.target, ast.Name)
                and isinstance(node.elt, ast.Call)
                and not loop.ifs
            ):
                call = node.elt
                return [
                    self.at(ast.Call(call.func, [ast.Constant(part)], []))
                    for part in self.at(loop.iter)
                ]
        return self.at(node)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def evaluate(
    node: ast.expr,
    resolve: Callable[[ast.expr], str],
    value_of: Callable[[str], Value | None],
) -> Value | None:
    """Return what an expression is on each series; None where nothing about it is known.

    Args:
        node: the expression.
        resolve: returns the import path of an expression; empty where it has none.
        value_of: returns what a name holds.
    """
    evaluator = _Evaluator(resolve, value_of)
    found: dict[int, Any] = {}
    for minor in MINORS:
        evaluator.minor = minor
        try:
            found[minor] = evaluator.at(node)
        except Unknown:
            if not evaluator.version:
                return None
        except (TypeError, ValueError, IndexError, KeyError, AttributeError, ArithmeticError):
            if not evaluator.version:
                return None
        else:
            if not evaluator.version:
                return Value(dict.fromkeys(MINORS, found[minor]), plain=True)
    return Value(found, platform=evaluator.platform) if found else None


def guard_from(value: Value | None, *, constants: bool = False) -> Guard | None:
    """Return what a condition with that value says; None where it says nothing.

    Args:
        value: what it is on each series.
        constants: whether a plain constant counts: `if False`, but not `if DEBUG`.
    """
    if value is None or (value.plain and not constants):
        return None
    true = sum(1 << minor for minor in MINORS if value.by_minor.get(minor, True))
    false = sum(1 << minor for minor in MINORS if not value.by_minor.get(minor, False))
    return Guard(true=true, false=false, platform=value.platform)
