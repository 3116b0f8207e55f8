"""Small workloads, timed: the running interpreter's seconds for each."""

import gc
import json
import re
import time
from typing import Any


class Node:
    """An object with attributes and a method."""

    __slots__ = ("left", "right", "value")

    def __init__(self, value: int) -> None:
        self.value, self.left, self.right = value, None, None  # type: int, Any, Any

    def total(self) -> int:
        """Sum a tree by method calls."""
        below = self.left.total() + self.right.total() if self.left else 0
        return self.value + below


def tree(depth: int) -> Node:
    """Make a full tree."""
    node = Node(depth)
    if depth:
        node.left, node.right = tree(depth - 1), tree(depth - 1)
    return node


def calls() -> object:
    """Attribute access, calls, allocation."""
    return tree(11).total()


def numbers() -> object:
    """Integer and float arithmetic in a loop."""
    total, real = 0, 0.5
    for number in range(40000):
        total += number * number % 7
        real = real * 1.0000001 + number
    return total, real


def containers() -> object:
    """Dictionaries, lists, sets, sorting."""
    table = {}  # type: Dict[str, List[int]]
    for number in range(12000):
        table.setdefault(str(number % 97), []).append(number)
    return sorted((len(v), k) for k, v in table.items())


def strings() -> object:
    """Formatting, joining, splitting, regular expressions."""
    text = " ".join("{:04d}-{}".format(n, n % 13) for n in range(4000))
    return len(re.findall(r"(\d+)-(1[0-2])", text)), len(text.split("-"))


def serialised() -> object:
    """JSON both ways (C accelerators)."""
    data = [{"a": n, "b": str(n), "c": [n / 3, None]} for n in range(1500)]
    return len(json.loads(json.dumps(data)))


WORKLOADS = [calls, numbers, containers, strings, serialised]  # type: List[Callable[[], object]]


def peak_memory() -> int:
    """Peak resident memory in KiB, of this program alone."""
    # What getrusage() tells on Linux begins with the peak of the process that started this one.
    try:
        with open("/proc/self/status") as stream:
            for line in stream:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def answer(request: Any) -> Any:
    """Run each workload some times and return the best time."""
    gc.collect()
    best = {}
    for work in WORKLOADS:
        work()
        times = []
        for _ in range(request["repeat"]):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        best[work.__name__] = min(times)
    return {"seconds": best, "peak_kib": peak_memory()}
