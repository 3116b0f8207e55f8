"""What single packages see of the interpreter: looked up by their own code, and by no other.

The source of a package that asks is compiled so that reading a name of the table goes through its
`View` (`minpython.source.lookups`). What the view finds changed for that package it returns; the
interpreter itself stays as it is, so that code which asked for nothing can't tell the difference.

A restorer works for views as it does for everyone, with a `ViewPatch`: what it would have put into
place is noted in the tables here instead.
"""

from __future__ import annotations

import builtins
import sys

from minpython import MISSING
from minpython._index import BEHAVIOURS, HOW, PROVIDED, TARGETED
from minpython._views import NAMES
from minpython.engine import gate, journal, state
from minpython.engine.entries import ViewPatch, added, bound, replaced
from minpython.engine.scope import Scope, asker, files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any, Callable
else:
    ModuleType = type(sys)

REFUSED = "Refuse to be called unless "


_done: set[tuple[str, str]] = set()
_targets: dict[str, list[str]] = {}


def _prepare(name: str, view: View) -> None:
    """Let the restorers work that have to do with ``name``, as far as their targets are there."""
    if not _targets:
        for target, behaviours in TARGETED.items():
            for behaviour in behaviours.split():
                _targets.setdefault(behaviour, []).append(target)
    for behaviour in NAMES.get(name, ()):
        if not view.sees(behaviour) or state.scopes[behaviour].everyone:
            continue
        for target in _targets.get(behaviour, ()):
            module = sys.modules.get(target)
            if module is None or (behaviour, target) in _done:
                continue
            if state.initializing(module):
                continue
            _done.add((behaviour, target))
            _restore(behaviour, module)


def _restore(behaviour: str, module: ModuleType) -> None:
    patch = ViewPatch(behaviour, state.scopes[behaviour])
    try:
        state.restorer(behaviour)(patch, module)
    except Exception as error:  # noqa: BLE001 - the program goes on, doctor tells
        journal.failed[behaviour] = f"{type(error).__name__}: {error}"


class View:
    """What the code of one module sees; its methods stand in the module's compiled code."""

    __slots__ = ("_known", "_state", "file", "module")

    def __init__(self, module: str, file: str) -> None:
        self.module = module
        self.file = file
        self._known: dict[str, bool] = {}
        self._state = -1

    def sees(self, behaviour: str) -> bool:
        """Return whether the module's code sees a behaviour."""
        if self._state != state.generation:
            self._known.clear()
            self._state = state.generation
        known = self._known.get(behaviour)
        if known is None:
            known = self._known[behaviour] = _sees(state.scopes[behaviour], self)
        return known

    def look(self, obj: Any, name: str) -> Any:
        """Return ``obj.name`` as the module's code sees it."""
        try:
            value = getattr(obj, name)
        except AttributeError:
            value = self._added(obj, name)
            if value is MISSING:
                raise
            return value
        return self._changed(obj, name, value)

    def getattr(self, obj: Any, name: Any, *default: Any) -> Any:
        """Do what ``getattr`` does."""
        if type(name) is not str or name not in NAMES:
            return getattr(obj, name, *default)
        if not default:
            return self.look(obj, name)
        try:
            return self._unrefused(obj, name)
        except AttributeError:
            return default[0]

    def hasattr(self, obj: Any, name: Any) -> bool:
        """Do what ``hasattr`` does."""
        if type(name) is not str or name not in NAMES:
            return hasattr(obj, name)
        try:
            self._unrefused(obj, name)
        except AttributeError:
            return False
        return True

    def _unrefused(self, obj: Any, name: str) -> Any:
        value = self.look(obj, name)
        if getattr(value, "__doc__", None) and str(value.__doc__).startswith(REFUSED):
            raise AttributeError(name)
        return value

    def name(self, name: str) -> Any:
        """Return a built-in name as the module's code sees it."""
        if name in ("getattr", "hasattr"):
            return getattr(self, name)
        value = getattr(builtins, name)
        if name in ("compile", "eval", "exec"):
            value = _compiler(self, name, value)
        return self._changed(builtins, name, value)

    def take(self, module: str, name: str) -> Any:
        """Do what ``from module import name`` does."""
        found = __import__(module, None, None, [name], 0)
        try:
            return self.look(found, name)
        except AttributeError:
            path = getattr(found, "__file__", None)
            where = path or "unknown location"
            message = f"cannot import name {name!r} from {module!r} ({where})"
            raise ImportError(message, name=module, path=path) from None

    def ready(self, *names: str) -> None:
        """Let modules that are gone be found, when the module's code sees one of them."""
        if any(
            _sees(state.scopes[each], self) for name in names for each in PROVIDED[name].split()
        ):
            gate.install_last()

    def importing(self, function: Any) -> Any:
        """Return ``function``, which imports what its caller names; it may be a gone module."""
        self.ready(*PROVIDED)
        return function

    def star(self, module: str, space: dict[str, Any]) -> None:
        """Change what ``from module import *`` has just put into the module's names."""
        found = sys.modules[module]
        for name in NAMES:
            value = space.get(name, MISSING)
            if value is not MISSING and value is found.__dict__.get(name, MISSING):
                space[name] = self._changed(found, name, value)

    def made(self, cls: type) -> type:
        """Give a class that the module's code made the special methods that changed for it."""
        for name in _SPECIAL:
            value = self._over(name, cls.__mro__)
            if value is not MISSING:
                setattr(cls, name, value)
        return cls

    def call(self, function: Any) -> Any:
        """Return what makes instances, for a class whose construction changed for the module."""
        if isinstance(function, type):
            for name in ("__init__", "__new__"):
                value = self._over(name, function.__mro__)
                if value is not MISSING:
                    return _constructor(function, name, value)
        return function

    def _over(self, name: str, mro: tuple[type, ...]) -> Any:
        """Return what stands in a class's body for what changed for the module's code."""
        _prepare(name, self)
        value = first = MISSING
        for entry in replaced.get(name, ()):
            if self.sees(entry.patch.name) and entry.owner in mro:
                if first is MISSING:
                    first = _first(mro, name)
                if first is entry.original:
                    entry.used()
                    value = entry.over(first if value is MISSING else value)
        return value

    def _added(self, obj: Any, name: str) -> Any:
        _prepare(name, self)
        for entry in added.get(name, ()):
            if not self.sees(entry.patch.name) or (entry.refused and not _uncaught()):
                continue
            instance, owner = None, None
            if entry.owner is not obj:
                if not isinstance(entry.owner, type):
                    continue
                instance, mro = _place(obj)
                if entry.owner not in mro:
                    continue
                owner = mro[0]
            elif isinstance(obj, type):
                owner = obj
            entry.used()
            return bound(entry.over(None), instance, owner)
        return MISSING

    def _changed(self, obj: Any, name: str, value: Any) -> Any:
        _prepare(name, self)
        entries = replaced.get(name)
        if entries is None:
            return value
        if isinstance(obj, ModuleType):
            original = value
            for entry in entries:
                if entry.original is original and self.sees(entry.patch.name):
                    entry.used()
                    value = entry.over(value)
            return value
        instance, mro = _place(obj)
        found = self._over(name, mro)
        if found is MISSING or (instance is not None and name in _own_names(instance)):
            return value
        return bound(found, instance, mro[0])


