"""Functions of ``sys`` that went."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


_state: dict[str, Any] = {"interval": 100, "wrapper": None}


def callstats() -> None:
    """Return None, as every release build did."""


def getcheckinterval() -> int:
    """Return the number last given to `setcheckinterval`; it has no effect since Python 3.2."""
    interval: int = _state["interval"]
    return interval


def setcheckinterval(n: int, /) -> None:
    """Keep the number; it has no effect since Python 3.2."""
    _state["interval"] = int(n)


def get_coroutine_wrapper() -> Callable[[Any], Any] | None:
    """Return what `set_coroutine_wrapper` was given."""
    wrapper: Callable[[Any], Any] | None = _state["wrapper"]
    return wrapper


def set_coroutine_wrapper(wrapper: Callable[[Any], Any] | None, /) -> None:
    """Keep the function; the interpreter no longer calls it for new coroutines."""
    if wrapper is not None and not callable(wrapper):
        raise TypeError(f"callable expected, got {type(wrapper).__name__}")
    _state["wrapper"] = wrapper
