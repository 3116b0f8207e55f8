"""A model against what happened: how far each planned release lies from the real one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from elpython.schedule.facts import real_series
from elpython.schedule.slips import TOLERANCE
from elpython.schedule.timeline import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from elpython.schedule.expand import Series
    from elpython.schedule.facts import RealSeries
    from elpython.schedule.model import Model

__all__ = ["Deviation", "Fit", "fit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One release in the plan and in reality."""

    version: str
    planned: date
    real: date

    @property
    def days(self) -> int:
        """Return how many days the real release came after the planned one."""
        return (self.real - self.planned).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well a model tells one series, or all of them.

    Attributes:
        deviations: pre-releases and the final release, by their version.
        unplanned: real pre-releases that the plan does not have.
        missing: planned pre-releases that never came.
        mean: of the deviations' sizes, in days.
        worst: the greatest of them.
        outside: how many are greater than the tolerance of a month.
        maintenance_mean: from each real maintenance release to the nearest planned one, in days.
    """

    series: str
    deviations: tuple[Deviation, ...]
    unplanned: tuple[str, ...]
    missing: tuple[str, ...]
    mean: float
    worst: Deviation
    outside: int
    maintenance_mean: float | None


def fit(model: Model, names: Sequence[str] = ()) -> list[Fit]:
    """Compare a model with the real series that are out, then with all of them together.

    Args:
        model: the model.
        names: the series to look at; without any, those that the model plans and that are out.

    Returns:
        One fit a series, and a last one named `all`.
    """
    real = real_series()
    end = max(one.releases[-1].date for one in real.values()) + timedelta(days=366)
    timeline = lay_out(model, model.cadence.final - timedelta(days=1500), end)
    found = [
        one
        for one in (
            _fit(planned, real[planned.name])
            for planned in timeline.series
            if planned.index >= 0 and planned.name in (names or real)
        )
        if one is not None
    ]
    if found:
        every = [item for one in found for item in one.deviations]
        nearest = [one.maintenance_mean for one in found if one.maintenance_mean is not None]
        found.append(
            _summed(
                "all",
                every,
                unplanned=[version for one in found for version in one.unplanned],
                missing=[version for one in found for version in one.missing],
                maintenance=sum(nearest) / len(nearest) if nearest else None,
            )
        )
    return found


def _fit(planned: Series, real: RealSeries) -> Fit | None:
    """Compare one series; None when it is not out yet."""
    happened = {one.version: one.date for one in real.releases if one.actual}
    first = f"{planned.name}.0"
    if first not in happened:
        return None
    before = {version: day for version, day in happened.items() if version.startswith(first)}
    plan = {one.version: one.date for one in planned.releases if one.version.startswith(first)}
    deviations = [
        Deviation(version=version, planned=plan[version], real=day)
        for version, day in before.items()
        if version in plan
    ]
    if not deviations:
        return None
    slots = [one.date for one in planned.releases if one.label == "maintenance"]
    away = [
        min(abs((day - slot).days) for slot in slots)
        for version, day in happened.items()
        if version not in before and "rc" not in version and slots
        and day <= max(slots) + timedelta(days=TOLERANCE)
    ]  # fmt: skip
    return _summed(
        planned.name,
        deviations,
        unplanned=sorted(set(before) - set(plan)),
        missing=sorted(set(plan) - set(before)),
        maintenance=sum(away) / len(away) if away else None,
    )


def _summed(
    name: str,
    deviations: Sequence[Deviation],
    *,
    unplanned: Sequence[str],
    missing: Sequence[str],
    maintenance: float | None,
) -> Fit:
    sizes = [abs(one.days) for one in deviations]
    return Fit(
        series=name,
        deviations=tuple(deviations),
        unplanned=tuple(unplanned),
        missing=tuple(missing),
        mean=sum(sizes) / len(sizes),
        worst=max(deviations, key=lambda one: abs(one.days)),
        outside=sum(size > TOLERANCE for size in sizes),
        maintenance_mean=maintenance,
    )
