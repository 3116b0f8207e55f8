"""Source files on their way to the compiler: translated where they have to be, and only then.

What needs a translation can't be compiled by the running Python, so it never has an ordinary
``.pyc``: the usual, fast way of a module that needs none never comes here. The import system calls
``source_to_code`` for the rest: the kept translation is taken, else the source is compiled as it
is, and only what that refuses is translated.
"""

import _frozen_importlib_external as _external
import sys
from _io import FileIO
from os import sep

from minpython import as_compiler, as_import_system, own, versions, viewing
from minpython.engine import gate, journal, scope, state
from minpython.source import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable

    from minpython.engine.requests import Version
    from minpython.source.translate import Translation

# The first version whose syntax the running Python takes as it is; a test holds that it is right.
TRANSLATED_BELOW = (3, 8, 0)
# What py_compile calls the module that it compiles: its result goes to the ordinary place.
_PY_COMPILE = "<py_compile>"
_FLAG = "_minpython_translated"
_OLD_NAMES = frozenset({"async", "await"})
# Stands for the version asked for in what is made of a source that needs nothing.
_ORDINARY: "Version" = (9, 9, 9)
_MARK = b"set_min_python_version"
# What the compiler raises about a source.
_OF_SOURCE = (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError)


def asks(data: object) -> bool:
    """Return whether a source may ask for a version itself; fast, may be wrong in saying yes."""
    if not isinstance(data, bytes):
        return False
    if b"use Python" in data:
        return True
    at = data.find(b"_syntax")
    while at != -1:
        start = data.rfind(b"python3", max(at - len(b"python3") - 2, 0), at)
        if start != -1 and data[start + len(b"python3") : at].isdigit():
            return True
        at = data.find(b"_syntax", at + 1)
    return False


@as_compiler
def compiled(
    source: "Any", file: "Any", args: "tuple[Any, ...]", more: "dict[str, Any]"
) -> "CodeType":
    """Do the work of ``compile`` for the import system, for a source that may be an old one.

    Args:
        source: the source's bytes; anything else is left to ``compile``.
        file: the source's path.
        args: further arguments of ``compile`` by position.
        more: and by keyword.
    """
    loader = sys._getframe(3).f_locals.get("self")
    name = getattr(loader, "name", None)
    if not isinstance(source, bytes) or name == _PY_COMPILE or _is_own(name):
        return own.compile(source, file, *args, **more)  # type: ignore[no-any-return]
    version = _translatable(state.syntax_version(name))
    view = state.in_scope(name or "") or _MARK in source
    if version is None and not view and not asks(source):
        return own.compile(source, file, *args, **more)  # type: ignore[no-any-return]
    try:
        entry = _made(source, str(file), name, _Way(version, view, more.get("optimize", -1)))
    except _OF_SOURCE as error:
        # Tracebacks end with the source, as they do where nothing asks.
        raise error.with_traceback(None)  # noqa: B904
    if entry[0] is _ORDINARY:
        return entry[1]
    if state.in_scope(name or ""):
        state.when_compiled()
    code = _in_its_namespaces(_taken(entry, str(file)), name or "")
    _keep_out_of_the_ordinary_place(loader, code)
    return code


@as_compiler
def compiled_in_archive(original: "Callable[..., Any]", path: str, source: bytes) -> "Any":
    """Do the work of ``zipimport._compile_source``; nothing is kept."""
    name = path.rpartition(".zip" + sep)[2].replace(sep, ".")[: -len(".py")]
    name = name.removesuffix(".__init__")
    parts = name.split(".")
    name = next(
        (n for n in (".".join(parts[at:]) for at in range(len(parts))) if state.in_scope(n)), name
    )
    view = state.in_scope(name)
    version = _translatable(state.syntax_version(name))
    if version is None and not view and not asks(source):
        return original(path, source)
    way = _Way(version, view, -1)
    try:
        if not view:
            return original(path, source)
        code = _code(source.replace(b"\r\n", b"\n"), path, way)
    except SyntaxError as error:
        try:
            entry = _translated(source.replace(b"\r\n", b"\n"), path, way, error)
        except _OF_SOURCE as refused:
            raise refused.with_traceback(None)  # noqa: B904
        return _taken(entry, path)
    state.when_compiled()
    return code


