"""The files that `matrix` writes run as they are; the action builds only what has its digest."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from elpython.project.matrix import CPYTHON, EL_PYTHON, LEFT_OUT, Row, render

ACTION = Path(__file__).parents[2] / "action" / "setup-elpython"
ROWS = [
    Row(series="3.10", interpreter=LEFT_OUT, version="", why="upstream ended it"),
    Row(
        series="3.11",
        interpreter=EL_PYTHON,
        version="3.11.2.27.01.0",
        why="brings itertools.batched",
    ),
    *(
        Row(
            series=f"3.{minor}",
            interpreter=CPYTHON,
            version=f"3.{minor}",
            why="upstream supports it",
        )
        for minor in (12, 13, 14, 15)
    ),
]


@pytest.mark.parametrize(
    ("form", "file", "words", "expected"),
    [
        ("tox", "tox.ini", ["tox", "-l"], ["py311", "py312", "py313", "py314", "py315"]),
        ("nox", "noxfile.py", ["nox", "--list"], ["tests-3.11", "tests-3.12", "tests-3.15"]),
    ],
)
def test_tox_and_nox_list_the_rows(
    form: str, file: str, words: list[str], expected: list[str], tmp_path: Path
) -> None:
    if shutil.which(words[0]) is None:
        pytest.skip(f"needs {words[0]}")
    (tmp_path / file).write_text(render(ROWS, form))
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in expected)


def test_the_workflow_is_one_that_github_takes() -> None:
    yaml = pytest.importorskip("yaml")
    found = yaml.safe_load(render(ROWS, "workflow"))
    job = found["jobs"]["test"]
    rows = job["strategy"]["matrix"]["include"]
    assert rows[0] == {"python": "3.11", "el-python": "3.11.2.27.01.0"}
    assert [row["el-python"] for row in rows[1:]] == [""] * 4
    step = next(step for step in job["steps"] if "setup-elpython" in step.get("uses", ""))
    inputs = yaml.safe_load((ACTION / "action.yml").read_text())["inputs"]
    assert set(step["with"]) <= set(inputs)
    assert {name for name, entry in inputs.items() if entry.get("required")} <= set(step["with"])


def archive(tmp_path: Path, version: str) -> Path:
    """Make an archive whose build installs a script that says it is that version."""
    source = tmp_path / "Python-x"
    source.mkdir()
    said = f'#!{sys.executable}\nprint("{version}")\n'
    (source / "python.in").write_text(said)
    configure = source / "configure"
    makefile = "all:\\ninstall:\\n\\tinstall -D python.in %s/bin/python3.11\\n"
    lines = ["#!/bin/sh", f"touch {tmp_path}/configured", f"printf '{makefile}' $3 >Makefile"]
    configure.write_text("\n".join(lines) + "\n")
    configure.chmod(0o755)
    with tarfile.open(tmp_path / "archive.tar.xz", "w:xz") as packed:
        packed.add(source, "Python-x")
    return tmp_path / "archive.tar.xz"


def build(tmp_path: Path, digest: str, version: str) -> subprocess.CompletedProcess[str]:
    env = {
        "PATH": os.environ["PATH"],
        "ARCHIVE": str(tmp_path / "archive.tar.xz"),
        "SHA256": digest,
        "VERSION": version,
        "PREFIX": str(tmp_path / "prefix"),
        "GITHUB_PATH": str(tmp_path / "path"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    return subprocess.run(
        ["bash", ACTION / "build.sh"], capture_output=True, text=True, check=False, env=env
    )


def test_the_action_builds_once_and_puts_it_on_path(tmp_path: Path) -> None:
    digest = hashlib.sha256(archive(tmp_path, "3.11.2.27.01.0").read_bytes()).hexdigest()
    done = build(tmp_path, digest, "3.11.2.27.01.0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "path").read_text() == f"{tmp_path}/prefix/bin\n"
    assert "python3.11" in (tmp_path / "output").read_text()
    (tmp_path / "archive.tar.xz").unlink()
    assert build(tmp_path, digest, "3.11.2.27.01.0").returncode == 0


@pytest.mark.parametrize(
    ("digest", "version", "what"),
    [
        ("0" * 64, "3.11.2.27.01.0", "not unpacked"),
        ("", "3.11.2.27.01.0", "no digest"),
        ("right", "3.11.2.27.07.0", "says it is 3.11.2.27.01.0"),
    ],
)
def test_the_action_refuses(digest: str, version: str, what: str, tmp_path: Path) -> None:
    right = hashlib.sha256(archive(tmp_path, "3.11.2.27.01.0").read_bytes()).hexdigest()
    done = build(tmp_path, right if digest == "right" else digest, version)
    assert done.returncode == 1
    assert what in done.stdout
    if digest != "right":
        assert not (tmp_path / "configured").exists()
