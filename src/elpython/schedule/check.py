"""Contradictions in a model: what each rule alone allows and all of them together do not.

The first series are laid out and looked at; every finding names the rule that it comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.schedule.expand import (
    BEFORE_FINAL,
    MAX_RELEASES,
    NoStartError,
    final_date,
    one_series,
    phase_spans,
    release_dates,
)
from elpython.schedule.model import series_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from elpython.schedule.expand import Series
    from elpython.schedule.model import Model, Phase

__all__ = ["contradictions"]

LOOKED_AT = 8  # series: enough for every weekday drift and leap year to show
MAX_SERIAL = 15  # PY_RELEASE_SERIAL has four bits (Include/patchlevel.h)
FIELDS = {"series", "nodot", "base", "label", "serial", "micro", "yy", "mm"}

Finding = tuple[str, str]


def contradictions(model: Model) -> list[Finding]:
    """Return every contradiction of a model as (path of the rule, what is wrong)."""
    found = [*_templates(model), *_names(model)]
    if found:
        return found
    try:
        series = [one_series(model, index) for index in range(LOOKED_AT)]
        for index in range(LOOKED_AT):
            found += _phases(model, index)
    except NoStartError as error:
        path = next((one.path for one in model.phases if repr(one.name) in str(error)), "phase[0]")
        return [(f"{path}.start", str(error))]
    except (OverflowError, ValueError):
        return [("cadence.period", "the dates leave the calendar (years 1 to 9999)")]
    found += _finals(model)
    for one in series:
        found += _releases(model, one)
    found += _at_once(model, series)
    return _once(found)


def _once(found: list[Finding]) -> list[Finding]:
    """Keep the first finding of each rule and kind: what is wrong for 3.9 is wrong for 3.10."""
    kept: dict[tuple[str, str], Finding] = {}
    for path, what in found:
        kept.setdefault((path, what.partition(":")[2][:20]), (path, what))
    return list(kept.values())


def _templates(model: Model) -> Iterator[Finding]:
    """Check that version templates use only known fields."""
    texts = [
        ("cadence.version", model.cadence.version),
        ("cadence.note", model.cadence.note),
        *((f"{one.path}.version", one.version) for one in model.phases),
        *((f"{one.path}.last_note", one.last_note) for one in model.phases),
        *((f"{one.path}.notes.{key}", text) for one in model.phases for key, text in
          one.notes.items()),
    ]  # fmt: skip
    for path, text in texts:
        try:
            text.format(**dict.fromkeys(FIELDS, ""))
        except (KeyError, ValueError, IndexError):
            yield path, f"{text!r}: a template may use {', '.join(sorted(FIELDS))} in braces"


def _names(model: Model) -> Iterator[Finding]:
    """Check what names phases and labels."""
    labels = {"final", "maintenance"}
    for phase in model.phases:
        labels |= {*phase.labels, phase.break_label}
        if phase.every and phase.kind in BEFORE_FINAL and not (phase.labels or phase.version):
            yield phase.path, f"phase {phase.name!r} has releases before the final one: no labels"
        if phase.through and not phase.every:
            yield f"{phase.path}.through", "without 'every' there are no releases for it to end"
    for position, audience in enumerate(model.audiences):
        known = ", ".join(sorted(labels - {""}))
        for label in audience.releases:
            if label not in labels:
                told = f"no release is labelled {label!r}; there are {known}"
                yield f"audience[{position}].releases", told
    kinds = [phase.kind for phase in model.phases]
    order = ("development", "prerelease", "candidate", "bugfix", "extended", "security")
    for phase, before in zip(model.phases[1:], model.phases, strict=False):
        if order.index(phase.kind) < order.index(before.kind):
            told = (
                f"phase {phase.name!r} ({phase.kind}) stands after {before.name!r} "
                f"({before.kind}): phases stand in the order of a series' life"
            )
            yield f"{phase.path}.kind", told
    if not any(kind not in BEFORE_FINAL for kind in kinds):
        yield "", "no phase of support (bugfix, extended or security) after the final release"


def _phases(model: Model, index: int) -> Iterator[Finding]:
    """Check one series' phases against each other and against the period."""
    name, final = series_name(model.cadence, index), final_date(model, index)
    spans = phase_spans(model, index)
    period = (final_date(model, index + 1) - final).days
    earlier: tuple[Phase, date] | None = None
    supported: date | None = None
    for phase, start, end in spans:
        if phase.kind not in BEFORE_FINAL:
            if supported is not None and start < supported:
                told = f"{name}: phase {phase.name!r} starts before the phase before it ends"
                yield f"{phase.path}.start", told
            supported = end
        place = f"{phase.path}.start"
        if end < start:
            key = "end" if phase.end else "start"
            yield f"{phase.path}.{key}", f"{name}: phase {phase.name!r} ends before it starts"
        if earlier and start < earlier[1]:
            yield place, f"{name}: phase {phase.name!r} starts before phase {earlier[0].name!r}"
        if phase.kind in BEFORE_FINAL:
            if (end - start).days > period and phase.kind != "development":
                told = (
                    f"{name}: phase {phase.name!r} takes {(end - start).days} days, longer "
                    f"than the period between two series ({period} days)"
                )
                yield place, told
            if start >= final:
                yield place, f"{name}: phase {phase.name!r} starts on or after the final release"
        elif start < final:
            yield place, f"{name}: support ({phase.name!r}) starts before the final release"
        yield from _release_days(model, index, phase, start, end)
        earlier = (phase, start)


