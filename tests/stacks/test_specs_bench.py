"""`bench/specs.py` counts what converts, and fails when a file is not read any more."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from examples import REPOSITORY
from stack_samples import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("rpm")

SCRIPT = REPOSITORY / "bench" / "specs.py"


def bench(*words: object) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_samples_and_a_refused_file(tmp_path: Path) -> None:
    for spec in SAMPLES.glob("*/*.spec"):
        shutil.copy(spec, tmp_path)
    (tmp_path / "pinned.spec").write_text("Name: p\n%global __python3 /usr/bin/python3.8\n")
    done = bench(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "spec files       8" in done.stdout
    assert "converted        7 (87.50 %)" in done.stdout
    assert "not idempotent   0" in done.stdout
    assert "3.13 and 3.11: 7 of 8 before, 7 of 7 after" in done.stdout
    assert "pinned.spec:2: pinned-stack:" in done.stdout
    assert len(json.loads(bench(tmp_path, "--json").stdout)) == 8


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert bench(tmp_path).returncode == 2


def test_a_file_that_is_not_read_any_more_counts() -> None:
    loaded = importlib.util.spec_from_file_location("specs_bench", SCRIPT)
    assert loaded is not None
    assert loaded.loader is not None
    module = importlib.util.module_from_spec(loaded)
    sys.modules["specs_bench"] = module
    loaded.loader.exec_module(module)
    outcome = module.Outcome(name="a.spec", before={"x": None, "y": "bad"})
    outcome.after = {"x": "error: line 1", "y": "bad"}
    assert outcome.regressions == ["x"]
