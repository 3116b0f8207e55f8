"""Slots on this machine: one worker process each, and what fits into memory side by side."""

from __future__ import annotations

import contextlib
import json
import selectors
import subprocess  # noqa: TID251 - for its types; process.spawn starts the workers
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from elpython.core.process import clean_env, spawn
from elpython.mass_rebuild.model import BuildOutcome, BuildTask
from elpython.mass_rebuild.plain import from_plain, to_plain

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pool", "memory_mb"]

_PIPE = subprocess.PIPE


@dataclass(slots=True)
class _Slot:
    """One worker process and what it holds."""

    process: subprocess.Popen[bytes]
    number: int = -1
    task: BuildTask | None = None


@dataclass(slots=True)
class Pool:
    """An executor of worker processes.

    A worker that dies costs the build that it held, which comes back as `lost`; another worker
    takes its slot. A task marked `exclusive` runs alone; tasks run side by side as long as their
    memory limits fit into `memory`.

    Attributes:
        slots: how many builds at once.
        memory: MiB that all builds together may claim; 0 for no such bound.
        tick: called about once a second while work is awaited.
    """

    slots: int
    memory: int = 0
    tick: Callable[[], None] = lambda: None
    _free: list[_Slot] = field(default_factory=list)
    _busy: list[_Slot] = field(default_factory=list)
    _queue: list[tuple[float, int, BuildTask]] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Start nothing yet: a worker starts with its first task."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop all workers; a build in the middle is stopped too."""
        self.close()

    @property
    def depth(self) -> int:
        """Hold somewhat more than there are slots, so that what fits can be chosen."""
        return 2 * self.slots if self.memory else self.slots

    def submit(self, number: int, work: BuildTask, priority: float) -> None:
        """Take a task."""
        self._queue.append((-priority, number, work))
        self._queue.sort(key=lambda item: item[:2])
        self._fill()

    def _fits(self, task: BuildTask) -> bool:
        if not self._busy:
            return True
        running = [slot.task for slot in self._busy if slot.task is not None]
        if task.options.get("exclusive") or any(item.options.get("exclusive") for item in running):
            return False
        claimed = sum(item.limits.memory_mb for item in running)
        return not self.memory or claimed + task.limits.memory_mb <= self.memory

    def _fill(self) -> None:
        for item in list(self._queue):
            if len(self._busy) >= self.slots:
                return
            if not self._fits(item[2]):
                if item[2].options.get("exclusive"):
                    return  # what runs now ends first; nothing overtakes it for ever
                continue
            self._queue.remove(item)
            self._start(item[1], item[2])

    def _start(self, number: int, task: BuildTask) -> None:
        slot = self._free.pop() if self._free else _Slot(_worker())
        slot.number, slot.task = number, task
        line = json.dumps([number, to_plain(task)]) + "\n"
        self._busy.append(slot)
        if slot.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                slot.process.stdin.write(line.encode())
                slot.process.stdin.flush()

    def wait(self) -> list[tuple[int, BuildOutcome]]:
        """Wait until a task ended, well or not."""
        found: list[tuple[int, BuildOutcome]] = []
        while self._busy and not found:
            with selectors.DefaultSelector() as selector:
                for slot in self._busy:
                    if slot.process.stdout is not None:
                        selector.register(slot.process.stdout, selectors.EVENT_READ, slot)
                events = selector.select(timeout=1.0)
            self.tick()
            found = [self._collect(key.data) for key, _ in events]
        self._fill()
        return found

    def _collect(self, slot: _Slot) -> tuple[int, BuildOutcome]:
        line = slot.process.stdout.readline() if slot.process.stdout is not None else b""
        self._busy.remove(slot)
        number, task = slot.number, slot.task
        slot.number, slot.task = -1, None
        if line.endswith(b"\n"):
            self._free.append(slot)
            return number, from_plain(BuildOutcome, json.loads(line)[1])
        _stop(slot)
        code = slot.process.returncode
        key = task.key if task is not None else ""
        return number, BuildOutcome(
            key=key,
            status="lost",
            reason="lost",
            exit_code=code if code is not None else 0,
            log=f"the worker {slot.process.pid} ended in the middle (exit code {code})",
        )

    def workers(self) -> dict[int, str]:
        """Return the process ids of the workers that hold a task, with the tasks' keys."""
        return {slot.process.pid: slot.task.key for slot in self._busy if slot.task is not None}

    @property
    def wanted(self) -> int:
        """How many workers there should be: none has to be there before its first task."""
        return 0

    def present(self) -> dict[str, tuple[str, ...]]:
        """Return each slot that holds a task."""
        busy = enumerate(self._busy, 1)
        return {f"slot {number}": (slot.task.key,) for number, slot in busy if slot.task}

    def replace(self, count: int) -> bool:
        """Say that a lost worker is replaced with the next task anyway."""
        del count
        return True

    def close(self) -> None:
        """Stop all workers."""
        for slot in (*self._busy, *self._free):
            _stop(slot)
        self._busy, self._free = [], []


def _worker() -> subprocess.Popen[bytes]:
    return spawn(
        [sys.executable, "-P", "-m", "elpython.mass_rebuild.worker"],
        env=clean_env(),
        stdin=_PIPE,
        stdout=_PIPE,
        stderr=None,
    )


def _stop(slot: _Slot) -> None:
    """Close a worker's input: it stops its own build; after a while it is killed."""
    for pipe in (slot.process.stdin, slot.process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        slot.process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        slot.process.kill()
        slot.process.wait()


def memory_mb() -> int:
    """Return this machine's memory in MiB; 0 when it does not say."""
    import os

    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024)
    except (ValueError, OSError):
        return 0
