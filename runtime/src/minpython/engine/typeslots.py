"""Set special methods on C types: what lives in slots, and so is no dictionary's business.

A type written in C refuses ``setattr``, although the interpreter knows how to fill the slots for
it, as it does for classes. The refusal hangs on one bit of the type's flags (`IMMUTABLETYPE`,
before 3.10 the absence of `HEAPTYPE`). `set_slot` lifts it for the one ``setattr``. Since 3.12
the types of the core keep their dictionary apart, so that the type's own pointer to it is lent
for that time.

The layout of a type object is read from memory, and checked against what Python tells (flags and
dictionary) before anything is written; where they differ (another implementation, a debug or a
free-threaded build), nothing is touched and `RestoreError` is raised.
"""

from __future__ import annotations

import sys

from minpython import MISSING, typedict
from minpython.errors import RestoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FLAGS, _DICT, _NEW = 168, 264, 312
_IMMUTABLE, _HEAP = 1 << 8, 1 << 9


def _word(owner: type, offset: int) -> Any:
    return typedict.lowlevel().c_size_t.from_address(id(owner) + offset)


def _checked(owner: type) -> dict[str, Any]:
    entries = typedict.real_dict(owner)
    flags, pointer = _word(owner, _FLAGS).value, _word(owner, _DICT).value
    if flags != owner.__flags__ or pointer not in (0, id(entries)):
        raise RestoreError("type objects of this interpreter are laid out in another way")
    return entries


def _lifted(owner: type, entries: dict[str, Any], name: str, value: object) -> None:
    flags, pointer = _word(owner, _FLAGS), _word(owner, _DICT)
    own_dict = pointer.value
    pointer.value = id(entries)
    flags.value = flags.value & ~_IMMUTABLE if sys.version_info >= (3, 10) else flags.value | _HEAP
    try:
        if value is MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, value)
    finally:
        pointer.value = own_dict
        if sys.version_info >= (3, 10):
            flags.value |= _IMMUTABLE
        else:
            flags.value &= ~_HEAP


def set_slot(owner: type, name: str, value: object) -> tuple[object, int]:
    """Set the special method ``name`` of the C type ``owner``; return what `reset_slot` needs.

    Raises:
        RestoreError: this interpreter doesn't allow it.
    """
    entries = _checked(owner)
    before = (entries.get(name, MISSING), _word(owner, _NEW).value)
    _lifted(owner, entries, name, value)
    return before


def reset_slot(owner: type, name: str, before: tuple[object, int]) -> None:
    """Put back what `set_slot` returned."""
    value, new = before
    entries = _checked(owner)
    _lifted(owner, entries, name, value)
    if name == "__new__":
        # `setattr` can't tell the type's own constructor from the one that was put in its place.
        _word(owner, _NEW).value = new
