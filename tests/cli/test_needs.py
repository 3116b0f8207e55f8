"""`elpython project needs`, `matrix` and `wheel` as a user meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest

from elpython.project.pack import Packed, pack
from examples import BASE_FILES, REPOSITORY, Example, diff
from prefix_samples import lay

if TYPE_CHECKING:
    from pathlib import Path

SPAM = BASE_FILES["Lib/spam.py"]
ONE = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})
PROJECT = {
    "pyproject.toml": '[project]\nname = "p"\nrequires-python = ">=3.11"\n',
    "src/p/__init__.py": "from itertools import batched\n",
    "tests/test_p.py": "import copy\ncopy.replace\n",
}


@pytest.fixture
def project(example: Example) -> Example:
    """A project that needs `itertools.batched`, and a branch 3.11 that provides it."""
    lay(example.root / "project", PROJECT)
    feature = '\n[upstream]\nfirst-in = "3.12.0"\n'
    path = example.add("batched", ONE, toml=feature, kind="feature")
    text = path.read_text()
    path.write_text(f'provides = ["itertools.batched"]\n{text}')
    return example


def run(example: Example, *words: str | Path) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ)
    env |= {"ELPYTHON_BRANCHES": str(example.branches), "ELPYTHON_STORE": str(example.store.root)}
    argv = [sys.executable, "-m", "elpython", *(str(word) for word in words)]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def checked(name: str, text: str) -> object:
    file = REPOSITORY / "docs" / "reference" / "schemas" / f"{name}.schema.json"
    data: object = json.loads(text)
    jsonschema.Draft202012Validator(json.loads(file.read_text())).validate(data)
    return data


def test_a_lie_is_told_with_its_place_and_the_remedy(project: Example) -> None:
    done = run(project, "project", "needs", project.root / "project")
    assert done.returncode == 1, done.stderr
    assert "lie: it allows 3.11, but src/p/__init__.py:1 uses itertools.batched" in done.stdout
    line = 'elpython-features[itertools-batched]>=27.1; python_version < "3.12"'
    assert f"dependencies: {line}" in done.stdout
    assert 'requires-python = ">=3.12"' in done.stdout
    assert "tests and tools need CPython 3.13" in done.stdout
    text = PROJECT["pyproject.toml"] + f"dependencies = ['{line}']\n"
    lay(project.root / "project", {"pyproject.toml": text})
    assert run(project, "project", "needs", project.root / "project").returncode == 0


def test_needs_and_matrix_keep_to_their_schemas(project: Example) -> None:
    folder = project.root / "project"
    checked("project-needs", run(project, "project", "needs", folder, "--json").stdout)
    rows = checked(
        "project-matrix",
        run(project, "project", "matrix", folder, "--on", "2026-11-21", "--json").stdout,
    )
    assert isinstance(rows, list)
    assert rows[0] == {
        "series": "3.11", "interpreter": "EL Python", "version": "3.11.2.27.01.0",
        "why": "stands for CPython 3.11; brings itertools.batched since 27.01.0",
    }  # fmt: skip
    for form in ("github", "nox", "tox", "table"):
        assert run(project, "project", "matrix", folder, "--format", form).returncode == 0


def test_a_wheel_is_checked_marked_and_good_then(project: Example) -> None:
    what = Packed(name="p", version="1", summary="", license="", requires=">=3.11", description="")
    wheel = pack(what, project.root / "project" / "src", project.root)
    done = run(project, "project", "wheel", "check", wheel, "--json")
    data = checked("project-wheel-check", done.stdout)
    assert isinstance(data, dict)
    assert (done.returncode, data["good"], data["marks"]) == (1, False, [])
    assert (
        "mark it: elpython project wheel mark"
        in run(project, "project", "wheel", "check", wheel).stdout
    )
    marked = run(project, "project", "wheel", "mark", wheel, "--json")
    told = checked("project-wheel-mark", marked.stdout)
    assert isinstance(told, dict)
    assert told["added"] == ['elpython-features[itertools-batched]>=27.1; python_version < "3.12"']
    assert run(project, "project", "wheel", "check", wheel).returncode == 0
    again = run(project, "project", "wheel", "mark", wheel)
    assert "nothing to add" in again.stdout


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (["project", "needs", "absent"], 104, "no such file or folder"),
        (["project", "wheel", "check", "absent.whl"], 105, "no wheel's"),
        (["project", "matrix", ".", "--on", "soon"], 11, "is no date"),
        (["upgrade", "absent", "--to", "3.11"], 120, "no such folder"),
        (["rollback", "absent"], 120, "no such folder"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    project: Example, words: list[str], code: int, what: str
) -> None:
    done = run(project, *words)
    assert (done.returncode, what in done.stderr, "Traceback" in done.stderr) == (code, True, False)


def test_an_unknown_feature_gets_a_hint(project: Example) -> None:
    what = Packed(name="p", version="1", summary="", license="", requires="", description="")
    wheel = pack(what, project.root / "project" / "src", project.root)
    done = run(project, "project", "wheel", "mark", wheel, "--feature", "itertools.batchd")
    assert done.returncode == 106
    assert "did you mean 'itertools.batched'" in done.stderr


def test_the_index_has_pages_and_both_distributions(tmp_path: Path) -> None:
    env = {**os.environ, "ELPYTHON_BRANCHES": str(REPOSITORY / "branches")}
    argv = [
        sys.executable,
        "-m",
        "elpython",
        "project",
        "wheel",
        "index",
        str(tmp_path / "i"),
        "--json",
    ]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    checked("project-wheel-index", done.stdout)
    pages = sorted(
        str(path.relative_to(tmp_path / "i")) for path in (tmp_path / "i").rglob("*.html")
    )
    assert pages == [
        "elpython-features-api/index.html", "elpython-features/index.html",
        "elpython-refused-cpython/index.html", "elpython-refused-feature/index.html",
        "elpython-refused/index.html", "index.html"
    ]  # fmt: skip
    first = {
        path.name: path.read_bytes() for path in (tmp_path / "i").rglob("*.*") if path.is_file()
    }
    subprocess.run(argv, env=env, capture_output=True, check=True)
    second = {
        path.name: path.read_bytes() for path in (tmp_path / "i").rglob("*.*") if path.is_file()
    }
    assert first == second