def viewed(name: str, file: str) -> "CodeType | None":
    """Return the code of a module that has byte code, where it is to be compiled for its view."""
    if _is_own(name):
        return None
    scoped = state.in_scope(name)
    if not scoped and viewing and not _asks_by_call(file):
        return None
    version = _translatable(state.syntax_version(name))
    way = _Way(version, True, -1)  # noqa: FBT003
    entry = cache.find(file, way.key)
    if entry is None:
        try:
            with FileIO(file, "r") as stream:
                source = stream.readall()
        except OSError:
            return None
        entry = _made(source, file, name, way)
    if scoped:
        state.when_compiled()
    return _in_its_namespaces(_taken(entry, file), name)


def _asks_by_call(file: str) -> bool:
    """Return whether a module's source holds a call that asks."""
    try:
        with FileIO(file, "r") as stream:
            return _MARK in stream.readall()
    except OSError:
        return False


def _is_own(name: "str | None") -> bool:
    return name is not None and name.partition(".")[0] == "minpython"


class _Way:
    """How a source is compiled: from which syntax, whether for a view, at which level."""

    __slots__ = ("key", "optimize", "version", "view")

    def __init__(self, version: "Version | None", view: bool, optimize: int) -> None:  # noqa: FBT001
        self.version = version
        self.view = view
        self.optimize = optimize
        self.key: Any = (*(version or (9, 9, 9)), 1) if view else version


@as_import_system
def _made(source: bytes, file: str, name: "str | None", way: "_Way") -> "cache.Entry":
    """Return what was kept for the source, or compile it, once: compilers warn.

    With `_ORDINARY` where the running Python takes the source as it is.
    """
    kept = name != "__main__"
    entry = cache.read(file, source, way.key, way.optimize) if kept else None
    if entry is not None:
        return entry
    try:
        if not way.view:
            return (_ORDINARY, _code(source, file, way))
        entry = (None, _code(source, file, way))
    except SyntaxError as error:
        entry = _translated(source, file, way, error)
    if kept:
        cache.write(file, source, way.key, way.optimize, entry)
    return entry


@as_import_system
def _code(source: "Any", file: str, way: "_Way") -> "CodeType":
    if way.view:
        from minpython.source import lookups

        return lookups.code(source, file, optimize=way.optimize)
    return own.compile(  # type: ignore[no-any-return]
        source, file, "exec", dont_inherit=True, optimize=way.optimize
    )


@as_import_system
def _code_in_place(done: "Translation", file: str, way: "_Way") -> "CodeType":
    """Return the code of a translation, whose columns are those of the text as it was written."""
    from minpython.source import positions

    if not way.view:
        made: CodeType = positions.compile_translation(done, file, optimize=way.optimize)
        return made
    from minpython.source import lookups

    tree = positions.compile_translation(done, file, flags=lookups.ONLY_TREE, optimize=way.optimize)
    return lookups.code(tree, file, optimize=way.optimize)


def _taken(entry: "cache.Entry", file: str) -> "CodeType":
    if entry[0] is not None:
        _ask_for_file(entry[0], file)
    if journal.counting:
        journal.count_file("translation", file)
    return entry[1]


def get_code(original: "Callable[[Any, str], CodeType | None]") -> "Callable[[Any, str], Any]":
    """Return a method for loaders that takes a kept translation before anything else."""
    known = cache.listings

    def get_code(self: "Any", fullname: str) -> "CodeType | None":
        path = getattr(self, "path", None)
        if type(path) is str:
            folder = path.rpartition(sep)[0]
            if known.get(folder, True) and cache.listed(folder):
                version = state.syntax_version(fullname)
                if version is not None and version >= TRANSLATED_BELOW:
                    version = None
                entry = cache.find(path, version)
                if entry is not None:
                    return _in_its_namespaces(_taken(entry, path), fullname)
        return original(self, fullname)

    get_code.minpython = True  # type: ignore[attr-defined]
    return as_import_system(get_code)


def _in_its_namespaces(code: "CodeType", name: str) -> "CodeType":
    """Return the code of a module that asks as the restorer of class bodies makes it of other code.

    The first that has ``async`` or ``await`` as a name, or in a text, is told of.
    """
    if not state.names_met and _has_old_names(code):
        state.meet_names()
        # Modules that write code may be imported later.
        gate.install()
    if sys.version_info < (3, 13) or not state.scopes["builtins-class-namespaces"].has_module(name):
        return code
    from minpython.source import namespaces

    return namespaces.stripped(code)


