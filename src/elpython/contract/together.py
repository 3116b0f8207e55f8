"""Do several things at once, and stop all of them at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from elpython.core.process import stop_running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["together"]

T = TypeVar("T")
R = TypeVar("R")


def together(function: Callable[[T], R], items: Iterable[T], jobs: int) -> list[R]:
    """Return the function's results in the items' order.

    When one raises, or the user stops the run, nothing new is begun and the programs that run
    are stopped, so that the error is told at once.

    Args:
        function: called in a thread of its own.
        items: what it is called with.
        jobs: how many at once.
    """
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        futures = [pool.submit(function, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # A thread may be between two programs: what it starts next is stopped as well.
            while not all(future.done() for future in futures):
                stop_running()
                wait(futures, timeout=0.1)
            raise
