"""``python -m minpython [--min-version V] script.py | -m module | -c code``: run a program."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from minpython import own, requested, startup
from minpython._index import BEHAVIOURS
from minpython.engine import journal, requests, state
from minpython.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def ask(version: str | None, script: str | None) -> None:
    """Take the requests of the command line, which beat those of the environment.

    Args:
        version: what stands after ``--min-version``, as `minpython.engine.requests` reads it.
        script: the entry script, beside which a ``minpython.cfg`` may lie.

    Raises:
        ConfigError: the requests can't be read, or some can't be had.
    """
    if version is not None:
        found = requests.parse(version, "--min-version", BEHAVIOURS)
        with state.lock:
            journal.undo_to(0)
            state.requests = requests.Requests()
        state.refresh()
        requested.put_in_force(found)
    elif script is not None and not sys.flags.isolated and not _asked():
        config = os.path.join(os.path.dirname(script), "minpython.cfg")
        if os.path.isfile(config):
            from minpython.engine import configfile

            requested.put_in_force(configfile.read(config, BEHAVIOURS))


def _asked() -> bool:
    return "min_version" in sys._xoptions or bool(startup.environment("PYTHONMINVERSION"))


def run(argv: list[str]) -> int:
    """Run the program that ``argv`` names, as the interpreter would have.

    Args:
        argv: ``script.py ...``, ``-m module ...`` or ``-c code ...``.

    Raises:
        ConfigError: it names none.
    """
    if not argv:
        raise ConfigError("no program to run: give a script, -m module or -c code")
    if argv[0] in ("-m", "-c") and len(argv) < 2:
        raise ConfigError(f"nothing stands after {argv[0]}")
    if argv[0] == "-m":
        return _guarded(lambda: _run_module(argv[1], argv[2:]))
    if argv[0] == "-c":
        return _guarded(lambda: _run_code(argv[1], argv[2:]))
    if not os.path.exists(argv[0]):
        raise ConfigError(f"can't open {argv[0]!r}: no such file")
    return _guarded(lambda: _run_script(argv[0], argv[1:]))


def _guarded(program: Callable[[], None]) -> int:
    """Run ``program``; show its exception without the frames of this module."""
    try:
        program()
    except Exception as error:  # noqa: BLE001 - shown as the interpreter shows it
        traceback = error.__traceback__
        while traceback is not None and traceback.tb_frame.f_globals.get("__name__") == __name__:
            traceback = traceback.tb_next
        sys.excepthook(type(error), error.with_traceback(traceback), traceback)
        return 1
    return 0


def _main_module() -> ModuleType:
    """Put an empty ``__main__`` in the place of this program's."""
    module = ModuleType("__main__")
    module.__dict__["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = module
    return module


def _first_on_path(entry: str) -> None:
    """Put ``entry`` where the interpreter has put its own guess."""
    if not sys.flags.isolated and not getattr(sys.flags, "safe_path", False):
        sys.path[:1] = [entry]


def _run_script(path: str, rest: list[str]) -> None:
    sys.argv = [path, *rest]
    source = _source(path)
    if source is None:
        import runpy

        _first_on_path(path)
        runpy.run_path(path, run_name="__main__")
        return
    from importlib.machinery import SourceFileLoader

    path = os.path.abspath(path)
    _first_on_path(os.path.dirname(path))
    module = _main_module()
    loader = SourceFileLoader("__main__", path)
    module.__file__ = path
    module.__loader__ = loader
    module.__dict__["__cached__"] = None
    from minpython.source import hooks

    hooks.hook_sources()
    own.exec(loader.source_to_code(source, path), module.__dict__)


def _source(path: str) -> bytes | None:
    """Return the text of a script, read once; None for a folder, an archive or byte code."""
    if os.path.isdir(path):
        return None
    with open(path, "rb") as file:
        source = file.read()
    binary = b"\0" in source[:1024] or path.endswith((".pyc", ".zip", ".pyz"))
    return None if binary or source[:2] == b"PK" or _ends_as_archive(source) else source


def _ends_as_archive(source: bytes) -> bool:
    """Return whether a ZIP archive's end record stands where one has to."""
    return b"PK\5\6" in source[-(1 << 16) - 22 :]


def _run_module(name: str, rest: list[str]) -> None:
    import runpy

    sys.argv = ["-m", *rest]
    _main_module()
    runpy._run_module_as_main(name)  # type: ignore[attr-defined]


def _run_code(text: str, rest: list[str]) -> None:
    from minpython.source import sources

    sys.argv = ["-c", *rest]
    _first_on_path("")
    module = _main_module()
    try:
        code = own.compile(text, "<string>", "exec", 0, True)  # noqa: FBT003
    except SyntaxError:
        translated = sources.text_of(text, "<string>", state.syntax_version("__main__"))
        if translated is None:
            raise
        code = own.compile(translated, "<string>", "exec", 0, True)  # noqa: FBT003
    own.exec(code, module.__dict__)
