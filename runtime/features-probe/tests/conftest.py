"""Fixtures of the tests of the probe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def el_python() -> Path:
    """An EL Python 3.11: `ELPYTHON_TEST_EL` names it, else the toolchain's build is taken."""
    named = os.environ.get("ELPYTHON_TEST_EL")
    if named:
        return Path(named)
    tool = shutil.which("elpython", path=str(Path(sys.executable).parent))
    if tool is None:
        pytest.skip("needs an EL Python: set ELPYTHON_TEST_EL, or install the toolchain")
    done = subprocess.run([tool, "build", "3.11"], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("interpreter ")]
    if done.returncode != 0 or not lines:
        pytest.skip(f"EL Python 3.11 cannot be built here: {done.stderr.strip()[-200:]}")
    return Path(lines[0].split(maxsplit=1)[1])
