"""Where other tools put the releases of a stream in another order, by the tool's name."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from elpython.stream.release import Release

__all__ = ["Disagreement", "disagreements", "in_release_order"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """One pair of releases that a tool takes the wrong way round.

    Attributes:
        tool: whose order it is: `PEP 440`, `PY_VERSION_HEX`, `blurb`.
        earlier: the release that came first.
        later: the release that came after it, which the tool puts before it.
        effect: what goes wrong where that order is used.
    """

    tool: str
    earlier: Release
    later: Release
    effect: str


def in_release_order(releases: Iterable[Release]) -> list[Release]:
    """Sort releases as they came out: by serial through alphas and betas."""
    return sorted(releases)


def _pep440(release: Release) -> object:
    return Version(str(release))


def _hexversion(release: Release) -> object:
    return release.hexversion


def _blurb(release: Release) -> object:
    """Blurb's order of the files in Misc/NEWS.d: numbers, then `a`, `b`, `rc`, then final."""
    major, minor = release.series
    return (major, minor, release.micro, {"alpha": 0, "beta": 1}.get(release.level, 2),
            release.level == "final", release.serial)  # fmt: skip


_TOOLS: tuple[tuple[str, Callable[[Release], object], str], ...] = (
    (
        "PEP 440",
        _pep440,
        (
            "`>={earlier}` in Requires-Python or a python_full_version marker refuses {later}; "
            "pip, uv and every index page that sorts by version list {later} as the older one"
        ),
    ),
    (
        "PY_VERSION_HEX",
        _hexversion,
        (
            "`#if PY_VERSION_HEX >= {hex_earlier:#010x}` and `sys.hexversion`/`sys.version_info` "
            "checks written for {earlier} are false on {later}"
        ),
    ),
    (
        "blurb",
        _blurb,
        "`blurb merge` writes {later} below {earlier} in Misc/NEWS, as if it were the older one",
    ),
)


def disagreements(releases: Iterable[Release]) -> list[Disagreement]:
    """Give, for each tool, the neighbours in release order that it takes the wrong way round.

    A tool that sorts by PEP 440 puts every alpha before every beta; one neighbour pair for each
    place where the stream turns from beta to alpha is enough to name them all.
    """
    found = []
    ordered = in_release_order(set(releases))
    for tool, key, effect in _TOOLS:
        for earlier, later in pairwise(ordered):
            if _less(key(later), key(earlier)):
                text = effect.format(earlier=earlier, later=later, hex_earlier=earlier.hexversion)
                found.append(Disagreement(tool=tool, earlier=earlier, later=later, effect=text))
    return found


def _less(left: object, right: object) -> bool:
    return bool(left < right)  # type: ignore[operator]
