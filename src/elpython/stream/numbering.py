"""The next release of a series: its version, its day, and why."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.stream.plan import dated, following
from elpython.stream.policy import Policy, add_months
from elpython.stream.release import BadReleaseError, Release, serial_problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Changes", "Next", "NumberPlan", "foreign_calendar", "next_release"]

_FOREIGN_DAYS = 366  # a first release further from the calendar's is another schedule
_NAMED_SERIES = 1  # PEP 605 names days for 3.9 and 3.10


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What happened since the last release of the series.

    Attributes:
        breaks: ABI breaks, one line each (from the markers, the measurement or the ledger).
        request: the release manager's wish for an alpha or another candidate, with its reason.
    """

    breaks: tuple[str, ...] = ()
    request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberPlan:
    """What is asked: the series so far.

    Attributes:
        series: major and minor.
        released: releases so far with their days.
        final: the final release's day; None takes it from the policy's calendar.
    """

    series: tuple[int, int]
    released: Mapping[Release, dt.date]
    final: dt.date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Next:
    """The answer: the next version, the day on which it is due, and why it is that one."""

    version: Release
    due: dt.date
    reasons: tuple[str, ...]
    policy: str


def next_release(policy: Policy, plan: NumberPlan, changes: Changes) -> Next:
    """Return what the next release of a series is.

    Args:
        policy: how releases are labelled, counted and dated.
        plan: the series and its releases so far.
        changes: what happened since the last one.

    Raises:
        BadReleaseError: the series is final, its serials are used up, its releases contradict the
            policy, or a release is dated before the one it follows. All contradictions at once.
    """
    releases = sorted(plan.released)
    _check(policy, plan, releases)
    note = foreign_calendar(policy, plan)
    if note:
        plan = _counted_on(policy, plan)
    last = releases[-1] if releases else None
    if last is None:
        version, due, reasons = _first(policy, plan)
    elif last.is_pre_freeze:
        version, due, reasons = _pre_freeze(policy, plan, last, changes)
    else:
        version, due, reasons = _candidate(policy, plan, last, changes)
    reasons += [note] if note else []
    return Next(version=version, due=due, reasons=tuple(reasons), policy=policy.name)


def foreign_calendar(policy: Policy, plan: NumberPlan) -> str:
    """Return why a policy's days are not those of a series; empty where they are, or may be.

    PEP 605 names days for the series after its acceptance, and the policy counts on from there.
    Python went another way: what came of that for 3.16 is the year 2035.
    """
    if plan.final is not None:
        return ""
    planned = policy.calendar.first(plan.series)
    first = _first_day(plan)
    todo = "give its own: --final DAY, or --policy with what `elpython stream plan` wrote"
    name = f"{plan.series[0]}.{plan.series[1]}"
    if first is not None and abs((planned - first).days) > _FOREIGN_DAYS:
        return (
            f"{policy.name} has the first release of {name} on {planned}, it was on {first}: the "
            f"days of {policy.name} are not those of {name} and were moved by as much; {todo}"
        )
    anchor = policy.calendar.anchor_series
    if not plan.released and not 0 <= plan.series[1] - anchor[1] <= _NAMED_SERIES:
        return (
            f"{policy.name} names no days for {name}; they are counted on. If it has others, {todo}"
        )
    return ""


def _first_day(plan: NumberPlan) -> dt.date | None:
    """Return the day of the series' first alpha, where the releases so far have it."""
    first = min(plan.released, default=None)
    whole = first is not None and first.is_pre_freeze and first.serial == 1
    return plan.released[first] if first is not None and whole else None


def _counted_on(policy: Policy, plan: NumberPlan) -> NumberPlan:
    """Move a policy's final day to where a series' first release was; or refuse to count.

    Raises:
        BadReleaseError: the series has another major version, and no release yet: nothing says
            how many series lie between.
    """
    calendar = policy.calendar
    first = _first_day(plan)
    if first is not None:
        span = calendar.months_between_finals - calendar.months_to_next_series
        return replace(plan, final=max(add_months(first, span), *plan.released.values()))
    if plan.series[0] != calendar.anchor_series[0]:
        name, anchor = (f"{s[0]}.{s[1]}" for s in (plan.series, calendar.anchor_series))
        raise BadReleaseError(
            f"{policy.name} names no days for {name}, and they cannot be counted from {anchor}",
            todo="give the final release's day: --final, or --policy with what "
            "`elpython stream plan` wrote",
        )
    return plan


_Answer = tuple[Release, dt.date, list[str]]


def _first(policy: Policy, plan: NumberPlan) -> _Answer:
    level = policy.labels["first"]
    reason = f"the first release of a series is always {_article(level)} ({policy.name})"
    moved = plan.final is not None and plan.final != policy.calendar.final(plan.series)
    own = dated(policy, plan.series, _final_day(policy, plan)) if moved else policy
    return _make(plan, level, 1), own.calendar.first(plan.series), [reason]


