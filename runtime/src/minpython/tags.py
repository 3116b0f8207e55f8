"""The names of byte code files: under the ordinary tag, and under those of translations."""

import _frozen_importlib_external as _external
import sys

from minpython import as_import_system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

ORDINARY_TAG = sys.implementation.cache_tag or "python"


class _Sys:
    """``sys`` with another cache tag, for the import system's own path arithmetic."""

    pycache_prefix = property(lambda _self: sys.pycache_prefix)

    def __init__(self, tag: str) -> None:
        self.implementation = type(sys.implementation)(cache_tag=tag)  # type: ignore[call-arg]
        self.flags = sys.flags

    def __getattr__(self, name: str) -> "Any":
        return getattr(sys, name)


def tagged(tag: str) -> "Callable[..., str]":
    """Return ``importlib.util.cache_from_source`` as it is under the cache tag ``tag``."""
    if tag in _made:
        return _made[tag]
    function = _original_cache_from_source
    space = {**function.__globals__, "sys": _Sys(tag)}
    made = type(function)(function.__code__, space, function.__name__, function.__defaults__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__doc__ = function.__doc__
    made.__module__ = function.__module__
    made.__qualname__ = function.__qualname__
    if _external.path_separators == "/" and not sys.flags.optimize:
        made = _quick(made, f".{tag}.pyc")
    _made[tag] = made
    return made  # type: ignore[no-any-return]


def _quick(function: "Callable[..., str]", ending: str) -> "Callable[..., str]":
    """Return ``function`` with a short way for usual paths, which each import takes twice."""

    def cache_from_source(path, debug_override=None, *, optimization=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        if optimization is None and debug_override is None and type(path) is str:
            folder, _, file = path.rpartition("/")
            name = file.rpartition(".")[0]
            if name and folder and folder[-1] != "/" and sys.pycache_prefix is None:
                return f"{folder}/__pycache__/{name}{ending}"
        if debug_override is None:  # which 3.15 has not
            return function(path, optimization=optimization)
        return function(path, debug_override, optimization=optimization)

    for name in ("__doc__", "__module__", "__qualname__"):
        setattr(cache_from_source, name, getattr(function, name))
    return as_import_system(cache_from_source)


_made: "dict[str, Callable[..., str]]" = {}
_original_cache_from_source: "Any" = _external.cache_from_source
