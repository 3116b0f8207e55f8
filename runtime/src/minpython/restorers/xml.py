"""What came and went in ``xml``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


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


ASYNC = False


def xml_etree_xmlparser_html(patch: Patch, module: ModuleType) -> None:
    """The parser is written in C: its slot for construction can't be reached, a subclass can."""

    def init(self: Any, html: Any = 0, target: Any = None, encoding: Any = None) -> None:
        module.XMLParser.__mro__[1].__init__(self, target=target, encoding=encoding)

    def new(cls: Any, *_args: Any, **_kwargs: Any) -> Any:
        return original.__new__(cls)

    original = module.XMLParser
    patch.stand_in(module, "XMLParser", {"__new__": new, "__init__": init})


def xml_etree_xmlparser_doctype(patch: Patch, module: ModuleType) -> None:
    """On the type written in C."""
    patch.attribute(module.XMLParser, "doctype", _doctype)


def _doctype(self: Any, name: str, pubid: str | None, system: str | None, /) -> None:
    """Do nothing; overridden, it took the document type before ``TreeBuilder.doctype`` did."""


def xml_dom_pulldom_getitem(patch: Patch, module: ModuleType) -> None:
    """Reading by index was reading the next event."""
    patch.attribute(module.DOMEventStream, "__getitem__", _next_event)


def _next_event(self: Any, pos: int) -> Any:
    """Return the next event, whatever ``pos`` is.

    Raises:
        IndexError: there is none.
    """
    event = self.getEvent()
    if event:
        return event
    raise IndexError
