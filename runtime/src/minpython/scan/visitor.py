"""Walk a syntax tree and say where it uses what was removed.

The visiting methods are named for the node classes of `ast`.
"""
# ruff: noqa: N802, N815

from __future__ import annotations

import ast
from bisect import bisect_left
from typing import Callable

from minpython.scan import calls, guards
from minpython.scan.finding import GUARDED, HIGH, LOW, Fact
from minpython.scan.names import CALLED, Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.scan.knowledge import Knowledge

Report = Callable[[ast.AST, Fact, str], None]
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Visitor:
    """A walk through one file; only statements on telling lines are entered."""

    def __init__(
        self, known: Knowledge, lines: list[int], target: tuple[int, ...], report: Report
    ) -> None:
        self.known = known
        self.names = Names()
        self._lines = lines
        self._target = target
        self._report = report
        self._guarded = 0
        self._coroutine = [False]

    def report(self, node: ast.AST, fact: Fact | None, confidence: str = HIGH) -> None:
        """Report a use of `fact`, unless there is none."""
        if fact is not None:
            self._report(node, fact, GUARDED if self._guarded else confidence)

    @property
    def in_coroutine(self) -> bool:
        """Whether the place reached is inside an ``async def``."""
        return self._coroutine[-1]

    def statements(self, body: list[ast.stmt]) -> None:
        """Visit those statements that hold a telling line."""
        lines = self._lines
        for node in body:
            place = bisect_left(lines, first_line(node))
            if place < len(lines) and lines[place] <= (node.end_lineno or node.lineno):
                self.visit(node)

    def visit(self, node: ast.AST) -> None:
        """Visit one node and what it holds."""
        method = getattr(self, "visit_" + type(node).__name__, None)
        if method is not None:
            method(node)
        else:
            self.inside(node)

    def inside(self, node: ast.AST) -> None:
        """Visit what a node holds."""
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    self.statements(value)
                    continue
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, ast.AST):
                self.visit(value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Pass by."""

    def visit_Name(self, node: ast.Name) -> None:
        """Pass by: a name was looked at where it was imported."""

    def visit_Import(self, node: ast.Import) -> None:
        """Look at the modules imported."""
        for alias in node.names:
            self.names.imported(alias)
            self.report(alias if hasattr(alias, "lineno") else node, self.module(alias.name))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Look at the module and at what is taken from it."""
        if node.level or not node.module:
            return
        fact = self.module(node.module)
        self.report(node, fact)
        for alias in node.names:
            self.names.imported_from(node.module, alias)
            if fact is None:
                dotted = f"{node.module}.{alias.name}"
                found = self.known.modules.get(dotted) or self.known.attributes.get(dotted)
                self.report(alias if hasattr(alias, "lineno") else node, found)

    def module(self, dotted: str) -> Fact | None:
        """Return the fact of a module or of one above it."""
        while dotted:
            fact = self.known.modules.get(dotted) or self.known.attributes.get(dotted)
            if fact:
                return fact
            dotted = dotted.rpartition(".")[0]
        return None

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Look up a dotted name, or the attribute of an object that is not known."""
        dotted = self.names.resolve(node)
        if dotted is None:
            self.report(node, self.known.loose.get(node.attr), LOW)
        else:
            found = self.dotted(dotted)
            if found is None and self.is_of_unknown_class(dotted):
                self.report(node, self.known.loose.get(node.attr), LOW)
            else:
                self.report(node, found)
        if not isinstance(node.value, ast.Name):
            self.visit(node.value)

    def is_of_unknown_class(self, dotted: str) -> bool:
        """Return whether a name is an attribute of what a function returned, nothing tells what."""
        made, called, _ = dotted.rpartition(CALLED + ".")
        return bool(called) and made.rpartition(".")[2][:1].islower()

    def dotted(self, name: str) -> Fact | None:
        """Return the fact of an attribute or a method by its dotted name."""
        plain = name.replace(CALLED, "")
        return self.known.attributes.get(plain) or self.known.methods.get(plain)

    def visit_Call(self, node: ast.Call) -> None:
        """Look at the arguments of a call."""
        calls.look(self, node, self.names.resolve(node.func))
        self.inside(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Follow an object to the name it is given."""
        self.inside(node)
        for target in node.targets:
            self.names.assigned(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Follow an object to the name it is given."""
        self.inside(node)
        if node.value is not None:
            self.names.assigned(node.target, node.value)

    def visit_withitem(self, node: ast.withitem) -> None:
        """Follow an object to the name it is given."""
        self.inside(node)
        if node.optional_vars is not None:
            self.names.assigned(node.optional_vars, node.context_expr)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        self.names.enter(node)
        self._coroutine.append(isinstance(node, ast.AsyncFunctionDef))
        self.inside(node)
        self._coroutine.pop()
        self.names.leave()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Look at the methods that a class defines for a base that no longer calls them."""
        bases = tuple(filter(None, (self.names.resolve(base) for base in node.bases)))
        self.names.enter_class(bases)
        for part in node.body:
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for base in bases:
                    if part.name.startswith("visit_"):
                        self.report(part, self.known.methods.get(f"{base}.{part.name}"))
        self.inside(node)
        self.names.leave_class()

    def visit_Try(self, node: ast.Try) -> None:
        """Look into a ``try`` statement, knowing whether it is prepared for what is missing."""
        prepared = guards.is_prepared(node)
        self._guarded += prepared
        self.statements(node.body)
        for handler in node.handlers:
            self.statements(handler.body)
        self._guarded -= prepared
        self.statements(node.orelse)
        self.statements(node.finalbody)

    visit_TryStar = visit_Try

    def visit_If(self, node: ast.If) -> None:
        """Look only into what runs on the target."""
        outcome = guards.outcome(node.test, self._target)
        asks = guards.asks_whether_there(node.test)
        self.visit(node.test)
        self._guarded += asks
        if outcome is not False:
            self.statements(node.body)
        if outcome is not True:
            self.statements(node.orelse)
        self._guarded -= asks

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Look only at what runs on the target."""
        outcome = guards.outcome(node.test, self._target)
        asks = guards.asks_whether_there(node.test)
        self._guarded += asks
        self.visit(node.test)
        if outcome is not False:
            self.visit(node.body)
        if outcome is not True:
            self.visit(node.orelse)
        self._guarded -= asks

    def _comprehension(self, node: ast.expr) -> None:
        fact = self.known.other.get("syntax yield inside comprehensions and generator expressions")
        if fact and any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_parts(node)):
            self.report(node, fact)
        self.inside(node)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_Compare(self, node: ast.Compare) -> None:
        """Look at comparisons of identity with a literal."""
        fact = self.known.other.get('syntax "is" with a literal')
        for op, right in zip(node.ops, node.comparators):
            if isinstance(op, (ast.Is, ast.IsNot)) and isinstance(right, ast.Constant):
                singleton = right.value is None or isinstance(right.value, (bool, type(...)))
                self.report(right, None if singleton else fact)
        self.inside(node)


def first_line(node: ast.stmt) -> int:
    """Return the line on which a statement starts, its decorators included."""
    decorators = getattr(node, "decorator_list", None)
    return min(node.lineno, decorators[0].lineno) if decorators else node.lineno


def own_parts(node: ast.expr) -> list[ast.AST]:
    """Return what runs in a comprehension's own scope: all but its first iterable."""
    generators = node.generators  # type: ignore[attr-defined]
    outside = set(map(id, ast.walk(generators[0].iter)))
    return [part for part in ast.walk(node) if id(part) not in outside]
