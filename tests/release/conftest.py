"""Fixtures of the release's tests."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from release_sample import Sample, make_sample

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """A branch that is ready for its release."""
    return make_sample(tmp_path)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A branch that was released; nobody may change its files."""
    made = make_sample(tmp_path_factory.mktemp("released"))
    made.release()
    return made


@pytest.fixture
def copied(released: Sample, tmp_path: Path) -> Path:
    """A copy of a release's folder, to be spoiled."""
    return shutil.copytree(released.folder, tmp_path / released.folder.name)
