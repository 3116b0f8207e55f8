"""Source files on their way to the compiler: translated where they have to be, and only then.

What needs a translation can't be compiled by the running Python, so it never has an ordinary
``.pyc``: the usual, fast way of a module that needs none never comes here. The import system calls
``source_to_code`` for the rest: the kept translation is taken, else the source is compiled as it
is, and only what that refuses is translated.
"""

from __future__ import annotations

import _frozen_importlib_external as _external
from os import sep

from minpython import as_import_system, versions
from minpython.engine import journal, state
from minpython.source import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable

    from minpython.engine.requests import Version

# The first version whose syntax the running Python takes as it is; a test holds that it is right.
TRANSLATED_BELOW = (3, 8, 0)
# What py_compile calls the module that it compiles: its result goes to the ordinary place.
_PY_COMPILE = "<py_compile>"
_FLAG = "_minpython_translated"


def asks(data: object) -> bool:
    """Tell whether a source may ask for a version itself; fast, may be wrong in saying yes."""
    return isinstance(data, bytes) and (b"use Python" in data or b"python36_syntax" in data)


@as_import_system
def compiled(
    original: Callable[..., CodeType],
    loader: Any,
    data: Any,
    path: Any,
    more: tuple[tuple[Any, ...], dict[str, Any]],
) -> CodeType:
    """Do the work of ``loader.source_to_code(data, path)`` for a source that may be an old one.

    Args:
        original: the method as the loader's class has it.
        loader: the loader.
        data: the source's bytes; anything else is left to ``original``.
        path: the source's path.
        more: further arguments, positional and by keyword.
    """
    name = getattr(loader, "name", None)
    version = _translatable(state.syntax_version(name))
    args, kwargs = more
    if not isinstance(data, bytes) or name == _PY_COMPILE or (version is None and not asks(data)):
        return original(loader, data, path, *args, **kwargs)
    file, optimize = str(path), kwargs.get("_optimize", -1)
    kept = name != "__main__"
    entry = cache.read(file, data, version, optimize) if kept else None
    if entry is None:
        try:
            return original(loader, data, path, *args, **kwargs)
        except SyntaxError as error:
            entry = _translated(original, loader, data, file, more, version, error)
            if kept:
                cache.write(file, data, version, optimize, entry)
    _keep_out_of_the_ordinary_place(loader)
    return _taken(entry, file)


def _taken(entry: cache.Entry, file: str) -> CodeType:
    if entry[0] is not None:
        _ask_for_file(entry[0], file)
    if journal.counting:
        journal.count_file("translation", file)
    return entry[1]


def get_code(original: Callable[[Any, str], CodeType | None]) -> Callable[[Any, str], Any]:
    """Return a method for loaders that takes a kept translation before anything else."""
    known = cache.listings

    def get_code(self: Any, fullname: str) -> CodeType | None:
        path = getattr(self, "path", None)
        if type(path) is str:
            folder = path.rpartition(sep)[0]
            if known.get(folder, True) and cache.listed(folder):
                version = state.syntax_version(fullname)
                if version is not None and version >= TRANSLATED_BELOW:
                    version = None
                entry = cache.find(path, version)
                if entry is not None:
                    return _taken(entry, path)
        return original(self, fullname)

    get_code.minpython = True  # type: ignore[attr-defined]
    return as_import_system(get_code)


def _translatable(version: Version | None) -> Version | None:
    return version if version is not None and version < TRANSLATED_BELOW else None


@as_import_system
def _translated(
    original: Callable[..., CodeType],
    loader: Any,
    data: bytes,
    file: str,
    more: tuple[tuple[Any, ...], dict[str, Any]],
    version: Version | None,
    error: SyntaxError,
) -> cache.Entry:
    """Translate what the compiler refused with ``error``; raise that when it doesn't help."""
    from minpython.source import translate

    done = translate.translate(data, filename=file, version=version)
    if not done.changed:
        raise error
    asked = _asked(done.requested_version, file)
    args, kwargs = more
    try:
        return (asked, original(loader, done.source, file, *args, **kwargs))
    except SyntaxError as second:
        raise _told(error, second, asked is not None) from None


def _told(first: SyntaxError, second: SyntaxError, asked: bool) -> SyntaxError:  # noqa: FBT001
    """Return the error that tells what is wrong with the source as it was written."""
    return second if asked else first


def _asked(version: tuple[int, ...] | None, file: str) -> Version | None:
    if version is None:
        return None
    try:
        return versions.checked(tuple(version))
    except ValueError as error:
        raise SyntaxError(f"use Python: {error}", (file, 1, 1, None)) from None


def _ask_for_file(version: Version, file: str) -> None:
    """Let the code of ``file`` see what ``version`` brings back, from before it runs."""
    from minpython.source import hooks

    with state.lock:
        oldest = state.requests.oldest_file
        state.requests.ask_file(version, file)
    if oldest is None or version < oldest:
        hooks.install()
        state.refresh()


def text_of(source: Any, file: str, version: Version | None) -> str | None:
    """Return the translation of text or bytes that the compiler refused; None if there is none.

    For ``compile``, ``exec`` and ``eval``. A version that the text asks for itself is taken.
    """
    from minpython.source import translate

    if isinstance(source, (bytearray, memoryview)):
        source = bytes(source)
    done = translate.translate(source, filename=file, version=_translatable(version))
    if not done.changed:
        return None
    asked = _asked(done.requested_version, file)
    if asked is not None:
        _ask_for_file(asked, file)
    return done.source if isinstance(done.source, str) else None


def _keep_out_of_the_ordinary_place(loader: Any) -> None:
    """Let the loader, which is about to write what it got as byte code, leave that out once."""
    for owner in (_external.SourceLoader, _external.SourceFileLoader):
        write = owner.__dict__.get("_cache_bytecode")
        if write is not None and not hasattr(write, _FLAG):
            setattr(owner, "_cache_bytecode", _guarded(write))  # noqa: B010 - mypy knows no such
    setattr(loader, _FLAG, True)


def _guarded(write: Callable[..., Any]) -> Callable[..., Any]:
    def _cache_bytecode(self: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(self, "__dict__", {}).pop(_FLAG, False):
            return None
        return write(self, *args, **kwargs)

    setattr(_cache_bytecode, _FLAG, True)
    return _cache_bytecode


def was_translated(loader: Any) -> bool:
    """Tell whether the last source that ``loader`` compiled had to be translated."""
    return bool(getattr(loader, "__dict__", {}).get(_FLAG, False))
