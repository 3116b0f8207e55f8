"""What of the interpreter changes when a version is asked for: finders, tags, hooks."""

import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _external
import os
import sys

from minpython import ORDINARY_TAG, hook_imports, tagged, viewing, watching
from minpython.engine import gate, journal, requests, state

_MISSING = object()
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


def install() -> None:
    """Put in force whatever the requests need and isn't in force yet; everything can be undone.

    For single packages and files nothing is changed but how their own code is compiled.
    """
    with state.lock:
        asked = state.requests
        tell_version()
        everyone = asked.version is not None or any(each[0] for each in asked.enabled.values())
        if everyone or "__main__" in state.packages_of(asked):
            gate.install()
        old = asked.version is not None and asked.version < (3, 8)
        if old or asked.per_file:
            _take_old_source()
        if state.packages_of(asked):
            _watch()
            _compile_loaded()
        # Files that ask for themselves are noticed by each process.
        asks = everyone or asked.packages or asked.enabled or asked.per_file
        if asks and requests.text(asked) != _environment():
            gate.install()
            _after_import("subprocess", _pass_on)


def _environment() -> str:
    """Return the request that processes started from here find in their environment."""
    return "" if sys.flags.ignore_environment else os.environ.get("PYTHONMINVERSION", "")


def _watch() -> None:
    """Let the import system ask about each module whether its package asks."""
    _watch_sources()
    if not viewing:
        viewing.append(True)
        journal.note("", viewing.clear)


def _watch_sources() -> None:
    """Let the import system look at every source that it compiles."""
    hook_imports()
    if not watching:
        watching.append(True)
        journal.note("", watching.clear)


def _take_old_source() -> None:
    """Let every way to the compiler take old source, for the whole program."""
    from minpython import builtin_hooks, own

    _watch_sources()
    hook_sources()
    for module in (_external, _bootstrap):
        _set(module, "exec", own.exec)
    _after_import("runpy", lambda runpy: _set(runpy, "exec", own.exec))
    builtin_hooks.install()


def activate() -> None:
    """Put in force what hooks do for single packages, now that one of them is imported."""
    if not state.active:
        state.active = True
        journal.note("", _deactivate)
        state.refresh()


def _deactivate() -> None:
    state.active = False


def _compile_loaded() -> None:
    """Give the functions of modules that were imported before their views."""
    from minpython.source import loaded

    for name in [each for each in tuple(sys.modules) if state.in_scope(each)]:
        module = sys.modules.get(name)
        if module is not None and loaded.compile_again(module):
            activate()


def _after_import(name: str, change: "Callable[[Any], None]") -> None:
    """Make a change to the module ``name`` now, or when it is imported."""
    state.callbacks[name] = change
    module = sys.modules.get(name)
    if module is None:
        return
    if state.initializing(module):
        state.afterwards(module, name)
    else:
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


def hook_sources() -> None:
    """Let the import system's loaders look for a kept translation first."""
    from minpython.source import sources

    owner = _external.SourceLoader
    if not hasattr(owner.get_code, "minpython"):
        _set(owner, "get_code", sources.get_code(owner.get_code))


def _set(owner: "Any", name: str, value: "Any") -> None:
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


def _pass_on(module: "Any") -> None:
    """Let Python processes that ``multiprocessing`` starts ask for what this one asks for."""
    original = module._args_from_interpreter_flags
    if hasattr(original, "minpython"):
        return

    def _args_from_interpreter_flags() -> "list[str]":
        text = requests.text(state.requests)
        more = ["-X", f"min_version={text}"] if text else []
        return [*original(), *more]

    _args_from_interpreter_flags.minpython = True  # type: ignore[attr-defined]
    _set(module, "_args_from_interpreter_flags", _args_from_interpreter_flags)


state.when_asked = install
state.when_compiled = activate
