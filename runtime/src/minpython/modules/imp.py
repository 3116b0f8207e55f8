"""The `imp` module as it was up to Python 3.11, written anew on `importlib`.

Gone in 3.12; the modern way is `importlib`.
"""

import importlib.machinery
import importlib.util
import os
import sys
import tokenize
import types
import warnings
from _imp import (
    acquire_lock,
    create_dynamic,
    get_frozen_object,
    init_frozen,
    is_builtin,
    is_frozen,
    is_frozen_package,
    lock_held,
    release_lock,
)
from importlib import _bootstrap, reload
from typing import IO, Any, Optional

__all__ = [
    "C_BUILTIN",
    "C_EXTENSION",
    "IMP_HOOK",
    "PKG_DIRECTORY",
    "PY_CODERESOURCE",
    "PY_COMPILED",
    "PY_FROZEN",
    "PY_RESOURCE",
    "PY_SOURCE",
    "SEARCH_ERROR",
    "NullImporter",
    "acquire_lock",
    "cache_from_source",
    "create_dynamic",
    "find_module",
    "get_frozen_object",
    "get_magic",
    "get_suffixes",
    "get_tag",
    "init_builtin",
    "init_frozen",
    "is_builtin",
    "is_frozen",
    "is_frozen_package",
    "load_compiled",
    "load_dynamic",
    "load_module",
    "load_package",
    "load_source",
    "lock_held",
    "new_module",
    "release_lock",
    "reload",
    "source_from_cache",
]

SEARCH_ERROR = 0
PY_SOURCE = 1
PY_COMPILED = 2
C_EXTENSION = 3
PY_RESOURCE = 4
PKG_DIRECTORY = 5
C_BUILTIN = 6
PY_FROZEN = 7
PY_CODERESOURCE = 8
IMP_HOOK = 9

Details = tuple[str, str, int]  # suffix, mode, kind of file
Found = tuple[Any, Any, Details]  # open file or None, path, details


def new_module(name: str) -> types.ModuleType:
    """Return an empty module of this name, not entered in `sys.modules`."""
    return types.ModuleType(name)


def get_magic() -> bytes:
    """Return the magic number that the running Python writes into .pyc files."""
    return importlib.util.MAGIC_NUMBER


def get_tag() -> Optional[str]:
    """Return the tag that stands in the names of .pyc files."""
    return sys.implementation.cache_tag


def cache_from_source(path: str, debug_override: Optional[bool] = None) -> str:
    """Return the path of the .pyc file that belongs to a source path."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if debug_override is None:
            return importlib.util.cache_from_source(path)
        return importlib.util.cache_from_source(path, optimization="" if debug_override else 1)


def source_from_cache(path: str) -> str:
    """Return the source path to which a .pyc path belongs."""
    return importlib.util.source_from_cache(path)


def get_suffixes() -> list[Details]:
    """List what a module's file may end with: (suffix, open mode, kind)."""
    machinery = importlib.machinery
    return [
        *((suffix, "rb", C_EXTENSION) for suffix in machinery.EXTENSION_SUFFIXES),
        *((suffix, "r", PY_SOURCE) for suffix in machinery.SOURCE_SUFFIXES),
        *((suffix, "rb", PY_COMPILED) for suffix in machinery.BYTECODE_SUFFIXES),
    ]


class NullImporter:
    """A path hook that finds nothing, for paths that are no directories."""

    def __init__(self, path: str) -> None:
        """Refuse the empty path and directories with ImportError."""
        if path == "":
            raise ImportError("empty pathname", path="")
        if os.path.isdir(path):
            raise ImportError("existing directory", path=path)

    def find_module(self, fullname: str) -> None:
        """Find nothing, whatever the name."""
        return


class _GivenFile:
    """Lets a loader read its source or bytecode from a file that is open already."""

    path: str

    def __init__(self, fullname: str, path: str, file: Optional[IO[Any]] = None) -> None:
        super().__init__(fullname, path)  # type: ignore[call-arg]
        self._given = file

    def get_data(self, path: str) -> bytes:
        """Return the bytes of the path, from the open file when it is that one."""
        given, self._given = self._given, None
        if given is None or path != self.path:
            return super().get_data(path)  # type: ignore[misc,no-any-return]
        if given.closed or "b" not in getattr(given, "mode", "rb"):
            given = open(path, "rb")
        with given:
            return bytes(given.read())


class _SourceLoader(_GivenFile, importlib.machinery.SourceFileLoader):  # type: ignore[misc]
    pass


class _BytecodeLoader(_GivenFile, importlib.machinery.SourcelessFileLoader):
    pass


def _load(spec: Optional[importlib.machinery.ModuleSpec], name: str) -> types.ModuleType:
    if spec is None:
        raise ImportError(f"No module named {name!r}", name=name)
    if name in sys.modules:
        return _bootstrap._exec(spec, sys.modules[name])  # type: ignore[attr-defined, no-any-return]
    return _bootstrap._load(spec)  # type: ignore[attr-defined, no-any-return]


