"""Fixtures for the tests of the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policy_lab import Lab, make_lab

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A repository in which every rule is kept."""
    return make_lab(tmp_path / "repository")
