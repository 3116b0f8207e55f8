"""What ``zope.interface`` stumbles over: its interfaces are made by a class that is no type."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch

_NEW = frozenset({"__firstlineno__", "__static_attributes__"})


def zope_interface_class_namespace(patch: Patch, module: ModuleType) -> None:
    """What class bodies didn't hold is taken out before the interface looks at them.

    In ``__new__``: ``__init__`` looks at the frame that calls it.
    """
    original = module.InterfaceClass.__new__

    def new(cls: type, *args: Any, **more: Any) -> Any:
        attributes = args[2] if len(args) > 2 else more.get("attrs")
        for key in _NEW:
            if attributes and key in attributes:
                del attributes[key]
        if original is object.__new__:
            return object.__new__(cls)
        return original(cls, *args, **more)

    patch.value(module.InterfaceClass, "__new__", staticmethod(new))
