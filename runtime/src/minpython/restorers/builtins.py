"""What came and went in ``builtins``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, NoReturn

    from minpython.engine.patch import Patch


def builtins_complex_methods(patch: Patch, module: ModuleType) -> None:
    """They never did more than refuse."""

    def refusing(message: str) -> Any:
        def method(self: complex, *_args: object) -> NoReturn:
            raise TypeError(message)

        return method

    from minpython.restorers.impl import slots as _slots

    for name, message in (
        ("__int__", "can't convert complex to int"),
        ("__float__", "can't convert complex to float"),
        ("__mod__", "can't mod complex numbers."),
        ("__rmod__", "can't mod complex numbers."),
        ("__divmod__", "can't take floor or mod of complex number."),
        ("__rdivmod__", "can't take floor or mod of complex number."),
        ("__floordiv__", "can't take floor of complex number."),
        ("__rfloordiv__", "can't take floor of complex number."),
    ):
        _slots.entry(patch, complex, name, refusing(message))


def builtins_float_set_format(patch: Patch, module: ModuleType) -> None:
    """The formats can't be changed: it tells whether the wish is what is there."""
    from minpython.restorers.impl import slots as _slots

    def set_format(cls: type, typestr: str, fmt: str) -> None:
        """Ask for the way in which C stores ``typestr``; anything but the known one is refused."""
        if fmt not in ("unknown", float.__getformat__(typestr)):  # type: ignore[attr-defined]
            raise ValueError(
                f"can only set {typestr} format to 'unknown' or the detected platform value"
            )

    _slots.entry(patch, float, "__set_format__", classmethod(set_format))


def builtins_classmethod_chain(patch: Patch, module: ModuleType) -> None:
    """Only what wraps a descriptor other than a function is wrapped anew."""
    original = module.classmethod

    def new(cls: type, function: Any) -> Any:
        if hasattr(type(function), "__get__") and not hasattr(function, "__code__"):
            return original.__new__(cls, function)
        return original(function)

    def get(self: Any, instance: Any, owner: type | None = None) -> Any:
        wrapped = self.__func__
        return type(wrapped).__get__(wrapped, type(instance) if owner is None else owner)

    patch.stand_in(module, "classmethod", {"__new__": new, "__get__": get})


def builtins_repr_exception_comma(patch: Patch, module: ModuleType) -> None:
    """In the slot of the base of all exceptions."""
    from minpython.restorers.impl import slots as _slots

    original = BaseException.__repr__

    def represent(self: BaseException) -> str:
        """Return the class and its arguments, as a tuple is written."""
        if len(self.args) == 1:
            return f"{type(self).__name__}({self.args[0]!r},)"
        return original(self)

    _slots.slot(patch, BaseException, "__repr__", represent)
