"""From what is asked for to who sees what: the scope of every behaviour, restored at import.

`requests` says what is asked for. From it the scope of each behaviour is computed afresh at every
change. A behaviour that some code sees is restored in its target module: at once when that is
imported already, else as soon as it is (`minpython.engine.gate` calls `apply`).

The lock guards the requests and scopes only. Restorers run outside of it: they import, and a thread
that imports may wait for this lock.
"""

import sys
from _frozen_importlib import ModuleSpec
from _thread import RLock

from minpython import done_early
from minpython._index import (
    BEHAVIOURS,
    CHANGED_IN,
    DEFAULT,
    FUNCTIONS,
    HOW,
    INSECURE,
    PER_PACKAGE,
    RESTORER,
    TARGETED,
)
from minpython.engine import holding, journal
from minpython.engine import scope as scoping
from minpython.engine.patch import Patch, defer, tell_failure, wait
from minpython.engine.requests import NOWHERE, Requests
from minpython.engine.scope import NOBODY, Scope
from minpython.versions import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from minpython.engine.requests import Version
    from minpython.engine.scope import State


class _Scopes(dict):  # type: ignore[type-arg]
    """The scope of each behaviour, made when it is first asked for."""

    __slots__ = ()

    def __missing__(self, name: str) -> "Scope":
        with lock:
            scope = Scope(changed_in=BEHAVIOURS[name][CHANGED_IN])
            scope.become(scope_state(name, requests))
            made: Scope = self.setdefault(name, scope)
        return made


lock = RLock()
requests = Requests()
when_asked: "Callable[[], None]"
"""What puts the requests in force; set by `minpython.source.hooks`, as the next."""
when_compiled: "Callable[[], None]"
"""What is done when the code of a package that asks is about to run."""
callbacks: "dict[str, Callable[[Any], None]]" = {}
generation = 0
"""Raised at each change of the requests."""
active = False
"""Whether a module of a package that asks was compiled: hooks for single packages act then."""
names_met = False
"""Whether code of a package or file that asks has ``async`` or ``await`` as a name."""
_for_names: "list[Callable[[], None]]" = []
_applied: "set[tuple[str, str]]" = set()
scopes = _Scopes()
_PACKAGE = __name__.partition(".")[0]


def scope_state(name: str, asked: "Requests") -> "State":
    """Return the scope that the requests ``asked`` give the behaviour ``name``.

    A behaviour that weakens security takes its name *and* a permission.
    """
    row = BEHAVIOURS[name]
    changed_in, per_package = row[CHANGED_IN], row[PER_PACKAGE]
    if name in asked.disabled or running() < changed_in:
        return NOBODY
    if row[INSECURE]:
        return (*asked.enabled.get(name, NOWHERE), False) if name in asked.insecure else NOBODY
    everyone, packages = asked.enabled.get(name, NOWHERE)
    if not row[DEFAULT]:
        return (everyone, packages, False)
    if asked.version is not None and asked.version < changed_in:
        everyone = True
    if per_package and asked.packages:
        packages |= {key for key, version in asked.packages.items() if version < changed_in}
    by_file = per_package and asked.oldest_file is not None and asked.oldest_file < changed_in
    return (everyone, packages, by_file)


def refresh() -> None:
    """Give every behaviour the scope that follows from the requests, and restore what is new."""
    global generation  # noqa: PLW0603 - one state of the process
    with lock:
        generation += 1
        for name, scope in scopes.items():
            scope.become(scope_state(name, requests))
        scoping.files = requests.files
        targets = [target for target in TARGETED if target in sys.modules]
    for target in targets:
        module = sys.modules.get(target)
        if module is None:
            continue
        if not initializing(module):
            apply(module, target)
        elif not (module.__spec__ and hasattr(module.__spec__.loader, "minpython_restores")):
            afterwards(module, target)


def when_names_are_met(action: "Callable[[], None]") -> None:
    """Call ``action`` when code of a package that asks has ``async`` or ``await`` as a name."""
    if names_met:
        action()
    else:
        _for_names.append(action)


def meet_names() -> None:
    """Do what waited for such a name."""
    global names_met  # noqa: PLW0603 - one state of the process
    names_met = True
    while _for_names:
        _for_names.pop()()


def afterwards(module: "ModuleType", target: str) -> None:
    """Restore in a module when its import, which is under way in some thread, has ended.

    The import system says so by setting ``__spec__._initializing``; until then the spec is one that
    notices.
    """
    spec = module.__spec__
    if spec is None:
        return
    if type(spec) is _NoticingSpec:
        spec.minpython_afterwards.append((module, target))
        return
    if type(spec) is not ModuleSpec:
        return
    spec.__dict__["minpython_afterwards"] = [(module, target)]
    spec.__dict__["minpython_initializing"] = spec.__dict__.pop("_initializing", True)
    spec.__class__ = _NoticingSpec


