"""minpython: ``sys.set_min_python_version((3, 8))`` lets old code run on a new Python.

Importing this module costs next to nothing, since every interpreter with minpython installed does
at its start; the rest is imported when a version is asked for.
"""

import sys

__version__ = "27.1.0"
__all__ = ["disable", "enable", "min_version", "set_min_python_version"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

    from minpython.api import disable, enable, min_version


def __getattr__(name: str) -> "Any":
    """Import the public functions when they are first read."""
    if name in __all__:
        from minpython import api

        value = globals()[name] = getattr(api, name)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def set_min_python_version(
    version: "tuple[int, ...]",
    packages: "Optional[list[str]]" = None,
) -> None:
    """Make Python act as the older version for what was removed or changed since.

    version: a tuple of 2 or 3 non-negative ints, (3, 8).
    packages: the packages whose code sees it. Without: the whole program when the main program
    asks, its own package when an installed library asks. ["*"]: the whole program, whoever asks.

    Calls add up, the oldest version wins. TypeError and ValueError say what is wrong.
    """
    from minpython import api

    api.set_min_python_version(version, packages)


def start_up() -> None:
    """Do what a start of the interpreter takes: ``sys.set_min_python_version``, and the requests.

    Called by ``minpython.pth`` on a stock CPython and by ``site`` on EL Python. Never raises: what
    is wrong with a request is a line on the standard error stream.
    """
    known = sys.version_info >= (3, 9) and sys.implementation.name == "cpython"
    if not known or hasattr(sys, "set_min_python_version"):
        return
    sys.set_min_python_version = set_min_python_version  # type: ignore[attr-defined]
    sys.implementation.used_version = sys.version_info[:3]  # type: ignore[attr-defined]
    hook_imports()
    flags = sys.flags
    asked = "min_version" in sys._xoptions
    if not flags.ignore_environment:
        from os import environ

        asked = asked or "PYTHONMINVERSION" in environ or "PYTHONMINVERSION_REPORT" in environ
    _ask(asked)


def _ask(asked: bool) -> None:  # noqa: FBT001
    """Read the requests when there are some, or when the entry script has a file of them."""
    import os

    script = _entry_script()
    head = _head(script) if script else None
    folder = "" if head is None else os.path.dirname(script)
    config = os.path.join(folder, "minpython.cfg")
    there = not sys.flags.isolated and _exists(config)
    if not (there or sys.flags.isolated) and sys.prefix != sys.base_prefix:
        config = os.path.join(sys.prefix, "minpython.cfg")
        there = _exists(config)
    if not script:
        head = _head_of_argument()
    itself = head is not None and (
        b"use Python" in head or (b"_syntax" in head and b"python3" in head)
    )
    if asked or itself or there:
        from minpython import startup

        version = startup.ask(config if there else None)
        if script:
            startup.ask_for_script(script if head else "", version, itself=itself)
        elif itself:
            startup.ask_for_files()
        else:
            startup.ask_for_script("", version, itself=False)


def _entry_script() -> str:
    """Return the path of the script that the interpreter will run, or nothing."""
    script = (getattr(sys, "argv", None) or [""])[0]
    return "" if script in ("", "-", "-c", "-m") else script


def _head_of_argument() -> "Optional[bytes]":
    """Return the first bytes of the file that ``python -m MODULE FILE.py`` is to run or look at.

    Of ``python -c``, the words of the command line, if a request is among them.
    """
    words = getattr(sys, "argv", None) or [""]
    if words[0] == "-c":
        said = " ".join(getattr(sys, "orig_argv", ()))
        return said.encode("utf-8", "surrogatepass") if "use Python" in said else None
    if words[0] == "-m":
        for word in words[1:]:
            if word.endswith(".py"):
                return _head(word)
    return None


def _head(path: str) -> "Optional[bytes]":
    """Return the first bytes of the entry script; none of a folder, None when it is no file.

    The interpreter reads the script after this. What can be read only once, or stands at a place
    that others share (a pipe, ``/dev/stdin``, a terminal), isn't so much as opened; a regular file
    is read without moving the place of anyone who has it open.
    """
    import os

    try:
        kind = os.stat(path).st_mode & 0o170000
        if kind != 0o100000:
            return b"" if kind == 0o040000 else None
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
    except (OSError, ValueError):
        return None
    try:
        if hasattr(os, "pread"):
            return os.pread(descriptor, _HEAD, 0)
        return os.read(descriptor, _HEAD)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _exists(file: str) -> bool:
    import os

    try:
        os.stat(file)
    except (OSError, ValueError):
        return False
    return True


MISSING = object()
"""What stands for an attribute that wasn't there."""
watching: "list[bool]" = []
"""Not empty while every source that is compiled is looked at, whatever stands in it."""
viewing: "list[bool]" = []
"""Not empty while the same holds for modules that have byte code."""
waiting_for_engine: "list[tuple[int, int, int]]" = []
"""The version that a start has taken, until the engine puts it in force; see `minpython.early`."""
done_early: "dict[tuple[str, str], list[tuple[Callable[[], object], Any, str]]]" = {}
"""What was restored before that, by behaviour and target: how to take it back, owner and name."""
_HEAD = 1 << 16
"""The bytes of a script among which its own request has to stand."""
_IMPORT_SYSTEM = "<frozen importlib._bootstrap_external>"
_MARKS = (b"use Python", b"_syntax", b"python3", b"set_min_python_version")


def hook_imports() -> None:
    """Let the import system notice files that ask for a version themselves.

    Its own global names say how it compiles; its classes and their methods stay as they are.
    """
    import _frozen_importlib_external

    external: Any = _frozen_importlib_external
    if "compile" in external.__dict__:
        return

    _hook_archives()
    for name, shown, hook in (
        # The last frame of those that tracebacks leave out bears this name.
        ("compile", "_call_with_frames_removed", _compiling(compile, watching, __path__[0])),
        (
            "_compile_bytecode",
            "_compile_bytecode",
            _loading(external._compile_bytecode, viewing),
        ),
    ):
        code = hook.__code__.replace(co_name=shown, co_filename=_IMPORT_SYSTEM)
        # With the globals of importlib a debugger that skips importlib skips this frame too (bdb).
        made = type(hook)(code, external.__dict__, name, hook.__defaults__, hook.__closure__)
        setattr(external, name, made)


def _hook_archives() -> None:
    """Let modules in archives be noticed too."""
    archives: Any = sys.modules.get("zipimport")
    original = getattr(archives, "_compile_source", None)
    if original is None:
        return
    first, second, third, _call = _MARKS

    def _compile_source(path: str, source: bytes) -> "Any":
        if watching or first in source or (second in source and third in source):
            from minpython.source import hooks, sources  # noqa: F401 - the first readies the other

            return sources.compiled_in_archive(original, path, source)
        return original(path, source)

    archives._compile_source = as_import_system(_compile_source)


def _compiling(
    original: "Callable[..., Any]", watching: "list[bool]", folder: str
) -> "Callable[..., Any]":
    first, second, third, call = _MARKS

    def hook(source: "Any", file: "Any", *args: "Any", **more: "Any") -> "Any":
        if (
            watching
            or (
                type(source) is bytes
                and (first in source or (second in source and third in source) or call in source)
            )
        ) and not (type(file) is str and file.startswith(folder)):
            from minpython.source import hooks, sources  # noqa: F401 - the first readies the other

            return sources.compiled(source, file, args, more)
        return original(source, file, *args, **more)

    return hook


def _loading(original: "Callable[..., Any]", viewing: "list[bool]") -> "Callable[..., Any]":
    mark = _MARKS[3]

    def hook(
        data: "Any", name: "Any" = None, bytecode_path: "Any" = None, source_path: "Any" = None
    ) -> "Any":
        if (
            source_path is not None
            and (viewing or mark in getattr(data, "obj", data))
            and not (name or "").startswith("minpython")
        ):
            from minpython.source import hooks, sources  # noqa: F401 - the first readies the other

            code = sources.viewed(name, source_path)
            if code is not None:
                return code
        return original(data, name, bytecode_path, source_path)

    return hook


def as_import_system(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Let the frames of ``function`` count as the import system's, which tracebacks leave out."""
    function.__code__ = function.__code__.replace(co_filename=_IMPORT_SYSTEM)
    return function
