"""What came and went in ``ast``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.patch import Patch


def _get(self: Any) -> Any:
    """The constant's value, by an older name of ``value``."""
    return self.value


def _set(self: Any, value: Any) -> None:
    self.value = value


VALUE = property(_get, _set)


def ast_constant_classes(patch: Patch, module: ModuleType) -> None:
    """Made at the first read: few programs look at them."""

    def made(name: str) -> Any:
        from minpython.restorers import _ast

        return _ast.old_class(name)

    for name in ("Bytes", "Ellipsis", "NameConstant", "Num", "Str"):
        patch.lazy(module, name, lambda name=name: made(name))  # type: ignore[misc]


def ast_visit_constant(patch: Patch, module: ModuleType) -> None:
    """The fallback lives in ``visit_Constant`` of the base class."""

    def make(_original: Any) -> Any:
        def visit_constant(self: Any, node: Any) -> Any:
            from minpython.restorers import _ast

            visitor = getattr(self, "visit_" + _ast.old_name(node.value), None)
            return self.generic_visit(node) if visitor is None else visitor(node)

        return visit_constant

    if "visit_Constant" not in vars(module.NodeVisitor):
        patch.attribute(module.NodeVisitor, "visit_Constant", make(None))
