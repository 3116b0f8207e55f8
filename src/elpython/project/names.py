"""What a source uses of the standard library and of syntax, and where it can do without.

Conditions are judged in `guards`, what expressions are in `infer`; `rules` are looked for.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from elpython.project.bodies import set_once
from elpython.project.conditions import ALL, Guard, first_after
from elpython.project.evaluator import evaluate
from elpython.project.expressions import Expressions
from elpython.project.fallbacks import stand_ins
from elpython.project.guards import (
    ATTRIBUTE,
    CALL,
    IMPORT,
    MODULE,
    always_leaves,
    caught,
    fails,
    guard_of,
)
from elpython.project.infer import Scope, item_of, value_of_item
from elpython.project.nodes import walk
from elpython.project.older_syntax import CHECKS
from elpython.project.recorder import Imported
from elpython.project.rules import Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.project.recorder import Around

__all__ = ["Reader", "read"]

REFUSED = "the source refuses earlier CPythons"


class Reader(Expressions):
    """Reads statements; the scope follows conditions, functions and `try`."""

    def block(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Read a block in a scope; what follows an early end of it knows the opposite."""
        outer, self.scope = self.scope, scope
        for statement in body:
            self.visit(statement)
            if isinstance(statement, ast.If) and always_leaves(statement.body):
                guard = guard_of(statement.test, self)
                self._refused(guard, statement) if fails(statement.body) else None
                self.scope = self.scope.under(guard.inverted())
            elif isinstance(statement, ast.Assert):
                guard = guard_of(statement.test, self)
                self._refused(guard.inverted(), statement)
                self.scope = self.scope.under(guard)
                self.scope.types |= self._tested(statement.test)
        self.scope = outer

    def _tested(self, test: ast.expr) -> dict[str, str]:
        """Return the classes of variables that `isinstance` has found."""
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            found = [self._tested(value) for value in test.values]
            return {name: kind for item in found for name, kind in item.items()}
        if not isinstance(test, ast.Call) or self.resolve(test.func) != "isinstance":
            return {}
        if len(test.args) != 2 or not isinstance(test.args[0], ast.Name):
            return {}
        kind = self.annotated(test.args[1]) if isinstance(test.args[1], ast.Name) else ""
        return {test.args[0].id: kind} if kind else {}

    def _refused(self, guard: Guard, node: ast.stmt) -> None:
        """Record that the source ends in an error on some series, as soon as it is imported."""
        failing = self.scope.runs & guard.true & ~guard.false
        if self.depth == 0 and failing and failing != ALL and self.refuses:
            self.uses.add(Use(REFUSED, first_after(failing), node.lineno))

    def on_module(self, node: ast.Module) -> None:
        """Read the source."""
        self.block(node.body, self.scope)

    def on_import(self, node: ast.Import) -> None:
        """Record the modules, with every package around them."""
        for item in node.names:
            self.imported.add(Imported(item.name, self._reached()))
            parts = item.name.split(".")
            for end in range(1, len(parts) + 1):
                self._import(".".join(parts[:end]), node, MODULE)
            self.bind(item.asname or parts[0], item.name if item.asname else parts[0])

    def on_importfrom(self, node: ast.ImportFrom) -> None:
        """Record the module and each name that is taken from it."""
        module = self._absolute(node)
        self.imported.add(Imported(module, self._reached()))
        for item in node.names:
            path = f"{module}{'' if module.endswith('.') else '.'}{item.name}"
            self.imported.add(Imported(path, self._reached()))
            if not node.level and item.name != "*":
                self._import(path, node, self._missing_as(module, path))
            if item.name == "*":
                self.stars.append(module)
                self._bind_all(module)
            else:
                self.bind(item.asname or item.name, path)
            self.postponed |= path == "__future__.annotations"
        if not node.level:
            self._import(module, node, MODULE)

    def _missing_as(self, module: str, path: str) -> str:
        """Return how a name that is not there tells: its module may be the one that is missing."""
        names = self.rules.names
        since = names.get(path)
        parts = module.split(".")
        above = [names.get(".".join(parts[:end])) for end in range(1, len(parts) + 1)]
        later = [item for item in above if item is not None and since is not None]
        return MODULE if any(since <= item for item in later if since is not None) else IMPORT

    def _bind_all(self, module: str) -> None:
        """Bind what is known of a module of the project: `from ._compat import *`."""
        for path in self.known:
            head, _, name = path.rpartition(".")
            if head == module and not name.startswith("_"):
                self.bind(name, path)

    def _absolute(self, node: ast.ImportFrom) -> str:
        """Return the module of an import; with its dots where the package is not known."""
        above = self.package.split(".") if self.package else []
        if not node.level or len(above) < node.level:
            return "." * node.level + (node.module or "")
        return ".".join([*above[: len(above) - node.level + 1], *filter(None, [node.module])])

    def _reached(self) -> int:
        return self.scope.runs

    def _import(self, path: str, node: ast.AST, kind: str) -> None:
        self.name_used(path, node, kind)
        if kind in self.scope.survives and path in self.rules.names:
            self.optional.add(path)

    def on_if(self, node: ast.If) -> None:
        """Read both branches, each with what the condition promises."""
        self.visit(node.test)
        guard = guard_of(node.test, self)
        if guard.true != ALL and guard.true:
            self.stand_ins |= stand_ins(node.body, node.orelse, self.rules.names)
        if guard.false != ALL and guard.false:
            self.stand_ins |= stand_ins(node.orelse, node.body, self.rules.names)
        tested = self._tested(node.test)
        types = self.scope.types
        before = {name: types[name] for name in tested if name in types}
        types |= tested
        self.block(node.body, self.scope.under(guard))
        for name, kind in tested.items():
            if types.get(name) == kind:
                types.pop(name)
                types |= {name: before[name]} if name in before else {}
        self.block(node.orelse, self.scope.under(guard.inverted()))

    def on_try(self, node: ast.Try) -> None:
        """Read what is tried with what the handlers survive."""
        scope = self.scope
        survives = scope.survives | caught(node.handlers, scope.survives)
        for handler in node.handlers if MODULE in survives else ():
            self.stand_ins |= stand_ins(node.body, handler.body, self.rules.names)
        self.block(node.body, replace(scope, survives=survives))
        for handler in node.handlers:
            if handler.type is not None:
                self.visit(handler.type)
            if handler.name:
                kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
                scope.types[handler.name] = self.resolve(kinds[0])
            self.block(handler.body, scope)
        self.block(node.orelse, scope)
        self.block(node.finalbody, scope)
        self.remember_tried(node)

    on_trystar = on_try

    def on_with(self, node: ast.With | ast.AsyncWith) -> None:
        """Read a `with` block; `contextlib.suppress` survives like a handler."""
        survives: set[str] = set()
        special = "__aenter__" if isinstance(node, ast.AsyncWith) else "__enter__"
        for item in node.items:
            self.visit(item)
            call = item.context_expr
            kind = self.class_of(call).partition("[")[0]
            self.name_used(self.member(kind, special) if kind else "", call, ATTRIBUTE)
            if isinstance(item.optional_vars, ast.Name):
                entered = "str" if kind == "tempfile.TemporaryDirectory" else kind
                self.scope.types[item.optional_vars.id] = entered
            if isinstance(call, ast.Call) and self.resolve(call.func) == "contextlib.suppress":
                handlers = [ast.ExceptHandler(type=kind, name=None, body=[]) for kind in call.args]
                survives |= caught(handlers)
        self.block(node.body, replace(self.scope, survives=self.scope.survives | survives))

    on_asyncwith = on_with

    def on_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Read a function: it is called later, so a `try` around it is over by then."""
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        every = [*arguments, *filter(None, [node.args.vararg, node.args.kwarg])]
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        for part in [*node.decorator_list, *defaults]:
            self.visit(part)
        self.decorated(node.decorator_list)
        self.registered(node, arguments)
        self._parameters(node.args)
        for note in [node.returns, *(argument.annotation for argument in every)]:
            self._annotation(note)
        self.remember_function(node)
        scope = self.scope
        for decorator in node.decorator_list:
            scope = scope.under(self._skipped(decorator))
        types = dict(scope.types)
        types |= {argument.arg: self.annotated(argument.annotation) for argument in arguments}
        types |= {node.args.vararg.arg: "tuple"} if node.args.vararg else {}
        types |= {node.args.kwarg.arg: "dict[str]"} if node.args.kwarg else {}
        if self.inside and arguments and arguments[0].annotation is None:
            types[arguments[0].arg] = f"@{self.inside}"
        outer = (self.values, self.inside, self.keys)
        self.values, self.inside = self.with_defaults(node.args, every), ""
        own = {argument.arg for argument in every}
        self.keys = {name: keys for name, keys in self.keys.items() if name not in own}
        self.depth += 1
        self.block(node.body, Scope(scope.runs, scope.platform, scope.there, frozenset(), types))
        self.depth -= 1
        self.values, self.inside, self.keys = outer

    on_asyncfunctiondef = on_functiondef

    def _parameters(self, node: ast.arguments) -> None:
        for name, minor in CHECKS[ast.arguments](node, self.lines):
            self.uses.add(
                Use(
                    name,
                    (3, minor),
                    min(each.lineno for each in walk(node) if isinstance(each, ast.arg)),
                )
            )

    def _annotation(self, node: ast.expr | None) -> None:
        """Read an annotation where it is evaluated (PEP 563 puts it off)."""
        if node is not None and not self.postponed:
            self.visit(node)

    def on_classdef(self, node: ast.ClassDef) -> None:
        """Read a class, and remember what it inherits from."""
        for part in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(part)
        bases = [
            self.resolve(base.value if isinstance(base, ast.Subscript) else base)
            for base in node.bases
        ]
        if "typing.Any" in bases:
            self.use("class based on typing.Any", (3, 11), node, CALL)
        if "typing.Generic" in bases and {"typing.NamedTuple", "typing.TypedDict"} & set(bases):
            self.use("generic NamedTuple or TypedDict", (3, 11), node, CALL)
        for keyword in node.keywords:
            since = self.rules.parameters.get((bases[0] if bases else "", keyword.arg or ""))
            if since is not None:
                self.use(f"{bases[0]}({keyword.arg}=)", since, node, CALL)
        self.remember_class(node, bases)
        scope = self.scope
        for decorator in node.decorator_list:
            scope = scope.under(self._skipped(decorator))
        outer, self.inside = self.inside, node.name
        types = {**scope.types, **self.instance_types(node)}
        held = {name: evaluate(value, self) for name, value in set_once(node)}
        self.values |= {name: value for name, value in held.items() if value is not None}
        self.block(node.body, replace(scope, types=types))
        for name in held:
            self.values.pop(name, None)
        self.inside = outer

    def _skipped(self, decorator: ast.expr) -> Guard:
        """Return when a test runs: `skipIf(sys.version_info < (3, 12))`."""
        if not isinstance(decorator, ast.Call) or not decorator.args:
            return Guard()
        name = getattr(decorator.func, "attr", getattr(decorator.func, "id", "")).lower()
        if name not in {"skipif", "skipunless"}:
            return Guard()
        guard = guard_of(decorator.args[0], self)
        return guard if name == "skipunless" else guard.inverted()

    def on_assign(self, node: ast.Assign) -> None:
        """Read an assignment, and remember what the names hold."""
        self.visit(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name | ast.Attribute | ast.Tuple):
                self.remember(target, node.value)
            if isinstance(target, ast.Subscript):
                self.values.pop(ast.unparse(target), None)
                self._keyed(target)
            if not isinstance(target, ast.Name):
                self.visit(target)

    def _keyed(self, target: ast.Subscript) -> None:
        """Remember `options["strict"] = True`, which a call may take as `**options`."""
        key = target.slice.value if isinstance(target.slice, ast.Constant) else None
        if isinstance(target.value, ast.Name) and isinstance(key, str) and self.scope.runs == ALL:
            name = target.value.id
            self.keys[name] = (*self.keys.get(name, ()), key)

    def on_annassign(self, node: ast.AnnAssign) -> None:
        """Read an annotated assignment; annotations of local variables are never evaluated."""
        if node.value is not None:
            self.visit(node.value)
            self.remember(node.target, node.value)
        if self.depth == 0 or not isinstance(node.target, ast.Name):
            self._annotation(node.annotation)
        kind = self.annotated(node.annotation)
        if isinstance(node.target, ast.Name):
            self.scope.types[node.target.id] = kind or self.scope.types.get(node.target.id, "")

    def on_for(self, node: ast.For | ast.AsyncFor | ast.comprehension) -> None:
        """Read a loop, and remember the class of its items."""
        self.visit(node.iter)
        self.special(node.iter, "__iter__")
        self.visit(node.target)
        for name, kind in self._looped(node.target, node.iter).items():
            self.scope.types[name] = kind
            self.values.pop(name, None)
        if isinstance(node, ast.comprehension):
            for test in node.ifs:
                self.visit(test)
                self.scope = self.scope.under(guard_of(test, self))
        else:
            self.block(node.body, self.scope)
            self.block(node.orelse, self.scope)

    def _looped(self, target: ast.expr, over: ast.expr) -> dict[str, str]:
        """Return the classes of what a loop binds; `enumerate` and `items` are looked through."""
        if isinstance(target, ast.Name):
            return {target.id: item_of(self.class_of(over))}
        if not isinstance(target, ast.Tuple):
            return {}
        kinds = dict.fromkeys((part.id for part in walk(target) if isinstance(part, ast.Name)), "")
        first, last = target.elts[0], target.elts[-1]
        if isinstance(over, ast.Call) and len(target.elts) == 2:
            if self.resolve(over.func) == "enumerate" and over.args and isinstance(last, ast.Name):
                kinds[last.id] = item_of(self.class_of(over.args[0]))
            elif isinstance(over.func, ast.Attribute) and over.func.attr == "items":
                owner = self.class_of(over.func.value)
                if owner.startswith("dict[") and isinstance(first, ast.Name):
                    kinds[first.id] = item_of(owner)
                if owner.startswith("dict[") and isinstance(last, ast.Name):
                    kinds[last.id] = value_of_item(owner)
        return kinds

    on_asyncfor = on_for
    on_comprehension = on_for

    def on_while(self, node: ast.While) -> None:
        """Read a loop under its condition."""
        self.visit(node.test)
        self.block(node.body, self.scope.under(guard_of(node.test, self)))
        self.block(node.orelse, self.scope)


def _defined(tree: ast.Module) -> frozenset[str]:
    """Return the names that a source defines anywhere: they hide built-in ones."""
    found: set[str] = set()
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found)


def read(tree: ast.Module, lines: Sequence[bytes], around: Around) -> Reader:
    """Read a source; the result has its uses, imports and stand-ins.

    Args:
        tree: its syntax tree.
        lines: its lines.
        around: what is known of its surroundings.
    """
    reader = Reader(around, _defined(tree), lines)
    reader.visit(tree)
    return reader
