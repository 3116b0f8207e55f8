"""A run that ends in the middle, in every way that one can: no finished build is repeated."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.mass_rebuild import plan as plans
from elpython.mass_rebuild import work
from elpython.mass_rebuild.journal import Attempt, RebuildJournal
from elpython.mass_rebuild.model import RebuildPlan

if TYPE_CHECKING:
    from elpython.core.store import Store

PlanOf = Callable[..., RebuildPlan]
Sdist = Callable[..., Path]

SLOW = "import time; time.sleep(6)\n"


def attempts(folder: Path) -> list[Attempt]:
    if not (folder / "journal.sqlite").is_file():
        return []
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        return journal.attempts("main")


def real_builds(folder: Path, name: str) -> int:
    """Count how often a package was really built to its end."""
    return sum(
        item.job == f"{name}==1.0" and item.status == "built" and not item.reason
        for item in attempts(folder)
    )


def await_job(folder: Path, name: str, status: str = "running", seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if any(item.job == f"{name}==1.0" and item.status == status for item in attempts(folder)):
            return
        time.sleep(0.1)
    raise AssertionError(f"{name} was never {status}: {attempts(folder)}")


@contextmanager
def running(folder: Path, store: Store, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Start `elpython mass-rebuild run` as a user does, in a process group of its own."""
    argv = [sys.executable, "-m", "elpython", "mass-rebuild", "run", str(folder), *words]
    env = os.environ | {"ELPYTHON_STORE": str(store.root)}
    with subprocess.Popen(
        argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as child:  # fmt: skip
        try:
            yield child
        finally:
            child.kill()


@pytest.fixture
def folder(tmp_path: Path, sdist: Sdist, plan_of: PlanOf) -> Path:
    """A rebuild of three: one quick package, one slow that needs it, one after that."""
    sdist("quick")
    sdist("slow", build=("quick",), during=SLOW)
    sdist("last", build=("slow",))
    plans.save(plan_of("last"), tmp_path / "run" / "plan.json")
    return tmp_path / "run"


def assert_whole(folder: Path) -> None:
    """Everything is built in the end, and nothing was built to its end twice."""
    assert work.report(folder).share == 1.0
    assert real_builds(folder, "quick") == 1
    assert max(real_builds(folder, name) for name in ("slow", "last")) <= 1


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, None), (signal.SIGKILL, -9)]
)
def test_a_run_that_is_stopped(
    folder: Path, store: Store, sent: signal.Signals, code: int | None
) -> None:
    with running(folder, store) as child:
        await_job(folder, "slow")
        os.killpg(child.pid, sent)
        out, _ = child.communicate(timeout=60)
    assert child.returncode == code or (code is None and child.returncode > 0)
    assert "Traceback" not in out
    work.run(folder, work.WorkOptions(store=store))
    assert ("slow==1.0", "interrupted") in [(item.job, item.status) for item in attempts(folder)]
    assert_whole(folder)


def test_nothing_of_a_killed_run_builds_on(folder: Path, store: Store) -> None:
    """Its worker sees its input close, and the sandbox dies with the worker."""
    with running(folder, store) as child:
        await_job(folder, "slow")
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and _ours(child.pid):
            time.sleep(0.2)
        assert _ours(child.pid) == []


