"""What ``zope.interface`` stumbles over: its interfaces are made by a class that is no type."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.patch import Patch

_NEW = frozenset({"__firstlineno__", "__static_attributes__"})


def zope_interface_class_namespace(patch: Patch, module: ModuleType) -> None:
    """What class bodies didn't hold is taken out before the interface looks at them.

    In ``__new__``: ``__init__`` looks at the frame that calls it.
    """
    original = module.InterfaceClass.__new__

    def new(
        cls: type, name: str, bases: Any = (), attrs: Any = None, *args: Any, **more: Any
    ) -> Any:
        for key in _NEW:
            if attrs and key in attrs:
                del attrs[key]
        if original is object.__new__:
            return object.__new__(cls)
        return original(cls, name, bases, attrs, *args, **more)

    patch.value(module.InterfaceClass, "__new__", staticmethod(new))
