"""minpython: ``sys.set_min_python_version((3, 8))`` lets old code run on a new Python.

A start of the interpreter runs `_minpython`, or the same text in EL Python's ``site``, and imports
this package only when something asks.
"""

import sys

__version__ = "27.1.0"
__all__ = ["disable", "enable", "min_version", "set_min_python_version"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from minpython.api import disable, enable, min_version


def __getattr__(name: str) -> "Any":
    """Import the public functions when they are first read."""
    if name in __all__:
        from minpython import api

        value = globals()[name] = getattr(api, name)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _started() -> "Any":
    """Return the module that has what each start runs: EL Python's site, or our own."""
    site = sys.modules.get("site")
    if hasattr(site, "_start_minpython"):
        return site
    try:
        import _minpython
    except ImportError:
        # On EL Python with -S.
        import site

        return site
    return _minpython


_start: "Any" = _started()
set_min_python_version = _start._minpython_function


def start_up() -> None:
    """Do what a start of the interpreter takes: ``sys.set_min_python_version``, and the requests.

    For processes that were started with ``-S``. Never raises: what is wrong with a request is a
    line on the standard error stream.
    """
    _start._start_minpython()


def hook_imports() -> None:
    """Let the import system notice files that ask for a version themselves."""
    _start._hook_minpython()


MISSING = object()
"""What stands for an attribute that wasn't there."""
watching: "list[bool]" = _start._minpython_watching
"""Not empty while every source that is compiled is looked at, whatever stands in it."""
viewing: "list[bool]" = _start._minpython_viewing
"""Not empty while the same holds for modules that have byte code."""
waiting_for_engine: "list[tuple[int, int, int]]" = []
"""The version that a start has taken, until the engine puts it in force; see `minpython.early`."""
done_early: "dict[tuple[str, str], list[tuple[Callable[[], object], Any, str]]]" = {}
"""What was restored before that, by behaviour and target: how to take it back, owner and name."""
_IMPORT_SYSTEM = "<frozen importlib._bootstrap_external>"


def as_import_system(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Let the frames of ``function`` count as the import system's, which tracebacks leave out."""
    function.__code__ = function.__code__.replace(co_filename=_IMPORT_SYSTEM)
    return function


def as_compiler(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Let the frame of ``function`` be left out above a source's own errors too, as the last one.

    Of what an import raises beside `ImportError`, tracebacks leave out the frames down to one of
    this name.
    """
    function.__code__ = as_import_system(function).__code__.replace(
        co_name="_call_with_frames_removed"
    )
    return function


ORDINARY_TAG = sys.implementation.cache_tag or "python"
"""What the byte code files are called for which nothing is translated."""
_tagged: "dict[str, Callable[..., str]]" = {}
_import_names: "dict[str, Any]" = sys.modules["_frozen_importlib_external"].__dict__
_cache_from_source = _import_names["cache_from_source"]


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
    if tag in _tagged:
        return _tagged[tag]
    function = _cache_from_source
    space = {**function.__globals__, "sys": _Sys(tag)}
    made = type(function)(function.__code__, space, function.__name__, function.__defaults__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__doc__ = function.__doc__
    made.__module__ = function.__module__
    made.__qualname__ = function.__qualname__
    if _import_names["path_separators"] == "/" and not sys.flags.optimize:
        made = _quick(made, f".{tag}.pyc")
    _tagged[tag] = made
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
