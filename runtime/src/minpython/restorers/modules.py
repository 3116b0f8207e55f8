"""Modules that another distribution provides under another name."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType


def find_distutils(fullname: str) -> ModuleSpec | None:
    """Return the spec of a module of ``distutils``.

    ``setuptools`` brings a ``distutils`` of its own, without some of the commands: those are taken
    from ``standard-distutils``. Without that, setuptools' own is used.
    """
    from importlib.machinery import PathFinder
    from importlib.util import spec_from_file_location

    parts = fullname.split(".")
    for entry in sys.path:
        path = os.path.join(entry or os.curdir, *parts)
        for file, search in ((path + ".py", None), (os.path.join(path, "__init__.py"), [path])):
            if os.path.exists(file):
                return spec_from_file_location(fullname, file, submodule_search_locations=search)
    setuptools = PathFinder.find_spec("setuptools")
    if setuptools is None or not setuptools.submodule_search_locations:
        return None
    for folder in setuptools.submodule_search_locations:
        path = os.path.join(folder, "_distutils", *parts[1:])
        for file, search in ((path + ".py", None), (os.path.join(path, "__init__.py"), [path])):
            if os.path.exists(file):
                return spec_from_file_location(fullname, file, submodule_search_locations=search)
    return None


class _Same:
    """A loader that gives a module which is loaded under another name."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing but undo what the import system wrote: the module has run."""
        module.__spec__ = self._spec
        if self._spec is not None:
            module.__loader__ = self._spec.loader


def find_lib2to3(fullname: str) -> ModuleSpec | None:
    """Return a spec of ``lib2to3`` or a part of it, which gives the module of ``fissix``."""
    from importlib import import_module
    from importlib.machinery import ModuleSpec

    try:
        module = import_module(fullname.replace("lib2to3", "fissix", 1))
    except ImportError:
        return None
    return ModuleSpec(fullname, _Same(module), is_package=hasattr(module, "__path__"))  # type: ignore[arg-type]
