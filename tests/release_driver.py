"""Run a sample's release in a process of its own, to be killed or to run out of disk.

python release_driver.py ROOT kill TASK     SIGKILL when the task's work is done, before its
checkpoint; with `fsync:N`, at the N-th flush
python release_driver.py ROOT run           to the end
python release_driver.py ROOT fill          `out` is a file system that grows by a page a run;
prints the task that each run failed in
python release_driver.py ROOT fill-store    the same for the archive in a store
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import DiskFullError
from elpython.core.store import Store
from elpython.release.archive import make_archive
from elpython.release.run import ReleaseOptions, ReleaseStep
from examples import Example
from release_sample import Sample, light_tasks

if TYPE_CHECKING:
    from elpython.release.model import ReleaseJob, ReleaseTask, TaskOutcome

PAGE = 4096


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killing(task: ReleaseTask) -> ReleaseTask:
    def run(job: ReleaseJob) -> TaskOutcome:
        task.run(job)
        die()
        raise AssertionError("SIGKILL does not return")

    return replace(task, run=run)


def die_at_flush(number: int) -> None:
    """Kill this process when it has written a file and not yet renamed it, for the N-th time."""
    flush, count = os.fsync, 0

    def fsync(descriptor: int) -> None:
        nonlocal count
        count += 1
        if count == number:
            die()
        flush(descriptor)

    os.fsync = fsync


def mount(folder: Path, pages: int, *more: str) -> None:
    words = ["mount", "-t", "tmpfs", "-o", ",".join([f"size={pages * PAGE}", *more])]
    subprocess.run([*words, "tmpfs", str(folder)], check=True)


def fill(sample: Sample) -> list[str]:
    """Return the task in which each run failed, until one had enough room."""
    sample.out.mkdir()
    mount(sample.out, 1)
    failed: list[str] = []
    pages = 1
    while pages < 400:
        last = [""]

        def on_step(step: ReleaseStep, last: list[str] = last) -> None:
            last[0] = step.task

        try:
            sample.release(ReleaseOptions(tasks=light_tasks(), on_step=on_step))
        except DiskFullError:
            if sample.folder.exists():
                raise
            failed.append(last[0])
            pages += 1
            mount(sample.out, pages, "remount")
            continue
        subprocess.run(["cp", "-a", str(sample.folder), str(sample.root / "kept")], check=True)
        return failed
    raise AssertionError("400 pages are not enough")


def fill_store(sample: Sample) -> list[str]:
    """Return the pages with which an archive could not be made; nothing half made may remain."""
    folder = sample.root / "small"
    folder.mkdir()
    mount(folder, 1)
    tree = sample.example.prepare()
    failed = []
    for pages in range(1, 200):
        mount(folder, pages, "remount")
        try:
            make_archive(Store(folder), tree.folder, tree.head, top="a", epoch=1)
        except DiskFullError:
            left = [path.name for path in folder.rglob("*") if path.is_file()]
            if any(not name.endswith(".lock") for name in left):
                raise
            failed.append(str(pages))
            continue
        return failed
    raise AssertionError("200 pages are not enough")


def main(root: Path, mode: str, what: str = "") -> None:
    example = Example(root=root, store=Store(root / "store"))
    sample = Sample(example=example, root=root)
    if mode in {"fill", "fill-store"}:
        sys.stdout.write(json.dumps((fill if mode == "fill" else fill_store)(sample)))
        return
    tasks = light_tasks()
    if what.startswith("fsync:"):
        die_at_flush(int(what.removeprefix("fsync:")))
    elif mode == "kill":
        tasks = tuple(killing(task) if task.name == what else task for task in tasks)
    sample.release(ReleaseOptions(tasks=tasks))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
