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
    _hook_sources()
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
    itself = head is not None and (b"use Python" in head or b"python36_syntax" in head)
    if asked or itself or there:
        from minpython import startup

        startup.ask(config if there else None)
        startup.ask_for_script(script if head else "", itself)


def _entry_script() -> str:
    """Return the path of the script that the interpreter will run, or nothing."""
    script = (getattr(sys, "argv", None) or [""])[0]
    return "" if script in ("", "-", "-c", "-m") else script


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
            return os.pread(descriptor, 4096, 0)
        return os.read(descriptor, 4096)
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


def _hook_sources() -> None:
    """Let the import system notice files that ask for a version themselves."""
    import _frozen_importlib_external as _bootstrap_external

    owner = _bootstrap_external.SourceLoader
    hooked = source_to_code(owner.source_to_code, always=False)
    owner.source_to_code = hooked  # type: ignore[method-assign]


def source_to_code(original: "Callable[..., Any]", *, always: bool) -> "Callable[..., Any]":
    """Return a method for loaders that looks for old source.

    Args:
        original: the method as it was.
        always: look at every source; else only at those that ask for a version themselves.
    """

    def source_to_code(self: "Any", data: "Any", path: "Any", *args: "Any", **more: "Any") -> "Any":
        if (
            always
            or (isinstance(data, bytes) and (b"use Python" in data or b"python36_syntax" in data))
        ) and not getattr(self, "name", "").startswith("minpython."):
            from minpython.source import sources

            return sources.compiled(original, self, data, path, (args, more))
        return original(self, data, path, *args, **more)

    import _frozen_importlib_external as _bootstrap_external

    # With the globals of importlib a debugger that skips importlib skips this frame too (bdb).
    hooked = type(source_to_code)(
        source_to_code.__code__,
        _bootstrap_external.__dict__,
        source_to_code.__name__,
        None,
        source_to_code.__closure__,
    )
    hooked.minpython = always  # type: ignore[attr-defined]
    hooked.__wrapped__ = original  # type: ignore[attr-defined]
    return as_import_system(hooked)


def as_import_system(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Let the frames of ``function`` count as the import system's, which tracebacks leave out."""
    code = function.__code__
    function.__code__ = code.replace(co_filename="<frozen importlib._bootstrap_external>")
    return function
