"""A release of a series as a value: its parts, its name in each tool's spelling, its place.

The place is release order: serials of a series' alphas and betas run on, so that `a5` follows
`b4`. PEP 440, `PY_VERSION_HEX` and blurb sort otherwise; `elpython.stream.order` tells where.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, total_ordering
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "LEVELS",
    "MAX_SERIAL",
    "BadReleaseError",
    "Release",
    "parse_release",
    "parse_series",
    "serial_problem",
]

# `PY_RELEASE_SERIAL` is the low nibble of `PY_VERSION_HEX` (Include/patchlevel.h).
MAX_SERIAL = 15

# level -> (spelling in a version, nibble of PY_VERSION_HEX, name in sys.version_info)
LEVELS: dict[str, tuple[str, int, str]] = {
    "alpha": ("a", 0xA, "alpha"),
    "beta": ("b", 0xB, "beta"),
    "candidate": ("rc", 0xC, "candidate"),
    "final": ("", 0xF, "final"),
}
_BY_SPELLING = {spelling: level for level, (spelling, _, _) in LEVELS.items() if spelling}
_RELEASE = re.compile(
    r"([0-9]{1,30})\.([0-9]{1,30})(?:\.([0-9]{1,30}))?(?:(a|b|rc|c)([0-9]{1,30}))?"
)
_LONG = re.compile(
    r"([0-9]{1,30})\.([0-9]{1,30})(?:\.([0-9]{1,30}))?"
    r"(?: (alpha|beta|candidate|release candidate|final)(?: ([0-9]{1,30}))?)?"
)
_SERIES = re.compile(r"([0-9]{1,30})\.([0-9]{1,30})")
_STAGE = re.compile(r"(a|b|rc)([0-9]{1,30})|final")


class BadReleaseError(ElpythonError):
    """A version that is no release of a series, or that has no place in a stream."""

    exit_code = 60


def serial_problem(serial: int) -> str:
    """Return why a serial cannot be had; empty when it can.

    Source: `Include/patchlevel.h` gives the release serial four bits.
    """
    if serial > MAX_SERIAL:
        return (
            f"serial {serial} does not fit: PY_VERSION_HEX keeps 4 bits for the release serial, "
            f"so {MAX_SERIAL} is the last one of a phase"
        )
    return ""


@total_ordering
@dataclass(frozen=True, kw_only=True)
class Release:
    """One release; compares by release order, not by PEP 440.

    Attributes:
        series: major and minor, `(3, 9)`.
        micro: the third number, 0 for everything before and at the final release.
        level: `alpha`, `beta`, `candidate` or `final`.
        serial: 1 and up; 0 for `final`.
    """

    series: tuple[int, int]
    micro: int = 0
    level: str = "final"
    serial: int = 0

    def __str__(self) -> str:
        return f"{self.series_name}.{self.micro}{self.stage if self.level != 'final' else ''}"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Release):
            return NotImplemented
        return self.key < other.key

    @property
    def series_name(self) -> str:
        """The series as text: `3.9`."""
        return f"{self.series[0]}.{self.series[1]}"

    @property
    def stage(self) -> str:
        """The part behind the numbers: `a5`, `b4`, `rc1`; `final` for a final release."""
        if self.level == "final":
            return "final"
        return f"{LEVELS[self.level][0]}{self.serial}"

    @property
    def is_pre_freeze(self) -> bool:
        """Whether the ABI is still open: alphas and betas of the rolling stream."""
        return self.level in {"alpha", "beta"}

    @cached_property
    def key(self) -> tuple[int, int, int, int, int]:
        """Release order: phase before level, then the serial that alphas and betas share."""
        phase = {"alpha": 0, "beta": 0, "candidate": 1, "final": 2}[self.level]
        return (*self.series, self.micro, phase, self.serial)

    @property
    def hexversion(self) -> int:
        """`sys.hexversion` of this release (`PY_VERSION_HEX`, Include/patchlevel.h)."""
        major, minor = self.series
        nibble = LEVELS[self.level][1]
        return (major << 24) | (minor << 16) | (self.micro << 8) | (nibble << 4) | self.serial

    @property
    def version_info(self) -> tuple[int, int, int, str, int]:
        """`sys.version_info` of this release."""
        return (*self.series, self.micro, LEVELS[self.level][2], self.serial)


def parse_series(text: str) -> tuple[int, int]:
    """Read a series, `3.9`.

    Raises:
        BadReleaseError: it is no two numbers with a dot.
    """
    found = _SERIES.fullmatch(text.strip())
    if found is None:
        raise BadReleaseError(f"{text!r} is no series", todo="write it like 3.9")
    return int(found[1]), int(found[2])


def parse_release(text: str, *, series: str | None = None) -> Release:
    """Read a release in any of the spellings that CPython uses for it.

    Args:
        text: `3.9.0a5`, `v3.9.0a5` (a tag), `3.9.0 alpha 5` (Misc/NEWS); with `series` also
            `a5`, `rc1` or `final`.
        series: `3.9`; the release must belong to it.

    Raises:
        BadReleaseError: no release, not of the series, or a serial past 15.
    """
    bare = text.strip()
    stage = _STAGE.fullmatch(bare)
    if stage and series is not None:
        bare = f"{series}.0{'' if bare == 'final' else bare}"
    found = _RELEASE.fullmatch(bare.removeprefix("v")) or _LONG.fullmatch(bare)
    if found is None or (stage and series is None):
        raise BadReleaseError(
            f"{text!r} is no release",
            todo="write it like 3.9.0a5, 3.9.0rc1 or 3.9.0" + (" (or a5)" if series else ""),
        )
    word = (found[4] or "").replace("release ", "")
    level = _BY_SPELLING.get("rc" if word == "c" else word, word or "final")
    serial = int(found[5] or 0)
    release = Release(
        series=(int(found[1]), int(found[2])), micro=int(found[3] or 0), level=level, serial=serial
    )
    _check(release, text, series)
    return release


def _check(release: Release, text: str, series: str | None) -> None:
    if series is not None and release.series != parse_series(series):
        raise BadReleaseError(f"{text!r} is not a release of {series}")
    if release.level != "final" and release.serial < 1:
        raise BadReleaseError(f"{text!r} has no serial", todo="serials begin at 1")
    if release.level == "final" and release.serial:
        raise BadReleaseError(f"{text!r}: a final release has no serial")
    problem = serial_problem(release.serial)
    if problem:
        raise BadReleaseError(problem, where=text)


def pre_freeze(releases: Iterable[Release]) -> list[Release]:
    """Return the alphas and betas among some releases, in release order."""
    return sorted(release for release in releases if release.is_pre_freeze)
