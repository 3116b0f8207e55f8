"""Compare what a program sees with minpython, at some scope, to what it sees without."""

from __future__ import annotations

import json
import os
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.dirname(os.path.dirname(HERE))
SURVEY = os.path.join(HERE, "survey.py")
PACKAGE = "minpython_asks"
"""The package that asks, where one does that exists."""

# Without: what a start-up file or EL Python's ``site`` calls does nothing.
_BARE = """
import sys
sys.modules["_minpython"] = sys
import site
if hasattr(site, "_start_minpython"):
    site._start_minpython = lambda: None
"""
_START = """
import sys
{before}
import site
site.main()
{after}
sys.modules.pop("_minpython", None) if {bare} else None
del sys.argv[:1]
import runpy
runpy.run_path(sys.argv[0], run_name="__main__")
"""
_ASKED = """
if not hasattr(sys, "set_min_python_version"):
    sys.path.append({sources!r})
    import minpython
    minpython.start_up()
    sys.path.remove({sources!r})
"""


class Scope:
    """Who asks for what: the environment of a process, and what it imports first."""

    def __init__(self, name: str, env: dict[str, str], first: str = "") -> None:
        """Take the scope's name, the variables of the process and code to run before."""
        self.name = name
        self.env = env
        self.first = first

    def foreign(self) -> bool:
        """Return whether the program itself asks for nothing."""
        return self.name != "whole program"


def scopes(version: str) -> list[Scope]:
    """Return the scopes in which a version may be asked for."""
    ask = "PYTHONMINVERSION"
    return [
        Scope("installed only", {}),
        Scope("a package that does not exist", {ask: f"{version}:nosuchpackage"}),
        Scope("a package that exists", {ask: f"{version}:{PACKAGE}"}, f"import {PACKAGE}"),
        Scope("one file", {}, f"import {PACKAGE}_file"),
        Scope("whole program", {ask: version}),
    ]


def write_packages(folder: str, version: str) -> None:
    """Write the package and the file that ask, which use what is restored for them."""
    uses = (
        "import array, asyncio, ast, collections, inspect, logging, os, random, re, sys\n"
        "import threading\n"
        "import typing, unittest, warnings\n"
        "from unittest import mock\n"
        "for name in ('errno', 'getargspec', 'NewType', 'sleep', 'compile'):\n"
        "    for owner in (collections, os, inspect, typing, asyncio, re):\n"
        "        getattr(owner, name, None)\n"
        # Up to 3.9, reading one of the old names puts it into the module.
        "if sys.version_info >= (3, 10) and hasattr(collections, 'Mapping'):\n"
        "    class Old(collections.Mapping):\n        pass\n"
        "collections.namedtuple, typing.TypedDict, typing.NewType, re.escape, random.shuffle\n"
        "array.array('b').tobytes, unittest.TestCase, open, sum, asyncio.sleep, asyncio.Lock\n"
    )
    os.makedirs(os.path.join(folder, PACKAGE), exist_ok=True)
    with open(os.path.join(folder, PACKAGE, "__init__.py"), "w", encoding="utf-8") as file:
        file.write(uses)
    with open(os.path.join(folder, f"{PACKAGE}_file.py"), "w", encoding="utf-8") as file:
        file.write(f"use Python {version};\n{uses}")


def survey(
    python: str,
    scope: Scope | None,
    folder: str,
    modules: tuple[str, ...] = (),
    places: dict[str, list[str]] | None = None,
) -> dict[str, Any]:
    """Return what a program sees in an interpreter; without a scope, without minpython.

    Args:
        python: the interpreter.
        scope: who asks for what.
        folder: where the packages that ask lie.
        modules: the modules to look at; all of the standard library without.
        places: is given the names that each restored behaviour has changed.

    Raises:
        RuntimeError: the program failed.
    """
    code = _START.format(
        before=_BARE if scope is None else "",
        after="" if scope is None else _ASKED.format(sources=SOURCES),
        bare=scope is None,
    )
    if scope is not None and scope.first:
        # Imported when everything has started, as a program does.
        quiet = "import warnings\nwith warnings.catch_warnings():\n"
        lines = ["warnings.simplefilter('ignore')", f"sys.path.append({folder!r})", scope.first]
        lines.append(f"sys.path.remove({folder!r})")
        code = code.replace(
            "del sys.argv[:1]",
            quiet + "".join(f"    {each}\n" for each in lines) + "del sys.argv[:1]",
        )
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env.update(scope.env if scope is not None else {})
    env["PYTHONHASHSEED"] = "0"
    done = subprocess.run(
        [python, "-S", "-c", code, SURVEY, *modules],
        capture_output=True,
        text=True,
        env=env,
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{python}, {scope and scope.name}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index('{"frames"') :])
    changed = found.pop("places")
    if places is not None:
        places.update(changed)
    return found


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the path, and both values, of everything that differs."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            below = path + (key if key.startswith(".") or not path else f" [{key}]")
            yield from differences(before.get(key), after.get(key), below)
    elif before != after:
        if isinstance(before, list) and isinstance(after, list) and path.endswith("[names]"):
            gone, new = sorted({*before} - {*after}), sorted({*after} - {*before})
            yield path, f"-{gone}", f"+{new}"
        else:
            yield path, _short(before), _short(after)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 120 else text[:117] + "..."


def version_of(python: str) -> str:
    """Return the version of an interpreter, as 3.13."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-S", "-c", ask], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def interpreters() -> list[str]:
    """Return an interpreter of each version that is here, pyenv's first, oldest first."""
    import glob
    import shutil

    root = os.environ.get("PYENV_ROOT") or os.path.join(os.path.expanduser("~"), ".pyenv")
    found = {}
    for minor in range(9, 16):
        places = glob.glob(os.path.join(root, "versions", f"3.{minor}.*", "bin", "python"))
        path = max(places) if places else shutil.which(f"python3.{minor}")
        if path and "shims" not in path:
            found[minor] = path
    return [found[minor] for minor in sorted(found)] or [sys.executable]
