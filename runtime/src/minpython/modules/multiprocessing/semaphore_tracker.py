"""The `multiprocessing.semaphore_tracker` module as it was up to Python 3.7.

Its successor, `resource_tracker`, does the work.
"""

from multiprocessing import resource_tracker
from multiprocessing.resource_tracker import ensure_running, getfd, main  # noqa: F401

__all__ = ["ensure_running", "register", "unregister"]


class SemaphoreTracker(resource_tracker.ResourceTracker):
    """A tracker for semaphores alone."""

    def register(self, name: str, rtype: str = "semaphore") -> None:  # type: ignore[override]
        """Note a semaphore, which is to be removed when all processes are gone."""
        super().register(name, rtype)

    def unregister(self, name: str, rtype: str = "semaphore") -> None:  # type: ignore[override]
        """Forget a semaphore."""
        super().unregister(name, rtype)


def register(name: str) -> None:
    """Note a semaphore, which is to be removed when all processes are gone."""
    resource_tracker.register(name, "semaphore")


def unregister(name: str) -> None:
    """Forget a semaphore."""
    resource_tracker.unregister(name, "semaphore")


_semaphore_tracker = resource_tracker._resource_tracker
