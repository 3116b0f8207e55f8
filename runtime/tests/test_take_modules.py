"""Modules that a wheel takes out of a release: pinned, whole, without their tests, found first."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import environments
import pytest

if TYPE_CHECKING:
    from types import ModuleType

TOOL = Path(__file__).resolve().parents[1] / "tools" / "take_modules.py"


def tool() -> ModuleType:
    """Return the tool as a module."""
    spec = importlib.util.spec_from_file_location("take_modules", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Return a release's folder with a module in it."""
    folder = tmp_path / "release" / "Lib" / "lib2to3"
    (folder / "tests").mkdir(parents=True)
    (folder / "__init__.py").write_text("TAKEN = True\n")
    (folder / "Grammar.txt").write_text("file_input: NEWLINE\n")
    (folder / "tests" / "test_x.py").write_text("")
    return tmp_path / "release"


def test_what_is_pinned_is_taken(release: Path, tmp_path: Path) -> None:
    """The files are there, the tests are not, what was there before is gone."""
    take: Any = tool()
    to = tmp_path / "taken"
    (to / "old").mkdir(parents=True)
    take.take(release, to, {"Lib/lib2to3": take.digest_of(release / "Lib/lib2to3")})
    files = sorted(path.relative_to(to).as_posix() for path in to.rglob("*"))
    assert files == ["lib2to3", "lib2to3/Grammar.txt", "lib2to3/__init__.py"]


@pytest.mark.parametrize("spoil", ["changed", "added", "gone"])
def test_anything_else_is_refused(spoil: str, release: Path, tmp_path: Path) -> None:
    """Another content, one more file or none: nothing is copied, what was taken stays."""
    take: Any = tool()
    folder, to = release / "Lib/lib2to3", tmp_path / "taken"
    pinned = {"Lib/lib2to3": take.digest_of(folder)}
    take.take(release, to, pinned)
    if spoil == "changed":
        (folder / "__init__.py").write_text("TAKEN = False\n")
    elif spoil == "added":
        (folder / "more.py").write_text("")
    else:
        shutil.rmtree(folder)
    with pytest.raises(ValueError, match=r"digest is not|no such folder"):
        take.take(release, to, pinned)
    assert (to / "lib2to3/__init__.py").read_text() == "TAKEN = True\n"


def test_it_is_found_before_a_distribution(tmp_path: Path, release: Path) -> None:
    """A wheel's own `lib2to3` is imported where Python has none, by those who ask only."""
    if "3.13" not in environments.found():
        pytest.skip("no Python 3.13 on this machine")
    sources = tmp_path / "sources"
    shutil.copytree(environments.SOURCES, sources, ignore=shutil.ignore_patterns("__pycache__"))
    take: Any = tool()
    pinned = {"Lib/lib2to3": take.digest_of(release / "Lib/lib2to3")}
    take.take(release, tmp_path / "taken", pinned)
    shutil.copytree(tmp_path / "taken", sources / "minpython" / "modules", dirs_exist_ok=True)
    start = (
        f"import sys; sys.path.insert(0, {str(sources)!r}); import minpython; minpython.start_up()"
    )
    show = "import importlib.util as u; print(bool(u.find_spec('lib2to3')))"
    python = environments.found()["3.13"]
    code = f"{start}\n{show}\n"
    assert environments.run(python, "-c", code).stdout == "False\n"
    code = f"{start}\nimport lib2to3; print(lib2to3.TAKEN)\n"
    assert environments.run(python, "-c", code, env={"PYTHONMINVERSION": "3.8"}).stdout == "True\n"
