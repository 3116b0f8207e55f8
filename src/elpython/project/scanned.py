"""What a source file uses of Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elpython.project.conditions import Value
    from elpython.project.recorder import Imported
    from elpython.project.rules import Series, Use

__all__ = ["Scanned"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scanned:
    """One source file.

    Attributes:
        path: as it was named, or below the folder that was.
        lines: how many it has.
        uses: what it uses, by line.
        stand_ins: distributions that it takes instead, and below which CPython.
        elsewhere: what it uses on other platforms than Linux only.
        imports: which modules it imports, and on which series.
        exports: what its names hold on each series, where that differs.
        unread: why it could not be read; empty when it could.
    """

    path: str
    lines: int
    uses: tuple[Use, ...]
    stand_ins: tuple[tuple[str, Series], ...] = ()
    elsewhere: tuple[Use, ...] = ()
    imports: tuple[Imported, ...] = ()
    exports: tuple[tuple[str, Value], ...] = ()
    unread: str = ""
