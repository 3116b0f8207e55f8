"""Tests run against the sources beside them, installed or not, on every interpreter there is."""

import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "src"
for folder in (str(SOURCES), str(HERE)):
    if folder not in sys.path:
        sys.path.insert(0, folder)

import environments  # noqa: E402

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(params=environments.wanted())
def python(request: pytest.FixtureRequest) -> str:
    """Return each interpreter's environment in turn."""
    version: str = request.param
    if version not in environments.found():
        pytest.skip(f"no Python {version} on this machine")
    return environments.environment(version)


@pytest.fixture
def newest() -> str:
    """Return the environment of the newest interpreter."""
    return environments.environment(list(environments.found())[-1])


@pytest.fixture(params=["oldest", "newest"])
def outer(request: pytest.FixtureRequest) -> str:
    """Return the environments of the oldest interpreter and of the newest."""
    versions = list(environments.found())
    return environments.environment(versions[0 if request.param == "oldest" else -1])


@pytest.fixture
def run(python: str, tmp_path: Path) -> Run:
    """Return a function that runs an interpreter in an empty folder."""

    def run(*arguments: str, **more: Any) -> "CompletedProcess[str]":
        return environments.run(python, *arguments, cwd=more.pop("cwd", tmp_path), **more)

    return run
