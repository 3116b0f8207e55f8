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
    reader = _Reader(uses)
    met: list[ast.AST] = [ast.parse(text)]
    # Level by level, as `ast.walk` goes; this is where the time of a large environment is spent.
    for node in met:
        kind = type(node)
        fields = _FIELDS.get(kind)
        if fields is None:
            fields = _FIELDS[kind] = tuple(n for n in node._fields if n not in _NO_NODES)
        if kind in _BINDING:
            reader.bind(node)
        elif kind in _USING:
            reader.used.append(node)
        for name in fields:
            value = getattr(node, name, None)
            if type(value) is list:
                met += value
            elif value is not None:
                met.append(value)
    reader.read()


# Fields that hold texts, operators or contexts, never what uses a name.
_NO_NODES = {
    "ctx", "op", "ops", "id", "attr", "name", "names", "arg", "asname", "module", "level",
    "lineno", "type_comment", "kind", "is_async", "simple", "conversion", "type_ignores",
    "kwd_attrs", "rest",
}  # fmt: skip
_BINDING = {ast.Import, ast.ImportFrom, ast.Assign, ast.With}
_USING = {ast.Attribute, ast.Name, ast.Call, ast.ClassDef}
# What is a leaf here: a constant's value may be a number, and `global` has names only.
_FIELDS: dict[type, tuple[str, ...]] = {
    ast.Constant: (), ast.Name: (), ast.Global: (), ast.Nonlocal: (), ast.MatchSingleton: (),
    str: (), type(None): (),
}  # fmt: skip


class _Reader:
    """Resolves names by the imports of the whole source, wherever they stand."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses
        self.bound: dict[str, str] = {}
        # Names that hold an instance: `parser = ArgumentParser()`.
        self.typed: dict[str, str] = {}
        # What uses names, outer ones before what they hold; parts of dotted names that are known.
        self.used: list[ast.AST] = []
        self.known: set[ast.AST] = set()

    def read(self) -> None:
        """Count what was met, once all that the source binds is known."""
        for node in self.used:
            if isinstance(node, ast.Name):
                if node not in self.known:
                    self.name(node)
            elif isinstance(node, ast.Attribute):
                if node not in self.known:
                    self.attribute(node)
            elif isinstance(node, ast.Call):
                self.call(node)
            elif isinstance(node, ast.ClassDef):
                self.class_statement(node)

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

    def attribute(self, node: ast.Attribute) -> None:
        """Count the longest dotted name; an attribute of an unknown object by itself."""
        name = self.dotted(node)
        if name is None:
            self.uses.attributes.add(node.attr)
        else:
            part = node.value
            while isinstance(part, ast.Attribute | ast.Name):
                self.known.add(part)
                if isinstance(part, ast.Name):
                    break
                part = part.value
            if isinstance(node.ctx, ast.Store | ast.Del):
                self.uses.patches.add(name)
            # What is assigned to need not be there; it only has no effect any more.
            if not isinstance(node.ctx, ast.Store):
                self.uses.names[name] += 1

    def name(self, node: ast.Name) -> None:
        """Count a name that was imported."""
        name = self.bound.get(node.id)
        if name is not None:
            self.uses.names[name] += 1

    def call(self, node: ast.Call) -> None:
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

    def class_statement(self, node: ast.ClassDef) -> None:
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