def _pre_freeze(policy: Policy, plan: NumberPlan, last: Release, changes: Changes) -> _Answer:
    calendar = policy.calendar
    freeze = calendar.freeze(_final_day(policy, plan))
    due = following(calendar, plan.released[last], freeze)
    if due >= freeze:
        reason = (
            f"the pre-freeze release after {last} would be due on {due}; the ABI freezes on "
            f"{freeze}, {calendar.freeze_months_before_final} months before the final release"
        )
        reasons = [reason, "serials begin again at 1 with the first candidate"]
        reasons += [f"last ABI break before the freeze: {line}" for line in changes.breaks]
        serial = 1 if policy.restart_at_candidate else last.serial + 1
        return _make(plan, "candidate", serial), freeze, reasons
    level, reasons = _label(policy, changes)
    serial = _serial(policy, plan, last, level)
    return _make(plan, level, serial), due, reasons


def _label(policy: Policy, changes: Changes) -> tuple[str, list[str]]:
    labels = policy.labels
    if changes.breaks:
        level = labels["on_break"]
        reasons = [f"ABI break: {line}" for line in changes.breaks]
        if level == "beta":
            reasons.append(f"{policy.name} gives no alpha for an ABI break unless one is asked for")
    else:
        level = labels["otherwise"]
        reasons = ["no ABI break since the last pre-release"]
    if changes.request:
        level = labels["on_request"]
        reasons.append(f"asked for by the release manager: {changes.request}")
    return level, reasons


def _serial(policy: Policy, plan: NumberPlan, last: Release, level: str) -> int:
    if policy.shared_serial:
        return last.serial + 1
    same = [release.serial for release in plan.released if release.level == level]
    return max(same, default=0) + 1


def _candidate(policy: Policy, plan: NumberPlan, last: Release, changes: Changes) -> _Answer:
    if last.level == "final":
        raise BadReleaseError(
            f"{last.series_name} is final since {last}: no pre-release follows",
            todo=f"the next one is the first of {last.series[0]}.{last.series[1] + 1}",
        )
    calendar = policy.calendar
    wanted = last.serial < calendar.candidates
    if wanted or changes.request:
        due = add_months(plan.released[last], calendar.months_between_candidates)
        why = (
            f"asked for by the release manager: {changes.request}"
            if changes.request
            else f"{calendar.candidates} candidates are planned"
        )
        return _make(plan, "candidate", last.serial + 1), due, [why]
    earliest = plan.released[last] + dt.timedelta(weeks=calendar.least_weeks_to_final)
    target = _final_day(policy, plan)
    reasons = [f"{calendar.candidates} candidates are out"]
    if earliest > target:
        reasons.append(
            f"due on {target}; moved to {calendar.least_weeks_to_final} week after {last}; "
            "the next series keeps its own dates"
        )
    if changes.breaks:
        reasons += [f"broken after the freeze, to be reverted: {line}" for line in changes.breaks]
    return _make(plan, "final", 0), max(earliest, target), reasons


def _final_day(policy: Policy, plan: NumberPlan) -> dt.date:
    return plan.final or policy.calendar.final(plan.series)


def _make(plan: NumberPlan, level: str, serial: int) -> Release:
    problem = serial_problem(serial)
    if problem:
        series = f"{plan.series[0]}.{plan.series[1]}"
        raise BadReleaseError(
            problem, where=series, todo="bring the freeze forward: the next release is rc1"
        )
    return Release(series=plan.series, level=level, serial=serial)


def _article(level: str) -> str:
    return f"an {level}" if level[0] in "aeiou" else f"a {level}"


def _check(policy: Policy, plan: NumberPlan, releases: Sequence[Release]) -> None:
    problems = [
        f"{release} is not of the series {plan.series[0]}.{plan.series[1]}"
        for release in releases
        if release.series != plan.series
    ]
    if releases and releases[0].is_pre_freeze and releases[0].level != policy.labels["first"]:
        problems.append(f"the series begins with {releases[0]}, not {policy.labels['first']} 1")
    last = releases[-1] if releases else None
    if last is not None and plan.final is not None and plan.released[last] > plan.final:
        day = plan.released[last]
        problems.append(f"the final release on {plan.final} lies before {last} of {day}")
    for before, after in itertools.pairwise(releases):
        if plan.released[after] < plan.released[before]:
            problems.append(
                f"{after} is dated {plan.released[after]}, "
                f"before {before} of {plan.released[before]}"
            )
        if policy.shared_serial and before.is_pre_freeze and after.is_pre_freeze:
            if before.serial == after.serial:
                problems.append(f"{before} and {after} have the same serial")
            elif after.serial != before.serial + 1:
                problems.append(f"{after} cannot follow {before}: what was between them is missing")
    if problems:
        raise BadReleaseError("the releases so far contradict each other", details=tuple(problems))
