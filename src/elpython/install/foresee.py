"""Say beforehand what an upgrade would meet, without building or changing anything."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError
from elpython.install.inuse import users_of
from elpython.install.layout import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from elpython.install.subject import Subject

__all__ = ["Foreseen", "foresee"]

_GROWTH = 1.1  # what comes may be a little larger than what is there


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """One thing that an upgrade depends on.

    Attributes:
        name: `running programs`, `space`, ...
        state: `ready`, `in the way`, or `not looked at`.
        note: what was found.
    """

    name: str
    state: str
    note: str


def _asked(name: str, ask: Callable[[], str]) -> Foreseen:
    try:
        return Foreseen(name=name, state="ready", note=ask())
    except ElpythonError as error:
        return Foreseen(name=name, state="in the way", note=str(error))


def _running(prefix: Path) -> Foreseen:
    users, hidden = users_of(prefix)
    note = "; ".join(f"{user.pid} {user.command}" for user in users[:5]) or "none"
    if hidden:
        note += f"; {hidden} process(es) of other users could not be looked at"
    state = "in the way" if users else "ready"
    return Foreseen(name="running programs", state=state, note=note)


def _space(prefix: Path) -> Foreseen:
    size = sum(item.state.st_size for item in entries(prefix) if not item.is_folder)
    free = shutil.disk_usage(prefix.parent).free
    note = f"{size * _GROWTH / 1e6:.0f} MB needed, {free / 1e6:.0f} MB free in {prefix.parent}"
    return Foreseen(
        name="space", state="ready" if free > size * _GROWTH else "in the way", note=note
    )


def _writable(prefix: Path) -> Foreseen:
    closed = [path for path in (prefix.parent, prefix) if not os.access(path, os.W_OK | os.X_OK)]
    note = f"cannot be written: {closed[0]}" if closed else f"{prefix.parent} can be written"
    return Foreseen(name="rights", state="in the way" if closed else "ready", note=note)


def foresee(
    present: Subject, asked: Iterable[tuple[str, Callable[[], str]]]
) -> tuple[Foreseen, ...]:
    """Look at what an upgrade depends on.

    Args:
        present: what is there.
        asked: names, and functions that return what they found or raise our errors.

    Returns:
        Everything that was looked at, and what was not.
    """
    return (
        Foreseen(name="prefix", state="ready", note=f"{present.title} in {present.prefix}"),
        *(_asked(name, ask) for name, ask in asked),
        _running(present.prefix),
        _writable(present.prefix),
        _space(present.prefix),
        Foreseen(
            name="contract",
            state="not looked at",
            note="it is checked by the upgrade, once what comes is built",
        ),
    )
