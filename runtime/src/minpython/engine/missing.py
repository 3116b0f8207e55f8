"""The finder behind all others: modules that are gone, provided by us or named with their home.

A module that a distribution provides is found by the ordinary finders, before this one is asked.

When only some packages see a module, it lies in ``sys.modules`` all the same, where the next import
would find it without asking anybody. Its spec therefore claims to be still initialising: then the
import system calls ``_lock_unlock_module`` at every import of it, and there we ask who imports.
"""

from __future__ import annotations

import _frozen_importlib as _bootstrap
import os
import sys
from _frozen_importlib import ModuleSpec

from minpython import as_import_system
from minpython._index import BEHAVIOURS, CHANGED_IN, FINDS, PROVIDED, PROVIDER
from minpython.engine import journal, state
from minpython.engine.scope import Scope, asker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "modules")


@as_import_system
def find_spec(fullname: str) -> ModuleSpec | None:
    """Return the spec of a gone module that the asking code sees.

    Raises:
        ModuleNotFoundError: a distribution that isn't installed provides it; which, it says.
    """
    frame = _asker()
    for name in PROVIDED[fullname].split():
        if state.scopes[name].has(frame):
            spec = _spec(name, fullname)
            if spec is None and not _only_asks():
                raise ModuleNotFoundError(_advice(name, fullname), name=fullname)
            if journal.counting:
                journal.count(name)
            return spec
    return None


def _asker() -> FrameType | None:
    """Return the frame of the code that asks, past gone modules that import each other."""
    frame = asker(2)
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name not in _guarded and name.partition(".")[0] not in _guarded:
            return frame
        frame = frame.f_back
    return None


def _only_asks() -> bool:
    """Return whether somebody asks whether the module is there, and doesn't import it."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__")
        if name in ("importlib.util", "pkgutil") and "find" in frame.f_code.co_name:
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _advice(name: str, fullname: str) -> str:
    provider = BEHAVIOURS[name][PROVIDER]
    what = provider or "minpython[modules]"
    return (
        f"No module named {fullname!r}: it is gone from Python "
        f"{'.'.join(map(str, BEHAVIOURS[name][CHANGED_IN][:2]))}; "
        f"`pip install '{what}'` brings it back"
    )


def _spec(name: str, fullname: str) -> ModuleSpec | None:
    """Return the spec of our own module, or what the behaviour's restorer finds."""
    from importlib.util import spec_from_file_location

    spec = None
    path = os.path.join(FOLDER, *fullname.split("."))
    for file, search in ((path + ".py", None), (os.path.join(path, "__init__.py"), [path])):
        if os.path.exists(file):
            spec = spec_from_file_location(fullname, file, submodule_search_locations=search)
    if spec is None and BEHAVIOURS[name][FINDS]:
        find: Any = state.restorer(name)
        spec = find(fullname)
    if spec is not None:
        journal.note(name, lambda: sys.modules.pop(fullname, None))
        if not state.scopes[name].everyone:
            spec.__class__ = _ScopedSpec
            _guard(fullname, state.scopes[name])
    return spec


class _ScopedSpec(ModuleSpec):
    """A spec that makes the import system ask us at every import of its module."""

    @property
    def _initializing(self) -> bool:
        return True

    @_initializing.setter
    def _initializing(self, value: bool) -> None:
        pass


_guarded: dict[str, Scope] = {}


def _guard(fullname: str, scope: Scope) -> None:
    """Let only code in ``scope`` import ``fullname`` from now on."""
    _guarded[fullname] = scope
    original = _bootstrap._lock_unlock_module
    if hasattr(original, "minpython"):
        return

    @as_import_system
    def _lock_unlock_module(name: str) -> None:
        seen = _guarded.get(name)
        if seen is not None and not seen.has(_asker()):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        original(name)

    _lock_unlock_module.minpython = True  # type: ignore[attr-defined]
    _bootstrap._lock_unlock_module = _lock_unlock_module

    def undo() -> None:
        _bootstrap._lock_unlock_module = original
        _guarded.clear()

    journal.note("", undo)
