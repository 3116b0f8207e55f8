"""The requests that stand outside of the program: ``-X``, the environment, ``minpython.cfg``."""

from __future__ import annotations

import os
import sys

from minpython._index import BEHAVIOURS, INSECURE
from minpython.engine import requests, state
from minpython.source import hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.engine.requests import Requests


def ask(config: str | None) -> None:
    """Put in force what the first of command line, environment and file asks for; never raise.

    Args:
        config: the path of a ``minpython.cfg`` that may be there, or None to read none.
    """
    try:
        report = environment("PYTHONMINVERSION_REPORT")
        found = _read(config)
        if report:
            from minpython.commands import report as reporting

            reporting.begin(report)
        if found is not None:
            put_in_force(found)
    except Exception as error:  # noqa: BLE001 - a program must start all the same
        from minpython.errors import MinpythonError

        known = isinstance(error, MinpythonError)
        _tell(str(error) if known else f"could not start: {type(error).__name__}: {error}")


def ask_for_script(path: str, itself: bool) -> None:  # noqa: FBT001
    """Take over an entry script that needs a translation.

    Args:
        path: the script, a regular file; empty when there is none.
        itself: it may ask for that itself.
    """
    version = state.syntax_version("__main__")
    if path and (itself or (version is not None and version < (3, 8))):
        try:
            if _refused(path):
                from minpython.source import entry

                entry.take_over(path)
        except Exception as error:  # noqa: BLE001 - the interpreter goes on with the script
            _tell(f"could not take over the script: {type(error).__name__}: {error}")
    elif not path and version is not None and version < (3, 8):
        try:
            from minpython.source import commandline

            commandline.take_over()
        except Exception as error:  # noqa: BLE001 - the interpreter goes on with what it has
            _tell(f"could not take over the program: {type(error).__name__}: {error}")


def ask_for_files() -> None:
    """Let files that ask for themselves be noticed wherever something compiles them."""
    with state.lock:
        state.requests.per_file = True
    hooks.install()


def _refused(path: str) -> bool:
    """Tell whether the interpreter can't compile the script at ``path``.

    Its symbols tell, which are cheaper than its code; what they leave open is for the compiler.
    Archives and byte code are no text.
    """
    import _symtable  # type: ignore[import-not-found]
    import _warnings

    with open(path, "rb") as file:
        source = file.read()
    if not _is_text(path, source):
        return False
    # The interpreter gives the warnings about the script, when it compiles it.
    quiet = ("ignore", None, Warning, None, 0)
    _warnings.filters.insert(0, quiet)
    try:
        _symtable.symtable(source, path, "exec")
        if b"await" in source:
            from minpython.source import own

            own.compile(source, path, "exec", dont_inherit=True)
    except SyntaxError:
        return not _is_imported_from(path)
    except (OSError, ValueError):
        pass
    finally:
        _warnings.filters.remove(quiet)
    return False


def _is_text(path: str, source: bytes) -> bool:
    """Tell a script from byte code, as the interpreter does, and from other binary files."""
    from _frozen_importlib_external import MAGIC_NUMBER

    return not path.endswith(".pyc") and source[:2] != MAGIC_NUMBER[:2] and b"\0" not in source


def _is_imported_from(path: str) -> bool:
    """Tell whether the interpreter takes the script for an archive and runs its ``__main__``."""
    for hook in sys.path_hooks:
        try:
            hook(path)
        except ImportError:
            continue
        return True
    return False


def _tell(message: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"minpython: {message}; ignored\n")


def environment(name: str) -> str:
    """Return an environment variable, empty where ``-E`` or ``-I`` leave it out."""
    return "" if sys.flags.ignore_environment else os.environ.get(name, "")


def _read(config: str | None) -> Requests | None:
    """Return what the strongest source asks for."""
    option = sys._xoptions.get("min_version")
    if option is not None:
        text = "" if option is True else str(option)
        return requests.parse(text, "-X min_version", BEHAVIOURS)
    variable = environment("PYTHONMINVERSION")
    if variable:
        return requests.parse(variable, "PYTHONMINVERSION", BEHAVIOURS)
    if config is not None and os.path.isfile(config):
        from minpython.engine import configfile

        return configfile.read(config, BEHAVIOURS)
    return None


def put_in_force(found: Requests) -> None:
    """Check the single behaviours among the requests, and take them all into force.

    Raises:
        ConfigError: some can't be had in this way; the rest is in force all the same.
    """
    problems = _checked(found) if found.enabled else []
    with state.lock:
        state.requests = found
    hooks.install()
    state.refresh()
    if problems:
        from minpython.errors import ConfigError

        raise ConfigError("; ".join(problems))


def _checked(found: Requests) -> list[str]:
    """Take out of the requests the single behaviours that can't be had; return why."""
    from minpython import api

    problems = []
    for name, (everyone, packages) in list(found.enabled.items()):
        try:
            api.check(
                name,
                None if everyone else packages,
                allow_insecure=name in found.insecure or not BEHAVIOURS[name][INSECURE],
            )
        except ValueError as error:
            problems.append(str(error))
            del found.enabled[name]
    insecure = [name for name in found.enabled if BEHAVIOURS[name][INSECURE]]
    if insecure:
        api.warn_insecure(insecure)
    return problems
