"""The run-time module tells the truth on every CPython."""
# ruff: noqa: E501 - programs

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "api" / "src"
# feature -> first CPython that has it
SINCE = {
    "itertools.batched": (3, 12),
    "itertools.pairwise": (3, 10),
    "zip(strict=)": (3, 10),
    "tomllib": (3, 11),
    "tomllib.loads": (3, 11),
    "pathlib.Path.walk": (3, 12),
    "dataclasses.dataclass(slots=)": (3, 10),
    "dataclasses.dataclass(slots=, kw_only=)": (3, 10),
    "int.bit_count": (3, 10),
    "bisect.bisect(key=)": (3, 10),
    "importlib.resources.files": (3, 9),
    "copy.replace": (3, 13),
    "uuid.uuid7": (3, 14),
    "match": (3, 10),
    "match statement": (3, 10),
    "except*": (3, 11),
    "type statement": (3, 12),
    "defaults of type parameters": (3, 13),
    "except without parentheses": (3, 14),
    "json": (3, 0),
    "no_such_module.x": (9, 9),
    "json.no_such_name": (9, 9),
    "json.dumps.deeper.still": (9, 9),
    "pytest": (9, 9),
}
ASK = f"import json, elpython_features as e; print(json.dumps({{n: e.has(n) for n in {list(SINCE)!r}}}))"


def interpreters() -> list[Path]:
    roots = [os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")]
    found = [p for root in filter(None, roots) for p in Path(root).glob("versions/3.*/bin/python")]
    wanted = [path for path in found if int(path.parts[-3].split(".")[1]) >= 9]
    return sorted(set(wanted)) or [Path(sys.executable)]


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: path.parts[-3])
def test_features_are_told_on_every_cpython(python: Path) -> None:
    env = {"PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"]}
    tell = "import sys; print(*sys.version_info[:2])"
    version = subprocess.run(
        [python, "-c", tell], capture_output=True, text=True, check=True
    ).stdout
    here = tuple(int(part) for part in version.split())
    done = subprocess.run([python, "-c", ASK], capture_output=True, text=True, check=True, env=env)
    assert json.loads(done.stdout) == {name: here >= since for name, since in SINCE.items()}


def run(code: str, tmp_path: Path, features: str | None = None) -> str:
    """Run code on a Python that says it is EL Python 27.01.0 and tells features in its library."""
    lib = tmp_path / "lib"
    (lib / "_elpython").mkdir(parents=True)
    if features is not None:
        (lib / "_elpython" / "features.json").write_text(features)
    pretend = f"""
import os, sys, types
sys.implementation = types.SimpleNamespace(**vars(sys.implementation))
sys.implementation.variant = "elpython-acme"
sys.implementation.version = (27, 1, 0, "final", 0)
import elpython_features as e
os.__file__ = {str(lib / "os.py")!r}
"""
    env = {"PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"]}
    words = [sys.executable, "-c", pretend + code]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=env)
    return done.stdout.strip()


def test_an_el_python_tells_its_own_features(tmp_path: Path) -> None:
    told = '{"features": [{"name": "Py_LIMITED_API_3_9"}, {"name": "made.up"}]}'
    code = "print(e.has('made.up'), e.has('Py_LIMITED_API_3_9'), e.has('json.dumps'), e.has('x.y'))"
    assert run(code, tmp_path, told) == "True True True False"


@pytest.mark.parametrize("told", [None, "", "[]", '{"features": [1]}'])
def test_without_that_file_names_are_looked_up(tmp_path: Path, told: str | None) -> None:
    code = "print(e.features(), e.has('json.dumps'), e.has('made.up'))"
    assert run(code, tmp_path, told) == "frozenset() True False"


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        (["27.01"], ""), (["27.1"], ""), (["27.01.0"], ""), (["26.07", "json"], ""),
        (["27.07"], "EL Python 27.07 required"), (["27.01.1"], "EL Python 27.01.1 required"),
        (["27.07", "no.such"], "EL Python 27.07, no.such required"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_at_once(tmp_path: Path, wanted: list[str], missing: str) -> None:
    code = f"""
try:
    e.require(*{wanted!r})
except e.NotOfferedError as error:
    print(error)
"""
    found = run(code, tmp_path)
    assert found.startswith(missing)
    assert not missing or ".27.01.0 runs here" in found


@pytest.mark.parametrize("name", ["", "3x", "a..b", "zip(strict", "a b", "zip)("])
def test_what_names_no_feature_is_refused(name: str, tmp_path: Path) -> None:
    code = f"""
try:
    e.has({name!r})
except ValueError as error:
    print(error)
"""
    assert "names no feature" in run(code, tmp_path)
