"""Releases that come late: single ones by hand, and many by a seeded draw.

A release that slips moves what follows it in its own series only as far as the order of the
releases asks for: a candidate stays a week before the final release, and the last release of the
old series behind the first of the new one. The next series is planned from the plan and never moves
(PEP 605, Release candidate policy).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from elpython.schedule.errors import EmptyRangeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from elpython.schedule.expand import Release, Series
    from elpython.schedule.timeline import Timeline

__all__ = ["TOLERANCE", "Slip", "Slips", "drawn", "planned", "slip"]

LEAST_TO_FINAL = timedelta(weeks=1)  # from the last candidate (PEP 605, Release candidate policy)
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
        """Return whether the release moved by a month at most."""
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
    planned_days = {release.key: release.date for release in timeline.releases}
    changed = [_in_order(one, late) for one in timeline.series]
    for place, (one, following) in enumerate(pairwise(changed)):
        changed[place] = _after_the_new(one, following, planned_days)
    moved = [
        Slip(version=release.version, before=planned_days[release.key], after=release.date)
        for one in changed
        for release in one.releases
        if release.key in planned_days and release.date != planned_days[release.key]
    ]
    return replace(timeline, series=tuple(changed)), moved


def _in_order(one: Series, late: Mapping[str, int]) -> Series:
    """Move the releases of one series, and those behind a late one as far as their order asks."""
    releases: list[Release] = []
    pushed = False
    for release in one.releases:
        day = release.date + timedelta(days=late.get(release.version, 0))
        pushed = pushed or release.version in late
        if releases and pushed:
            day = max(day, releases[-1].date + _gap(releases[-1], release))
        releases.append(replace(release, date=day))
    return replace(one, releases=tuple(releases))


def _gap(before: Release, after: Release) -> timedelta:
    """Return the least time between two releases: a week from the last candidate to the final."""
    if before.kind == "candidate" and after.label == "final":
        return LEAST_TO_FINAL
    return timedelta(days=1)


def _after_the_new(one: Series, following: Series, planned_days: Mapping[str, date]) -> Series:
    """Keep a series' last maintenance release behind the first release of the next series."""
    first = next((item for item in following.releases if item.label == "final"), None)
    own = [item for item in one.releases if item.label == "maintenance"]
    if first is None or not own or first.key not in planned_days:
        return one
    last = own[-1]
    if planned_days.get(last.key, last.date) <= planned_days[first.key] or last.date > first.date:
        return one
    after = replace(last, date=first.date + timedelta(days=1))
    return replace(one, releases=tuple(after if item == last else item for item in one.releases))


def planned(one: Series) -> NDArray[np.int64]:
    """Return the planned days of a series' releases, as day numbers, in order."""
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
