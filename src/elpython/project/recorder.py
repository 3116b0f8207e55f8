"""What is recorded of a source while it is walked: uses, under what holds at their place."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.project.assigned import Assignments
from elpython.project.conditions import ALL, below, first_after
from elpython.project.guards import NOTHING
from elpython.project.older_syntax import CHECKS
from elpython.project.rules import Use

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elpython.project.conditions import Value
    from elpython.project.rules import Rules, Series

__all__ = ["Around", "Imported", "Recorder"]


@dataclass(frozen=True, order=True, slots=True)
class Imported:
    """An import of another module of the project.

    Attributes:
        module: its import path; begins with a dot for each level of a relative one.
        runs: series on which the import is reached, one bit a minor number.
    """

    module: str
    runs: int


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a source's surroundings.

    Attributes:
        rules: what is looked for.
        known: what names of the project's other modules hold.
        package: the package that it belongs to; empty for none.
        refuses: whether an error at its top is an error of the whole project.
    """

    rules: Rules
    known: Mapping[str, Value]
    package: str = ""
    refuses: bool = True


class Recorder(Assignments):
    """Walks one source and records what it uses."""

    def __init__(self, around: Around, own: frozenset[str], lines: Sequence[bytes]) -> None:
        super().__init__(around.rules, own, around.known)
        self.package = around.package
        self.refuses = around.refuses
        self.lines = lines
        self.uses: set[Use] = set()
        self.elsewhere: set[Use] = set()
        self.optional: set[str] = set()
        self.imported: set[Imported] = set()
        self.stand_ins: set[tuple[str, Series]] = set()
        self.postponed = False
        self.methods: dict[type, Callable[[Any], None]] = {}

    # what is recorded

    def use(self, name: str, since: Series, node: ast.AST, kind: str) -> None:
        """Record a use, unless the source can do without."""
        scope = self.scope
        missing = ALL if since == NOTHING else below(since[1])
        failing = scope.runs & missing
        line = getattr(node, "lineno", 1)
        if not failing:
            if scope.platform:
                self.elsewhere.add(Use(name, since, line))
            return
        if kind in scope.survives or self._found(name):
            return
        self.uses.add(Use(name, since if since == NOTHING else first_after(failing), line))

    def _found(self, name: str) -> bool:
        """Return whether a condition has found a name, or a `try` has imported it."""
        paths = self.scope.there | self.optional
        if not paths:
            return False
        path = name.partition("(")[0]
        while path:
            if path in paths:
                return True
            path = path.rpartition(".")[0]
        return name in paths

    def name_used(self, path: str, node: ast.AST, kind: str) -> None:
        """Record the use of a name of the standard library."""
        since = self.rules.names.get(path)
        if since is not None:
            self.use(path, since, node, kind)

    # walking

    def visit(self, node: ast.AST) -> None:
        """Read a node by its own method, else what is below it."""
        kind = type(node)
        check = CHECKS.get(kind)
        if check is not None:
            for name, minor in check(node, self.lines):
                self.uses.add(Use(name, (3, minor), getattr(node, "lineno", 1)))
        if kind not in self.methods:
            self.methods[kind] = getattr(self, f"on_{kind.__name__.lower()}", self.below)
        self.methods[kind](node)

    def below(self, node: ast.AST) -> None:
        """Read what is below a node."""
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                self.visit(value)
            elif isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
