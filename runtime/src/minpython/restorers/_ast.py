"""The classes of constants that ``ast`` had beside ``Constant``: checks and makers, no nodes."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "Bytes": (bytes,),
    "Ellipsis": (type(...),),
    "NameConstant": (bool, type(None)),
    "Num": (int, float, complex),
    "Str": (str,),
}


def old_name(value: object) -> str:
    """Return the name of the class that a constant of this value had."""
    for name in ("NameConstant", "Num", "Bytes", "Str"):
        if type(value) in _TYPES[name]:
            return name
    return "Ellipsis" if value is ... else "Constant"


class _Check(type):
    def __instancecheck__(cls, node: object) -> bool:
        if not isinstance(node, ast.Constant):
            return False
        return old_name(node.value) == cls.__name__


def _new(cls: type, *args: Any, **kwargs: Any) -> ast.Constant:
    """Return a ``Constant``; the value comes first, or as ``n``, ``s`` or ``value``."""
    fields = ("n", "s", "value")
    given = list(args)
    for field in fields:
        if field in kwargs:
            given.insert(0, kwargs.pop(field))
    if cls.__name__ == "Ellipsis" and not given:
        given = [...]
    return ast.Constant(*given, **kwargs)


def old_class(name: str) -> type:
    """Return the class ``name``: instances of it are the constants of the right value."""
    body = {
        "__new__": _new,
        "__doc__": f"A constant of the kind {name}; the same as Constant.",
        "__module__": "ast",
        "_fields": () if name == "Ellipsis" else ("value",),
    }
    return _Check(name, (ast.Constant,), body)
