"""Libraries that a stream looks into: an unreadable one ends the command, with its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.elf import Elf, parse_elf
from elpython.core.errors import ElpythonError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BadBinaryError", "read_elf"]


class BadBinaryError(ElpythonError):
    """A library or wheel that cannot be read."""

    exit_code = 64


def read_elf(data: bytes, name: str | Path) -> Elf:
    """Read an ELF file.

    Raises:
        BadBinaryError: it is not one, or its tables leave the file.
    """
    try:
        return parse_elf(data)
    except ValueError as error:
        raise BadBinaryError(f"this is {error}", where=str(name)) from error
