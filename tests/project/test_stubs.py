"""mypy takes what an EL branch has, with the overlay, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from elpython.core.version import CalVer
from elpython.project.errors import BadRegistryError
from elpython.project.registry import Branch, Registry, read_registry
from elpython.project.stubs import bundled_typeshed, overlay, stubs_wheel

FIRST = CalVer.parse("27.01.0")
RUNTIME = Path(__file__).parents[2] / "runtime" / "stubs"
# A typeshed of a few lines: what the real one does with versions.
STUBS = {
    "VERSIONS": "sys: 3.0-\nitertools: 3.0-\ntomllib: 3.11-\nshutil: 3.0-\n",
    "sys.pyi": "class _implementation:\n    name: str\n",
    "itertools.pyi": (
        "import sys\n"
        "if sys.version_info >= (3, 14):\n    class other: ...\n"
        "if sys.version_info >= (3, 12):\n    class batched: ...\n    class more: ...\n"
    ),
    "shutil.pyi": (
        "import sys\n__all__ = ['rmtree']\n"
        "if sys.version_info >= (3, 12):\n    def rmtree(path: str, onexc: object) -> None: ...\n"
        "else:\n    def rmtree(path: str) -> None: ...\n"
    ),
}


def registry(*names: str) -> Registry:
    found = [
        {"name": name, "cpython": cpython,
         "branches": [{"branch": "3.11", "state": "provided", "since": "27.01.0"}]}
        for name, cpython in (item.split(" ") for item in names)
    ]  # fmt: skip
    branch = Branch(series=(3, 11), version="3.11.2.27.01.0", release=FIRST, first=FIRST)
    return read_registry(found, [branch])


@pytest.fixture
def typeshed(tmp_path: Path) -> Path:
    stdlib = tmp_path / "typeshed" / "stdlib"
    stdlib.mkdir(parents=True)
    for name, text in STUBS.items():
        (stdlib / name).write_text(text)
    return tmp_path / "typeshed"


def test_a_feature_is_there_at_the_series_of_its_branch(typeshed: Path, tmp_path: Path) -> None:
    made = overlay(typeshed, tmp_path / "out", registry("itertools.batched 3.12"))
    text = (tmp_path / "out/stdlib/itertools.pyi").read_text()
    assert "elif sys.version_info >= (3, 11):\n\n    class batched" in text
    assert text.count("class more") == 1
    assert text.count("class other") == 1
    assert made.features == ("itertools.batched",)
    assert "stdlib/shutil.pyi" not in made.files


def test_a_parameter_replaces_the_older_function(typeshed: Path, tmp_path: Path) -> None:
    overlay(typeshed, tmp_path / "out", registry("shutil.rmtree(onexc=) 3.12"))
    text = (tmp_path / "out/stdlib/shutil.pyi").read_text()
    assert text.count("def rmtree(path: str, onexc: object)") == 2
    assert text.count("def rmtree(path: str) ->") == 1


def test_a_module_moves_to_the_branch_and_the_variant_is_typed(
    typeshed: Path, tmp_path: Path
) -> None:
    overlay(typeshed, tmp_path / "out", registry("tomllib 3.12"))
    assert "variant: str" in (tmp_path / "out/stdlib/sys.pyi").read_text()
    assert "tomllib: 3.11-" in (tmp_path / "out/stdlib/VERSIONS").read_text()


def test_what_is_no_typeshed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRegistryError, match="no typeshed"):
        overlay(tmp_path, tmp_path / "out", registry("itertools.batched 3.12"))


SAMPLE = """\
import itertools, shutil, sys
itertools.batched([1], 2)
shutil.rmtree("x", onexc=None)
sys.implementation.variant
"""


@pytest.mark.slow
def test_mypy_and_pyright_take_the_real_one(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    found = registry("itertools.batched 3.12", "shutil.rmtree(onexc=) 3.12")
    made = stubs_wheel(tmp_path, RUNTIME, bundled_typeshed(), found)
    assert made.wheel is not None
    with zipfile.ZipFile(made.wheel) as archive:
        archive.extractall(tmp_path / "site")
    folder = tmp_path / "site/elpython_stubs/typeshed"
    (tmp_path / "a.py").write_text(SAMPLE)
    (tmp_path / "b.py").write_text("import itertools\nitertools.zip_shortest\n")
    words = [sys.executable, "-m", "mypy", "--python-version", "3.11", "--config-file", "",
             "--cache-dir", str(tmp_path / "cache")]  # fmt: skip
    ours = [*words, "--custom-typeshed-dir", str(folder)]
    assert subprocess.run([*ours, "a.py"], cwd=tmp_path, check=False).returncode == 0
    assert subprocess.run([*ours, "b.py"], cwd=tmp_path, check=False).returncode == 1
    assert subprocess.run([*words, "a.py"], cwd=tmp_path, check=False).returncode == 1
    if shutil.which("pyright") is None:
        return
    (tmp_path / "pyrightconfig.json").write_text(
        f'{{"typeshedPath": "{folder}", "pythonVersion": "3.11"}}'
    )
    assert subprocess.run(["pyright", "a.py"], cwd=tmp_path, check=False).returncode == 0
    assert subprocess.run(["pyright", "b.py"], cwd=tmp_path, check=False).returncode == 1
