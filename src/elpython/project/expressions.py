"""What the expressions of a source use."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from elpython.project.bodies import items_of
from elpython.project.calls import FORMATTED_FRACTION, FRACTION, special_uses
from elpython.project.conditions import ALL, Guard
from elpython.project.guards import ATTRIBUTE, CALL, NAME, OTHER, guard_of
from elpython.project.infer import TYPES
from elpython.project.recorder import Recorder
from elpython.project.specs import format_uses

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Expressions"]

UNION = "types.UnionType"
_ITERATE = ("all", "any", "enumerate", "frozenset", "iter", "list", "set", "sorted", "sum", "tuple")
_SPECIAL = dict.fromkeys(_ITERATE, "__iter__") | {"len": "__len__"}


class Expressions(Recorder):
    """Reads expressions."""

    def on_lambda(self, node: ast.Lambda) -> None:
        """Read a lambda; its arguments hide other names."""
        outer = self.scope
        hidden = {argument.arg: "" for argument in (*node.args.args, *node.args.kwonlyargs)}
        self.scope = replace(outer, types={**outer.types, **hidden})
        self.below(node)
        self.scope = outer

    def on_augassign(self, node: ast.AugAssign) -> None:
        """Read `a |= b`."""
        self.below(node)
        if isinstance(node.op, ast.BitOr):
            self._united(
                ast.Name(node.target.id) if isinstance(node.target, ast.Name) else node.target, node
            )

    # expressions

    def on_listcomp(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        """Read the loops first: they bind what the elements are made of."""
        outer = self.scope
        self.scope = replace(outer, types=dict(outer.types))
        for loop in node.generators:
            self.visit(loop)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.visit(part)
        self.scope = outer

    on_setcomp = on_listcomp
    on_generatorexp = on_listcomp
    on_dictcomp = on_listcomp

    def on_attribute(self, node: ast.Attribute) -> None:
        """Record a name with dots, or a member of an object of known class."""
        if isinstance(node.ctx, ast.Load):
            path = self.resolve(node)
            if path:
                self.name_used(path, node, ATTRIBUTE)
        self.visit(node.value)

    def on_name(self, node: ast.Name) -> None:
        """Record a built-in name."""
        if isinstance(node.ctx, ast.Load) and node.id not in self.imports:
            path = self.resolve(node)
            if path:
                self.name_used(path, node, NAME)

    def on_call(self, node: ast.Call) -> None:
        """Record the parameters of a call, and what its arguments ask for."""
        path = self._called(node.func)
        self._updated(node)
        if path in _SPECIAL and node.args:
            self.special(node.args[0], _SPECIAL[path])
        if path:
            for word in self._words(node):
                since = self.rules.parameters.get((path, word))
                if since is not None:
                    self.use(f"{path}({word}=)", since, node, CALL)
            for name, since, kind in special_uses(path, node, self):
                self.use(name, since, node, kind)
        elif isinstance(node.func, ast.Name) and node.func.id in self.handed:
            self._handed_on(node, *self.handed[node.func.id])
        elif any(keyword.arg == "encoding" for keyword in node.keywords):
            for name, since, kind in special_uses("", node, self):
                self.use(name, since, node, kind)
        self.below(node)

    def special(self, node: ast.expr, name: str) -> None:
        """Record a method that the syntax or a built-in function asks an object for."""
        kind = self.class_of(node)
        if kind:
            self.name_used(self.member(kind, name), node, CALL)

    def _called(self, function: ast.expr) -> str:
        """Return what is called; the base's own constructor for a class that has none, and in it.

        `super().__init__(...)` and `Parser(...)` of `class Parser(ArgumentParser)`.
        """
        path = self.resolve(function)
        if isinstance(function, ast.Attribute) and function.attr == "__init__":
            return path.removesuffix(".__init__")
        local = self.classes.get(function.id) if isinstance(function, ast.Name) else None
        if path or local is None or {"__init__", "__new__"} & local.members or local.enum:
            return path
        return local.base

    def _updated(self, node: ast.Call) -> None:
        """Remember `options.update(strict=True)`, which a call may take as `**options`."""
        function = node.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr == "update"
            and isinstance(function.value, ast.Name)
            and function.value.id in self.keys
            and self.scope.runs == ALL
        ):
            found = [key for item in node.args for _, key, _ in items_of(item)]
            name = function.value.id
            self.keys[name] = (*self.keys[name], *self._words(node), *found)

    def _handed_on(self, node: ast.Call, path: str, own: frozenset[str]) -> None:
        """Record the keywords that a function of the source hands on to another."""
        for word in self._words(node):
            since = self.rules.parameters.get((path, word))
            if since is not None and word not in own:
                self.use(f"{path}({word}=)", since, node, CALL)

    def _words(self, node: ast.Call) -> list[str]:
        """Return the keywords of a call, those of `**{"strict": True}` and of its name too."""
        found = []
        for keyword in node.keywords:
            if keyword.arg is not None:
                found.append(keyword.arg)
            elif isinstance(keyword.value, ast.Name):
                found += self.keys.get(keyword.value.id, ())
            else:
                found += [key for _, key, _ in items_of(keyword.value)]
        return found

    def on_formattedvalue(self, node: ast.FormattedValue) -> None:
        """Record what a format specification asks for."""
        spec = node.format_spec
        if isinstance(spec, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in spec.values]
            for use in format_uses("".join(map(str, parts)), node.lineno):
                self.use(use.name, use.since, node, OTHER)
            if self.class_of(node.value) == FRACTION and parts:
                self.use(FORMATTED_FRACTION, (3, 12), node, CALL)
        self.below(node)

    def on_binop(self, node: ast.BinOp) -> None:
        """Record unions of types and of dictionaries."""
        if isinstance(node.op, ast.BitOr):
            if self._is_type(node.left) or self._is_type(node.right):
                self.use(UNION, (3, 10), node, CALL)
            else:
                self._united(node.left, node)
        self.below(node)

    def _united(self, left: ast.expr, node: ast.AST) -> None:
        kind = self.class_of(left).partition("[")[0]
        path = self.inherited(f"{kind}.__or__") if kind else ""
        if path in self.rules.names and kind not in TYPES - {"dict"}:
            self.use(f"{kind} | {kind}", self.rules.names[path], node, CALL)

    def _is_type(self, node: ast.expr) -> bool:
        """Return whether an expression is certainly a type, or None beside one."""
        if isinstance(node, ast.Subscript):
            path = self.resolve(node.value)
            return (
                path in TYPES
                or path.startswith("typing.")
                or f"{path}.__class_getitem__" in self.rules.names
            )
        if isinstance(node, ast.Constant):
            return node.value is None  # None takes part in no other `|`
        if isinstance(node, ast.Name) and node.id in self.classes:
            return node.id not in self.scope.types
        path = self.resolve(node)
        return path in TYPES or path in {
            "typing.Any",
            "pathlib.Path",
            "os.PathLike",
            "datetime.datetime",
        }

    def on_compare(self, node: ast.Compare) -> None:
        """Record comparisons that classes learned later."""
        ordered = isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
        if ordered and self.class_of(node.left) == "collections.Counter":
            self.use("order of collections.Counter", (3, 10), node, CALL)
        self.below(node)

    def on_subscript(self, node: ast.Subscript) -> None:
        """Record generics of plain classes; a display that a condition chooses from is read so."""
        if isinstance(node.value, ast.Dict | ast.Tuple | ast.List) and self._chosen(node):
            return
        if isinstance(node.ctx, ast.Load):
            self._parents(node)
            path = self.resolve(node.value)
            since = (
                self.rules.names.get(self.inherited(f"{path}.__class_getitem__")) if path else None
            )
            if since is not None and path != "typing":
                self.use(f"{path}[...]", since, node, CALL)
            local = self.classes.get(node.value.id) if isinstance(node.value, ast.Name) else None
            if local is not None and "__class_getitem__" in local.members:
                self.use("__class_getitem__", (3, 7), node, CALL)
        self.below(node)

    def _parents(self, node: ast.Subscript) -> None:
        """Record slices and negative numbers of `Path.parents`."""
        if not isinstance(node.value, ast.Attribute) or node.value.attr != "parents":
            return
        negative = isinstance(node.slice, ast.UnaryOp) and isinstance(node.slice.op, ast.USub)
        owner = self.class_of(node.value.value).partition("[")[0]
        if owner.startswith("pathlib.") and (negative or isinstance(node.slice, ast.Slice)):
            self.use("slice or negative index of Path.parents", (3, 10), node, OTHER)

    def _chosen(self, node: ast.Subscript) -> bool:
        """Read `{True: a, False: b}[condition]`; return False where it is nothing of the kind."""
        table = node.value
        if isinstance(table, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in table.keys]
            values = table.values
        else:
            values = getattr(table, "elts", [])
            keys = list(range(len(values)))
        guard = guard_of(node.slice, self)
        if guard == Guard() or any(key not in (0, 1) for key in keys):
            return False
        self.visit(node.slice)
        for key, value in zip(keys, values, strict=True):
            self._expression(value, guard if key else guard.inverted())
        return True

    def on_ifexp(self, node: ast.IfExp) -> None:
        """Read both sides of a conditional expression."""
        self.visit(node.test)
        guard = guard_of(node.test, self)
        self._expression(node.body, guard)
        self._expression(node.orelse, guard.inverted())

    def on_boolop(self, node: ast.BoolOp) -> None:
        """Read the operands: each runs only if those before it allow."""
        outer = self.scope
        for value in node.values:
            self.visit(value)
            guard = guard_of(value, self)
            self.scope = self.scope.under(
                guard if isinstance(node.op, ast.And) else guard.inverted()
            )
        self.scope = outer

    def _expression(self, node: ast.expr, guard: Guard) -> None:
        outer, self.scope = self.scope, self.scope.under(guard)
        self.visit(node)
        self.scope = outer

    # functions

    def decorated(self, decorators: Sequence[ast.expr]) -> None:
        """Record decorators that were made for more uses later."""
        paths = [self.resolve(item) for item in decorators]
        if "functools.lru_cache" in paths:
            self.use("functools.lru_cache without a call", (3, 8), decorators[0], CALL)
        if paths[:2] == ["classmethod", "property"]:
            self.use("classmethod of a property", (3, 9), decorators[0], OTHER)

    def registered(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, arguments: Sequence[ast.arg]
    ) -> None:
        """Record a union for which `functools.singledispatch` is told a function."""
        first = arguments[0].annotation if arguments else None
        for item in node.decorator_list:
            function = item.func if isinstance(item, ast.Call) else item
            told = item.args[0] if isinstance(item, ast.Call) and item.args else first
            if (
                isinstance(function, ast.Attribute)
                and function.attr == "register"
                and isinstance(function.value, ast.Name)
                and function.value.id in self.dispatchers
                and isinstance(told, ast.BinOp)
            ):
                self.use("singledispatch on a union", (3, 11), node, CALL)
