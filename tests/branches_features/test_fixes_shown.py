"""Fixes that bring no test which fails on the base: a program for each, run on base and branch."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elpython.define.vulnerability import FIXED
from elpython.define.vulnerability_read import read_record
from examples import real_build

if TYPE_CHECKING:
    from elpython.build.build import Build
    from elpython.core.store import Store

HERE = Path(__file__).parent
FIXES: list[dict[str, Any]] = tomllib.loads((HERE / "fixes_shown.toml").read_text("utf-8"))["fix"]
PAIRS = [
    pytest.param(fix, name, id=f"{name}-{fix.get('cves', [fix['change']])[0]}")
    for fix in FIXES
    for name in fix["branches"]
]
SECONDS = 60
NAME = "tests/branches_features/test_fixes_shown.py::test_a_fix_is_shown"


def ends_well(python: str | Path, code: str, seconds: int) -> bool:
    try:
        done = subprocess.run(
            [python, "-I", "-W", "ignore", "-c", code],
            capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


@pytest.fixture
def base_builds(real_store: Store, name: str) -> tuple[Build, Build]:
    """The base of a branch and the branch, built with the quick profile."""
    return real_build(real_store, name, bare=True), real_build(real_store, name)


@pytest.mark.slow
@pytest.mark.parametrize(("fix", "name"), PAIRS)
def test_a_fix_is_shown(base_builds: tuple[Build, Build], fix: dict[str, Any]) -> None:
    """It ends with 0 on the branch; on the base it fails, crashes, or does not end in time."""
    base, branch = base_builds
    seconds = fix.get("seconds", SECONDS)
    assert ends_well(branch.python, fix["code"], seconds)
    assert not ends_well(base.python, fix["code"], seconds)


def test_each_row_of_the_record_has_a_program() -> None:
    """What names this file as its test is in its table, for that branch and that change."""
    shown = {
        (name, fix["change"], cve)
        for fix in FIXES
        for name in fix["branches"]
        for cve in fix.get("cves", [fix["change"]])
    }
    rows = {
        (name, standing.change, item.id)
        for item in read_record(HERE.parents[1] / "branches").vulnerabilities
        for name, standing in item.branches.items()
        if standing.state == FIXED and NAME in standing.tests
    }
    assert rows
    assert rows <= shown


def test_a_program_that_shows_nothing_is_seen() -> None:
    """Neither a program that fails everywhere nor one that hangs is taken for a fix."""
    assert ends_well(sys.executable, "pass", 20)
    assert not ends_well(sys.executable, "raise SystemExit(1)", 20)
    assert not ends_well(sys.executable, "import os; os.abort()", 20)
    assert not ends_well(sys.executable, "import time; time.sleep(9)", 1)
