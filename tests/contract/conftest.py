"""Fixtures of the contract's tests: real interpreters, one laboratory a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract.mutants.lab import Lab, find_interpreter, make_lab
from elpython.contract.subject import Run, Subject, load
from elpython.core.store import Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def python311() -> Path:
    found = find_interpreter()
    if found is None:
        pytest.skip("needs a Python 3.11 with its headers and its test suite")
    return found


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, python311: Path) -> Lab:
    """One untouched copy a session; mutants are copies of it."""
    return make_lab(tmp_path_factory.mktemp("lab"), python311)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(store=Store(tmp_path / "store"), jobs=1, network=False)


@pytest.fixture
def subject(python311: Path, run: Run) -> Subject:
    return load(python311, role="base", store=run.store)
