"""Helpers that ``multiprocessing`` had up to Python 3.6."""

from __future__ import annotations

import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UNSIGNED_STRUCT = struct.Struct("Q")


def read_unsigned(fd: int) -> int:
    """Read one number that `write_unsigned` wrote.

    Raises:
        EOFError: the other end is closed.
    """
    data = b""
    while len(data) < UNSIGNED_STRUCT.size:
        part = os.read(fd, UNSIGNED_STRUCT.size - len(data))
        if not part:
            raise EOFError("unexpected EOF")
        data += part
    number: int = UNSIGNED_STRUCT.unpack(data)[0]
    return number


def write_unsigned(fd: int, n: int) -> None:
    """Write one number as eight bytes."""
    data = UNSIGNED_STRUCT.pack(n)
    while data:
        done = os.write(fd, data)
        if done == 0:
            raise RuntimeError("should not get here")
        data = data[done:]


def has_key(self: Any, key: Any) -> bool:
    """Return whether the dictionary behind the proxy has the key."""
    return key in self
