"""Values and conditions as they are on each CPython series: true on some, false on others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ALL", "MINORS", "Guard", "Value", "below", "first_after", "guard_from"]

MINORS = range(6, 17)
ALL = sum(1 << minor for minor in MINORS)


@dataclass(frozen=True, slots=True)
class Value:
    """What a name holds on each series.

    Attributes:
        by_minor: minor number -> value; a series that is not there is unknown.
        platform: whether it depends on the platform or the implementation.
        plain: whether it is the same constant everywhere.
        names: import paths that are there where it is true.
        absent: import paths that are there where it is false.
    """

    by_minor: Mapping[int, Any]
    platform: bool = False
    plain: bool = False
    names: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """What a condition says about the code behind it.

    Attributes:
        true: series on which it may be true, one bit a minor number.
        false: series on which it may be false.
        names: import paths that are there where it is true.
        absent: import paths that are there where it is false.
        platform: whether it is about platforms other than CPython on Linux.
    """

    true: int = ALL
    false: int = ALL
    names: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    platform: bool = False

    def inverted(self) -> Guard:
        """Return what the opposite condition says."""
        return Guard(
            true=self.false,
            false=self.true,
            names=self.absent,
            absent=self.names,
            platform=self.platform,
        )

    def __and__(self, other: Guard) -> Guard:
        """Return what both conditions together say."""
        absent = [part.absent for part in (self, other) if part.false]
        return Guard(
            true=self.true & other.true,
            false=self.false | other.false,
            names=self.names | other.names,
            absent=frozenset.intersection(*absent) if absent else frozenset(),
            platform=self.platform or other.platform,
        )

    def __or__(self, other: Guard) -> Guard:
        """Return what either condition says."""
        return (self.inverted() & other.inverted()).inverted()


def below(minor: int) -> int:
    """Return the bits of the series before `3.minor`."""
    return ALL & ((1 << minor) - 1)


def first_after(bits: int) -> tuple[int, int]:
    """Return the first series after the last of some; 3.6 for none."""
    return (3, bits.bit_length()) if bits else (3, MINORS[0])


def guard_from(value: Value | None, *, constants: bool = False) -> Guard | None:
    """Return what a condition with that value says; None where it says nothing.

    Args:
        value: what it is on each series.
        constants: whether a plain constant counts: `if False`, but not `if DEBUG`.
    """
    if value is None or (value.plain and not constants):
        return None
    true = sum(1 << minor for minor in MINORS if value.by_minor.get(minor, True))
    false = sum(1 << minor for minor in MINORS if not value.by_minor.get(minor, False))
    return Guard(true=true, false=false, platform=value.platform)
