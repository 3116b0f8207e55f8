"""What came and went in ``typing``."""

from __future__ import annotations

from minpython.engine.scope import asker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def typing_typeddict_keywords(patch: Patch, module: ModuleType) -> None:
    """Fields as keyword arguments."""

    def make(original: Any) -> Any:
        def typed_dict(
            typename: str, fields: Any = None, /, *, total: bool = True, **kwargs: Any
        ) -> Any:
            if fields is not None and kwargs:
                raise TypeError("TypedDict takes either a dict or keyword arguments, but not both")
            made = original(typename, kwargs if fields is None else fields, total=total)
            return _from_here(made)

        typed_dict.__mro_entries__ = original.__mro_entries__  # type: ignore[attr-defined]
        return typed_dict

    patch.replace(module, "TypedDict", make)


def _from_here(made: Any) -> Any:
    """Return a class that was just made, as one of the module that asked for it."""
    frame = asker(1)
    if frame is not None:
        made.__module__ = frame.f_globals.get("__name__", "__main__")
    return made


def typing_namedtuple_keywords(patch: Patch, module: ModuleType) -> None:
    """Fields as keyword arguments."""

    def make(original: Any) -> Any:
        def named_tuple(typename: str, fields: Any = None, /, **kwargs: Any) -> Any:
            return _from_here(
                original(typename, list(kwargs.items()) if fields is None else fields)
            )

        named_tuple.__mro_entries__ = original.__mro_entries__  # type: ignore[attr-defined]
        return named_tuple

    if callable(getattr(module.NamedTuple, "__mro_entries__", None)):
        patch.replace(module, "NamedTuple", make)


def typing_io_re(patch: Patch, module: ModuleType) -> None:
    """Modules that were never files."""
    import sys
    import types

    parts = {
        "io": ("IO", "TextIO", "BinaryIO"),
        "re": ("Pattern", "Match"),
    }
    for name, members in parts.items():
        full = f"typing.{name}"
        made = types.ModuleType(full, f"Names of ``typing`` that have to do with ``{name}``.")
        made.__dict__.update({member: getattr(module, member) for member in members})
        made.__dict__["__all__"] = list(members)
        patch.attribute(module, name, made)
        if full not in sys.modules:
            sys.modules[full] = made
            patch.undo(lambda full=full: sys.modules.pop(full, None))  # type: ignore[misc]


def typing_field_types(patch: Patch, module: ModuleType) -> None:
    """On each class that is made from now on."""

    def make(original: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            made = original(*args, **kwargs)
            if not hasattr(made, "_field_types"):
                made._field_types = dict(made.__annotations__)
            return made

        return wrapper

    patch.replace(module, "_make_nmtuple", make)


def typing_hints_none_default(patch: Patch, module: ModuleType) -> None:
    """Written into the hints of functions after the fact."""

    def make(original: Any) -> Any:
        def get_type_hints(obj: Any, *args: Any, **kwargs: Any) -> Any:
            hints = original(obj, *args, **kwargs)
            code = getattr(obj, "__code__", None)
            if code is None:
                return hints
            names = code.co_varnames[: code.co_argcount]
            given = getattr(obj, "__defaults__", None) or ()
            defaults = dict(zip(names[len(names) - len(given) :], given))
            defaults.update(getattr(obj, "__kwdefaults__", None) or {})
            for name, value in defaults.items():
                if value is None and name in hints:
                    hints[name] = module.Optional[hints[name]]
            return hints

        return get_type_hints

    patch.replace(module, "get_type_hints", make)
