"""What names hold: versions and outcomes of conditions, classes of values, own classes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from elpython.project.bodies import handed_to, items_of, plain_body
from elpython.project.conditions import ALL, MINORS, Guard, Value, guard_from
from elpython.project.evaluator import evaluate
from elpython.project.guards import guard_of
from elpython.project.infer import Local, Names
from elpython.project.nodes import stored_attributes, walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elpython.project.rules import Rules

__all__ = ["Assignments"]


class Assignments(Names):
    """Remembers what a source assigns."""

    def __init__(self, rules: Rules, own: frozenset[str], known: Mapping[str, Value]) -> None:
        super().__init__(rules, own, known)
        self.depth = 0
        self.inside = ""

    def bind(self, name: str, path: str) -> None:
        """Bind a name to an import path."""
        self.imports[name] = path
        self.scope.types.pop(name, None)
        value = self.known.get(path)
        if value is not None and value.by_minor:
            self.values[name] = value

    def remember(self, target: ast.expr, value: ast.expr) -> None:
        """Remember what a target holds."""
        if isinstance(target, ast.Tuple):
            self._unpacked(target, value)
            return
        name = (
            ast.unparse(target) if isinstance(target, ast.Attribute) else getattr(target, "id", "")
        )
        if not name:
            return
        if isinstance(target, ast.Name):
            self._bound(name, value)
        else:
            self.scope.types[name] = self.class_of(value)
        held = evaluate(value, self)
        self._inside(name, value)
        guard = (
            guard_of(value, self)
            if isinstance(value, ast.Compare | ast.Call | ast.BoolOp | ast.UnaryOp)
            else Guard()
        )
        for each in [name, *(f"{owner}.{name}" for owner in self._owners())]:
            self._hold(each, held)
            if guard.names or guard.absent:
                self.flags[each] = guard
            else:
                self.flags.pop(each, None)

    def _inside(self, name: str, value: ast.expr) -> None:
        """Remember what a lambda returns, and what the items of a display hold."""
        self.bodies.pop(name, None)
        self.keys.pop(name, None)
        if isinstance(value, ast.Lambda):
            self._keep_body(name, value.args, value.body)
        items = list(items_of(value))
        for written, _, item in items:
            self._hold(f"{name}{written}", evaluate(item, self))
        if items and self.scope.runs == ALL:
            self.keys[name] = tuple(key for _, key, _ in items)

    def _keep_body(self, name: str, arguments: ast.arguments, body: ast.expr) -> None:
        if self.scope.runs == ALL:
            self.bodies[name] = (arguments, body)
            held = evaluate(ast.Call(ast.Name(name, ast.Load()), [], []), self)
            if held is not None and guard_from(held) is not None:
                self.values[f"{name}()"] = held

    def _owners(self) -> tuple[str, ...]:
        return (self.inside, "self", "cls") if self.inside and self.depth == 0 else ()

    def _bound(self, name: str, value: ast.expr) -> None:
        path = self.resolve(value) if isinstance(value, ast.Name | ast.Attribute) else ""
        kind = self.class_of(value)
        if path and not kind and self.depth == 0:
            self.imports[name] = path
            self.scope.types.pop(name, None)
            return
        if self.depth == 0 and self.scope.runs == ALL:
            self.imports.pop(name, None)
        self.scope.types[name] = kind

    def _unpacked(self, target: ast.Tuple, value: ast.expr) -> None:
        for index, item in enumerate(target.elts):
            part = (
                value.elts[index]
                if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
                else ast.Subscript(value, ast.Constant(index), ast.Load())
            )
            if isinstance(item, ast.Name):
                self.remember(item, part)

    def _hold(self, name: str, held: Value | None) -> None:
        """Keep a value for the series on which the assignment is reached."""
        runs = self.scope.runs
        old = self.values.get(name)
        if runs == ALL:
            if held is not None:
                self.values[name] = held
            elif old is not None:
                del self.values[name]
            return
        by_minor = dict(old.by_minor) if old else {}
        for minor in MINORS:
            if runs >> minor & 1:
                by_minor.pop(minor, None)
                if held is not None and minor in held.by_minor:
                    by_minor[minor] = held.by_minor[minor]
        self.values[name] = Value(by_minor)

    def remember_tried(self, node: ast.Try) -> None:
        """Remember `HAVE = True` beside an import that may fail."""
        paths: set[str] = set()
        for statement in node.body:
            if isinstance(statement, ast.Import):
                paths |= {item.name for item in statement.names}
            elif isinstance(statement, ast.ImportFrom) and not statement.level:
                paths |= {f"{statement.module}.{item.name}" for item in statement.names}
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Attribute):
                paths.add(self.resolve(statement.value))
        if not paths:
            return
        for statement in [*node.body, *node.orelse]:
            if isinstance(statement, ast.Assign) and _is_true(statement.value):
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        self.flags[target.id] = Guard(names=frozenset(paths))
                        self.values.pop(target.id, None)

    def remember_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Remember what a function returns: a class, or the outcome of a condition."""
        if self.depth or self.inside:
            return
        self._remember_wrapped(node)
        kind = self.annotated(node.returns)
        body = plain_body(node)
        kind = kind or self._plain_kind(node, body)
        if kind and not isinstance(node, ast.AsyncFunctionDef):
            self.results[node.name] = kind
        if self.scope.runs != ALL:
            plain = body is not None and not ast.unparse(node.args)
            self._hold(f"{node.name}()", evaluate(body, self) if body and plain else None)
            return
        known = self.bodies.pop(node.name, None) is not None or f"{node.name}()" in self.values
        self.values.pop(f"{node.name}()", None)
        if body is not None and not known:
            self._keep_body(node.name, node.args, body)

    def _plain_kind(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, body: ast.expr | None
    ) -> str:
        """Return the class of what a function returns whose body is one expression, `Path(x)`."""
        if node.returns is not None or not isinstance(
            body, ast.Call | ast.Constant | ast.JoinedStr
        ):
            return ""
        own = {item.arg for item in walk(node.args) if isinstance(item, ast.arg)}
        head = body.func if isinstance(body, ast.Call) else body
        used = {part.id for part in walk(head) if isinstance(part, ast.Name)}
        return "" if used & own else self.class_of(body)

    def with_defaults(self, node: ast.arguments, every: Sequence[ast.arg]) -> dict[str, Value]:
        """Return what names hold in a function: a parameter hides others, a condition as default.

        Who passes something else decides for himself.
        """
        own = {argument.arg for argument in every}
        values = {name: value for name, value in self.values.items() if name not in own}
        placed = [*node.posonlyargs, *node.args]
        last = placed[len(placed) - len(node.defaults) :]
        pairs = [*zip(last, node.defaults, strict=True)]
        pairs += [
            (argument, default)
            for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)
            if default is not None
        ]
        for argument, default in pairs:
            held = evaluate(default, self)
            if held is not None and not held.plain:
                values[argument.arg] = held
        return values

    def _remember_wrapped(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Remember what a function hands its keywords on to, and what its decorators make of it."""
        self.handed.pop(node.name, None)
        if node.args.kwarg and self.scope.runs == ALL and not node.decorator_list:
            path = self.resolve(handed_to(node))
            words = (*node.args.args, *node.args.kwonlyargs)
            if path:
                self.handed[node.name] = (path, frozenset(item.arg for item in words))
        decorators = {
            self.resolve(item.func if isinstance(item, ast.Call) else item)
            for item in node.decorator_list
        }
        self.dispatchers.discard(node.name)
        if "functools.singledispatch" in decorators:
            self.dispatchers.add(node.name)
        if decorators & {"functools.lru_cache", "functools.cache"}:
            self.scope.types[node.name] = "functools._lru_cache_wrapper"

    def remember_class(self, node: ast.ClassDef, bases: Sequence[str]) -> None:
        """Remember a class with its members."""
        own = [
            self.classes[base.id]
            for base in node.bases
            if isinstance(base, ast.Name) and base.id in self.classes
        ]
        members = {getattr(item, "name", "") for item in node.body}
        members |= {
            target.id
            for item in node.body
            if isinstance(item, ast.Assign | ast.AnnAssign)
            for target in (item.targets if isinstance(item, ast.Assign) else [item.target])
            if isinstance(target, ast.Name)
        }
        base = next(
            (base for base in bases if base and base not in {"typing.Generic", "object"}), ""
        )
        if own:
            members |= set().union(*(item.members for item in own))
            base = base or own[0].base
        enum = any("enum.Enum" in self.rules.lineage(item) for item in bases)
        enum = enum or any(item.enum for item in own)
        results, properties = self._methods(node)
        for item in own:
            results = {**item.results, **results}
            properties = {**item.properties, **properties}
        self.classes[node.name] = Local(
            base, frozenset(members), enum=enum, results=results, properties=properties
        )
        self.scope.types.pop(node.name, None)

    def _methods(self, node: ast.ClassDef) -> tuple[dict[str, str], dict[str, str]]:
        """Return the annotated classes of what methods return, and of properties."""
        results: dict[str, str] = {}
        properties: dict[str, str] = {}
        for item in node.body:
            if not isinstance(item, ast.FunctionDef):
                continue
            names = {
                getattr(each, "attr", getattr(each, "id", "?")) for each in item.decorator_list
            }
            kind = self.annotated(item.returns)
            if not names - {"staticmethod", "classmethod", "abstractmethod", "override"}:
                results[item.name] = kind
            elif names <= {"property", "cached_property", "abstractmethod"}:
                properties[item.name] = kind
        return results, properties

    def instance_types(self, node: ast.ClassDef) -> dict[str, str]:
        """Return the classes of what `__init__` sets, and of annotated attributes: `self.path`."""
        found: dict[str, str] = {}
        stored = set(stored_attributes(node))
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                found[f"self.{item.target.id}"] = self.annotated(item.annotation)
            if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                name = item.targets[0].id
                if name not in stored:
                    found[f"self.{name}"] = self.class_of(item.value)
            if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                found |= self._set_in(item)
        return {name: kind for name, kind in found.items() if kind}

    def _set_in(self, function: ast.FunctionDef) -> dict[str, str]:
        found: dict[str, str] = {}
        arguments = {item.arg: self.annotated(item.annotation) for item in function.args.args}
        for statement in function.body:
            if isinstance(statement, ast.Assign):
                target, value = statement.targets[0], statement.value
                kind = (
                    arguments.get(value.id, "")
                    if isinstance(value, ast.Name)
                    else self.class_of(value)
                )
            elif isinstance(statement, ast.AnnAssign):
                target, kind = statement.target, self.annotated(statement.annotation)
            else:
                continue
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                found[f"self.{target.attr}"] = kind
        return found


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