def _ours(group: int) -> list[str]:
    """Return the workers that a run has left, by the parent that they were started from."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if b"elpython.mass_rebuild.worker" in words and int(fields[1]) == group:
            found.append(entry.name)
    return found


# ------------------------------------------------------------------------------------ a full disk

# The disk is a small file system of the test's own, in a mount namespace: filled, then enlarged.
FULL = """
set -u
mount -t tmpfs -o size=$SMALL none "$DISK" || exit 99
cp -r "$READY/." "$DISK" || exit 98
"$PYTHON" -m elpython mass-rebuild run "$DISK/run" > "$OUT/first" 2>&1
echo $? > "$OUT/code"
mount -o remount,size=300m "$DISK" || exit 97
"$PYTHON" -m elpython mass-rebuild resume "$DISK/run" > "$OUT/second" 2>&1
echo $? >> "$OUT/code"
cp -r "$DISK/run" "$OUT/run"
"""


def own_mounts() -> bool:
    """Return whether this machine lets a user mount a file system in a namespace of his own."""
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none",
             "/mnt"]  # fmt: skip
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not own_mounts(), reason="no mount namespaces for users on this machine")
@pytest.mark.parametrize(
    ("fat", "store_too"),
    [
        # The product does not fit into the store: an outcome, tried again by `resume`.
        ({"module": "x = 1\n" * 1_500_000}, True),
        # Its log does not fit into the run's folder: the run ends, the journal stays whole.
        ({"during": "print('n' * 900_000)\n"}, False),
    ],
)
def test_a_full_disk(
    tmp_path: Path,
    sdist: Sdist,
    plan_of: PlanOf,
    store: Store,
    fat: dict[str, str],
    store_too: bool,  # noqa: FBT001 - a column of the table
) -> None:
    sdist("quick")
    sdist("slow", build=("quick",), **fat)
    sdist("last", build=("slow",))
    ready, disk, out = tmp_path / "ready", tmp_path / "disk", tmp_path / "out"
    plans.save(plan_of("last"), ready / "run" / "plan.json")
    if store_too:
        shutil.copytree(store.root, ready / "store")
    for path in (disk, out):
        path.mkdir()
    env = os.environ | {
        "DISK": str(disk), "OUT": str(out), "READY": str(ready), "PYTHON": sys.executable,
        "SMALL": "3m" if store_too else "700k",
        "ELPYTHON_STORE": str(disk / "store" if store_too else store.root),
    }  # fmt: skip
    argv = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", FULL]
    subprocess.run(argv, env=env, check=True, timeout=280)
    first, second = ((out / name).read_text() for name in ("first", "second"))
    codes = (out / "code").read_text().split()
    assert codes[1] == "0", second
    assert codes[0] != "0"
    assert "Traceback" not in first + second
    told = first + "".join(item.cause for item in attempts(out / "run"))
    assert "no space left on the disk" in told or "out of disk" in told
    assert_whole(out / "run")


# ------------------------------------------------------------------------------ the Dask scheduler


@contextmanager
def dask(part: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a part of Dask by its own command line."""
    argv = [sys.executable, "-m", f"distributed.cli.dask_{part}", *words]
    with subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def cluster(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a scheduler and one worker; return the scheduler."""
    place = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    with dask("scheduler", *place) as scheduler:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        worker = [f"tcp://127.0.0.1:{port}", "--nthreads", "1", "--nworkers", "1",
                  "--no-dashboard", "--no-nanny", "--death-timeout", "20"]  # fmt: skip
        with dask("worker", *worker):
            yield scheduler


@pytest.mark.slow
def test_a_dask_scheduler_that_is_lost_in_the_middle(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed under way: the run says so and ends; with a new scheduler `resume` goes on."""
    # How long Dask's client looks for it before it gives up.
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "8s")
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    with cluster(port) as scheduler, running(folder, store, "--scheduler", address) as child:
        await_job(folder, "slow")
        scheduler.kill()
        out, _ = child.communicate(timeout=120)
    assert child.returncode not in {0, -9}, out
    assert "Traceback" not in out
    assert "rebuild resume" in out
    assert real_builds(folder, "quick") == 1
    with cluster(port):
        work.run(folder, work.WorkOptions(store=store, scheduler=address))
    assert_whole(folder)


@pytest.mark.slow
def test_a_dask_scheduler_that_is_started_again(folder: Path, store: Store) -> None:
    """It has forgotten its tasks; the run has not, and gives them out again."""
    port = free_port()
    with (
        cluster(port) as scheduler,
        running(folder, store, "--scheduler", f"tcp://127.0.0.1:{port}") as child,
    ):
        await_job(folder, "slow")
        scheduler.kill()
        scheduler.wait()
        with cluster(port):
            out, _ = child.communicate(timeout=120)
    assert child.returncode == 0, out
    assert_whole(folder)
