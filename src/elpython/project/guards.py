"""What a condition promises to the code behind it: where it runs, which names are there."""

from __future__ import annotations

import ast
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Protocol

from elpython.project.conditions import ALL, Guard, guard_from
from elpython.project.evaluator import Lookup, evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ATTRIBUTE",
    "CALL",
    "IMPORT",
    "MODULE",
    "NAME",
    "NOTHING",
    "OTHER",
    "Surroundings",
    "always_leaves",
    "caught",
    "fails",
    "guard_of",
    "shown",
]

NOTHING = (0, 0)

# What a handler catches, and by what a missing thing makes itself known.
MODULE, IMPORT, ATTRIBUTE, NAME, CALL, OTHER = (
    "ModuleNotFoundError",
    "ImportError",
    "AttributeError",
    "NameError",
    "TypeError",
    "Exception",
)
_ALL = {MODULE, IMPORT, ATTRIBUTE, NAME, CALL, OTHER}
_CATCHES = {
    "ImportError": {MODULE, IMPORT},
    "ModuleNotFoundError": {MODULE},
    "AttributeError": {ATTRIBUTE},
    "NameError": {NAME},
    "TypeError": {CALL},
    "Exception": _ALL,
    "BaseException": _ALL,
    "LookupError": {OTHER},
    "ValueError": {OTHER},
    "error": {OTHER},
}
_FIND = {"importlib.util.find_spec", "find_spec", "pkgutil.find_loader", "importlib.find_loader"}


class Surroundings(Lookup, Protocol):
    """Where a condition stands."""

    def flag(self, name: str) -> Guard | None:
        """Return what a name that holds the outcome of a condition says."""
        ...


