"""A whole rebuild of real sdists: order, resume, early cut-off, failures, control."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import ElpythonError
from elpython.mass_rebuild import plan as plans
from elpython.mass_rebuild import work
from elpython.mass_rebuild.errors import BadInputError, RunningError, UnresolvedError
from elpython.mass_rebuild.journal import Attempt, RebuildJournal, lock_folder
from elpython.mass_rebuild.model import Interpreter, RebuildPlan

if TYPE_CHECKING:
    from elpython.core.store import Store

PlanOf = Callable[..., RebuildPlan]
Sdist = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


def start(folder: Path, plan: RebuildPlan, store: Store, **how: object) -> work.Result:
    plans.save(plan, folder / "plan.json")
    return work.run(folder, work.WorkOptions(store=store, **how))  # type: ignore[arg-type]


def attempts(folder: Path, stack: str = "main") -> list[Attempt]:
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        return journal.attempts(stack)


def states(folder: Path) -> dict[str, str]:
    return {row.key: row.state for row in work.report(folder).rows}


def test_everything_is_built_in_order_and_checked(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("tool", module="def stamp(): return 'stamped'\n")
    sdist("base", build=("tool",), during="import tool; assert tool.stamp() == 'stamped'\n")
    sdist("top", build=("tool",), install=("base",), module="import base\n")
    result = start(folder, plan_of("top"), store, slots=2)
    assert (result.tally.built, result.tally.failed, result.tally.checked) == (3, 0, 2)
    ended = {item.job: item.ended for item in attempts(folder)}
    assert ended["tool==1.0"] < ended["base==1.0"] <= ended["check top==1.0"]
    assert states(folder) == {"base==1.0": "built", "tool==1.0": "built", "top==1.0": "built"}
    assert work.report(folder).share == 1.0
    assert [path.name for path in work.products(folder)] == [
        "base-1.0-py3-none-any.whl", "tool-1.0-py3-none-any.whl", "top-1.0-py3-none-any.whl",
    ]  # fmt: skip


def test_a_second_run_repeats_nothing(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("alpha")
    plan = plan_of("alpha")
    start(folder, plan, store)
    tally = start(folder, plan, store).tally
    assert (tally.built, tally.reused) == (1, 1)
    assert [item.reason for item in attempts(folder)][-2:] == ["reused", "reused"]


def test_a_change_rebuilds_dependents_only_when_the_product_changed(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("tool", module="x = 1\n")
    sdist("user", build=("tool",))
    start(folder, plan_of("user"), store)
    sdist("tool", module="x = 1\n", extra={"tool-1.0/NOTES": "not in the wheel"})
    start(folder, plan_of("user"), store)
    by_job = {item.job: item.reason for item in attempts(folder)}
    assert by_job["tool==1.0"] == ""  # its source changed: built again
    assert by_job["user==1.0"] == "reused"  # but to the same bytes
    sdist("tool", module="x = 2\n")
    start(folder, plan_of("user"), store)
    assert {item.job: item.reason for item in attempts(folder)}["user==1.0"] == ""


def test_a_failure_stops_only_what_waits_on_it(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("bad", during="import imp_that_is_nowhere\n")
    sdist("waits", build=("bad",))
    sdist("free")
    result = start(folder, plan_of("waits", "free"), store)
    assert (result.tally.built, result.tally.failed, result.tally.blocked) == (1, 1, 1)
    report = work.report(folder)
    assert {row.key: row.state for row in report.rows} == {
        "bad==1.0": "failed", "free==1.0": "built", "waits==1.0": "blocked",
    }  # fmt: skip
    [cause] = report.causes
    assert cause.cause == "missing build requirement: imp_that_is_nowhere"
    assert cause.waiting == ("waits==1.0",)
    assert "imp_that_is_nowhere" in cause.excerpt
    assert report.blockers.last_single == (("bad==1.0", ("waits==1.0",)),)


def test_what_failed_is_tried_again_by_run_and_not_by_resume(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("bad", during="raise ValueError('always')\n")
    sdist("waits", build=("bad",))
    sdist("odd", module="1 / 0\n")
    plan = plan_of("waits", "odd")
    start(folder, plan, store)

    def real(status: str) -> int:
        return sum(item.status == status and item.seconds > 0 for item in attempts(folder))

    first, before = work.report(folder), real("failed")
    tally = start(folder, plan, store, again=False).tally
    assert (real("failed"), tally.failed, tally.blocked, tally.check_failed) == (before, 1, 1, 1)
    second = work.report(folder)
    assert [row.cause for row in second.rows] == [row.cause for row in first.rows]
    assert all((folder / cause.log).is_file() for cause in second.causes)
    start(folder, plan, store)
    assert real("failed") == 2 * before
    sdist("bad", module="mended = 1\n")
    assert start(folder, plan_of("waits", "odd"), store, again=False).tally.built == 3


def test_a_removed_api_is_named_and_the_control_build_tells_whose_fault_it_is(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store, other: Interpreter
) -> None:
    if other.short != "3.13":
        pytest.skip("needs CPython 3.13 beside an older one")
    sdist("newly", module="import imp\n")
    sdist("always", module="1 / 0\n")
    plan = plan_of("newly", "always", interpreter=other)
    start(folder, plan, store, control=f"{sys.version_info[0]}.{sys.version_info[1]}")
    rows = {row.name: row for row in work.report(folder).rows}
    assert rows["newly"].cause == "removed API: imp (gone in 3.12; instead: importlib)"
    assert (rows["newly"].verdict, rows["always"].verdict) == ("new only", "both")
    assert work.report(folder).broken_before == 1


def test_what_a_backend_asks_for_when_it_runs_is_waited_for(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("asker", dynamic="late>=1", during="import late\n")
    sdist("late", during="import time; time.sleep(1)\n")
    sdist("hungry", dynamic="nowhere")
    start(folder, plan_of("asker", "late", "hungry"), store, slots=2)
    report = work.report(folder)
    assert {row.name: row.state for row in report.rows} == {
        "asker": "built", "late": "built", "hungry": "failed",
    }  # fmt: skip
    assert report.causes[0].cause == "missing build requirement: nowhere"


@pytest.mark.parametrize(
    ("parts", "cause"),
    [
        ({"says": "9.9"}, "says that its version is 9.9, wanted is 1.0"),
        ({"extra": {"../evil.txt": "x"}}, "leaves its folder"),
    ],
)
def test_a_lying_or_hostile_sdist_is_refused(
    folder: Path,
    sdist: Sdist,
    plan_of: PlanOf,
    store: Store,
    parts: dict[str, object],
    cause: str,
) -> None:
    sdist("liar")
    plan = plan_of("liar")
    path = sdist("liar", **parts)
    from elpython.mass_rebuild.depot import StoreDepot

    lying = StoreDepot(store).put(path)
    packages = tuple(
        plans.replace(item, source=lying) for item in plan.packages
    )  # the index changed its mind after the plan
    start(folder, plans.replace(plan, packages=packages), store)
    [row] = work.report(folder).rows
    assert row.state == "failed"
    assert cause in (folder / row.log).read_text()
    assert row.failure == "bad source"


def test_a_run_that_is_killed_goes_on(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("quick")
    sdist("slow", build=("quick",), during="import time; time.sleep(8)\n")
    plans.save(plan_of("slow"), folder / "plan.json")
    argv = [sys.executable, "-m", "elpython", "mass-rebuild", "run", str(folder)]
    env = os.environ | {"ELPYTHON_STORE": str(store.root)}
    child = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if (folder / "journal.sqlite").is_file() and any(
            item.job == "slow==1.0" for item in attempts(folder)
        ):
            break
        time.sleep(0.2)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    work.run(folder, work.WorkOptions(store=store))
    found = [(item.job, item.status, item.reason) for item in attempts(folder)]
    assert ("slow==1.0", "interrupted", "") in found
    assert ("quick==1.0", "built", "reused") in found
    assert found.count(("quick==1.0", "built", "")) == 1
    assert states(folder) == {"quick==1.0": "built", "slow==1.0": "built"}


def test_a_lost_worker_costs_only_its_build(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("first")
    sdist("long", during="import time; time.sleep(3)\n")
    killed: list[int] = []

    def watch(executor: object) -> None:
        for pid, key in executor.workers().items():  # type: ignore[attr-defined]
            if not killed and key == "long==1.0":
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)

    plan = plan_of("first", "long")
    plans.save(plan, folder / "plan.json")
    work.run(folder, work.WorkOptions(store=store, slots=1, watch=watch))
    assert killed
    found = [(item.job, item.status) for item in attempts(folder) if item.kind == "build"]
    assert ("long==1.0", "lost") in found
    assert ("long==1.0", "built") in found
    assert found.count(("first==1.0", "built")) == 1


def test_what_cannot_be_resolved_is_said_with_the_reason(sdist: Sdist, plan_of: PlanOf) -> None:
    sdist("alpha")
    found = plan_of("alpha", "omega==2").by_key()
    assert (found["alpha==1.0"].problem, found["omega==2"].trouble) == ("", "resolve")
    assert "omega" in found["omega==2"].problem
    with pytest.raises(UnresolvedError, match="omega"):
        plan_of("omega")


def test_unresolvable_build_requirements_fail_one_package_only(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("alpha")
    sdist("beta", build=("alpha>=2",))
    start(folder, plan_of("alpha", "beta"), store)
    rows = {row.name: row for row in work.report(folder).rows}
    assert (rows["alpha"].state, rows["beta"].failure) == ("built", "resolver conflict")


def test_two_runs_in_one_folder_are_refused(folder: Path) -> None:
    with lock_folder(folder), pytest.raises(RunningError), lock_folder(folder):
        pass


def test_without_a_plan_nothing_runs(folder: Path, store: Store) -> None:
    with pytest.raises(BadInputError, match="no plan"):
        work.run(folder, work.WorkOptions(store=store))


def test_a_full_disk_is_an_outcome_not_a_traceback(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store
) -> None:
    sdist("big", during="open('x', 'wb').write(b'0' * 60_000_000)\n")
    from elpython.mass_rebuild.model import Limits

    plan = plans.replace(plan_of("big"), limits=Limits(disk_mb=20))
    start(folder, plan, store)
    [row] = work.report(folder).rows
    assert row.failure == "out of disk"


def test_a_plan_survives_its_file(tmp_path: Path, sdist: Sdist, plan_of: PlanOf) -> None:
    sdist("alpha")
    plan = plan_of("alpha")
    plans.save(plan, tmp_path / "p.json")
    assert plans.load(tmp_path / "p.json") == plan
    (tmp_path / "p.json").write_text(json.dumps({"backend": "wheel"}))
    with pytest.raises(BadInputError, match="is no plan"):
        plans.load(tmp_path / "p.json")


def test_the_index_serves_pip_and_uv(
    folder: Path, sdist: Sdist, plan_of: PlanOf, store: Store, tmp_path: Path
) -> None:
    from elpython.mass_rebuild.resolve import find_uv
    from elpython.mass_rebuild.serve import index_server

    sdist("served", install=("helper",))
    sdist("helper")
    start(folder, plan_of("served"), store)
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_"))}
    env |= {"PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    with index_server(folder / "index") as address:
        local = (folder / "index" / "simple").as_uri() + "/"
        for number, url in enumerate((address, local)):
            pip = [sys.executable, "-m", "pip", "install", "-q", "--index-url", url,
                   "--target", str(tmp_path / f"pip{number}"), "served"]  # fmt: skip
            subprocess.run(pip, check=True, env=env)
            assert (tmp_path / f"pip{number}" / "helper.py").is_file()
        uv = [find_uv(), "pip", "install", "-q", "--no-cache", "--no-config", "--default-index",
              address, "--target", str(tmp_path / "uv"), "--python", sys.executable,
              "served"]  # fmt: skip
        subprocess.run(uv, check=True, env=env)
        assert (tmp_path / "uv" / "helper.py").is_file()
    page = json.loads((folder / "index/simple/served/index.json").read_text())
    assert page["files"][0]["hashes"]["sha256"]
    assert zipfile.is_zipfile(work.products(folder)[0])


def test_every_problem_is_one_of_ours(sdist: Sdist, plan_of: PlanOf) -> None:
    sdist("alpha")
    with pytest.raises(ElpythonError):
        plan_of("alpha==2.0")
