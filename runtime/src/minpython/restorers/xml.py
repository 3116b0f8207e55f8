"""What came and went in ``xml``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.patch import Patch


def xml_etree_getchildren(patch: Patch, module: ModuleType) -> None:
    """On the type written in C, and so on its subclasses."""
    patch.attribute(module.Element, "getchildren", _getchildren)


def xml_etree_getiterator(patch: Patch, module: ModuleType) -> None:
    """On elements and on trees."""
    patch.attribute(module.Element, "getiterator", _getiterator)
    patch.attribute(module.ElementTree, "getiterator", _getiterator)


def _getchildren(self: Any) -> list[Any]:
    """Return the children as a new list."""
    return list(self)


def _getiterator(self: Any, tag: str | None = None) -> list[Any]:
    """Return the elements that ``iter`` walks over, as a list."""
    return list(self.iter(tag))