def guard_of(test: ast.expr, around: Surroundings) -> Guard:
    """Return what a condition promises."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return guard_of(test.operand, around).inverted()
    if isinstance(test, ast.BoolOp):
        parts = [guard_of(value, around) for value in test.values]
        return reduce(and_ if isinstance(test.op, ast.And) else or_, parts)
    if isinstance(test, ast.NamedExpr):
        return guard_of(test.value, around)
    if isinstance(test, ast.Constant):
        return Guard(true=ALL if test.value else 0, false=0 if test.value else ALL)
    if isinstance(test, ast.Compare) and len(test.ops) > 1:
        return _chain(test, around)
    value = evaluate(test, around)
    return guard_from(value) or _names_of(test, around)


def _chain(test: ast.Compare, around: Surroundings) -> Guard:
    """Return what `(3, 8) <= sys.version_info < (3, 12)` promises."""
    values = [test.left, *test.comparators]
    parts = [
        guard_of(ast.Compare(left, [op], [right]), around)
        for left, op, right in zip(values, test.ops, values[1:], strict=False)
    ]
    return reduce(and_, parts)


def _names_of(test: ast.expr, around: Surroundings) -> Guard:
    """Return which names a condition has found, or has found absent."""
    if isinstance(test, ast.Compare):
        return _compared(test, around)
    if isinstance(test, ast.Call):
        if around.resolve(test.func) in {"bool", "callable"} and len(test.args) == 1:
            return guard_of(test.args[0], around)
        return Guard(names=_asked(test, around))
    if isinstance(test, ast.Name | ast.Attribute):
        return around.flag(ast.unparse(test)) or around.flag(around.resolve(test)) or Guard()
    return Guard()


def _compared(test: ast.Compare, around: Surroundings) -> Guard:
    left, op, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(right, ast.Constant) and isinstance(right.value, bool | None):
        found = guard_of(left, around)
        positive = isinstance(op, ast.Is | ast.Eq) is bool(right.value)
        return found if positive else found.inverted()
    if isinstance(op, ast.In | ast.NotIn) and isinstance(left, ast.Constant):
        names = _listed(right, str(left.value), around)
        found = Guard(names=names)
        return found if isinstance(op, ast.In) else found.inverted()
    return Guard()


def _listed(where: ast.expr, name: str, around: Surroundings) -> frozenset[str]:
    """Return the path of a name that is looked up in `dir(x)`, `vars(x)` or a list of modules."""
    if isinstance(where, ast.Attribute) and where.attr == "parameters":
        call = where.value
        if isinstance(call, ast.Call) and call.args:
            return frozenset({f"{around.resolve(call.args[0])}({name}=)"})
    if isinstance(where, ast.Attribute) and where.attr in {"__dict__", "__all__"}:
        return frozenset({f"{around.resolve(where.value)}.{name}"})
    path = around.resolve(where.func if isinstance(where, ast.Call) else where)
    if isinstance(where, ast.Call) and path in {"dir", "vars"} and where.args:
        return frozenset({f"{around.resolve(where.args[0])}.{name}"})
    if path in {"sys.stdlib_module_names", "sys.builtin_module_names", "sys.modules"}:
        return frozenset({name})
    if path == "builtins.__dict__":
        return frozenset({name})
    return frozenset()


def _asked(test: ast.Call, around: Surroundings) -> frozenset[str]:
    """Return the names that `hasattr(x, "y")`, `find_spec("x")` and their like ask for."""
    function = around.resolve(test.func)
    texts = [str(arg.value) for arg in test.args if isinstance(arg, ast.Constant)]
    if function in {"hasattr", "getattr"} and len(test.args) >= 2 and texts:
        owner = around.resolve(test.args[0])
        name = str(getattr(test.args[1], "value", ""))
        member = around.resolve(ast.Attribute(test.args[0], name, ast.Load()))
        return frozenset({name if owner == "builtins" else f"{owner}.{name}", member or name})
    if function in {"elpython_features.has", *_FIND} and texts:
        return frozenset({texts[0]})
    return frozenset()


def caught(handlers: Sequence[ast.ExceptHandler], outer: frozenset[str] = frozenset()) -> set[str]:
    """Return which kinds of missing things a `try` survives.

    Args:
        handlers: its handlers.
        outer: what a `try` around survives: a handler may raise one of these.
    """
    found: set[str] = set()
    for handler in handlers:
        if fails(handler.body) and not _raised(handler.body[-1]) & outer:
            continue
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        for kind in kinds:
            name = getattr(kind, "id", getattr(kind, "attr", "BaseException"))
            found |= _CATCHES.get(name, set())
    return found


def _raised(last: ast.stmt) -> set[str]:
    """Return as what kind of missing thing the end of a handler makes itself known."""
    raised = last.exc if isinstance(last, ast.Raise) else None
    function = raised.func if isinstance(raised, ast.Call) else raised
    name = getattr(function, "id", getattr(function, "attr", ""))
    return {name} if name in _ALL else set()


def always_leaves(body: Sequence[ast.stmt]) -> bool:
    """Return whether a block never comes to its end: it raises, returns, or ends the program."""
    last = body[-1] if body else None
    if isinstance(last, ast.Return | ast.Continue | ast.Break | ast.Raise):
        return True
    if isinstance(last, ast.If):
        certain = isinstance(last.test, ast.Constant) and bool(last.test.value)
        return always_leaves(last.body) and (certain or always_leaves(last.orelse))
    if isinstance(last, ast.With | ast.AsyncWith):
        return always_leaves(last.body) and not any(map(_suppresses, last.items))
    if isinstance(last, ast.Try):
        blocks = [last.orelse or last.body, *(handler.body for handler in last.handlers)]
        return always_leaves(last.finalbody) or all(map(always_leaves, blocks))
    return _exits(last)


def _suppresses(item: ast.withitem) -> bool:
    """Return whether a `with` may end without its block's end: only `suppress` is known to."""
    text = ast.unparse(item.context_expr)
    return "suppress" in text or "raises" in text


def _exits(last: ast.stmt | None) -> bool:
    if not (isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)):
        return False
    function = last.value.func
    name = getattr(function, "id", getattr(function, "attr", ""))
    return name in {"exit", "_exit", "abort", "skip", "quit"}


def fails(body: Sequence[ast.stmt]) -> bool:
    """Return whether a block ends in an error; a skipped test or `sys.exit(0)` is none."""
    last = body[-1] if body else None
    call: ast.expr | None = None
    if isinstance(last, ast.Raise):
        raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
        name = getattr(raised, "id", getattr(raised, "attr", ""))
        if name != "SystemExit":
            return "Skip" not in name
        call = last.exc
    elif _exits(last) and isinstance(last, ast.Expr):
        call = last.value
        if isinstance(call, ast.Call) and "skip" in {
            getattr(call.func, "attr", ""),
            getattr(call.func, "id", ""),
        }:
            return False
    else:
        return False
    arguments = call.args if isinstance(call, ast.Call) else []
    return any(
        not isinstance(item, ast.Constant) or item.value not in {None, 0} for item in arguments
    )


def shown(series: tuple[int, int]) -> str:
    """Return `3.11`; empty for no series."""
    return "" if series == NOTHING else f"{series[0]}.{series[1]}"
