"""How old the newest Python is when a distribution freezes, in reality and under models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from elpython.schedule.facts import distributions, real_series
from elpython.schedule.latency import all_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.schedule.facts import Distribution
    from elpython.schedule.model import Model

__all__ = ["REALITY", "Age", "FreezeRow", "ages", "models_from"]

REALITY = "reality"


def models_from() -> date:
    """Return the day from which the built-in models can answer: that of 3.8.0."""
    return real_series()["3.8"].first_release


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """The newest stable series on the day of a freeze, and its age in days."""

    series: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeRow:
    """One distribution's release: its freeze, and the newest Python by each model."""

    distribution: Distribution
    ages: dict[str, Age | None]


def ages(models: Sequence[Model], start: date, end: date) -> list[FreezeRow]:
    """Return the age of the newest stable release at every freeze between two days.

    A model has no answer (None) for days before its first stable release and its predecessor's.
    """
    finals = {REALITY: _real_finals()}
    for model in models:
        finals[model.name] = _planned_finals(model, end)
    return [
        FreezeRow(
            distribution=one,
            ages={name: _newest(days, one.freeze) for name, days in finals.items()},
        )
        for one in distributions()
        if start <= one.freeze <= end
    ]


def _real_finals() -> dict[str, date]:
    return {
        one.name: item.date
        for one in real_series().values()
        for item in one.releases
        if item.version == f"{one.name}.0"
    }


def _planned_finals(model: Model, end: date) -> dict[str, date]:
    first = model.predecessor.final if model.predecessor else model.cadence.final
    found = {one.name: one.final for one in all_of(model, first, end).series}
    if model.predecessor:
        found[model.predecessor.series] = model.predecessor.final
    begins = model.cadence.begins or date.min
    return {name: max(day, begins) for name, day in found.items()}


def _newest(finals: dict[str, date], day: date) -> Age | None:
    out = [(final, name) for name, final in finals.items() if final <= day]
    if not out:
        return None
    final, name = max(out)
    return Age(series=name, days=(day - final).days)