def _uncaught() -> bool:
    from minpython.engine import refusal

    return refusal.uncaught(asker(1))


def _own_names(instance: Any) -> Any:
    try:
        return object.__getattribute__(instance, "__dict__")
    except AttributeError:
        return ()


def _compiler(view: View, name: str, value: Any) -> Any:
    """Return the built-in function that takes old source, for a module that is written in it."""
    version = files.get(view.file) or state.syntax_version(view.module)
    if version is None or version >= (3, 8):
        return value
    from minpython import builtin_hooks

    return getattr(builtin_hooks, name)


def _sees(scope: Scope, view: View) -> bool:
    if scope.has_module(view.module):
        return True
    return scope.by_file and files.get(view.file, (9999, 0, 0)) < scope.changed_in


def _place(obj: Any) -> tuple[Any, tuple[type, ...]]:
    """Return the instance, or None, and the classes in which an attribute of ``obj`` is sought."""
    if type(obj) is super:
        bound: Any = obj
        own_class = bound.__self_class__
        mro = own_class.__mro__
        rest = mro[mro.index(bound.__thisclass__) + 1 :]
        return (None if bound.__self__ is own_class else bound.__self__), rest
    if isinstance(obj, type):
        return None, obj.__mro__
    return obj, type(obj).__mro__


def _first(mro: tuple[type, ...], name: str) -> Any:
    for cls in mro:
        found = cls.__dict__.get(name, MISSING)
        if found is not MISSING:
            return found
    return MISSING


def _constructor(cls: Any, name: str, value: Any) -> Any:
    """Return a function that makes instances with the changed ``__init__`` or ``__new__``."""

    def init(*args: Any, **kwargs: Any) -> Any:
        plain = cls.__new__ is object.__new__
        made = cls.__new__(cls) if plain else cls.__new__(cls, *args, **kwargs)
        value.__get__(made, cls)(*args, **kwargs)
        return made

    def new(*args: Any, **kwargs: Any) -> Any:
        made = getattr(value, "__func__", value)(cls, *args, **kwargs)
        if isinstance(made, cls) and type(made).__init__ is not object.__init__:
            made.__init__(*args, **kwargs)
        return made

    return init if name == "__init__" else new


_SPECIAL = tuple(name for name in NAMES if name.startswith("__") and name.endswith("__"))


def of(module: str) -> Callable[[Any, str], Any]:
    """Return what the compiled code of ``module``, which calls this, calls for its look-ups."""
    frame: FrameType = sys._getframe(1)
    return function(View(module, frame.f_code.co_filename))


def function(view: View) -> Callable[[Any, str], Any]:
    """Return the function that stands in a module's code for its view."""

    def look(obj: Any, name: str) -> Any:
        return view.look(obj, name)

    made: Any = look
    for name in ("name", "take", "made", "call", "ready", "importing"):
        setattr(made, name, getattr(view, name))
    made.star = lambda module: view.star(module, sys._getframe(1).f_globals)
    return made  # type: ignore[no-any-return]


def works(behaviour: str) -> bool:
    """Return whether views are the way of a behaviour for single packages; hooks act themselves."""
    return BEHAVIOURS[behaviour][HOW] not in ("hook", "module", "translation")
