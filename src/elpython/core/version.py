"""The EL version: the base's `X.Y.Z`, then CalVer `YY.MM.N`, then `rcN` for a pre-release.

`3.11.2.27.01.0` is the first release of January 2027 on base 3.11.2. The rules for the values that
an interpreter reports (`sys.implementation.version`, `.hexversion`) are those of the variant's
identity; the layout of the hexadecimal number is that of CPython's `PY_VERSION_HEX`
(`Include/patchlevel.h`).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Self

from elpython.core.errors import BadVersionError

__all__ = ["RELEASE_MONTHS", "CalVer", "ElVersion", "next_release", "release_day"]

RELEASE_MONTHS = (1, 7)

# Digits of ASCII only: `int` reads those of every script, and two texts would be one version.
_CALVER = re.compile(
    r"(?P<year>\d{2})\.(?P<month>\d{2})\.(?P<micro>\d+)(?:rc(?P<rc>\d+))?", re.ASCII
)
_BASE = re.compile(r"3\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:(?:a|b|rc)\d+)?", re.ASCII)
_EL = re.compile(rf"(?P<base>{_BASE.pattern})\.(?P<cal>{_CALVER.pattern})", re.ASCII)


@total_ordering
@dataclass(frozen=True, kw_only=True, slots=True)
class CalVer:
    """An EL release's own version, `YY.MM.N` or `YY.MM.NrcM`.

    Attributes:
        year: two digits, 2000 added gives the year.
        month: 1 to 12.
        micro: number of the release within its month, from 0; at most 255 (one byte of the
            hexadecimal number).
        rc: number of the release candidate, 1 to 15 (four bits); None for a final release.
    """

    year: int
    month: int
    micro: int
    rc: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `27.01.0` or `27.01.0rc1`.

        Raises:
            BadVersionError: with what is wrong with it.
        """
        match = _CALVER.fullmatch(text)
        if match is None:
            raise BadVersionError(
                f"{text!r} is no EL release version",
                todo="write it as YY.MM.N, for example 27.01.0, or 27.01.0rc1 before a release",
            )
        year, month, micro = (int(match[name]) for name in ("year", "month", "micro"))
        rc = None if match["rc"] is None else int(match["rc"])
        if not 1 <= month <= 12:
            raise BadVersionError(f"{text!r} has no month {month:02}", todo="months are 01 to 12")
        if match["micro"] != str(micro):
            raise BadVersionError(f"{text!r} has a leading zero in its last number")
        if micro > 0xFF:
            raise BadVersionError(f"{text!r}: the last number is at most 255")
        if rc is not None and (not 1 <= rc <= 0xF or match["rc"] != str(rc)):
            raise BadVersionError(f"{text!r}: a release candidate's number is 1 to 15")
        return cls(year=year, month=month, micro=micro, rc=rc)

    def __str__(self) -> str:
        return f"{self.year:02}.{self.month:02}.{self.micro}" + (f"rc{self.rc}" if self.rc else "")

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, CalVer):
            return NotImplemented
        return self.order < other.order

    @property
    def order(self) -> tuple[int, int, int, int]:
        """The release order as a tuple: a release candidate comes before its release."""
        return (self.year, self.month, self.micro, 0x10 if self.rc is None else self.rc)

    @property
    def releaselevel(self) -> str:
        """`final` or `candidate`, as in `sys.version_info`."""
        return "final" if self.rc is None else "candidate"

    @property
    def serial(self) -> int:
        """The release candidate's number, 0 for a final release."""
        return self.rc or 0

    @property
    def implementation_version(self) -> tuple[int, int, int, str, int]:
        """The five fields of `sys.implementation.version`."""
        return (self.year, self.month, self.micro, self.releaselevel, self.serial)

    @property
    def hexversion(self) -> int:
        """The value of `sys.implementation.hexversion`: `0x1b0100f0` for 27.01.0."""
        level = 0xF if self.rc is None else 0xC
        return self.year << 24 | self.month << 16 | self.micro << 8 | level << 4 | self.serial

    @property
    def marker(self) -> str:
        """The value of the PEP 508 marker `implementation_version` (PEP 508's own conversion)."""
        suffix = "" if self.rc is None else f"c{self.rc}"
        return f"{self.year}.{self.month}.{self.micro}{suffix}"


@total_ordering
@dataclass(frozen=True, kw_only=True, slots=True)
class ElVersion:
    """A base release with an EL release: `3.11.2.27.01.0`."""

    base: str
    calver: CalVer

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `3.11.2.27.01.0`.

        Raises:
            BadVersionError: it is none; the message shows the form.
        """
        match = _EL.fullmatch(text)
        if match is None:
            raise BadVersionError(
                f"{text!r} is no EL version",
                todo="write the base and the EL release, for example 3.11.2.27.01.0",
            )
        return cls(base=match["base"], calver=CalVer.parse(match["cal"]))

    def __str__(self) -> str:
        return f"{self.base}.{self.calver}"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, ElVersion):
            return NotImplemented
        return self.order < other.order

    @property
    def order(self) -> tuple[object, ...]:
        """The order as a tuple: by the base in PEP 440's order, then by the EL release."""
        from packaging.version import Version

        return (Version(self.base), self.calver.order)

    @property
    def series(self) -> str:
        """The branch's name, `3.11`."""
        return ".".join(self.base.split(".")[:2])

    @property
    def pep440(self) -> str:
        """The same as a normalised PEP 440 version; those sort as EL versions do."""
        from packaging.version import Version

        return str(Version(f"{self.base}.{self.calver}"))

    def package_version(self) -> str:
        """The same for RPM and Debian, whose `~` sorts a release candidate before its release."""
        cal = self.calver
        suffix = "" if cal.rc is None else f"~rc{cal.rc}"
        return f"{self.base}.{cal.year:02}.{cal.month:02}.{cal.micro}{suffix}"


# Years that two digits can say.
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


def release_day(year: int, month: int) -> dt.date:
    """Return the day on which the EL release of a month is due.

    It is the Tuesday of the month's final week, which is its last seven days.

    Args:
        year: full year.
        month: one of `RELEASE_MONTHS`; any month is taken.
    """
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    last = following - dt.timedelta(days=1)
    return last - dt.timedelta(days=(last.weekday() - 1) % 7)


def next_release(today: dt.date, *, released: CalVer | None = None) -> tuple[CalVer, dt.date]:
    """Return the next six-monthly EL release and the day on which it is due.

    Args:
        today: the day that is asked from; a release that is due today is the next one.
        released: the newest release made so far: its month is not due a second time, even when it
            came out before its day.

    Raises:
        BadVersionError: the year does not fit into two digits (2000 to 2099).
    """
    for year in range(today.year, today.year + 3):
        if year > _LAST_YEAR:
            break
        for month in RELEASE_MONTHS:
            day = release_day(year, month)
            done = released is not None and (released.year + 2000, released.month) >= (year, month)
            if done and released is not None and released.rc is not None:
                done = (released.year + 2000, released.month) > (year, month)
            if day >= today and not done:
                if year < _FIRST_YEAR:
                    raise BadVersionError(f"EL versions have two digits for the year, not {year}")
                return CalVer(year=year - 2000, month=month, micro=0), day
    if today.year > _LAST_YEAR - 1:
        raise BadVersionError(f"EL versions have two digits for the year, not {today.year}")
    raise BadVersionError(
        f"no release is due within two years after {today}",
        where=str(released),
        todo="the newest release lies too far ahead: check its version",
    )
