"""The `_dummy_thread` module as it was up to Python 3.8: `_thread` without any threads.

Every "thread" runs to its end inside `start_new_thread`; locks only remember their state.
Gone in 3.9, since each CPython has threads; the modern way is `threading`.
"""

import traceback
from typing import Any, Callable, Optional

__all__ = [
    "LockType",
    "allocate_lock",
    "error",
    "exit",
    "get_ident",
    "interrupt_main",
    "start_new_thread",
]

TIMEOUT_MAX = 2**31
error = RuntimeError
_main = True
_interrupted = False


def start_new_thread(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Optional[dict[str, Any]] = None
) -> None:
    """Call the function at once; SystemExit ends it quietly, other errors are printed."""
    global _main, _interrupted
    kwargs = {} if kwargs is None else kwargs
    if not isinstance(args, tuple):
        raise TypeError("2nd arg must be a tuple")
    if not isinstance(kwargs, dict):
        raise TypeError("3rd arg must be a dict")
    _main = False
    try:
        function(*args, **kwargs)
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
    _main = True
    if _interrupted:
        _interrupted = False
        raise KeyboardInterrupt


def exit() -> None:
    """End the "thread": raise SystemExit."""
    raise SystemExit


def get_ident() -> int:
    """Return the number of the only thread there is."""
    return 1


def stack_size(size: Optional[int] = None) -> int:
    """Return 0, the default size; any other can't be set."""
    if size is not None:
        raise error("setting thread stack size not supported")
    return 0


def allocate_lock() -> "LockType":
    """Return a new lock that nobody holds."""
    return LockType()


def interrupt_main() -> None:
    """Raise KeyboardInterrupt now, or when the running "thread" is done."""
    global _interrupted
    if _main:
        raise KeyboardInterrupt
    _interrupted = True


class LockType:
    """A lock that never blocks: it only remembers whether it is held."""

    def __init__(self) -> None:
        """Start unlocked."""
        self.locked_status = False

    def acquire(self, waitflag: Optional[bool] = None, timeout: float = -1) -> bool:
        """Take the lock; False only when asked not to wait for a held one."""
        if waitflag is None or waitflag:
            self.locked_status = True
            return True
        if not self.locked_status:
            self.locked_status = True
            return True
        return False

    def __enter__(self) -> bool:
        """Take the lock."""
        return self.acquire()

    def __exit__(self, *details: object) -> None:
        """Give the lock back."""
        self.release()

    def release(self) -> bool:
        """Give the lock back; an error when nobody holds it."""
        if not self.locked_status:
            raise error
        self.locked_status = False
        return True

    def locked(self) -> bool:
        """Return whether the lock is held."""
        return self.locked_status

    def __repr__(self) -> str:
        """Return the state."""
        state = "locked" if self.locked_status else "unlocked"
        return f"<{state} {type(self).__module__}.{type(self).__qualname__} at {id(self):#x}>"


class RLock(LockType):
    """A lock that may be taken several times."""

    def __init__(self) -> None:
        """Start unlocked, taken zero times."""
        super().__init__()
        self._levels = 0

    def acquire(self, waitflag: Optional[bool] = None, timeout: float = -1) -> bool:
        """Take the lock once more."""
        locked = super().acquire(waitflag, timeout)
        self._levels += bool(locked)
        return locked

    def release(self) -> bool:
        """Give the lock back once; free after as many times as it was taken."""
        if self._levels == 0:
            raise error
        if self._levels == 1:
            super().release()
        self._levels -= 1
        return True
