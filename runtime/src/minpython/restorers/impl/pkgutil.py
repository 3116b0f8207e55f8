"""The finders of ``pkgutil`` from before ``importlib``."""

from __future__ import annotations

import importlib.util
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def find_loader(fullname: str) -> Any:
    """Return the loader of a module, None when there is none; parents are imported.

    Raises:
        ImportError: the name is relative, or its parent can't be imported.
    """
    if fullname.startswith("."):
        raise ImportError(f"Relative module name {fullname!r} not supported")
    try:
        spec = importlib.util.find_spec(fullname)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ImportError(
            f"Error while finding loader for {fullname!r} ({type(error)}: {error})"
        ) from error
    return None if spec is None else spec.loader


def get_loader(module_or_name: Any) -> Any:
    """Return the loader of a module, given itself or by name; None when there is none."""
    if module_or_name in sys.modules:
        module_or_name = sys.modules[module_or_name]
        if module_or_name is None:
            return None
    if isinstance(module_or_name, type(sys)):
        loader = getattr(module_or_name, "__loader__", None)
        if loader is not None:
            return loader
        if getattr(module_or_name, "__spec__", None) is None:
            return None
        return find_loader(module_or_name.__name__)
    return find_loader(module_or_name)


class ImpImporter:
    """A finder for one folder, or for built-in and frozen modules without one."""

    def __init__(self, path: str | None = None) -> None:
        """Look in the folder ``path``."""
        self.path = path

    def find_module(self, fullname: str, path: Any = None) -> ImpLoader | None:
        """Return a loader of the module, None when there is none."""
        from minpython.modules import imp

        name = fullname.rpartition(".")[2]
        if name != fullname and self.path is None:
            return None
        try:
            where = None if self.path is None else [os.path.realpath(self.path)]
            return ImpLoader(fullname, *imp.find_module(name, where))
        except ImportError:
            return None

    def iter_modules(self, prefix: str = "") -> Any:
        """Yield (name, whether it is a package) of each module in the folder."""
        import pkgutil

        if self.path is None or not os.path.isdir(self.path):
            return
        for found in pkgutil.iter_modules([self.path], prefix):
            yield found.name, found.ispkg


class ImpLoader:
    """A loader of what ``imp.find_module`` found."""

    code: Any = None
    source: str | None = None

    def __init__(self, fullname: str, file: Any, filename: str, etc: Any) -> None:
        """Keep the open file, its name and its details."""
        self.file = file
        self.filename = filename
        self.fullname = fullname
        self.etc = etc

    def load_module(self, fullname: str) -> Any:
        """Import the module."""
        from minpython.modules import imp

        if self.file and self.file.closed:
            self.file = open(self.filename, "rb")  # noqa: SIM115
        try:
            return imp.load_module(fullname, self.file, self.filename, self.etc)
        finally:
            if self.file:
                self.file.close()

    def get_data(self, pathname: str) -> bytes:
        """Return the bytes of a file."""
        with open(pathname, "rb") as file:
            return file.read()

    def is_package(self, fullname: str | None = None) -> bool:
        """Return whether it is a package."""
        from minpython.modules import imp

        return bool(self.etc[2] == imp.PKG_DIRECTORY)

    def _init(self) -> Any:
        return importlib.util.spec_from_file_location(
            self.fullname, self.get_filename(), submodule_search_locations=[]
        )

    def get_filename(self, fullname: str | None = None) -> str:
        """Return the path of the source."""
        return os.path.join(self.filename, "__init__.py") if self.is_package() else self.filename

    def get_source(self, fullname: str | None = None) -> Any:
        """Return the source."""
        return self._init().loader.get_source(self.fullname)

    def get_code(self, fullname: str | None = None) -> Any:
        """Return the code object."""
        return self._init().loader.get_code(self.fullname)