class _NoticingSpec(ModuleSpec):
    """The spec of a module whose import was under way when a version was asked for."""

    minpython_afterwards: "list[tuple[ModuleType, str]]"

    @property
    def _initializing(self) -> bool:
        return bool(self.__dict__.get("minpython_initializing"))

    @_initializing.setter
    def _initializing(self, value: bool) -> None:
        self.__dict__["minpython_initializing"] = value
        if value:
            return
        waiting = self.__dict__.pop("minpython_afterwards", [])
        self.__dict__.pop("minpython_initializing", None)
        self.__class__ = ModuleSpec  # type: ignore[assignment]
        self._initializing = False
        for module, target in waiting:
            apply(sys.modules.get(target, module), target)


def initializing(module: "ModuleType") -> bool:
    """Return whether another import of ``module`` is under way, which calls `apply` at its end."""
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def apply(module: "ModuleType", target: str, *, fresh: bool = False) -> None:
    """Restore in ``module``, imported as ``target``, whatever some code sees; never raise.

    Behaviours that only add attributes to the module wait until one that it lacks is read.
    ``fresh``: the module has just run, maybe again (``importlib.reload``), and forgot what it had.
    """
    if fresh:
        _applied.difference_update([key for key in _applied if key[1] == target])
    if holding.waiting:
        holding.waiting.append((module, target))
        return
    later = False
    for name in TARGETED.get(target, "").split():
        if not acts(name) or (name, target) in _applied:
            continue
        row = BEHAVIOURS[name]
        if row[HOW] == "lazy-attribute":
            later = True
        elif row[FUNCTIONS] and scopes[name].everyone:
            _restore_at_call(name, module, target)
        else:
            _restore(name, module, target)
    if later:
        defer(module, lambda: _restore_attributes(module, target))
    if target in callbacks:
        callbacks[target](module)


def acts(name: str) -> bool:
    """Return whether a behaviour changes the interpreter; for single packages few do.

    The main program may not be compiled by us (``-c``, standard input): where it is named as a
    package, wrappers ask who calls them.
    """
    scope = scopes[name]
    if scope.everyone:
        return True
    if "__main__" in scope.packages:
        return True
    return active and BEHAVIOURS[name][HOW] == "hook" and bool(scope)


def _restore_attributes(module: "ModuleType", target: str) -> None:
    for name in TARGETED.get(target, "").split():
        if BEHAVIOURS[name][HOW] == "lazy-attribute" and acts(name):
            _restore(name, module, target)


def _restore_at_call(name: str, module: "ModuleType", target: str) -> None:
    """Restore a behaviour when one of its functions is first called."""
    if _first(name, target):
        for function in BEHAVIOURS[name][FUNCTIONS]:
            if function in module.__dict__:
                wait(name, module, function, lambda: _call_restorer(name, module))


def _restore(name: str, module: "ModuleType", target: str) -> None:
    """Call the restorer of one behaviour for one target, once."""
    if not _first(name, target):
        return
    if (name, target) in done_early:
        for undo, owner, changed in done_early.pop((name, target)):
            journal.note(name, undo)
            if changed:
                journal.at(name, owner, changed)
        return
    _call_restorer(name, module)


def _first(name: str, target: str) -> bool:
    """Return whether nothing was done yet for a behaviour in a target; from now on it is."""
    key = (name, target)
    with lock:
        if key in _applied:
            return False
        _applied.add(key)
        journal.note(name, _discard(key))
    return True


def _call_restorer(name: str, module: "ModuleType") -> None:
    try:
        restorer(name)(Patch(name, scopes[name]), module)
    except Exception as error:  # noqa: BLE001 - start-up goes on, doctor tells
        journal.failed[name] = f"{type(error).__name__}: {error}"
        tell_failure(module, f"{name}: {journal.failed[name]}")


def _discard(key: "tuple[str, str]") -> "Callable[[], None]":
    return lambda: _applied.discard(key)


def restorer(name: str) -> "Callable[[Patch, ModuleType], object]":
    """Return the function that restores the behaviour ``name``, importing its module."""
    area, _, function = BEHAVIOURS[name][RESTORER].partition(":")
    # What every start restores stands at the top: a start imports no package for one module of it.
    module = f"{_PACKAGE}.start_restorers" if area == "start" else f"{_PACKAGE}.restorers.{area}"
    __import__(module)
    found: Callable[[Patch, ModuleType], object] = getattr(sys.modules[module], function)
    return found


def syntax_version(module: "str | None") -> "Version | None":
    """Return the version whose syntax the module of this name is written in, or None."""
    found = [requests.version] if requests.version is not None else []
    if requests.packages and module:
        name = module
        while name:
            if name in requests.packages:
                found.append(requests.packages[name])
            name = name.rpartition(".")[0]
    return min(found, default=None)


def in_scope(module: str) -> bool:
    """Return whether the module of this name belongs to a package that asks for itself."""
    packages = packages_of(requests)
    while packages and module:
        if module in packages:
            return True
        module = module.rpartition(".")[0]
    return False


def packages_of(asked: "Requests") -> "set[str]":
    """Return the packages that ask for a version or for single behaviours."""
    found = set(asked.packages)
    for _everyone, packages in asked.enabled.values():
        found |= packages
    return found


def used_version() -> "Version":
    """Return the version that the whole program acts as."""
    return requests.version or running()


holding.apply = apply
