"""What one source uses of the standard library: names, keywords, base classes, patches."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Uses", "read_source"]

_STDLIB = sys.stdlib_module_names | {"asynchat", "asyncore", "distutils", "imp", "smtpd", "binhex"}
_CONFIG = {"sysconfig.get_config_var", "distutils.sysconfig.get_config_var"}


@dataclass(slots=True)
class Uses:
    """What was found, over one source or many."""

    names: Counter[str] = field(default_factory=Counter)
    keywords: dict[str, set[str]] = field(default_factory=dict)
    subclasses: dict[str, set[str]] = field(default_factory=dict)
    patches: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    config: set[str] = field(default_factory=set)


def read_source(text: bytes, uses: Uses) -> None:
    """Add what a source uses.

    Raises:
        SyntaxError: it is no Python of this series.
        ValueError: it holds null bytes.
        RecursionError: it is nested too deeply.
    """
    tree = ast.parse(text)
    reader = _Reader(uses)
    for node in ast.walk(tree):
        reader.bind(node)
    reader.visit(tree)


class _Reader(ast.NodeVisitor):
    """Resolves names by the imports of the whole source, wherever they stand."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses
        self.bound: dict[str, str] = {}
        # Names that hold an instance: `parser = ArgumentParser()`.
        self.typed: dict[str, str] = {}

    def bind(self, node: ast.AST) -> None:
        """Remember what a name stands for."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                if top in _STDLIB:
                    self.uses.names[alias.name] += 1
                    self.bound[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            if node.module.partition(".")[0] in _STDLIB:
                for alias in node.names:
                    dotted = f"{node.module}.{alias.name}".removesuffix(".*")
                    self.uses.names[dotted] += 1
                    if alias.name != "*":
                        self.bound[alias.asname or alias.name] = dotted
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            self._bind_instance(node.targets, node.value)
        elif isinstance(node, ast.With):
            for item in node.items:
                if item.optional_vars is not None and isinstance(item.context_expr, ast.Call):
                    self._bind_instance([item.optional_vars], item.context_expr)

    def _bind_instance(self, targets: list[ast.expr], call: ast.Call) -> None:
        made = self.dotted(call.func)
        if made is not None:
            for target in targets:
                if isinstance(target, ast.Name):
                    self.typed.setdefault(target.id, made)

    def dotted(self, node: ast.expr) -> str | None:
        """Return the standard library's name that an expression stands for."""
        if isinstance(node, ast.Name):
            return self.bound.get(node.id) or self.typed.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return f"{owner}.{node.attr}" if owner else None
        return None

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Count the longest dotted name; an attribute of an unknown object by itself."""
        name = self.dotted(node)
        if name is None:
            self.uses.attributes.add(node.attr)
            self.generic_visit(node)
        else:
            if isinstance(node.ctx, ast.Store | ast.Del):
                self.uses.patches.add(name)
            # What is assigned to need not be there; it only has no effect any more.
            if not isinstance(node.ctx, ast.Store):
                self.uses.names[name] += 1

    def visit_Name(self, node: ast.Name) -> None:
        """Count a name that was imported."""
        name = self.bound.get(node.id)
        if name is not None:
            self.uses.names[name] += 1

    def visit_Call(self, node: ast.Call) -> None:
        """Remember keyword arguments, `setattr` and configuration variables."""
        name = self.dotted(node.func)
        if name is not None:
            words = {word.arg for word in node.keywords if word.arg}
            if words:
                self.uses.keywords.setdefault(name, set()).update(words)
            if name in _CONFIG and node.args and isinstance(node.args[0], ast.Constant):
                self.uses.config.add(str(node.args[0].value))
        elif isinstance(node.func, ast.Name) and node.func.id in {"setattr", "delattr", "getattr"}:
            self._by_text(node)
        self.generic_visit(node)

    def _by_text(self, node: ast.Call) -> None:
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            owner, attribute = self.dotted(node.args[0]), str(node.args[1].value)
            if owner is None:
                self.uses.attributes.add(attribute)
                return
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            if called != "getattr":
                self.uses.patches.add(f"{owner}.{attribute}")
            # With a default, the program has a way without it.
            if called == "delattr" or (called == "getattr" and len(node.args) == 2):
                self.uses.names[f"{owner}.{attribute}"] += 1

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Remember base classes and the methods that are defined."""
        defined = {
            item.name
            for item in node.body
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for base in node.bases:
            name = self.dotted(base.value if isinstance(base, ast.Subscript) else base)
            if name is not None:
                self.uses.subclasses.setdefault(name, set()).update(defined)
        self.generic_visit(node)
