"""Which names of the standard library a source uses, and where it can do without them.

What counts as a condition is told in `guards`, what is looked for in `rules`.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elpython.project.fallbacks import stand_ins
from elpython.project.guards import (
    ATTRIBUTE,
    CALL,
    IMPORT,
    NAME,
    NOTHING,
    Guard,
    always_leaves,
    caught,
    guard_of,
)
from elpython.project.rules import Use

if TYPE_CHECKING:
    from elpython.project.rules import Rules, Series

__all__ = ["uses_in"]

_BUILTINS = frozenset(dir(builtins))
# Methods that give an object of the class they are called on.
_SAME = {
    "pathlib.Path": {
        "absolute", "cwd", "expanduser", "home", "joinpath", "parent", "readlink", "rename",
        "resolve", "with_name", "with_suffix",
    },
}  # fmt: skip
_GENERIC = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})
_TYPES = _GENERIC | {"bool", "bytes", "complex", "float", "int", "object", "str"}
UNION = "types.UnionType"
_LITERALS = {str: "str", bytes: "bytes", int: "int", float: "float"}


@dataclass(slots=True)
class _Scope:
    """What holds at the place that is read.

    Attributes:
        floor: at least this CPython runs.
        there: names that a condition has found.
        survives: kinds of missing things that a `try` around survives.
        types: variable -> class of what it holds.
    """

    floor: Series = NOTHING
    there: frozenset[str] = frozenset()
    survives: frozenset[str] = frozenset()
    types: dict[str, str] = field(default_factory=dict)

    def under(self, guard: Guard) -> _Scope:
        return _Scope(
            floor=max(self.floor, guard.floor),
            there=self.there | guard.names,
            survives=self.survives,
            types=self.types,
        )


class _Reader(ast.NodeVisitor):
    """Walks one source; the scope follows conditions, functions and `try`."""

    def __init__(self, rules: Rules, own: frozenset[str]) -> None:
        self.rules = rules
        self.own = own
        self.uses: set[Use] = set()
        self.free: set[int] = set()
        self.imports: dict[str, str] = {}
        self.optional: set[str] = set()
        self.stand_ins: set[tuple[str, Series]] = set()
        self.flags: dict[str, Guard] = {}
        self.scope = _Scope()
        self.postponed = False
        self.depth = 0

    # what expressions are

    def resolve(self, node: ast.expr | None) -> str:
        """Give the import path of an expression; empty when it has none."""
        if isinstance(node, ast.Name):
            if node.id in self.imports:
                return self.imports[node.id]
            return node.id if node.id in _BUILTINS and node.id not in self.own else ""
        if isinstance(node, ast.Attribute):
            before = self.class_of(node.value) or self.resolve(node.value)
            return f"{before}.{node.attr}" if before else ""
        return ""

    def class_of(self, node: ast.expr | None) -> str:
        """Give the import path of the class of an expression's value; empty when not known."""
        if isinstance(node, ast.Constant):
            return _LITERALS.get(type(node.value), "")
        if isinstance(node, ast.Name):
            return self.scope.types.get(node.id, "")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            left = self.class_of(node.left)
            return left if left in _SAME else ""
        if isinstance(node, ast.Call):
            path = self.resolve(node.func)
            head, _, last = path.rpartition(".")
            if head in _SAME and last in _SAME[head]:
                return head
            return path if last[:1].isupper() else ""
        if isinstance(node, ast.Attribute):
            before = self.class_of(node.value)
            return before if node.attr in _SAME.get(before, ()) else ""
        return ""

    # what is recorded

    def use(self, name: str, since: Series, node: ast.AST, kind: str) -> None:
        """Record a use, unless the source can do without."""
        scope = self.scope
        dispensable = (
            (since != NOTHING and since <= scope.floor)
            or kind in scope.survives
            or name in scope.there
            or any(name == path or name.startswith(f"{path}.") for path in self.optional)
            or any(name.startswith(f"{path}.") for path in scope.there)
        )
        if not dispensable:
            self.uses.add(Use(name, since, getattr(node, "lineno", 1)))

    def _name_used(self, path: str, node: ast.AST, kind: str) -> None:
        since = self.rules.names.get(path)
        if since is not None:
            self.use(path, since, node, kind)

    # statements

    def visit_Import(self, node: ast.Import) -> None:
        for item in node.names:
            parts = item.name.split(".")
            for end in range(1, len(parts) + 1):
                self._imported(".".join(parts[:end]), node)
            self.imports[item.asname or parts[0]] = item.name if item.asname else parts[0]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or not node.module:
            for item in node.names:
                self.imports.pop(item.asname or item.name, None)
            return
        names = {item.name for item in node.names}
        self.postponed |= node.module == "__future__" and "annotations" in names
        self._imported(node.module, node)
        for item in node.names:
            path = f"{node.module}.{item.name}"
            self._imported(path, node)
            self.imports[item.asname or item.name] = path

    def _imported(self, path: str, node: ast.AST) -> None:
        self._name_used(path, node, IMPORT)
        if IMPORT in self.scope.survives:
            self.optional.add(path) if path in self.rules.names else None

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        guard = guard_of(node.test, self.resolve, self.flags)
        if guard.floor > NOTHING:
            self.stand_ins |= stand_ins(node.body, node.orelse, self.rules.names)
        if guard.ceiling > NOTHING:
            self.stand_ins |= stand_ins(node.orelse, node.body, self.rules.names)
        if guard.typing_only:
            self._without(node.body)
        else:
            self._block(node.body, self.scope.under(guard))
        self._block(node.orelse, self.scope.under(guard.inverted()))

    def _without(self, body: list[ast.stmt]) -> None:
        """Take over the imports of a block that does not run; nothing in it is required."""
        for statement in body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                before, self.uses = self.uses, set()
                self.visit(statement)
                self.uses = before
            self.free.update(range(statement.lineno, (statement.end_lineno or 0) + 1))

    def _block(self, body: list[ast.stmt], scope: _Scope) -> None:
        """Read a block in a scope; what follows an early end of it knows the opposite."""
        outer, self.scope = self.scope, scope
        if scope.floor > outer.floor and body:
            self.free.update(range(body[0].lineno, (body[-1].end_lineno or 0) + 1))
        for statement in body:
            self.visit(statement)
            if isinstance(statement, ast.If) and always_leaves(statement.body):
                guard = guard_of(statement.test, self.resolve, self.flags)
                self.scope = self.scope.under(guard.inverted())
        self.scope = outer

    def visit_Module(self, node: ast.Module) -> None:
        self._block(node.body, self.scope)

    def visit_Try(self, node: ast.Try) -> None:
        scope = self.scope
        survives = scope.survives | caught(node.handlers)
        for handler in node.handlers if IMPORT in survives else ():
            self.stand_ins |= stand_ins(node.body, handler.body, self.rules.names)
        self._block(node.body, _Scope(scope.floor, scope.there, survives, scope.types))
        for handler in node.handlers:
            self._block(handler.body, scope)
        self._block(node.orelse, scope)
        self._block(node.finalbody, scope)

    visit_TryStar = visit_Try  # type: ignore[assignment]  # noqa: N815

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        survives: set[str] = set()
        for item in node.items:
            self.visit(item)
            call = item.context_expr
            if isinstance(item.optional_vars, ast.Name):
                self.scope.types[item.optional_vars.id] = self.class_of(call)
            if isinstance(call, ast.Call) and self.resolve(call.func) == "contextlib.suppress":
                handlers = [ast.ExceptHandler(type=kind, name=None, body=[]) for kind in call.args]
                survives |= caught(handlers)
        scope = self.scope
        inner = _Scope(scope.floor, scope.there, scope.survives | survives, scope.types)
        self._block(node.body, inner)

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        every = [*arguments, *filter(None, [node.args.vararg, node.args.kwarg])]
        for part in [
            *node.decorator_list,
            *node.args.defaults,
            *filter(None, node.args.kw_defaults),
        ]:
            self.visit(part)
        for note in [node.returns, *(argument.annotation for argument in every)]:
            self._annotation(note)
        scope = self.scope
        floor = max([scope.floor, *(self._skipped_below(item) for item in node.decorator_list)])
        types = dict(scope.types)
        for argument in arguments:
            types[argument.arg] = self.resolve(argument.annotation)
        # A function is called later: what a `try` around its definition survives is over by then.
        self.depth += 1
        self._block(node.body, _Scope(floor, scope.there, frozenset(), types))
        self.depth -= 1

    def _annotation(self, node: ast.expr | None) -> None:
        """Read an annotation where it is evaluated (PEP 563 puts it off)."""
        if node is not None and not self.postponed:
            self.visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(part)
        scope = self.scope
        floor = max([scope.floor, *(self._skipped_below(item) for item in node.decorator_list)])
        self._block(node.body, _Scope(floor, scope.there, scope.survives, dict(scope.types)))

    def _skipped_below(self, decorator: ast.expr) -> Series:
        """Give below which CPython a test is skipped: `skipIf(sys.version_info < (3, 12))`."""
        if not isinstance(decorator, ast.Call) or not decorator.args:
            return NOTHING
        name = getattr(decorator.func, "attr", getattr(decorator.func, "id", "")).lower()
        guard = guard_of(decorator.args[0], self.resolve, self.flags)
        return {"skipif": guard.ceiling, "skipunless": guard.floor}.get(name, NOTHING)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        guard = guard_of(node.value, self.resolve, self.flags)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scope.types[target.id] = self.class_of(node.value)
                self.flags[target.id] = guard
            else:
                self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
        if self.depth == 0 or not isinstance(node.target, ast.Name):
            self._annotation(node.annotation)
        if isinstance(node.target, ast.Name):
            self.scope.types[node.target.id] = self.resolve(node.annotation)

    # expressions

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            path = self.resolve(node)
            if path:
                self._name_used(path, node, ATTRIBUTE)
        self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and node.id not in self.imports:
            path = self.resolve(node)
            if path:
                self._name_used(path, node, NAME)

    def visit_Call(self, node: ast.Call) -> None:
        path = self.resolve(node.func)
        for keyword in node.keywords if path else ():
            since = self.rules.parameters.get((path, keyword.arg or ""))
            if since is not None:
                self.use(f"{path}({keyword.arg}=)", since, node, CALL)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.BitOr) and (
            self._is_type(node.left) or self._is_type(node.right)
        ):
            self.use(UNION, (3, 10), node, CALL)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        path = self.resolve(node.value)
        if path in _GENERIC and isinstance(node.ctx, ast.Load):
            self.use(f"{path}[...]", (3, 9), node, CALL)
        self.generic_visit(node)

    def _is_type(self, node: ast.expr) -> bool:
        """Say whether an expression is certainly a type, or None beside one."""
        if isinstance(node, ast.Subscript):
            return self.resolve(node.value) in _GENERIC
        if isinstance(node, ast.Constant):
            return node.value is None  # None takes part in no other `|`
        return self.resolve(node) in _TYPES

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        guard = guard_of(node.test, self.resolve, self.flags)
        self._expression(node.body, guard)
        self._expression(node.orelse, guard.inverted())

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        outer = self.scope
        for value in node.values:
            self.visit(value)
            guard = guard_of(value, self.resolve, self.flags)
            under = guard if isinstance(node.op, ast.And) else guard.inverted()
            self.scope = self.scope.under(under)
        self.scope = outer

    def _expression(self, node: ast.expr, guard: Guard) -> None:
        outer, self.scope = self.scope, self.scope.under(guard)
        self.visit(node)
        self.scope = outer


def _defined(tree: ast.Module) -> frozenset[str]:
    """Give the names that a source defines at its top: they hide built-in ones."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found & _BUILTINS)


def uses_in(tree: ast.Module, rules: Rules) -> tuple[set[Use], set[int], set[tuple[str, Series]]]:
    """Read a source.

    Returns:
        What it uses, the lines that run only where a condition allows it, and which distributions
        stand in for what older Pythons lack.
    """
    reader = _Reader(rules, _defined(tree))
    reader.visit(tree)
    return reader.uses, reader.free, reader.stand_ins
