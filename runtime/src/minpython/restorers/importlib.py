"""What came and went in ``importlib``, ``zipimport`` and the import system."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def importlib_find_loader(patch: Patch, module: ModuleType) -> None:
    """A loader, not a spec."""

    def find_loader(name: str, path: Any = None) -> Any:
        """Return the loader of a module, without importing its parent; None when there is none.

        Raises:
            ValueError: the module is loaded and has no loader.
        """
        loaded = sys.modules.get(name)
        if loaded is not None:
            loader = getattr(loaded, "__loader__", None)
            if loader is None:
                raise ValueError(f"{name}.__loader__ is not set or None")
            return loader
        from importlib import _bootstrap

        spec = _bootstrap._find_spec(name, path)  # type: ignore[attr-defined]
        if spec is None:
            return None
        if spec.loader is None:
            if spec.submodule_search_locations is None:
                raise ImportError(f"spec for {name} missing loader", name=name)
            raise ImportError("namespace packages do not have loaders", name=name)
        return spec.loader

    patch.attribute(module, "find_loader", find_loader)


def importlib_abc_finder(patch: Patch, module: ModuleType) -> None:
    """The base of both kinds of finders."""

    def made() -> type:
        import abc

        def find_module(self: Any, fullname: str, path: Any = None) -> None:
            """Find nothing: subclasses do."""

        return abc.ABCMeta(
            "Finder",
            (),
            {
                "__module__": "importlib.abc",
                "__doc__": "A finder from before specs.",
                "find_module": abc.abstractmethod(find_module),
            },
        )

    patch.lazy(module, "Finder", made)


def importlib_util_decorators(patch: Patch, module: ModuleType) -> None:
    """For loaders with ``load_module``."""

    def made(name: str) -> Any:
        from minpython.restorers.impl import loaders as _loaders

        return getattr(_loaders, name)

    for name in ("module_for_loader", "set_loader", "set_package"):
        patch.lazy(module, name, lambda name=name: made(name))  # type: ignore[misc]


def _load(self: Any, name: str, path: Any = None) -> Any:
    """Return the loader of a module; None when there is none."""
    find = self.find_spec
    try:
        spec = find(name, path)
    except TypeError:
        spec = find(name)
    return None if spec is None else spec.loader


def _find_loader(self: Any, fullname: str) -> tuple[Any, list[str]]:
    """Return the loader of a module, or None, and the folders of its package."""
    spec = self.find_spec(fullname)
    if spec is None:
        return None, []
    return spec.loader, spec.submodule_search_locations or []


def _module_repr(_module: ModuleType) -> str:
    name = _module.__name__
    origin = getattr(_module.__spec__, "origin", None)
    where = f" ({origin})" if origin in ("built-in", "frozen", "namespace") else f" from {origin!r}"
    return f"<module {name!r}{where if origin else ' (namespace)'}>"


def _repr_method(self: Any, module: ModuleType) -> str:
    """Return the text that stands for a module."""
    return _module_repr(module)


def importlib_finder_methods(patch: Patch, module: ModuleType) -> None:
    """On the finders of the import system and their abstract bases."""
    if module.__name__ == "importlib.abc":
        patch.attribute(module.MetaPathFinder, "find_module", _load)
        patch.attribute(module.PathEntryFinder, "find_module", _entry_find_module)
        patch.attribute(module.PathEntryFinder, "find_loader", _find_loader)
        patch.attribute(module.Loader, "module_repr", _repr_method)
        return
    finders = ("BuiltinImporter", "FrozenImporter", "PathFinder", "WindowsRegistryFinder")
    for name in finders:
        patch.attribute(getattr(module, name), "find_module", classmethod(_load))
    patch.attribute(module.FileFinder, "find_module", _entry_find_module)
    patch.attribute(module.FileFinder, "find_loader", _find_loader)
    for name in ("BuiltinImporter", "FrozenImporter"):
        patch.attribute(getattr(module, name), "module_repr", staticmethod(_module_repr))
    if hasattr(module, "NamespaceLoader"):
        patch.attribute(module.NamespaceLoader, "module_repr", staticmethod(_module_repr))


def _entry_find_module(self: Any, fullname: str) -> Any:
    """Return the loader of a module; None when there is none."""
    return self.find_loader(fullname)[0]


def zip_find_loader(self: Any, fullname: str, path: Any = None) -> tuple[Any, list[str]]:
    """Return the loader of a module, or None, and the folders of its package."""
    spec = self.find_spec(fullname)
    if spec is None:
        return None, []
    if spec.loader is None:
        return None, list(spec.submodule_search_locations or [])
    return self, []


def importlib_loader_load_module(patch: Patch, module: ModuleType) -> None:
    """On top of ``exec_module``."""

    def load_module(self: Any, fullname: str | None = None) -> ModuleType:
        """Load the module, anew when it is loaded already, and return it."""
        from importlib import _bootstrap

        from minpython.restorers.impl import loaders as _loaders

        name = fullname or self.name
        return _loaders.load(_bootstrap.spec_from_loader(name, self))

    owner = module.zipimporter if module.__name__ == "zipimport" else module.FileLoader
    patch.attribute(owner, "load_module", load_module)
