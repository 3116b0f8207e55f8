"""One series of a model, laid out in time: the days of its phases and of its releases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from elpython.schedule.dates import add, align, month_end
from elpython.schedule.model import series_name

if TYPE_CHECKING:
    from elpython.schedule.model import Kind, Model, Moment, Phase

__all__ = [
    "BEFORE_FINAL",
    "MAX_RELEASES",
    "NoStartError",
    "Release",
    "Series",
    "Span",
    "final_date",
    "one_series",
    "phase_spans",
    "predecessor_series",
    "release_dates",
]

MAX_RELEASES = 200  # a phase that never ends is cut here; the check refuses it before
BEFORE_FINAL = ("development", "prerelease", "candidate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One planned release.

    Attributes:
        version: as it is announced: `3.9.0b2`.
        label: `a`, `b`, `rc`, `final` or `maintenance`.
        serial: counts the releases of its phase from 1; 0 for the final one.
        key: what stays the same when the release is relabelled or moved: `3.9 pre-freeze 5`.
    """

    date: date
    series: str
    phase: str
    kind: str
    label: str
    serial: int
    version: str
    note: str = ""

    @property
    def key(self) -> str:
        """Return what identifies the release whatever it is called and whenever it comes."""
        return f"{self.series} {self.phase} {self.serial}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One phase of one series: from its first day to the day after its last."""

    series: str
    phase: str
    kind: Kind
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of a model: its releases in order, its phases in order."""

    name: str
    index: int
    final: date
    releases: tuple[Release, ...]
    spans: tuple[Span, ...]

    @property
    def end_of_life(self) -> date:
        """Return the day after the last day of support."""
        return max((span.end for span in self.spans), default=self.final)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a release stands: its day, its number in its phase and in its maintenance."""

    day: date
    serial: int = 0
    micro: int = 0
    last: bool = False


class NoStartError(ValueError):
    """A moment that has no day, because its rule refers to itself or goes back for ever."""


def final_date(model: Model, index: int) -> date:
    """Return the planned day of a series' final release, counted from the first series alone."""
    if index < 0 and model.predecessor and index == -1:
        return model.predecessor.final
    cadence = model.cadence
    return align(add(cadence.final, cadence.period, index), cadence.align)


def moment_date(model: Model, index: int, moment: Moment, depth: int = 0) -> date:
    """Return the day that a moment is for a series.

    Raises:
        NoStartError: the rule goes round in circles.
    """
    at = index + moment.of
    if depth > len(model.phases) + 4:
        raise NoStartError(f"the start of {moment.point!r} goes back to itself")
    if moment.point == "final":
        return add(final_date(model, at), moment.offset)
    before = model.predecessor
    if before and at == -1 and moment.point in before.starts:
        return add(before.starts[moment.point], moment.offset)
    phase = model.phase(moment.point, series_name(model.cadence, at))
    if phase is None:
        raise NoStartError(f"there is no phase {moment.point!r}")
    return add(phase_start(model, at, phase, depth + 1), moment.offset)


def phase_start(model: Model, index: int, phase: Phase, depth: int = 0) -> date:
    """Return the first day of a phase; a phase that begins with a release takes its alignment."""
    day = moment_date(model, index, phase.start, depth)
    return align(day, phase.align) if phase.every and phase.first is None else day


def phase_spans(model: Model, index: int) -> list[tuple[Phase, date, date]]:
    """Return the phases of a series with their first day and the day after their last."""
    name = series_name(model.cadence, index)
    phases = [model.phase(phase.name, name) or phase for phase in model.phases]
    starts = [phase_start(model, index, phase) for phase in phases]
    ends: list[date] = []
    for position, phase in enumerate(phases):
        if phase.end is not None:
            end = moment_date(model, index, phase.end)
            ends.append(month_end(end) + timedelta(days=1) if phase.whole_months else end)
        elif phase.kind == "candidate" or (
            phase.kind in BEFORE_FINAL and position + 1 < len(phases)
        ):
            follow = [day for day in starts[position + 1 :] if day > starts[position]]
            ends.append(min([*follow, final_date(model, index)]))
        elif position + 1 < len(phases):
            ends.append(starts[position + 1])
        else:
            ends.append(starts[position])
    for position, phase in enumerate(phases[:-1]):
        # A phase that is extended to the end of its month pushes the start of the next one.
        if phase.whole_months and starts[position + 1] < ends[position]:
            starts[position + 1] = max(starts[position + 1], ends[position])
    return [entry for entry in zip(phases, starts, ends, strict=True) if not entry[0].dropped]


