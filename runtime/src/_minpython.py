"""What each start of the interpreter does for minpython where nobody asks for anything.

``minpython.pth`` imports this module on a stock CPython. On EL Python the same text stands in
``site``, below its marks, since an import of its own costs more than all that it does: a test holds
the two alike. So nothing is imported here, and `minpython` itself only once something asks.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional  # noqa: F401 - in comments, which take no time

# EL Python's site has what follows, up to the end mark.
_minpython_watching = []  # type: list[bool]
_minpython_viewing = []  # type: list[bool]


def _in_importlib(function):
    # type: (Any) -> Any
    """Return the function with the globals of importlib.

    A debugger that skips importlib skips its frames too (bdb); and what stays until the process
    ends keeps no module alive by its globals, which would make the end slower than the start.
    """
    names = sys.modules["_frozen_importlib_external"].__dict__
    code = function.__code__
    return type(function)(code, names, None, function.__defaults__, function.__closure__)


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


_minpython_function = _in_importlib(set_min_python_version)
_minpython_function.__annotations__ = set_min_python_version.__annotations__
_minpython_function.__module__ = "minpython"


def _hook_minpython():  # noqa: C901
    # type: () -> None
    """Let the import system notice files that ask for a version themselves.

    Its own global names say how it compiles; its classes and their methods stay as they are.
    """
    names = sys.modules["_frozen_importlib_external"].__dict__
    if "compile" in names:
        return
    watching, viewing = _minpython_watching, _minpython_viewing
    plain, load = compile, names["_compile_bytecode"]
    archives = sys.modules.get("zipimport")  # type: Any
    plain_in_archive = getattr(archives, "_compile_source", None)  # type: Any

    # The last frame of those that tracebacks leave out bears this name.
    def _call_with_frames_removed(source, file, *args, **more):
        # type: (Any, Any, Any, Any) -> Any
        if watching or (
            type(source) is bytes
            and (
                b"use Python" in source
                or (b"_syntax" in source and b"python3" in source)
                or b"set_min_python_version" in source
            )
        ):
            import minpython

            if not (type(file) is str and file.startswith(minpython.__path__[0])):
                from minpython.source import hooks, sources  # noqa: F401 - readies the other

                return sources.compiled(source, file, args, more)
        return plain(source, file, *args, **more)

    def _compile_bytecode(data, name=None, bytecode_path=None, source_path=None):
        # type: (Any, Any, Any, Any) -> Any
        if (
            source_path is not None
            and (viewing or b"set_min_python_version" in getattr(data, "obj", data))
            and not (name or "").startswith("minpython")
        ):
            from minpython.source import hooks, sources  # noqa: F401 - readies the other

            code = sources.viewed(name, source_path)
            if code is not None:
                return code
        try:
            return load(data, name, bytecode_path, source_path)
        except Exception as error:  # noqa: BLE001
            # One frame of this name stands there without this one.
            raise error.with_traceback(None)  # noqa: B904

    compiling = _call_with_frames_removed

    def _call_with_frames_removed(path, source):  # type: ignore[no-redef]
        # type: (Any, Any) -> Any
        if watching or b"use Python" in source or (b"_syntax" in source and b"python3" in source):
            from minpython.source import hooks, sources  # noqa: F401 - readies the other

            return sources.compiled_in_archive(plain_in_archive, path, source)
        return plain_in_archive(path, source)

    # Tracebacks leave them out as importlib's own. They are one code each, so its name can change.
    for hook in _compile_bytecode, compiling, _call_with_frames_removed:
        names["_imp"]._fix_co_filename(hook.__code__, "<frozen importlib._bootstrap_external>")
    names["_compile_bytecode"] = _in_importlib(_compile_bytecode)
    names["compile"] = _in_importlib(compiling)
    if plain_in_archive is not None:
        archives._compile_source = _in_importlib(_call_with_frames_removed)


def _head_of(path):
    # type: (str) -> Optional[bytes]
    """Return the first 64 KiB of the entry script; none of a folder, None when it is no file.

    The interpreter reads the script after this. What can be read only once, or stands at a place
    that others share (a pipe, ``/dev/stdin``, a terminal), isn't so much as opened; a regular file
    is read without moving the place of anyone who has it open.
    """
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
            return os.pread(descriptor, 65536, 0)
        return os.read(descriptor, 65536)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _head_of_argument(words):
    # type: (list[str]) -> Optional[bytes]
    """Return the first bytes of the file that ``python -m MODULE FILE.py`` is to run or look at.

    Of ``python -c``, the words of the command line, if a request is among them.
    """
    if words[0] == "-c":
        for word in getattr(sys, "orig_argv", ()):
            if "use Python" in word:
                return str(word).encode("utf-8", "surrogatepass")
    elif words[0] == "-m":
        for word in words[1:]:
            if word.endswith(".py"):
                return _head_of(word)
    return None


def _asked_in_environment():
    # type: () -> bool
    """Return what ``in os.environ`` says, without the exceptions that it raises inside."""
    environ = os.environ  # type: Any
    encode, there = environ.encodekey, environ._data
    return encode("PYTHONMINVERSION") in there or encode("PYTHONMINVERSION_REPORT") in there


def _start_minpython():
    # type: () -> None
    """Give ``sys`` its function; go on only when a request is there, or the entry script has one.

    Never raises: what is wrong with a request is a line on the standard error stream.
    """
    if hasattr(sys, "set_min_python_version") or sys.implementation.name != "cpython":
        return
    sys.set_min_python_version = _minpython_function  # type: ignore[attr-defined]
    sys.implementation.used_version = sys.version_info[:3]  # type: ignore[attr-defined]
    _hook_minpython()
    words = getattr(sys, "argv", None) or [""]
    script = "" if words[0] in ("", "-", "-c", "-m") else words[0]
    head = _head_of(script) if script else None
    config = None
    if not sys.flags.isolated:
        folders = [os.path.dirname(script) if head is not None else ""]
        if sys.prefix != sys.base_prefix:
            folders.append(sys.prefix)
        for folder in folders:
            file = os.path.join(folder, "minpython.cfg") if folder else "minpython.cfg"
            if config is None and os.access(file, os.F_OK):
                config = file
    if not script:
        head = _head_of_argument(words)
    itself = head is not None and (
        b"use Python" in head or (b"_syntax" in head and b"python3" in head)
    )
    if (
        itself
        or config is not None
        or "min_version" in sys._xoptions
        or (not sys.flags.ignore_environment and _asked_in_environment())
    ):
        from minpython import startup

        startup.start(config, None if not script else script if head else "", itself=itself)


# The end of what EL Python's site has.
if sys.version_info >= (3, 9) and "minpython" not in sys.modules:
    # The start-up file imports this; whoever imports minpython itself has asked for no start.
    _start_minpython()
