"""A numbering policy, read from data: which label on what, how serials count, and when."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.stream.release import BadReleaseError, parse_series
from elpython.stream.tables import BadTableError, Table, read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Calendar", "Policy", "add_months", "load_policy", "policy_names"]

_LABELS = ("alpha", "beta")


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day some months on; the month's last day where there is no such day.

    Raises:
        BadReleaseError: that would be outside of the calendar's years.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise BadReleaseError(
            f"{months} months from {day} is in the year {year}", todo="give another day"
        )
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """When releases are due; months and weeks as in the policy file.

    Attributes:
        anchor_series, anchor_final, anchor_first: one series whose dates are given.
        months_between_finals: final release to final release of the next series.
    """

    months_between: int
    freeze_months_before_final: int
    candidates: int
    months_between_candidates: int
    least_weeks_to_final: int
    months_to_next_series: int
    anchor_series: tuple[int, int]
    anchor_final: dt.date
    anchor_first: dt.date
    months_between_finals: int

    def final(self, series: tuple[int, int]) -> dt.date:
        """The day on which a series' final release is due."""
        return add_months(self.anchor_final, self.months_between_finals * self._away(series))

    def first(self, series: tuple[int, int]) -> dt.date:
        """The day on which a series' first pre-release is due."""
        if series == self.anchor_series:
            return self.anchor_first
        before = (series[0], series[1] - 1)
        return add_months(self.final(before), self.months_to_next_series)

    def freeze(self, final: dt.date) -> dt.date:
        """The day of the first candidate, for a final release's day."""
        return add_months(final, -self.freeze_months_before_final)

    def _away(self, series: tuple[int, int]) -> int:
        return series[1] - self.anchor_series[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """How the releases of a series are labelled, counted and dated.

    Attributes:
        name: its file's name without the ending.
        labels: `first`, `on_break`, `on_request`, `otherwise` -> `alpha` or `beta`.
        shared_serial: alphas and betas count on one run.
        restart_at_candidate: candidates begin at 1.
    """

    name: str
    title: str
    source: str
    labels: Mapping[str, str]
    shared_serial: bool
    restart_at_candidate: bool
    calendar: Calendar


def policy_names() -> list[str]:
    """Return the names of the policies that come with the package."""
    folder = resources.files(__package__).joinpath("policies")
    return sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name[-5:] == ".toml"
    )


def load_policy(name: str) -> Policy:
    """Read a policy by its name, or a user's own by the path of its file.

    Raises:
        BadTableError: unknown name, or the file has problems (all of them told).
    """
    names = policy_names()
    if name in names:
        return _read(read_toml(f"policies/{name}.toml"), name)
    path = Path(name)
    if path.suffix != ".toml":
        raise BadTableError(
            f"there is no policy {name!r}",
            todo=f"known: {', '.join(names)}; or give the path of a policy file (.toml)",
        )
    return _read(read_toml(path), path.stem)


def _read(root: Table, name: str) -> Policy:
    labels = root.table("labels")
    serial = root.table("serial")
    policy = Policy(
        name=name,
        title=root.text("title"),
        source=root.text("source"),
        labels={
            key: labels.choice(key, _LABELS)
            for key in ("first", "on_break", "on_request", "otherwise")
        },
        shared_serial=serial.flag("shared"),
        restart_at_candidate=serial.flag("restart_at_candidate"),
        calendar=_read_calendar(root.table("calendar")),
    )
    labels.done()
    serial.done()
    root.end()
    return policy


def _read_calendar(table: Table) -> Calendar:
    series = (0, 0)
    text = table.text("anchor_series")
    try:
        series = parse_series(text)
    except BadReleaseError as error:
        table.problem("anchor_series", error.what)
    made = Calendar(
        months_between=table.number("months_between", least=1),
        freeze_months_before_final=table.number("freeze_months_before_final"),
        candidates=table.number("candidates", least=1),
        months_between_candidates=table.number("months_between_candidates"),
        least_weeks_to_final=table.number("least_weeks_to_final"),
        months_to_next_series=table.number("months_to_next_series"),
        anchor_series=series,
        anchor_final=table.date("anchor_final"),
        anchor_first=table.date("anchor_first"),
        months_between_finals=table.number("months_between_finals", least=1),
    )
    if made.anchor_first >= made.anchor_final:
        table.problem("anchor_first", "must lie before anchor_final")
    table.done()
    return made
