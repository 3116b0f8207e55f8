"""A simulated machine room for the real scheduler: synthetic graphs and a clock that jumps."""

from __future__ import annotations

import heapq
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elpython.mass_rebuild.graph import Graph, order
from elpython.mass_rebuild.scheduler import Scheduler, drive

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Shape", "Simulated", "VirtualSlots", "simulate", "synthetic"]

_MEDIAN = 45.0  # seconds: the median duration of a package build
_SPREAD = 1.1  # of the log-normal
_LONGEST = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What a synthetic graph looks like.

    Attributes:
        packages: how many.
        levels: how deep the graph is; more packages stand on the lower levels.
        failures: the share that fails.
        noise: spread (sigma of a log-normal) between what is expected and what it takes.
    """

    packages: int = 5000
    levels: int = 22
    failures: float = 0.01
    noise: float = 0.0
    seed: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulated:
    """What a simulated rebuild came to.

    Attributes:
        makespan: simulated seconds from start to end.
        bound: max(critical path, work / workers) of what was really executed.
        ratio: makespan / bound.
        milliseconds: real time that scheduling took, for each package.
    """

    packages: int
    workers: int
    makespan: float
    bound: float
    ratio: float
    built: int
    failed: int
    blocked: int
    milliseconds: float


def synthetic(shape: Shape) -> tuple[Graph, list[float], set[int]]:
    """Make a graph with expected seconds; give it, the real seconds and which nodes fail.

    Modelled on a distribution: a small core that nearly everything needs, long thin chains, many
    leaves; a package needs one package of the level below and a few of any lower level, popular
    ones far more often than others (preferential attachment).
    """
    rng = random.Random(shape.seed)  # noqa: S311 - a simulation
    weights = [0.6 if level == 0 else 1.0 / (level + 0.5) for level in range(shape.levels)]
    total = sum(weights)
    counts = [max(1, round(shape.packages * weight / total)) for weight in weights]
    counts[1] += shape.packages - sum(counts)
    if counts[1] < 1:
        counts = [shape.packages]
    needs: list[tuple[int, ...]] = []
    popular: list[int] = []
    below: range = range(0)
    for level, count in enumerate(counts):
        first = len(needs)
        for _ in range(count):
            if level == 0:
                needs.append(())
                continue
            wanted = {below[int(len(below) * rng.random() ** 2)]}
            for _ in range(min(int(rng.expovariate(0.45)), 12)):
                wanted.add(rng.choice(popular))
            needs.append(tuple(wanted))
            popular += wanted
        below = range(first, len(needs))
        popular += below
    seconds = [min(_LONGEST, rng.lognormvariate(0, _SPREAD) * _MEDIAN) for _ in needs]
    expected = [
        value * rng.lognormvariate(0, shape.noise) if shape.noise else value for value in seconds
    ]
    failing = {node for node in range(len(needs)) if rng.random() < shape.failures}
    names = [f"p{node}" for node in range(len(needs))]
    return Graph(names, needs, expected), seconds, failing


@dataclass(slots=True)
class VirtualSlots:
    """An executor whose clock jumps to the next end."""

    slots: int
    seconds: Sequence[float]
    failing: set[int]
    prefetch: int = 1
    now: float = 0.0
    executed: float = 0.0
    _queue: list[tuple[float, int]] = field(default_factory=list)
    _busy: list[tuple[float, int]] = field(default_factory=list)

    @property
    def depth(self) -> int:
        """Hold as many as there are slots, times the prefetch."""
        return self.slots * self.prefetch

    def submit(self, number: int, work: int, priority: float) -> None:
        """Start at once where a slot is free, else keep in order."""
        del work
        heapq.heappush(self._queue, (-priority, number))
        self._fill()

    def _fill(self) -> None:
        while self._queue and len(self._busy) < self.slots:
            _, number = heapq.heappop(self._queue)
            heapq.heappush(self._busy, (self.now + self.seconds[number], number))
            self.executed += self.seconds[number]

    def wait(self) -> list[tuple[int, bool]]:
        """Jump to the next end."""
        self.now, number = heapq.heappop(self._busy)
        self._fill()
        return [(number, number not in self.failing)]


def simulate(shape: Shape, workers: int, *, prefetch: int = 1) -> Simulated:
    """Rebuild a synthetic graph with the real scheduler.

    Args:
        shape: what the graph looks like.
        workers: slots.
        prefetch: how much an executor holds for each slot (Dask is given 2).
    """
    graph, seconds, failing = synthetic(shape)
    slots = VirtualSlots(workers, seconds, failing, prefetch)
    started = time.perf_counter()
    scheduler = Scheduler(graph)
    counts = {True: 0, False: 0}
    done = bytearray(len(seconds))

    def settle(number: int, good: bool) -> None:  # noqa: FBT001 - drive's signature
        counts[good] += 1
        done[number] = 1
        if good:
            scheduler.succeed(number)
        else:
            scheduler.fail(number)

    drive(scheduler, slots, lambda number: number + 1, settle)
    spent = time.perf_counter() - started
    bound = max(_longest(graph, seconds, done), slots.executed / workers)
    return Simulated(
        packages=len(seconds),
        workers=workers,
        makespan=round(slots.now, 1),
        bound=round(bound, 1),
        ratio=round(slots.now / bound, 4) if bound else 1.0,
        built=counts[True],
        failed=counts[False],
        blocked=len(seconds) - counts[True] - counts[False],
        milliseconds=round(1000 * spent / len(seconds), 4),
    )


def _longest(graph: Graph, seconds: Sequence[float], done: bytearray) -> float:
    """Return the longest chain of real seconds among what was executed."""
    end = [0.0] * len(seconds)
    for node in order(graph):
        if done[node]:
            end[node] = seconds[node] + max((end[need] for need in graph.needs[node]), default=0.0)
    return max(end, default=0.0)
