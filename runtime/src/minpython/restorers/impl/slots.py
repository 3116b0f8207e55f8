"""Special methods on types written in C, in their dictionaries or in their slots."""

from __future__ import annotations

from minpython import typedict
from minpython.engine import journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from minpython.engine.patch import Patch


def slot(patch: Patch, owner: type, name: str, value: Any) -> None:
    """Fill a slot of a C type for the whole program.

    Raises:
        RestoreError: only some packages are to see it, or the interpreter doesn't allow it.
    """
    _for_everyone(patch, owner, name)
    from minpython.engine import typeslots

    before = typeslots.set_slot(owner, name, value)
    patch.undo(lambda: typeslots.reset_slot(owner, name, before))


def entry(patch: Patch, owner: type, name: str, value: Any) -> None:
    """Put a special method into a C type's dictionary only, where reading by name finds it.

    Raises:
        RestoreError: only some packages are to see it, or the interpreter doesn't allow it.
    """
    _for_everyone(patch, owner, name)
    entries = typedict.real_dict(owner)
    before = entries.get(name, typedict.MISSING)
    entries[name] = value
    typedict.forget(owner, replaced=before is not typedict.MISSING)

    def undo() -> None:
        if before is typedict.MISSING:
            entries.pop(name, None)
        else:
            entries[name] = before
        typedict.forget(owner, replaced=True)

    patch.undo(undo)


def _for_everyone(patch: Patch, owner: type, name: str) -> None:
    if not patch.scope.everyone:
        from minpython.errors import RestoreError

        raise RestoreError(f"{owner.__name__}.{name} is seen by the whole program")
    journal.at(patch.name, owner, name)
