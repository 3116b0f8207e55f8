"""Which job is next: a ready queue by upward rank, and the loop that feeds an executor.

The same code drives real builds, Dask and the simulator: it sees numbers, an executor with slots
and what came back, and no clock of its own.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Protocol, TypeVar

from elpython.mass_rebuild.graph import order, ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from elpython.mass_rebuild.graph import Graph

__all__ = ["Executor", "Scheduler", "drive"]

WAITING, READY, RUNNING, DONE, FAILED, BLOCKED = range(6)

Work_contra = TypeVar("Work_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)
Work = TypeVar("Work")
Result = TypeVar("Result")


class Executor(Protocol[Work_contra, Result_co]):
    """Slots that do work somewhere."""

    @property
    def depth(self) -> int:
        """Return how much work it wants to hold at once; may change while it runs."""

    def submit(self, number: int, work: Work_contra, priority: float) -> None:
        """Take one piece of work; higher priorities go first."""

    def wait(self) -> Iterable[tuple[int, Result_co]]:
        """Wait until something ended and give it; never empty while work is held."""


class Scheduler:
    """The state of a rebuild's jobs; each call costs the edges that it touches, no more."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.rank = ranks(graph)
        self.state = [WAITING] * len(graph.names)
        self.missing = [len(needs) for needs in graph.needs]
        self.dependents = graph.dependents()
        self.extra_needs: dict[int, set[int]] = {}
        self._ready: list[tuple[float, int]] = []
        self.unfinished = len(graph.names)
        for node, count in enumerate(self.missing):
            if count == 0:
                self._make_ready(node)
        self._block_cycles()

    def _make_ready(self, node: int) -> None:
        self.state[node] = READY
        heapq.heappush(self._ready, (-self.rank[node], node))

    def _block_cycles(self) -> None:
        reached = set(order(self.graph))
        for node in range(len(self.graph.names)):
            if node not in reached:
                self.state[node] = BLOCKED
                self.unfinished -= 1

    def take(self) -> int | None:
        """Return the ready job with the highest rank, or None."""
        while self._ready:
            _, node = heapq.heappop(self._ready)
            if self.state[node] == READY:
                self.state[node] = RUNNING
                return node
        return None

    def succeed(self, node: int) -> None:
        """Say that a job is done; what waited only on it becomes ready."""
        self.state[node] = DONE
        self.unfinished -= 1
        for waiting in self.dependents[node]:
            self.missing[waiting] -= 1
            if self.missing[waiting] == 0 and self.state[waiting] == WAITING:
                self._make_ready(waiting)

    def fail(self, node: int) -> list[int]:
        """Record that a job failed; return the jobs that are blocked by it from now on."""
        self.state[node] = FAILED
        self.unfinished -= 1
        blocked, todo = [], list(self.dependents[node])
        while todo:
            waiting = todo.pop()
            if self.state[waiting] == WAITING:
                self.state[waiting] = BLOCKED
                self.unfinished -= 1
                blocked.append(waiting)
                todo += self.dependents[waiting]
        return blocked

    def again(self, node: int) -> None:
        """Put a running job back into the queue (its worker was lost, or a retry can help)."""
        self._make_ready(node)

    def wait_for(self, node: int, needs: Iterable[int]) -> bool:
        """Let a running job wait for more jobs; False when one of them can never be done."""
        new = set(needs) - set(self.graph.needs[node]) - self.extra_needs.get(node, set())
        if any(self.state[need] in {FAILED, BLOCKED} for need in new):
            return False
        if self._reaches(node, new):
            return False
        self.extra_needs.setdefault(node, set()).update(new)
        open_needs = [need for need in new if self.state[need] != DONE]
        for need in open_needs:
            self.dependents[need].append(node)
        self.missing[node] = len(open_needs)
        if open_needs:
            self.state[node] = WAITING
        else:
            self._make_ready(node)
        return True

    def _reaches(self, node: int, targets: set[int]) -> bool:
        seen, todo = {node}, [node]
        while todo:
            for waiting in self.dependents[todo.pop()]:
                if waiting in targets:
                    return True
                if waiting not in seen:
                    seen.add(waiting)
                    todo.append(waiting)
        return node in targets


def drive(
    scheduler: Scheduler,
    executor: Executor[Work, Result],
    start: Callable[[int], Work | None],
    settle: Callable[[int, Result], None],
) -> None:
    """Run every job that can be run.

    A job starts the moment its own needs are done; there are no rounds, and a failure stops
    nothing but what waits on it.

    Args:
        scheduler: the state, which `settle` moves on with `succeed`, `fail`, `again`, `wait_for`.
        executor: where work is done.
        start: gives the work for a job, or None when it settled the job itself (its product
            exists already).
        settle: is told what came back.
    """
    held = 0
    while scheduler.unfinished:
        while held < executor.depth:
            node = scheduler.take()
            if node is None:
                break
            work = start(node)
            if work is not None:
                executor.submit(node, work, scheduler.rank[node])
                held += 1
        if not held:
            return
        for number, result in executor.wait():
            held -= 1
            settle(number, result)
