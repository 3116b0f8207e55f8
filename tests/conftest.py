"""Fixtures of all tests."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from elpython.core.store import Store
from examples import BASE_FILES, Example, make_archive, real_build

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.build.build import Build

# A machine that is busy with a build is slow: that says nothing about the code.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


# A run that a shell put into the background ignores Ctrl-C, and so would every program that a test
# starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI the tests that need a built interpreter must not all have been skipped."""
    del exitstatus
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return
    skipped = [report for report in reporter.stats.get("skipped", []) if "slow" in report.keywords]
    passed = [report for report in reporter.stats.get("passed", []) if "slow" in report.keywords]
    if skipped and not passed:
        reporter.write_line("every slow test was skipped: CI proves nothing")
        session.exitstatus = 1


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """An example `branches` folder with an empty branch 3.11 on a small base."""
    made = Example(root=tmp_path, store=Store(tmp_path / "store"))
    (made.branches / "core").mkdir(parents=True)
    made.sha256 = make_archive(tmp_path / "base.tar.gz", BASE_FILES)
    made.write()
    return made


@pytest.fixture(scope="session")
def real_store() -> Store:
    """The user's own store: real sources and builds are made once and shared by all runs."""
    return Store.default()


@pytest.fixture(scope="session")
def el311(real_store: Store) -> Build:
    """EL Python 3.11, built with the quick profile."""
    return real_build(real_store, "3.11")


@pytest.fixture(scope="session")
def base311(real_store: Store) -> Build:
    """The bare base of 3.11, built with the quick profile."""
    return real_build(real_store, "3.11", bare=True)
