"""The graph of jobs by number: order, levels, ranks, critical path, cycles.

Nodes are 0, 1, 2, ...; `needs[i]` are the nodes that must be done before `i`. Nothing here
recurses, so that a whole index (100,000 nodes) is no deeper than a handful.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "Graph",
    "components",
    "critical_path",
    "graph_of",
    "levels",
    "order",
    "ranks",
    "shortest_cycle",
    "widths",
]


@dataclass(frozen=True, slots=True)
class Graph:
    """Numbered nodes with their names, needs and expected seconds."""

    names: Sequence[str]
    needs: Sequence[tuple[int, ...]]
    seconds: Sequence[float]

    def dependents(self) -> list[list[int]]:
        """Give, for each node, the nodes that wait on it."""
        found: list[list[int]] = [[] for _ in self.names]
        for node, needs in enumerate(self.needs):
            for need in needs:
                found[need].append(node)
        return found


def graph_of(needs: Mapping[str, Iterable[str]], seconds: Mapping[str, float]) -> Graph:
    """Number a mapping of name to needed names; names that are not keys are left out."""
    names = list(needs)
    number = {name: index for index, name in enumerate(names)}
    return Graph(
        names,
        [tuple(sorted({number[need] for need in needs[name] if need in number})) for name in names],
        [seconds.get(name, 1.0) for name in names],
    )


def order(graph: Graph) -> list[int]:
    """Return the nodes so that each stands after what it needs; nodes on cycles are left out."""
    missing = [len(needs) for needs in graph.needs]
    dependents = graph.dependents()
    ready = deque(node for node, count in enumerate(missing) if count == 0)
    found = []
    while ready:
        node = ready.popleft()
        found.append(node)
        for waiting in dependents[node]:
            missing[waiting] -= 1
            if missing[waiting] == 0:
                ready.append(waiting)
    return found


def levels(graph: Graph) -> list[int]:
    """Return each node's level: 0 needs nothing, else one more than its deepest need."""
    found = [0] * len(graph.names)
    for node in order(graph):
        found[node] = max((found[need] + 1 for need in graph.needs[node]), default=0)
    return found


def widths(graph: Graph) -> list[int]:
    """Return how many nodes each level has."""
    found: list[int] = []
    for level in levels(graph):
        found += [0] * (level + 1 - len(found))
        found[level] += 1
    return found


def ranks(graph: Graph) -> list[float]:
    """Return each node's upward rank: its seconds plus the largest rank of those that wait on it.

    Source: Topcuoglu, Hariri, Wu, "Performance-effective and low-complexity task scheduling for
    heterogeneous computing" (2002), section 4.1, without communication costs.
    """
    above = [0.0] * len(graph.names)
    found = list(graph.seconds)
    for node in reversed(order(graph)):
        found[node] = rank = graph.seconds[node] + above[node]
        for need in graph.needs[node]:
            above[need] = max(above[need], rank)
    return found


def critical_path(graph: Graph) -> tuple[list[int], float]:
    """Return the longest chain of expected seconds, first node first, and its length."""
    if not graph.names:
        return [], 0.0
    rank = ranks(graph)
    dependents = graph.dependents()
    starts = [node for node in order(graph) if not graph.needs[node]]
    if not starts:
        return [], 0.0
    node = max(starts, key=lambda item: rank[item])
    path, total = [node], rank[node]
    while dependents[node]:
        node = max(dependents[node], key=lambda item: rank[item])
        path.append(node)
    return path, total


def components(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the strongly connected components with a cycle in them (Tarjan 1972, no recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    on_stack: set[str] = set()
    stack: list[str] = []
    found: list[list[str]] = []
    for root in needs:
        if root in index:
            continue
        work = [(root, iter(needs[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for need in rest:
                if need not in needs:
                    continue
                if need not in index:
                    index[need] = low[need] = len(index)
                    stack.append(need)
                    on_stack.add(need)
                    work.append((need, iter(needs[need])))
                    break
                if need in on_stack:
                    low[node] = min(low[node], index[need])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group = _pop_group(node, stack, on_stack)
                    if len(group) > 1 or node in needs[node]:
                        found.append(sorted(group))
    return sorted(found)


def _pop_group(node: str, stack: list[str], on_stack: set[str]) -> list[str]:
    group = []
    while True:
        member = stack.pop()
        on_stack.discard(member)
        group.append(member)
        if member == node:
            return group


def shortest_cycle(needs: Mapping[str, Sequence[str]], group: Sequence[str]) -> list[str]:
    """Return the shortest cycle inside a strongly connected component, in the order of needs."""
    members = set(group)
    best: list[str] = []
    for start in sorted(group):
        before: dict[str, str] = {}
        queue = deque([start])
        while queue and (not best or len(best) > 1):
            node = queue.popleft()
            if start in needs[node]:
                path = [node]
                while path[-1] != start:
                    path.append(before[path[-1]])
                path.reverse()
                if not best or len(path) < len(best):
                    best = path
                break
            for need in sorted(needs[node]):
                if need in members and need not in before and need != start:
                    before[need] = node
                    queue.append(need)
    return best
