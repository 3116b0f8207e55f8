"""The child watchers of ``asyncio``, which did the work that the event loops now do themselves."""

from __future__ import annotations

import os
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


class AbstractChildWatcher:
    """Watches the ends of child processes."""

    def add_child_handler(self, pid: int, callback: Callable[..., Any], *args: Any) -> None:
        """Call ``callback(pid, returncode, *args)`` when the process ends, from a thread."""

        def wait() -> None:
            _pid, status = os.waitpid(pid, 0)
            callback(pid, os.waitstatus_to_exitcode(status), *args)

        threading.Thread(target=wait, daemon=True, name=f"waitpid-{pid}").start()

    def remove_child_handler(self, pid: int) -> bool:
        """Return False: a thread that waits can't be called back."""
        return False

    def attach_loop(self, loop: Any) -> None:
        """Do nothing: no loop is needed."""

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def is_active(self) -> bool:
        """Return True: it can always be used."""
        return True

    def __enter__(self) -> AbstractChildWatcher:  # noqa: PYI034 - Self is too new
        """Return itself."""
        return self

    def __exit__(self, *_details: object) -> None:
        """Do nothing."""


class BaseChildWatcher(AbstractChildWatcher):
    """The base of the watchers that used signals."""


class SafeChildWatcher(BaseChildWatcher):
    """Waits for each process."""


class FastChildWatcher(BaseChildWatcher):
    """Waits for each process, as the safe one does."""


class MultiLoopChildWatcher(AbstractChildWatcher):
    """Waits for each process."""


class ThreadedChildWatcher(AbstractChildWatcher):
    """Waits for each process in a thread."""


class PidfdChildWatcher(AbstractChildWatcher):
    """Waits for each process."""


_current: list[AbstractChildWatcher] = []


def get_child_watcher() -> AbstractChildWatcher:
    """Return the watcher of the process, made when there is none."""
    if not _current:
        _current.append(ThreadedChildWatcher())
    return _current[-1]


def set_child_watcher(watcher: AbstractChildWatcher) -> None:
    """Let `get_child_watcher` return this one; event loops don't ask for it."""
    _current[:] = [watcher]