def _release_days(
    model: Model, index: int, phase: Phase, start: date, end: date
) -> Iterator[Finding]:
    """Check the releases of one phase against its own days."""
    name, final = series_name(model.cadence, index), final_date(model, index)
    days = release_dates(model, index, phase, end)
    if phase.every and not days:
        yield f"{phase.path}.every", f"{name}: phase {phase.name!r} has no room for a release"
    if len(days) >= MAX_RELEASES:
        yield f"{phase.path}.every", f"{name}: more than {MAX_RELEASES} releases in one phase"
    if phase.kind in BEFORE_FINAL:
        late = [day for day in days if day >= min(end, final)]
        if late:
            serial = days.index(late[0]) + 1
            told = (
                f"{name}: release {serial} of phase {phase.name!r} ({late[0]}) is not before "
                f"the phase's end ({min(end, final)})"
            )
            yield f"{phase.path}.{'count' if phase.count else 'every'}", told
        if len(days) > MAX_SERIAL:
            told = (
                f"{name}: {len(days)} releases in phase {phase.name!r}: a serial past "
                f"{MAX_SERIAL} does not fit the four bits of PY_RELEASE_SERIAL"
            )
            yield f"{phase.path}.every", told
    elif days and days[0] <= final:
        yield f"{phase.path}.first", f"{name}: a maintenance release on or before the final one"
    if days and days[0] < start:
        yield f"{phase.path}.first", f"{name}: a release before phase {phase.name!r} starts"


def _finals(model: Model) -> Iterator[Finding]:
    """Check that stable releases come one after the other."""
    for index in range(LOOKED_AT):
        if final_date(model, index + 1) <= final_date(model, index):
            told = (
                f"{series_name(model.cadence, index + 1)}: its final release is not after that "
                f"of {series_name(model.cadence, index)}"
            )
            yield "cadence.period", told
    before = model.predecessor
    if before and before.final >= final_date(model, 0):
        yield "predecessor.final", "the series before the first one is not out before it"
    first = final_date(model, 0)
    if first != model.cadence.final:
        told = (
            f"{model.cadence.first}: its final release is given as {model.cadence.final}, but "
            f"'align' moves it to {first}"
        )
        yield "cadence.final", told


def _releases(model: Model, one: Series) -> Iterator[Finding]:
    """Check that no two releases of one series share a day."""
    paths = {phase.name: phase.path for phase in model.phases}
    for earlier, later in zip(one.releases, one.releases[1:], strict=False):
        if earlier.date == later.date:
            phase = later.phase if later.phase in paths else earlier.phase
            told = f"{one.name}: {earlier.version} and {later.version} are both on {later.date}"
            yield f"{paths.get(phase, 'cadence')}.every", told


def _at_once(model: Model, series: list[Series]) -> Iterator[Finding]:
    """Check the greatest number of series that are in use at one time."""
    limit = model.cadence.at_most
    for one in series if limit else ():
        alive = [other.name for other in series if other.final <= one.final < other.end_of_life]
        if len(alive) > limit:
            told = (
                f"{one.name}: {len(alive)} series in support on {one.final} "
                f"({', '.join(alive)}), more than {limit}"
            )
            yield "cadence.at_most", told
