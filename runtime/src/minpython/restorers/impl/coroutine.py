"""Coroutines made of generators, as ``asyncio`` took them up to Python 3.10."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Awaitable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any, Callable


def coroutine(func: Callable[..., Any]) -> Callable[..., Any]:
    """Make a coroutine function of a generator function, or of one that returns an awaitable."""
    if inspect.iscoroutinefunction(func):
        return func
    if inspect.isgeneratorfunction(func):
        wrapped = func
    else:

        @functools.wraps(func)
        def wrapped(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            result = func(*args, **kwargs)
            if inspect.isgenerator(result) or _is_future(result):
                result = yield from result
            elif isinstance(result, Awaitable):
                result = yield from result.__await__()
            return result

    made = types.coroutine(wrapped)
    made._is_coroutine = _marker()  # type: ignore[attr-defined]
    return made


def _is_future(value: object) -> bool:
    return getattr(value, "_asyncio_future_blocking", None) is not None


def _marker() -> object:
    # `asyncio.iscoroutinefunction` knows generator-based coroutines by this object.
    from asyncio import coroutines

    return getattr(coroutines, "_is_coroutine", True)


class CoroWrapper:
    """A coroutine that complains when nobody ever waited for it; was used in debug mode."""

    def __init__(self, gen: Any, func: Any = None) -> None:
        """Wrap a generator or coroutine, made by ``func``."""
        self.gen = gen
        self.func = func
        self.__name__ = getattr(gen, "__name__", None)
        self.__qualname__ = getattr(gen, "__qualname__", None)

    def __iter__(self) -> CoroWrapper:
        """Return itself."""
        return self

    __await__ = __iter__

    def __next__(self) -> Any:
        """Go on to the next step."""
        return self.gen.send(None)

    def __getattr__(self, name: str) -> Any:
        """Return ``send``, ``throw``, ``close`` and the state from the generator."""
        if name.startswith("__") or name == "gen":
            raise AttributeError(name)
        return getattr(self.gen, name)