def load_source(name: str, pathname: str, file: Optional[IO[Any]] = None) -> types.ModuleType:
    """Run a source file as the module `name`, anew when it is loaded already."""
    spec = importlib.util.spec_from_file_location(
        name, pathname, loader=_SourceLoader(name, pathname, file)
    )
    module = _load(spec, name)
    # A later reload() must read the file again, with an ordinary loader.
    module.__loader__ = importlib.machinery.SourceFileLoader(name, pathname)
    if module.__spec__ is not None:
        module.__spec__.loader = module.__loader__
    return module


def load_compiled(name: str, pathname: str, file: Optional[IO[Any]] = None) -> types.ModuleType:
    """Run a .pyc file as the module `name`, anew when it is loaded already."""
    spec = importlib.util.spec_from_file_location(
        name, pathname, loader=_BytecodeLoader(name, pathname, file)
    )
    module = _load(spec, name)
    module.__loader__ = importlib.machinery.SourcelessFileLoader(name, pathname)
    if module.__spec__ is not None:
        module.__spec__.loader = module.__loader__
    return module


def load_package(name: str, path: str) -> types.ModuleType:
    """Run the `__init__` of the package folder `path` as the package `name`."""
    if os.path.isdir(path):
        suffixes = importlib.machinery.SOURCE_SUFFIXES + importlib.machinery.BYTECODE_SUFFIXES
        inits = [os.path.join(path, "__init__" + suffix) for suffix in suffixes]
        path = next((init for init in inits if os.path.exists(init)), "")
        if not path:
            raise ValueError(f"{name!r} is not a package: no __init__ file in its folder")
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[])
    return _load(spec, name)


def load_dynamic(name: str, path: str, file: Optional[IO[Any]] = None) -> types.ModuleType:
    """Load the extension module `name` from a shared library."""
    loader = importlib.machinery.ExtensionFileLoader(name, path)
    spec = importlib.machinery.ModuleSpec(name=name, loader=loader, origin=path)
    return _bootstrap._load(spec)  # type: ignore[attr-defined, no-any-return]


def load_module(
    name: str,
    file: Optional[IO[Any]],
    filename: str,
    details: Details,
) -> types.ModuleType:
    """Load what `find_module` found; the caller closes the file."""
    _suffix, mode, kind = details
    if mode and (not mode.startswith("r") or "+" in mode):
        raise ValueError(f"invalid file open mode {mode!r}")
    if file is None and kind in (PY_SOURCE, PY_COMPILED):
        raise ValueError(f"file object required for import (type code {kind})")
    if kind == PY_SOURCE:
        return load_source(name, filename, file)
    if kind == PY_COMPILED:
        return load_compiled(name, filename, file)
    if kind == C_EXTENSION:
        return load_dynamic(name, filename, file)
    if kind == PKG_DIRECTORY:
        return load_package(name, filename)
    if kind in (C_BUILTIN, PY_FROZEN):
        module = init_builtin(name) if kind == C_BUILTIN else init_frozen(name)
        if module is None:
            raise ImportError(f"No module named {name!r}", name=name)
        return module
    raise ImportError(f"Don't know how to import {name} (type code {kind})", name=name)


def find_module(name: str, path: Optional[list[str]] = None) -> Found:
    """Look for a module in built-ins, frozen modules and `path` (default `sys.path`).

    Give (open file or None, path, (suffix, mode, kind)); dotted names are not followed.
    """
    if not isinstance(name, str):
        raise TypeError(f"'name' must be a str, not {type(name)}")
    if not isinstance(path, (type(None), list)):
        raise RuntimeError(f"'path' must be None or a list, not {type(path)}")
    if path is None:
        if is_builtin(name):
            return None, None, ("", "", C_BUILTIN)
        if is_frozen(name):
            return None, None, ("", "", PY_FROZEN)
    for entry in sys.path if path is None else path:
        found = _find_in(entry, name)
        if found is not None:
            return found
    raise ImportError(f"No module named {name!r}", name=name)


def _find_in(entry: str, name: str) -> Optional[Found]:
    folder = os.path.join(entry, name)
    for suffix in (".py", importlib.machinery.BYTECODE_SUFFIXES[0]):
        if os.path.exists(os.path.join(folder, "__init__" + suffix)):
            return None, folder, ("", "", PKG_DIRECTORY)
    for suffix, mode, kind in get_suffixes():
        path = os.path.join(entry, name + suffix)
        if os.path.exists(path):
            return _open(path, mode), path, (suffix, mode, kind)
    return None


def _open(path: str, mode: str) -> IO[Any]:
    if "b" in mode:
        return open(path, mode)
    with open(path, "rb") as source:
        encoding = tokenize.detect_encoding(source.readline)[0]
    return open(path, mode, encoding=encoding)


def init_builtin(name: str) -> Optional[types.ModuleType]:
    """Load the built-in module `name`; None when there is none."""
    if not is_builtin(name):
        return None
    spec = importlib.machinery.ModuleSpec(name, importlib.machinery.BuiltinImporter)  # type: ignore[arg-type]
    return _bootstrap._load(spec)  # type: ignore[attr-defined, no-any-return]
