"""What the names of one file are bound to: its imports, and whatever else binds a name."""

from __future__ import annotations

import ast
from typing import NamedTuple

from minpython.scan.concrete import Concrete, NotFixableError


class Imported(NamedTuple):
    """One name of an ``import`` statement: what it is called here, and what it is."""

    local: str
    dotted: str
    alias: ast.alias
    statement: ast.Import | ast.ImportFrom


class Bindings:
    """The imports of a file, its other bindings, and where names are used."""

    def __init__(self, tree: ast.Module) -> None:
        self.imports: list[Imported] = []
        self.bound: set[str] = set()
        self.used: set[str] = set()
        self.parents: dict[ast.AST, ast.AST] = {}
        self.top: set[ast.AST] = set(tree.body)
        self.tree = tree
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                local, dotted = (alias.asname, alias.name) if alias.asname else (first, first)
                self.imports.append(Imported(local or first, dotted, alias, node))
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                dotted = f"{'.' * node.level}{node.module or ''}.{alias.name}"
                self.imports.append(Imported(alias.asname or alias.name, dotted, alias, node))
        elif isinstance(node, ast.Name):
            (self.used if isinstance(node.ctx, ast.Load) else self.bound).add(node.id)
        elif isinstance(node, ast.arg):
            self.bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.bound.add(node.name)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            self.bound.update(node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self.bound.add(node.name)
        elif type(node).__name__ in ("MatchAs", "MatchStar") and getattr(node, "name", None):
            self.bound.add(node.name)  # type: ignore[attr-defined]

    def of(self, local: str) -> list[Imported]:
        """Return the imports that bind a name, which nothing else may bind.

        Raises:
            NotFixableError: no import binds it, or something else does too.
        """
        found = [each for each in self.imports if each.local == local]
        if not found or local in self.bound:
            raise NotFixableError(f"{local} is not only what an import makes it")
        return found

    def dotted(self, node: ast.AST) -> tuple[str, list[Imported]]:
        """Return what a dotted name is, and the imports that bind its first name.

        Raises:
            NotFixableError: it is no dotted name of one imported thing.
        """
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            raise NotFixableError("it belongs to no imported module")
        imports = self.of(node.id)
        if len({each.dotted for each in imports}) != 1:
            raise NotFixableError(f"{node.id} is imported from several modules")
        return ".".join([imports[0].dotted, *reversed(parts)]), imports

    def free_for(self, module: str) -> bool:
        """Return whether ``import module`` would take no name that is something else here."""
        first = module.partition(".")[0]
        return first not in self.bound and all(
            each.dotted == first for each in self.imports if each.local == first
        )

    def imported(self, module: str) -> bool:
        """Return whether the top of the file imports a module under its own name."""
        return any(
            isinstance(each.statement, ast.Import)
            and not each.alias.asname
            and (each.alias.name + ".").startswith(module + ".")
            and each.statement in self.top
            for each in self.imports
        )

    def uses(self, local: str) -> list[ast.Name]:
        """Return where a name is read."""
        return [
            node for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id == local
        ]

    def mentioned(self, name: str) -> bool:
        """Return whether a name is bound or read anywhere."""
        return (
            name in self.bound
            or name in self.used
            or any(each.local == name for each in self.imports)
        )


class Site(NamedTuple):
    """One use of something that is gone: the file, its names, the node and its place in the text.

    Where only the text tells, the node is an empty statement.
    """

    source: Concrete
    names: Bindings
    node: ast.AST
    place: int
