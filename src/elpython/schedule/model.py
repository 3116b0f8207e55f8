"""A release model: how series follow each other, and what each goes through.

The words are those of a model file (`docs/reference/schedule-models.md`); reading one is
`elpython.schedule.load`, laying it out in time is `elpython.schedule.timeline`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from elpython.schedule.dates import Alignment, Duration, parse_duration

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "CARRY",
    "KINDS",
    "Audience",
    "Cadence",
    "Features",
    "Model",
    "Moment",
    "Override",
    "Phase",
    "Predecessor",
    "parse_moment",
    "series_name",
    "series_number",
]

Kind = Literal["development", "prerelease", "candidate", "bugfix", "extended", "security"]
# In the order of a series' life; the first three come before its first stable release.
KINDS: tuple[Kind, ...] = (
    "development",
    "prerelease",
    "candidate",
    "bugfix",
    "extended",
    "security",
)
CARRY = ("main", "backport")

_MOMENT = re.compile(r"(?:(previous|next) )?([a-z][a-z-]*)(?: ([+-]) (\d+ [a-z]+))?")
_SERIES = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in the life of a series: the start of a phase (or `final`), and an offset.

    Attributes:
        of: which series is meant: 0 this one, -1 the previous, 1 the next.
        point: `final`, or a phase's name for its start.
        offset: added to it.
    """

    point: str
    of: int = 0
    offset: Duration = field(default_factory=Duration)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase of every series.

    Attributes:
        path: where in the model file it stands, for messages.
        start: its first day.
        end: the first day after it; without one it ends where the next phase starts.
        first: the planned day of its first release; without one, its start.
        through: the last planned release day (included); without one, releases stop at the end.
        every: the steps between releases, taken in turn, again and again; empty: no releases.
        count: the greatest number of releases; 0 is no limit.
        labels: the labels of its releases in turn; the last one serves for all that follow.
        break_label: the label that a release gets when it breaks the ABI.
        version: template of a release's version; empty: the usual one of its kind.
        notes: what a release (by its label and serial) is told with.
        last_note: what the last release is told with.
        whole_months: the end is moved to the end of its month.
        dropped: the phase is left out (by an override, or for series that `only` does not name).
        only: the series that have this phase, each with the reason; empty: all have it.
    """

    name: str
    kind: Kind
    path: str
    start: Moment
    end: Moment | None = None
    first: Moment | None = None
    through: Moment | None = None
    every: tuple[Duration, ...] = ()
    count: int = 0
    align: Alignment = field(default_factory=Alignment)
    labels: tuple[str, ...] = ()
    break_label: str = ""
    version: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    last_note: str = ""
    whole_months: bool = False
    dropped: bool = False
    only: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How series follow each other: the first one's stable release, and the period.

    `begins` cuts off what would lie before the model came into use; `bases` names the upstream
    release under each series where versions are told with it.
    """

    first: str
    final: date
    period: Duration
    step: int = 1
    align: Alignment = field(default_factory=Alignment)
    version: str = "{series}.0"
    note: str = ""
    begins: date | None = None
    at_most: int = 0
    bases: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """The series before the first one: what the first one's dates are counted from."""

    series: str
    final: date
    starts: dict[str, date] = field(default_factory=dict)
    last_release: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What a phase does otherwise for some series: the phase as it is for them."""

    series: tuple[str, ...]
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who uses the releases: which are suited for their production, and what publishers build.

    Attributes:
        releases: labels (`b`, `rc`), `final` or `maintenance`.
        builds: versions' ends (`a1`, `rc1`, `final`) at which a publisher rebuilds every wheel.
        breaks: further rebuilds that a series is expected to ask for.
    """

    name: str
    releases: tuple[str, ...]
    builds: tuple[str, ...] = ()
    breaks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """How a new feature reaches users: with the next series, or into those that are out.

    `freeze` is the phase at whose start a series takes no more features; `lead` is how long a
    feature must have been in the main branch before a release can carry it.
    """

    freeze: str = "final"
    carry: Literal["main", "backport"] = "main"
    lead: Duration = field(default_factory=Duration)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A release model as read from its file."""

    name: str
    title: str
    source: str
    summary: str
    file: str
    cadence: Cadence
    phases: tuple[Phase, ...]
    predecessor: Predecessor | None = None
    overrides: tuple[Override, ...] = ()
    audiences: tuple[Audience, ...] = ()
    features: Features = field(default_factory=Features)

    def phase(self, name: str, series: str) -> Phase | None:
        """Return a phase as it is for a series."""
        for override in self.overrides:
            if override.phase.name == name and series in override.series:
                return override.phase
        phase = next((phase for phase in self.phases if phase.name == name), None)
        if phase is not None and phase.only and series not in phase.only:
            return replace(phase, dropped=True)
        return phase


def parse_moment(text: str) -> Moment:
    """Read `final`, `previous final + 2 months` or `next final - 1 week`.

    Raises:
        ValueError: with the forms that are known.
    """
    match = _MOMENT.fullmatch(" ".join(text.split()))
    if match is None:
        raise ValueError(f"{text!r} is no moment; write for example 'previous final + 2 months'")
    offset = parse_duration(match[4]) if match[4] else Duration()
    of = {"previous": -1, "next": 1}.get(match[1] or "", 0)
    if of == 1 and match[2] != "final":
        raise ValueError(f"{text!r}: of the next series only 'final' can be named")
    return Moment(of=of, point=match[2], offset=-offset if match[3] == "-" else offset)


def series_number(series: str) -> tuple[int, int]:
    """Split `3.9` into its numbers; ValueError where it is none."""
    match = _SERIES.fullmatch(series)
    if match is None:
        raise ValueError(f"{series!r} is no series; write for example '3.9'")
    return int(match[1]), int(match[2])


def series_name(cadence: Cadence, index: int) -> str:
    """Return the name of the series with an index; 0 is the first."""
    major, minor = series_number(cadence.first)
    return f"{major}.{minor + index * cadence.step}"
