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
