"""The finders of our own, in front of all others and behind them.

The first, the gate, restores things in a module that was just imported: behaviours whose target
isn't there yet wait. It lets the other finders find the module and only puts itself between the
import system and the module's loader, for the one call that runs the module; the module and its
spec never see another loader than their own.
"""

import sys

from minpython import as_import_system
from minpython._index import PROVIDED, TARGETED
from minpython.engine import journal, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


class Gate:
    """A meta path finder, see the module's docstring; `GATE` is the only one."""

    @as_import_system
    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        """Return the spec of the other finders, when something waits for ``fullname``."""
        if fullname not in TARGETED and fullname not in state.callbacks:
            return None
        for finder in tuple(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Once(spec.loader)  # type: ignore[assignment]
                return spec
        return None


class Last:
    """A meta path finder for what no other has found; `LAST` is the only one."""

    @as_import_system
    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None" = None,  # noqa: ARG002 - the protocol of finders
        target: "ModuleType | None" = None,  # noqa: ARG002
    ) -> "ModuleSpec | None":
        """Return the spec of a module that is gone, when the asking code sees it restored."""
        if fullname not in PROVIDED:
            return None
        from minpython.engine import missing

        found: ModuleSpec | None = missing.find_spec(fullname)
        return found


class _Once:
    """A loader for one call: runs the module with its own loader, then restores things in it."""

    minpython_restores = True

    def __init__(self, loader: "Any") -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._loader, name)

    @as_import_system
    def create_module(self, spec: "ModuleSpec") -> "ModuleType | None":
        spec.loader = self._loader
        try:
            made: ModuleType | None = self._loader.create_module(spec)
            return made
        finally:
            spec.loader = self  # type: ignore[assignment]

    @as_import_system
    def exec_module(self, module: "ModuleType") -> None:
        loader = self._loader
        spec = module.__spec__
        name = module.__name__ if spec is None else spec.name
        if spec is not None:
            spec.loader = loader
        module.__loader__ = loader
        loader.exec_module(module)
        state.apply(sys.modules.get(name, module), name, fresh=True)


GATE = Gate()
LAST = Last()


def install() -> None:
    """Put the finders around the others, once, until undone."""
    finders: list[Any] = sys.meta_path
    if GATE not in finders:
        finders.insert(0, GATE)
        journal.note("", lambda: finders.remove(GATE))
    install_last()


def install_last() -> None:
    """Put the finder of gone modules behind the others, once, until undone."""
    finders: list[Any] = sys.meta_path
    if LAST not in finders:
        finders.append(LAST)
        journal.note("", lambda: finders.remove(LAST) if LAST in finders else None)
