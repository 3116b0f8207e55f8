"""What ``zope.interface`` stumbles over: its interfaces are made by a class that is no type."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.patch import Patch

_NEW = frozenset({"__firstlineno__", "__static_attributes__"})


def zope_interface_class_namespace(patch: Patch, module: ModuleType) -> None:
    """What class bodies didn't hold is left out before the interface looks at them."""

    def make(original: Any) -> Any:
        def init(
            self: Any, name: str, bases: Any = (), attrs: Any = None, *args: Any, **more: Any
        ) -> None:
            if attrs and not _NEW.isdisjoint(attrs):
                attrs = {key: value for key, value in attrs.items() if key not in _NEW}
            original(self, name, bases, attrs, *args, **more)

        return init

    patch.replace(module.InterfaceClass, "__init__", make)
