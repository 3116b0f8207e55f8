"""What of the interpreter changes when a version is asked for: finders, tags, hooks."""

from __future__ import annotations

import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _external
import sys

from minpython import as_import_system, source_to_code
from minpython.engine import gate, journal, requests, state

ORDINARY_TAG = sys.implementation.cache_tag or "python"
_MISSING = object()
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


def install() -> None:
    """Put in force whatever the requests need and isn't in force yet; everything can be undone."""
    with state.lock:
        asked = state.requests
        gate.install()
        tell_version()
        oldest = [asked.version, asked.oldest_file, *asked.packages.values()]
        if asked.per_file or any(version is not None and version < (3, 8) for version in oldest):
            from minpython.source import builtin_hooks, own

            hook_sources()
            for module in (_external, _bootstrap):
                for name in ("compile", "exec"):
                    _set(module, name, getattr(own, name))
            _after_import("runpy", lambda runpy: _set(runpy, "exec", own.exec))
            builtin_hooks.install()
        _after_import("subprocess", _pass_on)


def _after_import(name: str, change: Callable[[Any], None]) -> None:
    """Make a change to the module ``name`` now, or when it is imported."""
    state.callbacks[name] = change
    module = sys.modules.get(name)
    # One that another thread is still importing is changed at the end of that import.
    if module is not None and not getattr(
        getattr(module, "__spec__", None), "_initializing", False
    ):
        change(module)


def tell_version() -> None:
    """Let ``sys.implementation`` tell the version in force; ordinary byte code keeps its name."""
    facts = sys.implementation
    version = state.used_version()
    tag = ORDINARY_TAG
    if state.requests.version is not None and facts.cache_tag is not None:
        tag = f"{facts.name}-{version[0]}{version[1]}{version[2]}"
    if tag != ORDINARY_TAG and facts.cache_tag == ORDINARY_TAG:
        ordinary = tagged(ORDINARY_TAG)
        _set(_external, "cache_from_source", ordinary)
        _after_import("importlib.util", lambda util: _set(util, "cache_from_source", ordinary))
    if facts.cache_tag is not None:
        _set(facts, "cache_tag", tag)
    _set(facts, "used_version", version)


class _Sys:
    """``sys`` with another cache tag, for the import system's own path arithmetic."""

    pycache_prefix = property(lambda _self: sys.pycache_prefix)

    def __init__(self, tag: str) -> None:
        self.implementation = type(sys.implementation)(cache_tag=tag)  # type: ignore[call-arg]
        self.flags = sys.flags

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


def tagged(tag: str) -> Callable[..., str]:
    """Return ``importlib.util.cache_from_source`` as it is under the cache tag ``tag``."""
    if tag in _made:
        return _made[tag]
    function = _original_cache_from_source
    space = {**function.__globals__, "sys": _Sys(tag)}
    made = type(function)(function.__code__, space, function.__name__, function.__defaults__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__doc__ = function.__doc__
    if _external.path_separators == "/" and not sys.flags.optimize:
        made = _quick(made, f".{tag}.pyc")
    _made[tag] = made
    return made  # type: ignore[no-any-return]


def _quick(function: Callable[..., str], ending: str) -> Callable[..., str]:
    """Return ``function`` with a short way for usual paths, which each import takes twice."""

    def cache_from_source(
        path: Any, debug_override: Any = None, *, optimization: Any = None
    ) -> str:
        if optimization is None and debug_override is None and type(path) is str:
            folder, _, file = path.rpartition("/")
            name = file.rpartition(".")[0]
            if name and folder and folder[-1] != "/" and sys.pycache_prefix is None:
                return f"{folder}/__pycache__/{name}{ending}"
        return function(path, debug_override, optimization=optimization)

    cache_from_source.__doc__ = function.__doc__
    cache_from_source.__module__ = function.__module__
    return as_import_system(cache_from_source)


_made: dict[str, Callable[..., str]] = {}
_original_cache_from_source: Any = _external.cache_from_source


def hook_sources() -> None:
    """Let the import system's ``source_to_code`` take old source."""
    from minpython.source import sources

    owner = _external.SourceLoader
    if not hasattr(owner.get_code, "minpython"):
        _set(owner, "get_code", sources.get_code(owner.get_code))
    found = owner.__dict__["source_to_code"]
    if not hasattr(found, "minpython"):
        _set(owner, "source_to_code", source_to_code(found, always=True))
    elif not found.minpython:
        _set(owner, "source_to_code", source_to_code(found.__wrapped__, always=True))


def _set(owner: Any, name: str, value: Any) -> None:
    before = getattr(owner, name, _MISSING)
    if before == value:
        return
    setattr(owner, name, value)

    def undo() -> None:
        if getattr(owner, name, None) is value:
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    journal.note("", undo)


def _pass_on(module: Any) -> None:
    """Let Python processes that ``multiprocessing`` starts ask for what this one asks for."""
    original = module._args_from_interpreter_flags
    if hasattr(original, "minpython"):
        return

    def _args_from_interpreter_flags() -> list[str]:
        text = requests.text(state.requests)
        more = ["-X", f"min_version={text}"] if text else []
        return [*original(), *more]

    _args_from_interpreter_flags.minpython = True  # type: ignore[attr-defined]
    _set(module, "_args_from_interpreter_flags", _args_from_interpreter_flags)
