"""Fixtures for the tests of stacks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from stack_samples import Machine, find_python, make_machine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def python311() -> Path:
    return _python("3.11")


@pytest.fixture(scope="session")
def python313() -> Path:
    return _python("3.13")


def _python(version: str) -> Path:
    found = find_python(version)
    if found is None:
        pytest.skip(f"no upstream Python {version} with ensurepip is on this machine")
    return found


@pytest.fixture(scope="session")
def rpm() -> str:
    """The path of rpm; tests that need it are skipped where it is not installed."""
    found = shutil.which("rpm")
    if found is None or shutil.which("rpmbuild") is None:
        pytest.skip("rpm is not installed (Debian: apt-get install rpm)")
    return found


@pytest.fixture(scope="session")
def machine(
    tmp_path_factory: pytest.TempPathFactory, python311: Path, python313: Path, rpm: str
) -> Machine:
    del rpm
    return make_machine(tmp_path_factory.mktemp("machine"), python311, python313)
