"""What a condition promises to the code behind it: a version, a name that is there, or nothing."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ATTRIBUTE",
    "CALL",
    "IMPORT",
    "NAME",
    "NOTHING",
    "Guard",
    "always_leaves",
    "caught",
    "guard_of",
]

NOTHING = (0, 0)

# What a handler catches, and by what a missing thing makes itself known.
IMPORT, ATTRIBUTE, NAME, CALL = "ImportError", "AttributeError", "NameError", "TypeError"
_CATCHES = {
    "ImportError": {IMPORT},
    "ModuleNotFoundError": {IMPORT},
    "AttributeError": {ATTRIBUTE},
    "NameError": {NAME},
    "TypeError": {CALL},
    "Exception": {IMPORT, ATTRIBUTE, NAME, CALL},
    "BaseException": {IMPORT, ATTRIBUTE, NAME, CALL},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """What a condition promises where it is true, and where it is false.

    Attributes:
        floor: at least this CPython runs where it is true.
        ceiling: at least this CPython runs where it is false.
        names: import paths that are there where it is true.
        absent: import paths that are there where it is false.
        typing_only: whether it is never true at run time.
    """

    floor: tuple[int, int] = NOTHING
    ceiling: tuple[int, int] = NOTHING
    names: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    typing_only: bool = False

    def inverted(self) -> Guard:
        """Give the promise of the opposite condition."""
        return Guard(floor=self.ceiling, ceiling=self.floor, names=self.absent, absent=self.names)


def guard_of(test: ast.expr, resolve: Callable[[ast.expr], str], flags: dict[str, Guard]) -> Guard:
    """Give what a condition promises.

    Args:
        test: the condition.
        resolve: gives the import path of an expression; empty when it has none.
        flags: names that hold the outcome of a condition.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return guard_of(test.operand, resolve, flags).inverted()
    if isinstance(test, ast.BoolOp):
        return _joined(test, resolve, flags)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test, resolve)
    if isinstance(test, ast.Call):
        return Guard(names=_asked(test, resolve))
    if isinstance(test, ast.Name) and test.id in flags:
        return flags[test.id]
    return Guard(typing_only=resolve(test) in {"typing.TYPE_CHECKING", "TYPE_CHECKING"})


def _joined(test: ast.BoolOp, resolve: Callable[[ast.expr], str], flags: dict[str, Guard]) -> Guard:
    parts = [guard_of(value, resolve, flags) for value in test.values]
    if isinstance(test.op, ast.And):
        return Guard(
            floor=max(part.floor for part in parts),
            ceiling=min(part.ceiling for part in parts),
            names=frozenset().union(*(part.names for part in parts)),
            typing_only=any(part.typing_only for part in parts),
        )
    return Guard(
        floor=min(part.floor for part in parts),
        ceiling=max(part.ceiling for part in parts),
        absent=frozenset().union(*(part.absent for part in parts)),
    )


def _asked(test: ast.Call, resolve: Callable[[ast.expr], str]) -> frozenset[str]:
    """Give the names that `hasattr(x, "y")` or `elpython_features.has("x.y")` ask for."""
    function = resolve(test.func)
    texts = [str(arg.value) for arg in test.args if isinstance(arg, ast.Constant)]
    if function == "hasattr" and len(test.args) == 2 and texts:
        return frozenset({f"{resolve(test.args[0])}.{texts[-1]}"})
    if function == "elpython_features.has" and texts:
        return frozenset({texts[0]})
    return frozenset()


def _compared(test: ast.Compare, resolve: Callable[[ast.expr], str]) -> Guard:
    left, op, right = test.left, test.ops[0], test.comparators[0]
    version = _version(left, right, resolve)
    if version is None:
        return Guard()
    if isinstance(op, ast.GtE):
        return Guard(floor=version)
    if isinstance(op, ast.Gt):
        exact = isinstance(right, ast.Tuple) and len(right.elts) > 2
        # (3, 11) is less than every (3, 11, x): > (3, 11) is true on 3.11 already.
        whole = not isinstance(left, ast.Subscript)
        return Guard(floor=version if exact or whole else (version[0], version[1] + 1))
    if isinstance(op, ast.Lt):
        return Guard(ceiling=version)
    if isinstance(op, ast.LtE):
        whole = not isinstance(left, ast.Subscript)
        return Guard(ceiling=version if whole else (version[0], version[1] + 1))
    if isinstance(op, ast.Eq):
        return Guard(floor=version, typing_only=version[0] == 2)
    return Guard()


def _version(
    left: ast.expr, right: ast.expr, resolve: Callable[[ast.expr], str]
) -> tuple[int, int] | None:
    """Give the version that `sys.version_info`, or a part of it, is compared with."""
    name = resolve(left.value if isinstance(left, ast.Subscript) else left)
    if name == "sys.hexversion" and isinstance(right, ast.Constant):
        number = right.value if isinstance(right.value, int) else 0
        return number >> 24 & 0xFF, number >> 16 & 0xFF
    if name == "sys.version_info.minor" and isinstance(right, ast.Constant):
        return (3, right.value) if isinstance(right.value, int) else None
    if name != "sys.version_info":
        return None
    numbers = [
        item.value
        for item in (right.elts if isinstance(right, ast.Tuple) else [])
        if isinstance(item, ast.Constant) and isinstance(item.value, int)
    ]
    if isinstance(left, ast.Subscript) and isinstance(right, ast.Constant):
        return _indexed(left, right)
    if not numbers:
        return None
    return numbers[0], numbers[1] if len(numbers) > 1 else 0


def _indexed(left: ast.Subscript, right: ast.Constant) -> tuple[int, int] | None:
    index = left.slice.value if isinstance(left.slice, ast.Constant) else None
    if not isinstance(right.value, int):
        return None
    return {0: (right.value, 0), 1: (3, right.value)}.get(index if isinstance(index, int) else -1)


def caught(handlers: list[ast.ExceptHandler]) -> set[str]:
    """Give which kinds of missing things a `try` survives."""
    found: set[str] = set()
    for handler in handlers:
        if gives_up(handler.body):
            continue
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        for kind in kinds:
            name = getattr(kind, "id", getattr(kind, "attr", "BaseException"))
            found |= _CATCHES.get(name, set())
    return found


def always_leaves(body: list[ast.stmt]) -> bool:
    """Say whether a block never comes to its end: it raises, returns, or ends the program."""
    last = body[-1] if body else None
    if isinstance(last, (ast.Return, ast.Continue, ast.Break)):
        return True
    if isinstance(last, ast.If):
        return always_leaves(last.body) and always_leaves(last.orelse)
    return gives_up(body)


def gives_up(body: list[ast.stmt]) -> bool:
    """Say whether a block ends in an error or ends the program; a skipped test is neither."""
    last = body[-1] if body else None
    if isinstance(last, ast.Raise):
        return "Skip" not in ast.dump(last)
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        function = last.value.func
        return getattr(function, "id", getattr(function, "attr", "")) in {"exit", "_exit", "abort"}
    return False
