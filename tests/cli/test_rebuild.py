"""`elpython mass-rebuild` as a stranger uses it: output, schemas, exit codes, wrong input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import jsonschema
import pytest

SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas"
BACKEND = """
import zipfile
def build_wheel(folder, settings=None, metadata=None):
    name = "tiny-1.0-py3-none-any.whl"
    files = {"tiny.py": "x = 1", "tiny-1.0.dist-info/METADATA":
             "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n",
             "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n"
             "Tag: py3-none-any\\n", "tiny-1.0.dist-info/RECORD": ""}
    with zipfile.ZipFile(folder + "/" + name, "w") as bundle:
        for key in files:
            bundle.writestr(key, files[key])
    return name
"""


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    folder = tmp_path / "archives"
    folder.mkdir()
    files = {
        "PKG-INFO": "Metadata-Version: 2.2\nName: tiny\nVersion: 1.0\n",
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "own"\n'
        'backend-path = ["."]\n[project]\nname = "tiny"\nversion = "1.0"\n',
        "own.py": BACKEND,
    }
    with tarfile.open(folder / "tiny-1.0.tar.gz", "w:gz") as bundle:
        for name, text in files.items():
            info = tarfile.TarInfo(f"tiny-1.0/{name}")
            info.size = len(text)
            bundle.addfile(info, io.BytesIO(text.encode()))
    return folder


def elpython(tmp_path: Path, *words: object) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"ELPYTHON_STORE": str(tmp_path / "store")}
    return subprocess.run(
        [sys.executable, "-m", "elpython", "mass-rebuild", *map(str, words)],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip


def check(schema: str, text: str) -> None:
    found = json.loads((SCHEMAS / f"{schema}.schema.json").read_text())
    jsonschema.Draft202012Validator(found).validate(json.loads(text))


def test_plan_run_report_page(tmp_path: Path, archives: Path) -> None:
    common = ("--python", sys.executable, "--find-links", archives, "--offline")
    planned = elpython(tmp_path, "plan", "run", *common, "--json", "--picture", "g.svg", "tiny")
    assert planned.returncode == 0, planned.stderr
    check("mass-rebuild-plan", planned.stdout)
    assert "tiny==1.0" in (tmp_path / "g.svg").read_text()
    ran = elpython(tmp_path, "run", "run", "--json")
    assert ran.returncode == 0, ran.stderr
    check("mass-rebuild-run", ran.stdout)
    again = elpython(tmp_path, "resume", "run")
    assert "1 built (1 of them before), 0 failed" in again.stdout
    reported = elpython(tmp_path, "report", "run", "--json")
    check("mass-rebuild-report", reported.stdout)
    assert "share built 100.0%" in elpython(tmp_path, "report", "run").stdout
    assert elpython(tmp_path, "page", "run").stdout.strip().endswith("status.html")
    assert "tiny==1.0" in elpython(tmp_path, "plan", "run", *common, "tiny").stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["plan", "r", "--python", "3.11"], 11, "in one way"),
        (["plan", "r", "--python", "/nowhere/python", "x"], 20, "is not there"),
        (["plan", "r", "--python", sys.executable, "x y"], 90, "line 1"),
        (["run", "nowhere"], 90, "there is no plan"),
        (["resume", "nowhere"], 95, "there is no journal"),
        (["report", "nowhere"], 90, "there is no plan"),
        (["serve", "nowhere"], 12, "there is no index"),
        (["run", "r", "--slots", "0"], 11, "at least one slot"),
        (["run", "r", "--workers", "1", "--scheduler", "tcp://h"], 11, "one of the two"),
        (["simulate", "--workers", "many"], 11, "no list of counts"),
        (["simulate", "--packages", "0"], 11, "1 or more"),
        (["simulate", "--failures", "2"], 11, "between 0 and 1"),
    ],
)
def test_wrong_input_is_told_without_a_traceback(
    tmp_path: Path, words: list[str], code: int, message: str
) -> None:
    done = elpython(tmp_path, *words)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_requirement_that_does_not_exist(tmp_path: Path, archives: Path) -> None:
    done = elpython(
        tmp_path, "plan", "r", "--python", sys.executable, "--find-links", archives, "--offline",
        "no-such-thing",
    )  # fmt: skip
    assert done.returncode == 91
    assert "no-such-thing" in done.stderr


def test_simulate_keeps_to_its_schema(tmp_path: Path) -> None:
    done = elpython(tmp_path, "simulate", "--packages", "300", "--workers", "4,16", "--json")
    check("mass-rebuild-simulate", done.stdout)
    assert len(json.loads(done.stdout)) == 2
    assert "makespan" in elpython(tmp_path, "simulate", "--packages", "300").stdout
