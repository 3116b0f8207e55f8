"""Let what stands in the place of a function be taken for it: by name, kind and pickle."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

_COROUTINE = 0x80  # CO_COROUTINE, as `inspect` has it


def like(new: "Any", original: "Any") -> "Any":
    """Return ``new`` with the name, the documentation and the attributes of ``original``.

    What takes the place of a coroutine function is one.
    """
    if _is_coroutine_function(original) and not _is_coroutine_function(new):
        new = _awaiting(new)
    if hasattr(new, "__annotations__") and not isinstance(new, type):
        new.__annotations__ = {}
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        value = getattr(original, name, None)
        if value is not None:
            try:
                setattr(new, name, value)
            except (AttributeError, TypeError):
                break
    if hasattr(new, "__dict__") and not isinstance(new, type):
        for name, value in getattr(original, "__dict__", {}).items():
            new.__dict__.setdefault(name, value)
        new.__dict__.setdefault("__wrapped__", original)
    return new


def _is_coroutine_function(function: "Any") -> bool:
    code = getattr(function, "__code__", None)
    return bool(getattr(code, "co_flags", 0) & _COROUTINE)


def _awaiting(new: "Callable[..., Any]") -> "Callable[..., Any]":
    async def wrapper(*args: "Any", **kwargs: "Any") -> "Any":
        return await new(*args, **kwargs)

    return wrapper


def at_home(new: "Any", original: "Any", owner: "ModuleType", name: str) -> "Any":
    """Return ``new`` so that it pickles by the name under which ``owner`` is about to have it.

    A function written in C doesn't become a method when a class has it; nor does what stands for
    one.
    """
    if type(original) is type(len):
        return _builtin(new, original, (owner.__name__, name))
    if getattr(original, "__self__", None) is not None:
        # A method of some object that the module calls a function.
        new.__qualname__, new.__module__ = name, owner.__name__
        return new
    home = sys.modules.get(getattr(original, "__module__", None) or "")
    if home is not None and home is not owner and home.__dict__.get(name) is original:
        new.__module__ = owner.__name__
    elif home is owner:
        new.__module__ = original.__module__
    return new


def _builtin(new: "Callable[..., Any]", original: "Any", place: "tuple[str, str]") -> "Any":
    """Return an object that calls ``new``, without a frame of its own, like ``original``."""

    def attribute(_self: "Any", name: str) -> "Any":
        return getattr(original, name)

    body = {
        "__slots__": ("__weakref__",),
        "__doc__": original.__doc__,
        "__module__": place[0],
        "__call__": staticmethod(new),
        "__class__": property(lambda _self: type(original)),
        "__getattr__": attribute,
        "__reduce__": lambda _self: place[1],
        "__repr__": lambda _self: repr(original),
    }
    return type(type(original).__name__, (), body)()
