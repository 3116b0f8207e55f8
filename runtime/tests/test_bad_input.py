"""Loaders of other people, frozen modules, and behaviours that can't be restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import environments
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

ASK = {"PYTHONMINVERSION": "3.6"}
LOADERS = {
    "a source loader": """
class Loader(importlib.abc.SourceLoader):
    def get_filename(self, name): return "<memory>/made.py"
    def get_data(self, path): return b"async = 3"
""",
    "a loader that compiles": """
class Loader(importlib.abc.Loader):
    def exec_module(self, module): exec(compile("async = 3", "made.py", "exec"), vars(module))
""",
    "an inspecting loader": """
class Loader(importlib.abc.InspectLoader):
    def get_source(self, name): return "async = 3"
""",
    "a loader of old": """
class Loader:
    def load_module(self, name):
        module = sys.modules[name] = type(sys)(name)
        exec("async = 3", vars(module))
        return module
""",
}
FINDER = """
import importlib.abc, importlib.util, sys
{loader}
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "made":
            return importlib.util.spec_from_loader(name, Loader(), origin="made.py")
sys.meta_path.insert(0, Finder)
import made
assert vars(made)["async"] == 3
assert type(made.__loader__) is Loader
"""


@pytest.mark.parametrize("name", LOADERS)
def test_loaders_of_others(newest: str, name: str) -> None:
    """Old source is taken from any loader, which stays the module's loader."""
    environments.run(newest, "-c", FINDER.format(loader=LOADERS[name]), env=ASK)


def test_frozen_modules(run: Run) -> None:
    """They are code already, and are left alone."""
    code = "import __phello__.spam, sys; assert __phello__.__spec__.origin == 'frozen'"
    run("-c", code, env=ASK)


def test_namespace_packages_over_several_folders(newest: str, tmp_path: Path) -> None:
    """Each part is translated where it lies."""
    for number in (1, 2):
        part = tmp_path / f"path{number}" / "space"
        part.mkdir(parents=True)
        (part / f"part{number}.py").write_text(f"async = {number}\n")
    code = (
        "import sys; sys.path[:0] = ['path1', 'path2']; import space.part1, space.part2;"
        "assert [vars(m)['async'] for m in (space.part1, space.part2)] == [1, 2]"
    )
    environments.run(newest, "-c", code, cwd=tmp_path, env=ASK)


def test_a_behaviour_that_fails_is_told_at_its_use(run: Run) -> None:
    """Start-up goes on; reading the name says what could not be restored, doctor says why."""
    code = """
from minpython.engine import state
def broken(patch, module): raise ValueError("no way")
real = state.restorer
state.restorer = lambda name: broken if name == "os-errno" else real(name)
import os, sys
sys.set_min_python_version((3, 6))
try:
    os.errno
except AttributeError as error:
    assert "could not restore os-errno: ValueError: no way" in str(error), error
else:
    raise SystemExit("no error")
from minpython.engine import journal
assert journal.failed == {"os-errno": "ValueError: no way"}
"""
    run("-c", code)


def test_a_start_that_fails_is_one_line(tmp_path: Path) -> None:
    """Whatever goes wrong at the start, the program runs."""
    python = environments.made(list(environments.found().values())[-1], tmp_path / "env")
    (packages,) = (tmp_path / "env").glob("lib/python*/site-packages")
    (packages / "aaa.pth").write_text(
        f"import sys; sys.path.insert(0, {str(environments.SOURCES)!r}); "
        "sys.modules['minpython.early'] = None\n"
    )
    done = environments.run(python, "-c", "print('runs')", env=ASK)
    assert done.stdout == "runs\n"
    assert done.stderr.startswith("minpython: could not start: ")
    assert len(done.stderr.splitlines()) == 1
