"""What is asked for, and what follows from it: the scope of every behaviour, applied at import.

The requests are a few values (a version for the program, versions for packages and files, single
behaviours switched on or off). From them the scope of each behaviour is computed afresh at every
change; a behaviour that some code sees is applied to its target module at once when that is
imported already, else when it is.
"""

from __future__ import annotations

import sys
import threading
from types import ModuleType

from minpython import journal
from minpython._index import BEHAVIOURS
from minpython.patch import Patch
from minpython.scope import Scope
from minpython.versions import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    Version = tuple[int, int, int]
    State = tuple[bool, frozenset[str], frozenset[str]]

lock = threading.RLock()
scopes: dict[str, Scope] = {}
pending: dict[str, list[str]] = {}
failed: dict[str, str] = {}
_applied: set[tuple[str, str]] = set()


class Requests:
    """Everything asked for so far."""

    __slots__ = ("disabled", "enabled", "files", "packages", "version")

    def __init__(self) -> None:
        self.version: Version | None = None
        self.packages: dict[str, Version] = {}
        self.files: dict[str, Version] = {}
        self.enabled: dict[str, State] = {}
        self.disabled: set[str] = set()

    def copy(self) -> Requests:
        """Return requests of the same content that change apart from these."""
        new = Requests()
        new.version = self.version
        new.packages = dict(self.packages)
        new.files = dict(self.files)
        new.enabled = dict(self.enabled)
        new.disabled = set(self.disabled)
        return new


requests = Requests()


def _scope_state(name: str) -> State:
    """Return the scope that the requests give the behaviour ``name``."""
    changed_in, _, _, _, _, per_package, insecure, default = BEHAVIOURS[name]
    everyone, packages, files = requests.enabled.get(name, (False, frozenset(), frozenset()))
    if name in requests.disabled:
        return (False, frozenset(), frozenset())
    if running() >= changed_in and default and not insecure:
        if requests.version is not None and requests.version < changed_in:
            everyone = True
        if per_package:
            packages |= {
                name for name, version in requests.packages.items() if version < changed_in
            }
            files |= {name for name, version in requests.files.items() if version < changed_in}
    return (everyone, packages, files)


def refresh() -> None:
    """Give every behaviour the scope that follows from the requests, and apply what is new."""
    for name, row in BEHAVIOURS.items():
        state = _scope_state(name)
        scope = scopes.get(name)
        if scope is None:
            if not (state[0] or state[1] or state[2]):
                continue
            scope = scopes[name] = Scope()
            for target in row[2]:
                pending.setdefault(target, []).append(name)
        scope.become(state)
    for target in pending:
        if target in sys.modules:
            apply(sys.modules[target], target)


def apply(module: ModuleType, target: str) -> None:
    """Restore in ``module``, just imported as ``target``, whatever some code sees; never raise."""
    for name in pending.get(target, ()):
        scope = scopes[name]
        if not scope or (name, target) in _applied:
            continue
        _applied.add((name, target))
        journal.note("", lambda key=(name, target): _applied.discard(key))  # type: ignore[misc]
        try:
            _restorer(BEHAVIOURS[name][3])(Patch(name, scope), module)
        except Exception as error:  # noqa: BLE001 - start-up goes on, doctor tells
            failed[name] = f"{type(error).__name__}: {error}"


def _restorer(path: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    area, _, function = path.partition(":")
    name = f"{__name__.rpartition('.')[0]}.restorers.{area}"
    __import__(name)
    return getattr(sys.modules[name], function)


def enable(name: str, state: State) -> None:
    """Switch one behaviour on for a scope, whatever the versions say."""
    with lock:
        requests.enabled[name] = state
        requests.disabled.discard(name)
        refresh()
