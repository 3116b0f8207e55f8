"""A method of ``symtable.SymbolTable``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def has_exec(self: Any) -> bool:
    """Return False: ``exec`` is a function, which no scope needs to know about."""
    return False
