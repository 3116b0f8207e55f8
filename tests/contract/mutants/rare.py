"""Mutants of what programs meet rarely: registries, audit events, help, hooks, modes of folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lab import SERIES, Copy, Mutant

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MUTANTS"]


def _api(name: str, file: str, code: str, expect: str) -> Mutant:
    """Return a mutant that appends code to a module."""
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Mutant(
        name=name,
        promise="api",
        expect=expect,
        change=lambda c: c.append(file, code),
        part=(module, "os"),
    )


def _start(name: str, way: str, change: Callable[[Copy], None]) -> Mutant:
    """Return a mutant that one way of starting programs shows."""
    return Mutant(
        name=name,
        promise="process-state",
        expect=rf"^start\.{way}$",
        change=change,
        part=(way,),
    )


def _early(name: str, code: str, expect: str) -> Mutant:
    return Mutant(
        name=name,
        promise="process-state",
        expect=expect,
        change=lambda c: c.at_start(code),
        part=("code-empty",),
    )


def _appended(file: str, code: str) -> Callable[[Copy], None]:
    return lambda c: c.append(file, code)


def _swapped(file: str, old: str, new: str) -> Callable[[Copy], None]:
    return lambda c: c.swap(file, old, new)


def _closed(folder: str) -> Callable[[Copy], None]:
    def change(copy: Copy) -> None:
        (copy.root / folder).chmod(0o700)

    return change


API = [
    _api(
        "an alias in typing stands for another class",
        "typing.py",
        "Deque = DefaultDict",
        r"^typing\.Deque$",
    ),
    _api(
        "a value that an enumeration does not have is taken",
        "uuid.py",
        "SafeUUID._missing_ = classmethod(lambda cls, value: cls.unknown)",
        r"^uuid\.SafeUUID$",
    ),
    _api(
        "functions lose their documentation",
        "textwrap.py",
        "for _function in (dedent, wrap, fill):\n    _function.__doc__ = None",
        r"^textwrap\.dedent$",
    ),
]

STARTS = [
    _start(
        "a kind of archive is not known any more",
        "values-registries",
        _appended("shutil.py", "unregister_archive_format('bztar')"),
    ),
    _start(
        "connections trust everybody",
        "values-registries",
        _appended("ssl.py", "_create_default_https_context = _create_unverified_context"),
    ),
    _start(
        "everybody may read temporary files",
        "values-registries",
        _swapped("tempfile.py", "fd = _os.open(file, flags, 0o600)",
                 "fd = _os.open(file, flags, 0o644)"),
    ),
    _start(
        "an audit event is gone",
        "values-audit",
        _swapped("shutil.py", 'sys.audit("shutil.copytree", src, dst)', "pass"),
    ),
    _start(
        "a program of the library has another default",
        "help.http.server",
        _swapped("http/server.py", "default=8000", "default=8001"),
    ),
]  # fmt: skip

STATE = [
    _early(
        "a hook hears every audit event",
        "import sys\nsys.addaudithook(lambda *words: None)",
        r"^plain\.audited$",
    ),
    _early(
        "a function runs before each fork",
        "import posix\nposix.register_at_fork(before=lambda: None)",
        r"^plain\.listeners$",
    ),
    _early(
        "files may not grow without limit",
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (10**12, 10**12))",
        r"^plain\.limit\.RLIMIT_FSIZE$",
    ),
    _early(
        "a library in C handles a signal",
        "import ctypes\n_c = ctypes.CDLL(None)\n"
        "_c.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]\n"
        "_c.signal(10, ctypes.cast(_c.abs, ctypes.c_void_p))",
        r"^plain\.(kernel\.SigCgt|signal\.10)$",
    ),
]

OTHERS = [
    Mutant(
        name="a function that nobody calls is deprecated",
        promise="warnings",
        expect=r"^\+source\.fileinput\.hook_compressed\.DeprecationWarning$",
        change=_swapped(
            "fileinput.py",
            "def hook_compressed(filename, mode, *, encoding=None, errors=None):\n",
            "def hook_compressed(filename, mode, *, encoding=None, errors=None):\n"
            "    import warnings\n    warnings.warn('x', DeprecationWarning)\n",
        ),
    ),
    Mutant(
        name="the folder of the library is private",
        promise="layout",
        expect=r"^mode\.stdlib$",
        change=_closed(f"lib/python{SERIES}"),
    ),
    Mutant(
        name="a folder of headers is private",
        promise="layout",
        expect=r"^mode\.include/cpython$",
        change=_closed(f"include/python{SERIES}/cpython"),
    ),
]

MUTANTS = [*API, *STARTS, *STATE, *OTHERS]
