"""kill -9 and a full disk, in each task: nothing is published half, nothing is lost."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.release.tasks import TASKS
from elpython.release.verify import verify

if TYPE_CHECKING:
    from release_sample import Sample

DRIVER = Path(__file__).parents[1] / "release_driver.py"


def drive(sample: Sample, *words: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    argv = [*before, sys.executable, str(DRIVER), str(sample.root), *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("release.json")
    }


def check(sample: Sample, folder: Path, undisturbed: Sample) -> None:
    assert verify(folder, sample.trust).good
    assert files(folder) == files(undisturbed.folder)


def test_kill_9_in_each_task(sample: Sample, released: Sample) -> None:
    for task in TASKS:
        done = drive(sample, "kill", task.name)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert not sample.folder.exists()
    done = drive(sample, "run")
    assert done.returncode == 0, done.stderr
    check(sample, sample.folder, released)
    assert not list(sample.out.glob(".making-*"))


def test_kill_9_between_writing_and_renaming(sample: Sample, released: Sample) -> None:
    chance = random.Random(6)
    killed = 0
    for _ in range(60):
        done = drive(sample, "kill", f"fsync:{chance.randint(5, 16)}")
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert not sample.folder.exists()
        killed += 1
    assert killed >= 4
    assert sample.folder.exists()
    check(sample, sample.folder, released)


def _namespaces() -> bool:
    words = ["unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


needs_namespaces = pytest.mark.skipif(
    not _namespaces(), reason="this machine lets nobody mount a small file system to fill it"
)


@needs_namespaces
def test_a_full_disk_in_each_task(sample: Sample, released: Sample) -> None:
    done = drive(sample, "fill", before=("unshare", "-Urm"))
    assert done.returncode == 0, done.stderr[-3000:]
    failed = json.loads(done.stdout)
    assert {task.name for task in TASKS} <= set(failed)
    check(sample, sample.root / "kept", released)


@needs_namespaces
def test_a_full_disk_below_the_store(sample: Sample) -> None:
    done = drive(sample, "fill-store", before=("unshare", "-Urm"))
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(json.loads(done.stdout)) >= 3
