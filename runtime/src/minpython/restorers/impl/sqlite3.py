"""Names of ``sqlite3`` that went."""

from __future__ import annotations

import sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION = "2.6.0"
VERSION_INFO = (2, 6, 0)


class Cache:
    """A connection's cache of statements; never to be made by hand."""

    def __init__(self, factory: Any, size: int = 10) -> None:
        """Keep what makes a missing entry, and how many are kept."""
        self._factory, self._size, self._entries = factory, max(size, 5), {}  # type: ignore[var-annotated]

    def get(self, key: Any) -> Any:
        """Return the entry, made when it is missing."""
        if key not in self._entries:
            if len(self._entries) >= self._size:
                self._entries.pop(next(iter(self._entries)))
            self._entries[key] = self._factory(key)
        return self._entries[key]

    def display(self) -> None:
        """Print the entries."""
        for key in self._entries:
            print(key)  # noqa: T201


Statement = type("Statement", (), {"__module__": "sqlite3", "__doc__": "A compiled statement."})


def enable_shared_cache(do_enable: int) -> None:
    """Turn the cache that connections share on or off, for the whole process.

    Raises:
        sqlite3.OperationalError: the library doesn't know it.
    """
    import _sqlite3
    import ctypes

    try:
        change = ctypes.CDLL(_sqlite3.__file__).sqlite3_enable_shared_cache
    except (AttributeError, OSError) as error:
        raise sqlite3.OperationalError("Changing the shared_cache flag failed") from error
    if change(int(do_enable)):
        raise sqlite3.OperationalError("Changing the shared_cache flag failed")
