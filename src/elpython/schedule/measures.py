"""What a model costs and gives: latency, versions to test, releases, work for publishers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from elpython.schedule.dates import Duration, add
from elpython.schedule.latency import all_of, latency
from elpython.schedule.slips import TOLERANCE, drawn, planned
from elpython.schedule.support import from_model, windows
from elpython.schedule.timeline import narrow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elpython.schedule.latency import Latency
    from elpython.schedule.model import Audience, Model
    from elpython.schedule.slips import Slips
    from elpython.schedule.support import Rule
    from elpython.schedule.timeline import Timeline

__all__ = ["Comparison", "Counts", "FreezeStep", "Measures", "Question", "compare"]

DAYS_A_YEAR = 365.2425


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a comparison is about.

    Attributes:
        start: first day looked at.
        end: last day looked at.
        rule: which series a library tests.
        project_releases: releases a year of the project whose publisher's work is counted.
        slips: how releases slip.
    """

    start: date
    end: date
    rule: Rule
    project_releases: int
    slips: Slips


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A number that changes over time: its mean and its greatest value, taken monthly."""

    mean: float
    greatest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeStep:
    """From this month on, so many versions, until the next step."""

    since: date
    versions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """One model for one audience.

    Attributes:
        latency_mean: days from merge to the first release suited for the audience's production.
        latency_p95: the same, 95th percentile.
        supported: series in support, by the model's own phases.
        tested: versions that a library tests: the rule's, and one more for a rolling stream.
        tested_over_time: the same, step by step.
        releases_a_year: all releases that the model plans.
        rebuilds_a_year: times a publisher rebuilds every wheel for a new or changed ABI.
        wheels_a_year: wheels built for one platform: the project's releases times the versions
            tested, and the rebuilds.
        late: share of releases that slip by more than the tolerance, 0 to 1.
    """

    model: str
    title: str
    audience: str
    latency_mean: float
    latency_p95: float
    supported: Counts
    tested: Counts
    tested_over_time: tuple[FreezeStep, ...]
    releases_a_year: float
    rebuilds_a_year: float
    wheels_a_year: float
    late: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Models side by side, with the curves behind the numbers."""

    question: Question
    rows: tuple[Measures, ...]
    curves: dict[tuple[str, str], Latency]


def compare(models: Sequence[Model], question: Question) -> Comparison:
    """Measure every model for each of its audiences."""
    rows: list[Measures] = []
    curves: dict[tuple[str, str], Latency] = {}
    for model in models:
        every = all_of(model, question.start, question.end)
        timeline = narrow(every, question.start, question.end)
        supported = _supported(timeline)
        tested = _tested(every, question)
        late = _late(timeline, question.slips)
        for audience in model.audiences:
            days = (question.start, question.end)
            curve = latency(every, audience, days, question.slips)
            curves[model.name, audience.name] = curve
            streams = _streams(timeline, audience)
            counts = [one + other for one, other in zip(tested, streams, strict=True)]
            rebuilds = _rebuilds(timeline, audience)
            tested_by = _counts(counts)
            rows.append(
                Measures(
                    model=model.name,
                    title=model.title,
                    audience=audience.name,
                    latency_mean=curve.mean,
                    latency_p95=curve.p95,
                    supported=supported,
                    tested=tested_by,
                    tested_over_time=_steps(counts, question),
                    releases_a_year=len(timeline.releases) / _years(question),
                    rebuilds_a_year=rebuilds,
                    wheels_a_year=question.project_releases * tested_by.mean + rebuilds,
                    late=late,
                )
            )
    return Comparison(question=question, rows=tuple(rows), curves=curves)


def _years(question: Question) -> float:
    return ((question.end - question.start).days + 1) / DAYS_A_YEAR


def _months(start: date, end: date) -> Iterator[date]:
    """Yield the first day of every month looked at, or the first day where there is none."""
    day, found = start.replace(day=1), False
    while day <= end:
        if day >= start:
            found = True
            yield day
        day = add(day, Duration(months=1))
    if not found:
        yield start


def _counts(values: Sequence[int]) -> Counts:
    return Counts(mean=sum(values) / len(values), greatest=max(values))


def _steps(counts: Sequence[int], question: Question) -> tuple[FreezeStep, ...]:
    """Tell monthly counts by their changes."""
    found: list[FreezeStep] = []
    for month, count in zip(_months(question.start, question.end), counts, strict=True):
        if not found or found[-1].versions != count:
            found.append(FreezeStep(since=month, versions=count))
    return tuple(found)


def _supported(timeline: Timeline) -> Counts:
    """Count the series in support in each month."""
    begins = timeline.model.cadence.begins or date.min
    lives = [(max(one.final, begins), one.end_of_life) for one in timeline.series]
    return _counts(_inside(lives, timeline.start, timeline.end))


def _inside(times: Sequence[tuple[date, date]], start: date, end: date) -> list[int]:
    """Count, in each month, the times that hold its day."""
    return [sum(first <= day < after for first, after in times) for day in _months(start, end)]


def _tested(every: Timeline, question: Question) -> list[int]:
    """Count the series that the rule asks a library to test in each month."""
    found = windows(question.rule, from_model(every))
    lives = [(one.release, one.drop) for one in found]
    return _inside(lives, question.start, question.end)


def _streams(timeline: Timeline, audience: Audience) -> list[int]:
    """Say for each month whether a stream of pre-releases for this audience runs (1 or 0)."""
    running = [
        (span.start, span.end)
        for one in timeline.series
        for span in one.spans
        if span.kind in {"prerelease", "candidate"}
        and any(
            release.phase == span.phase and release.label in audience.releases
            for release in one.releases
        )
    ]
    return [min(count, 1) for count in _inside(running, timeline.start, timeline.end)]


def _rebuilds(timeline: Timeline, audience: Audience) -> float:
    """Count the times a year at which a publisher rebuilds every wheel."""
    ends = set(audience.builds)
    built = sum(
        f"{release.label}{release.serial}" in ends or release.label in ends
        for release in timeline.releases
    )
    finals = sum(release.label == "final" for release in timeline.releases)
    years = ((timeline.end - timeline.start).days + 1) / DAYS_A_YEAR
    return (built + finals * audience.breaks) / years


def _late(timeline: Timeline, slips: Slips) -> float:
    """Return the share of releases that come later than the tolerance, over all runs."""
    if not slips.runs:
        return 0.0
    late = every = 0
    for one, days in zip(timeline.series, drawn(timeline, slips), strict=True):
        late += int((days - planned(one) > TOLERANCE).sum())
        every += days.size
    return late / every if every else 0.0
