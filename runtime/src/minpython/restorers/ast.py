"""What came and went in ``ast``."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def _get(self: Any) -> Any:
    """The constant's value, by an older name of ``value``."""
    return self.value


def _set(self: Any, value: Any) -> None:
    self.value = value


VALUE = property(_get, _set)


def ast_constant_classes(patch: Patch, module: ModuleType) -> None:
    """Made at the first read: few programs look at them."""

    def made(name: str) -> Any:
        from minpython.restorers.impl import ast as _ast

        return _ast.old_class(name)

    for name in ("Bytes", "Ellipsis", "NameConstant", "Num", "Str"):
        patch.lazy(module, name, lambda name=name: made(name))  # type: ignore[misc]


def ast_visit_constant(patch: Patch, module: ModuleType) -> None:
    """The fallback lives in ``visit_Constant`` of the base class."""

    def make(_original: Any) -> Any:
        def visit_constant(self: Any, node: Any) -> Any:
            from minpython.restorers.impl import ast as _ast

            visitor = getattr(self, "visit_" + _ast.old_name(node.value), None)
            return self.generic_visit(node) if visitor is None else visitor(node)

        return visit_constant

    if "visit_Constant" not in vars(module.NodeVisitor):
        patch.attribute(module.NodeVisitor, "visit_Constant", make(None))


def _trees(patch: Patch, about: str) -> Any:
    """Let the built-in ``compile`` give and take trees as they were; return what does it."""
    import ast

    from minpython import builtin_hooks
    from minpython.restorers.impl import trees

    def stop() -> None:
        trees.patches.pop(about, None)
        if not trees.patches:
            builtin_hooks.trees = None

    if about not in trees.patches:
        trees.patches[about] = patch
        if not patch.scope.everyone:
            _look_up(patch, trees, ast)
            return trees
        patch.undo(stop)
        builtin_hooks.trees = trees
        builtin_hooks.install("compile")  # type: ignore[no-untyped-call]
        if not getattr(ast.unparse, "__wrapped__", None):
            patch.replace(ast, "unparse", trees.unparse)
    return trees


def _look_up(patch: Patch, trees: Any, module: Any) -> None:
    """Let ``compile`` and ``ast`` of a single package give and take trees as they were."""
    import builtins

    from minpython import builtin_hooks

    def parsing(original: Any) -> Any:
        def parse(source: Any, filename: str = "<unknown>", *args: Any, **kwargs: Any) -> Any:
            frame = sys._getframe(1)
            try:
                tree = original(source, filename, *args, **kwargs)
            except SyntaxError:
                text = builtin_hooks._text(source, filename, frame)  # type: ignore[no-untyped-call]
                if text is None:
                    raise
                tree = original(text, filename, *args, **kwargs)
            trees.aged(tree, frame)
            return tree

        return parse

    builtin_hooks.trees = trees
    patch.replace(builtins, "compile", lambda _original: builtin_hooks.compile)
    patch.replace(module, "parse", parsing)
    patch.replace(module, "unparse", trees.unparse)


def _home(module: ModuleType) -> bool:
    """Return whether this is ``ast``; the import of ``_ast`` alone brings it, and it does the work.

    ``ast`` itself imports ``_ast`` first of all, and isn't ready then.
    """
    if module.__name__ == "_ast":
        if "ast" not in sys.modules:
            __import__("ast")
        return False
    return True


def ast_literal_nodes(patch: Patch, module: ModuleType) -> None:
    """Trees hold them, and the modules have their classes."""
    if not _home(module):
        return
    trees = _trees(patch, "literals")
    patch.replace(module.NodeVisitor, "visit", trees.visit)
    for place in (module, sys.modules["_ast"]):
        for name, made in trees.CLASSES.items():
            if patch.scope.everyone:
                patch.value(place, name, made)
            else:
                patch.lazy(place, name, lambda made=made: made)  # type: ignore[misc]


def ast_slice_nodes(patch: Patch, module: ModuleType) -> None:
    """Trees hold them, and the modules have their classes."""
    if _home(module):
        trees = _trees(patch, "slices")
        for name in ("AugLoad", "AugStore", "Param", "slice"):
            if patch.scope.everyone:
                patch.value(sys.modules["_ast"], name, getattr(module, name))
            else:
                patch.aliases(sys.modules["_ast"], module, name)
        for place in (module, sys.modules["_ast"]):
            for name in ("Index", "ExtSlice", "Suite"):
                if patch.scope.everyone:
                    patch.value(place, name, getattr(trees, name))
                else:
                    patch.lazy(place, name, lambda name=name: getattr(trees, name))  # type: ignore[misc]


def ast_missing_fields(patch: Patch, module: ModuleType) -> None:
    """They are added before a tree is compiled."""
    if _home(module):
        _trees(patch, "fields")
