"""Dask: two workers, one killed in the middle; far workers; a scheduler that is not there."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from elpython.mass_rebuild import plan as plans
from elpython.mass_rebuild import work
from elpython.mass_rebuild.dask import DaskExecutor, connected
from elpython.mass_rebuild.errors import SchedulerError
from elpython.mass_rebuild.journal import RebuildJournal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.core.store import Store
    from elpython.mass_rebuild.model import RebuildPlan

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.mark.slow
def test_a_killed_worker_costs_only_its_build(
    tmp_path: Path, sdist: Callable[..., Path], plan_of: Callable[..., RebuildPlan], store: Store
) -> None:
    for name in ("one", "two", "three", "four"):
        sdist(name, during="import time; time.sleep(2)\n")
    sdist("last", build=("one", "two", "three", "four"))
    folder = tmp_path / "run"
    plans.save(plan_of("last"), folder / "plan.json")
    killed: list[int] = []

    def watch(executor: object) -> None:
        assert isinstance(executor, DaskExecutor)
        with RebuildJournal.open(folder / "journal.sqlite") as journal:
            busy = any(item.status == "running" for item in journal.attempts())
        if busy and not killed:
            pid = min(executor.worker_pids().values())
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    result = work.run(folder, work.WorkOptions(store=store, workers=2, watch=watch))
    assert killed
    assert (result.tally.built, result.tally.failed) == (5, 0)
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        done = [item.job for item in journal.attempts() if item.status == "built"]
    assert sorted(done) == ["check last==1.0"] + [
        f"{name}==1.0" for name in ("four", "last", "one", "three", "two")
    ]
    assert work.report(folder).share == 1.0
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        kinds = [event.kind for event in reversed(journal.events())]
    assert kinds[:3] == ["came", "came", "lost"]
    assert "came" in kinds[3:], "another worker took its place while the run went on"


def test_a_scheduler_that_is_not_there_is_said() -> None:
    with (
        pytest.raises(SchedulerError, match="dask scheduler"),
        connected(scheduler="tcp://127.0.0.1:9"),
    ):
        pass
