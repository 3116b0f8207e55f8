"""The import system's old protocol: ``find_module`` and ``load_module``."""

from __future__ import annotations

import _frozen_importlib as _bootstrap
import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from minpython.engine.patch import Patch
else:
    ModuleType = type(sys)


def _like(original: Any) -> Any:
    def named(wrapper: Any) -> Any:
        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            setattr(wrapper, name, getattr(original, name, None))
        wrapper.__wrapped__ = original
        return wrapper

    return named


def load(spec: Any) -> ModuleType:
    """Load a module from its spec, anew when it is loaded already."""
    if spec.name in sys.modules:
        _bootstrap._exec(spec, sys.modules[spec.name])  # type: ignore[attr-defined]
        return sys.modules[spec.name]
    made: ModuleType = _bootstrap._load(spec)  # type: ignore[attr-defined]
    return made


def set_package(fxn: Callable[..., Any]) -> Callable[..., Any]:
    """Set ``__package__`` on the module that the decorated function returns."""

    @_like(fxn)  # type: ignore[untyped-decorator]
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        module = fxn(*args, **kwargs)
        if getattr(module, "__package__", None) is None:
            name = module.__name__
            module.__package__ = name if hasattr(module, "__path__") else name.rpartition(".")[0]
        return module

    return wrapper  # type: ignore[no-any-return]


def set_loader(fxn: Callable[..., Any]) -> Callable[..., Any]:
    """Set ``__loader__`` on the module that the decorated method returns."""

    @_like(fxn)  # type: ignore[untyped-decorator]
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        module = fxn(self, *args, **kwargs)
        if getattr(module, "__loader__", None) is None:
            module.__loader__ = self
        return module

    return wrapper  # type: ignore[no-any-return]


def module_for_loader(fxn: Callable[..., Any]) -> Callable[..., Any]:
    """Give the decorated method a module object for the name it is called with."""

    @_like(fxn)  # type: ignore[untyped-decorator]
    def wrapper(self: Any, fullname: str, *args: Any, **kwargs: Any) -> Any:
        module = sys.modules.get(fullname)
        fresh = module is None
        if module is None:
            module = sys.modules[fullname] = type(sys)(fullname)
        module.__loader__ = self
        is_package = getattr(self, "is_package", None)
        try:
            package = bool(is_package and is_package(fullname))
        except (ImportError, AttributeError):
            package = False
        module.__package__ = fullname if package else fullname.rpartition(".")[0]
        try:
            return fxn(self, module, *args, **kwargs)
        except BaseException:
            if fresh:
                sys.modules.pop(fullname, None)
            raise

    return wrapper  # type: ignore[no-any-return]


class _OldLoader:
    """Lets a loader that only has ``load_module`` be used by today's import system."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Let the loader do everything."""
        module: ModuleType = self.loader.load_module(spec.name)
        return sys.modules.get(spec.name, module)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module has run."""
        if getattr(module, "__loader__", None) is self:
            module.__loader__ = self.loader
        spec = getattr(module, "__spec__", None)
        if spec is not None and spec.loader is self:
            spec.loader = self.loader

    def __getattr__(self, name: str) -> Any:
        """Ask the loader."""
        return getattr(self.loader, name)


def old_spec(patch: Patch, fullname: str, path: Any) -> Any | None:
    """Return a spec with the loader that a finder without ``find_spec`` gives."""
    for finder in list(sys.meta_path):
        if hasattr(finder, "find_spec") or not hasattr(finder, "find_module"):
            continue
        loader = finder.find_module(fullname, path)
        if loader is not None:
            return _spec(patch, fullname, loader)
    for entry in sys.path if path is None else path:
        finder = sys.path_importer_cache.get(entry)  # type: ignore[assignment]
        if finder is None or hasattr(finder, "find_spec"):
            continue
        loader = _from_path_entry(finder, fullname)
        if loader is not None:
            return _spec(patch, fullname, loader)
    return None


def _spec(patch: Patch, fullname: str, loader: Any) -> Any:
    patch.used()
    made = loader if hasattr(loader, "exec_module") else _OldLoader(loader)
    try:
        package = loader.is_package(fullname)
    except (AttributeError, ImportError):
        package = None
    return _bootstrap.ModuleSpec(fullname, made, is_package=package)  # type: ignore[arg-type]


def _from_path_entry(finder: Any, fullname: str) -> Any:
    if hasattr(finder, "find_loader"):
        return finder.find_loader(fullname)[0]
    return finder.find_module(fullname) if hasattr(finder, "find_module") else None