def release_dates(model: Model, index: int, phase: Phase, end: date) -> list[date]:
    """Return the days of a phase's releases."""
    if not phase.every:
        return []
    base = moment_date(model, index, phase.first or phase.start)
    last = moment_date(model, index, phase.through) if phase.through else end - timedelta(days=1)
    found: list[date] = []
    step = len(phase.every)
    while len(found) < (phase.count or MAX_RELEASES):
        rounds, rest = divmod(len(found), step)
        raw = base
        for position, span in enumerate(phase.every):
            raw = add(raw, span, rounds + (1 if position < rest else 0))
        day = align(raw, phase.align)
        if day > last and not phase.count:
            break
        found.append(day)
    return found


def one_series(model: Model, index: int) -> Series:
    """Lay out one series."""
    name = series_name(model.cadence, index)
    final = final_date(model, index)
    releases: list[Release] = []
    spans: list[Span] = []
    micro = 0
    for phase, start, end in phase_spans(model, index):
        spans.append(Span(series=name, phase=phase.name, kind=phase.kind, start=start, end=end))
        days = release_dates(model, index, phase, end)
        for serial, day in enumerate(days, 1):
            micro += phase.kind not in BEFORE_FINAL
            place = Place(day=day, serial=serial, micro=micro, last=serial == len(days))
            releases.append(_release(model, name, phase, place))
    releases.append(_final(model, name, final))
    begins = model.cadence.begins
    if begins:
        releases = [release for release in releases if release.date >= begins]
        spans = [
            replace(span, start=max(span.start, begins)) for span in spans if span.end > begins
        ]
    releases.sort(key=lambda release: release.date)
    return Series(name=name, index=index, final=final, releases=tuple(releases), spans=tuple(spans))


def _release(model: Model, name: str, phase: Phase, place: Place) -> Release:
    serial = place.serial
    label = phase.labels[min(serial, len(phase.labels)) - 1] if phase.labels else "maintenance"
    fields = _fields(model, name, place, label)
    template = phase.version or (
        "{series}.0{label}{serial}" if phase.kind in BEFORE_FINAL else "{series}.{micro}"
    )
    note = phase.notes.get(f"{label}{serial}", "") or (phase.last_note if place.last else "")
    return Release(
        date=place.day,
        series=name,
        phase=phase.name,
        kind=phase.kind,
        label=label,
        serial=serial,
        version=template.format(**fields),
        note=note.format(**fields),
    )


def _final(model: Model, name: str, day: date) -> Release:
    fields = _fields(model, name, Place(day=day), "")
    return Release(
        date=day,
        series=name,
        phase="final",
        kind="final",
        label="final",
        serial=0,
        version=model.cadence.version.format(**fields),
        note=model.cadence.note.format(**fields),
    )


def _fields(model: Model, name: str, place: Place, label: str) -> dict[str, object]:
    """Return what a version template may use."""
    return {
        "series": name,
        "nodot": name.replace(".", ""),
        "base": model.cadence.bases.get(name, f"{name}.x"),
        "label": label,
        "serial": place.serial,
        "micro": place.micro,
        "yy": f"{place.day.year % 100:02}",
        "mm": f"{place.day.month:02}",
    }


def predecessor_series(model: Model) -> Series | None:
    """Return the series before the first: only its last maintenance release is planned."""
    before = model.predecessor
    if before is None:
        return None
    releases: list[Release] = []
    phase = next((one for one in model.phases if one.through and one.last_note), None)
    if before.last_release and phase and phase.through:
        day = align(moment_date(model, -1, phase.through), phase.align)
        releases.append(
            Release(
                date=day,
                series=before.series,
                phase=phase.name,
                kind=phase.kind,
                label="maintenance",
                serial=1,
                version=f"{before.series}.x",
                note=phase.last_note.format(series=before.series),
            )
        )
    return Series(
        name=before.series, index=-1, final=before.final, releases=tuple(releases), spans=()
    )
