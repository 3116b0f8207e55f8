"""Releases that come late: single ones by hand, and many by a seeded draw.

A release that slips moves what follows it in its own series only as far as the order of the
releases asks for; the next series is planned from the plan and never moves (PEP 605, Release
candidate policy).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from elpython.schedule.errors import EmptyRangeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from elpython.schedule.expand import Release, Series
    from elpython.schedule.timeline import Timeline

__all__ = ["TOLERANCE", "Slip", "Slips", "drawn", "planned", "slip"]

TOLERANCE = 31  # days: "up to a month earlier or later" (PEP 605, Caveats and Limitations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slips:
    """How releases slip in a draw.

    Attributes:
        runs: how often the whole plan is played through; 0 is the plan itself.
        seed: the same seed gives the same draw.
        chance: how probable it is that a release slips.
        mean: how many days a slip takes on average (exponentially distributed).
    """

    runs: int = 0
    seed: int = 0
    chance: float = 0.25
    mean: float = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What one slip did: a release with its old and its new day."""

    version: str
    before: date
    after: date

    @property
    def in_tolerance(self) -> bool:
        """Say whether the release moved by a month at most."""
        return (self.after - self.before).days <= TOLERANCE


def slip(timeline: Timeline, late: Mapping[str, int]) -> tuple[Timeline, list[Slip]]:
    """Let releases come late.

    Args:
        timeline: the plan.
        late: version -> days; a negative number comes early.

    Returns:
        The timeline as it comes out, and everything that moved, those pushed along included.

    Raises:
        EmptyRangeError: a version is not in the plan.
    """
    versions = {release.version for release in timeline.releases}
    unknown = sorted(set(late) - versions)
    if unknown:
        raise EmptyRangeError(
            f"not in the plan: {', '.join(unknown)}",
            timeline.model.name,
            "elpython schedule show lists the versions that are",
        )
    moved: list[Slip] = []
    changed = []
    for one in timeline.series:
        releases: list[Release] = []
        for release in one.releases:
            day = release.date + timedelta(days=late.get(release.version, 0))
            if releases and day <= releases[-1].date and any(item.version in late for item in
                                                             (*releases, release)):  # fmt: skip
                day = releases[-1].date + timedelta(days=1)
            if day != release.date:
                moved.append(Slip(version=release.version, before=release.date, after=day))
            releases.append(replace(release, date=day))
        changed.append(replace(one, releases=tuple(releases)))
    return replace(timeline, series=tuple(changed)), moved


def planned(one: Series) -> NDArray[np.int64]:
    """Give the planned days of a series' releases, as day numbers, in order."""
    import numpy as np

    return np.array([release.date.toordinal() for release in one.releases], dtype=np.int64)


def drawn(timeline: Timeline, slips: Slips) -> list[NDArray[np.int64]]:
    """Play a plan through: for each series an array of runs by releases, as day numbers.

    Without runs there is one, the plan itself. Every model draws from a stream of its own, so that
    adding a model to a comparison changes nothing in the others.
    """
    import numpy as np

    plans = [planned(one) for one in timeline.series]
    if not slips.runs:
        return [plan[np.newaxis, :] for plan in plans]
    name = zlib.crc32(timeline.model.name.encode())
    random: Any = np.random.default_rng([slips.seed, name])
    found = []
    for plan in plans:
        shape = (slips.runs, len(plan))
        late = np.where(random.random(shape) < slips.chance, random.exponential(1.0, shape), 0.0)
        days = plan[np.newaxis, :] + np.rint(late * slips.mean).astype(np.int64)
        found.append(np.maximum.accumulate(days, axis=1))
    return found
