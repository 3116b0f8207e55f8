"""A model laid out in time: every release and every phase of every series in a range of days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from elpython.schedule.errors import EmptyRangeError
from elpython.schedule.expand import one_series, predecessor_series

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from elpython.schedule.expand import Release, Series
    from elpython.schedule.model import Model

LAST_YEAR = 2500

__all__ = ["Timeline", "lay_out", "narrow", "relabel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What a model plans between two days."""

    model: Model
    start: date
    end: date
    series: tuple[Series, ...]

    @property
    def releases(self) -> list[Release]:
        """Return the releases of all series by date; on one day the newer series first."""
        found = [
            (release.date, -one.index, position, release)
            for one in self.series
            for position, release in enumerate(one.releases)
            if self.start <= release.date <= self.end
        ]
        return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:3])]


def lay_out(model: Model, start: date, end: date) -> Timeline:
    """Lay a model out between two days (both included).

    Raises:
        EmptyRangeError: the end lies before the start, before the model's first day, or past
            the last year that is planned for.
    """
    if end.year > LAST_YEAR:
        raise EmptyRangeError(f"no plan reaches past the year {LAST_YEAR}", model.name)
    if end < start:
        raise EmptyRangeError(f"the range ends ({end}) before it starts ({start})", model.name)
    found = [one for one in all_series(model, end) if _touches(one, start, end)]
    if not any(one.spans or one.releases for one in found):
        first = min(span.start for span in one_series(model, 0).spans)
        raise EmptyRangeError(
            f"nothing is planned between {start} and {end}",
            model.name,
            f"the model begins on {max(first, model.cadence.begins or first)}",
        )
    return Timeline(model=model, start=start, end=end, series=tuple(found))


def narrow(timeline: Timeline, start: date, end: date) -> Timeline:
    """Return the part of a timeline between two days."""
    series = tuple(one for one in timeline.series if _touches(one, start, end))
    return replace(timeline, start=start, end=end, series=series)


def all_series(model: Model, until: date) -> Iterator[Series]:
    """Yield the series in order, as far as they begin on or before a day."""
    before = predecessor_series(model)
    if before is not None:
        yield before
    for index in count():
        one = one_series(model, index)
        if min([one.final, *(span.start for span in one.spans)]) > until:
            return
        yield one


def _touches(one: Series, start: date, end: date) -> bool:
    return any(span.start <= end and span.end > start for span in one.spans) or any(
        start <= release.date <= end for release in one.releases
    )


def relabel(timeline: Timeline, breaks: Collection[tuple[str, int]]) -> Timeline:
    """Return the timeline with releases labelled as ABI breaks, serials running on as they were.

    Args:
        timeline: a layout.
        breaks: (series, serial) of releases in a phase that has a `break_label`.

    Raises:
        EmptyRangeError: a break names a release that is not there.
    """
    model = timeline.model
    labels = {phase.name: phase.break_label for phase in model.phases if phase.break_label}
    wanted = set(breaks)
    changed: list[Series] = []
    for one in timeline.series:
        releases = []
        for release in one.releases:
            hit = release.phase in labels and (one.name, release.serial) in wanted
            if hit:
                wanted.discard((one.name, release.serial))
            label = labels[release.phase] if hit else release.label
            old = f"{release.label}{release.serial}"
            version = release.version.removesuffix(old) + f"{label}{release.serial}"
            releases.append(replace(release, label=label, version=version) if hit else release)
        changed.append(replace(one, releases=tuple(releases)))
    if wanted:
        told = ", ".join(f"{series}:{serial}" for series, serial in sorted(wanted))
        raise EmptyRangeError(
            f"no release to mark as an ABI break: {told}",
            model.name,
            "name a series and the serial of a planned pre-freeze release, such as 3.9:5"
            if labels
            else "this model has no phase in which alphas and betas share their serials",
        )
    return replace(timeline, series=tuple(changed))