def _has_old_names(code: "CodeType") -> bool:
    if not _OLD_NAMES.isdisjoint((*code.co_names, *code.co_varnames, code.co_name)):
        return True
    for constant in code.co_consts:
        if type(constant) is str:
            if "async" in constant or "await" in constant:
                return True
        elif hasattr(constant, "co_consts") and _has_old_names(constant):
            return True
    return False


def _translatable(version: "Version | None") -> "Version | None":
    return version if version is not None and version < TRANSLATED_BELOW else None


@as_import_system
def _translated(source: bytes, file: str, way: "_Way", error: "SyntaxError") -> "cache.Entry":
    """Translate what the compiler refused with ``error``; raise that when it doesn't help."""
    from minpython.source import translate

    try:
        done = translate.translate(source, filename=file, version=way.version)
    except SyntaxError as refused:
        raise refused from None
    if not done.changed:
        raise error
    asked = _asked(done.requested_version, file)
    # A file that asks for itself sees what it asked for by its view.
    way = _Way(way.version, way.view or asked is not None, way.optimize)
    try:
        if done.widened and sys.version_info >= (3, 11):
            return (asked, _code_in_place(done, file, way))
        return (asked, _code(done.source, file, way))
    except SyntaxError as second:
        raise _told(error, second, asked is not None) from None


def _told(first: "SyntaxError", second: "SyntaxError", asked: bool) -> "SyntaxError":  # noqa: FBT001
    """Return the error that tells what is wrong with the source as it was written."""
    return second if asked else first


def _asked(version: "tuple[int, ...] | None", file: str) -> "Version | None":
    if version is None:
        return None
    try:
        return versions.checked(tuple(version))
    except ValueError as error:
        raise SyntaxError(f"use Python: {error}", (file, 1, 1, None)) from None


def _ask_for_file(version: "Version", file: str) -> None:
    """Let the code of ``file`` see what ``version`` brings back, from before it runs."""
    with state.lock:
        oldest = state.requests.oldest_file
        state.requests.ask_file(version, file)
    if oldest is None or version < oldest:
        state.when_asked()
        state.when_compiled()
        state.refresh()


def text_of(source: "Any", file: str, version: "Version | None") -> "str | None":
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


class _Unwritten(bytes):
    """Byte code for no file: what `_external` is about to write of code that isn't ordinary."""


def _keep_out_of_the_ordinary_place(loader: "Any", code: "CodeType") -> None:
    """Let the loader, which is about to write ``code`` as ordinary byte code, leave that out."""
    if not _kept_out:
        for name in ("_code_to_timestamp_pyc", "_code_to_hash_pyc"):
            setattr(_external, name, _packing(getattr(_external, name)))
        _external._write_atomic = _writing(_external._write_atomic)
    _kept_out.append(code)
    setattr(loader, _FLAG, True)


_kept_out: "list[CodeType]" = []


def _packing(original: "Callable[..., Any]") -> "Callable[..., Any]":
    def pack(code: "CodeType", *args: "Any", **more: "Any") -> "Any":
        if any(each is code for each in _kept_out):
            return _Unwritten()
        return original(code, *args, **more)

    return as_import_system(pack)


def _writing(original: "Callable[..., Any]") -> "Callable[..., Any]":
    def write(path: "Any", data: "Any", *args: "Any", **more: "Any") -> "Any":
        if type(data) is not _Unwritten:
            original(path, data, *args, **more)

    return as_import_system(write)


def was_translated(loader: "Any") -> bool:
    """Return whether the last source that ``loader`` compiled had to be translated."""
    return bool(getattr(loader, "__dict__", {}).get(_FLAG, False))


def code_of(text: str, file: str, flags: int = 0, optimize: int = -1) -> "CodeType":
    """Return the code of a text that `text_of` gave; where the file asks itself, with its view.

    Raises:
        SyntaxError: it can't be compiled.
    """
    if file in scope.files:
        from minpython.source import lookups

        return lookups.code(text, file, flags, optimize)
    return own.compile(  # type: ignore[no-any-return]
        text, file, "exec", flags, dont_inherit=True, optimize=optimize
    )
