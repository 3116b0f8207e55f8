"""How long a merged feature waits for the first release that is suited for production."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from elpython.schedule.dates import Duration, add
from elpython.schedule.errors import EmptyRangeError
from elpython.schedule.slips import drawn
from elpython.schedule.timeline import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from elpython.schedule.expand import Release, Series
    from elpython.schedule.model import Audience, Model
    from elpython.schedule.slips import Slips
    from elpython.schedule.timeline import Timeline

__all__ = ["Latency", "all_of", "latency", "serves"]

_FAR = 10_000_000  # more than any day number: keeps the series apart in one sorted array


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The wait of a feature merged on each day: the mean over the runs, and the whole spread.

    Attributes:
        step: from one merge looked at to the next, in days: 7 where slips are drawn, else 1.
        days: the mean wait in days of a merge on each day of the range, in order.
        low: the 5th percentile over the runs of each day's wait.
        high: the 95th.
        mean: over all days and runs.
        p95: over all days and runs.
    """

    step: int
    days: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: float
    p95: float


def serves(release: Release, audience: Audience) -> bool:
    """Return whether a release is suited for an audience's production."""
    return release.label in audience.releases


def all_of(model: Model, start: date, end: date) -> Timeline:
    """Return all series that features merged between two days may come with, from the first on.

    Raises:
        EmptyRangeError: the end lies before the start.
    """
    if end < start:
        raise EmptyRangeError(f"the range ends ({end}) before it starts ({start})", model.name)
    period = model.cadence.period
    margin = Duration(months=period.months * 3 + 24, days=period.days)
    return lay_out(model, min(start, model.cadence.final), add(end, margin))


def latency(
    timeline: Timeline, audience: Audience, days: tuple[date, date], slips: Slips
) -> Latency:
    """Measure the wait of features merged on each day between two days.

    A feature that is merged before a series' freeze comes with that series, else with the next;
    where features are backported, it comes with the next release of each branch.

    Args:
        timeline: as `all_of` gives it for the same days.
        audience: whose production the release has to be suited for.
        days: the first and the last day of merges.
        slips: how releases slip.
    """
    import numpy as np

    model, (start, end) = timeline.model, days
    step = 7 if slips.runs else 1
    merged = np.arange(start.toordinal(), end.toordinal() + 1, step, dtype=np.int64)
    lead = (add(start, model.features.lead) - start).days
    dates = drawn(timeline, slips)
    runs = dates[0].shape[0] if dates else 1
    waits = np.empty((runs, len(merged)), dtype=np.float32)
    carried = _carriers(timeline, audience)
    frozen = _freezes(timeline, dates)
    backported = model.features.carry == "backport"
    for run in range(runs):
        coming = [np.sort(day[run, keep]) for day, keep in zip(dates, carried, strict=True)]
        ready = merged + lead
        waits[run] = (
            _on_branches(coming, ready) if backported else _in_series(coming, ready, frozen[run])
        ) - merged
    return Latency(
        step=step,
        days=waits.mean(axis=0, dtype=np.float64),
        low=np.percentile(waits, 5, axis=0) if slips.runs else waits[0].astype(np.float64),
        high=np.percentile(waits, 95, axis=0) if slips.runs else waits[0].astype(np.float64),
        mean=float(waits.mean(dtype=np.float64)),
        p95=float(np.percentile(waits, 95)),
    )


def _in_series(
    days: Sequence[NDArray[np.int64]], ready: NDArray[np.int64], frozen: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the day on which features that are ready on some days come with their series."""
    import numpy as np

    series = np.searchsorted(frozen, ready, side="right")
    keyed = np.concatenate([day + index * _FAR for index, day in enumerate(days)])
    return keyed[np.searchsorted(keyed, ready + series * _FAR, side="left")] % _FAR


def _on_branches(
    days: Sequence[NDArray[np.int64]], ready: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean day, over the branches that are out, on which features are backported.

    Where no branch is out yet, the first release of any counts.
    """
    import numpy as np

    total, out = np.zeros(len(ready)), np.zeros(len(ready))
    first = np.full(len(ready), np.inf)
    for day in days:
        if not len(day):
            continue
        position = np.searchsorted(day, ready, side="left")
        follow = position < len(day)
        coming = np.where(follow, day[np.minimum(position, len(day) - 1)], 0)
        first = np.where(follow, np.minimum(first, coming), first)
        running = follow & (ready >= day[0])
        total += np.where(running, coming, 0)
        out += running
    return np.where(out > 0, total / np.maximum(out, 1), first)


def _carriers(timeline: Timeline, audience: Audience) -> list[list[int]]:
    """Give, for each series, which of its releases serve the audience."""
    return [
        [position for position, release in enumerate(one.releases) if serves(release, audience)]
        for one in timeline.series
    ]


def _freezes(timeline: Timeline, dates: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the freeze of every series in every run, in the order of the series."""
    import numpy as np

    columns = []
    for one, days in zip(timeline.series, dates, strict=True):
        column = _freeze_column(one, timeline.model.features.freeze)
        columns.append(days[:, column] if isinstance(column, int) else
                       np.full(days.shape[0], column.toordinal()))  # fmt: skip
    return np.maximum.accumulate(np.stack(columns, axis=1), axis=1)


def _freeze_column(one: Series, freeze: str) -> int | date:
    """Return which release of a series freezes it, or the day where no release does."""
    for position, release in enumerate(one.releases):
        if release.phase == freeze:
            return position
    spans = [span.start for span in one.spans if span.phase == freeze]
    return spans[0] if spans else one.final - timedelta(days=1)
