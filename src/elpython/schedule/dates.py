"""Dates as release plans speak of them: durations, weekdays, and days to be moved to.

A plan says "two months later, on the first Monday". `Duration` is the first half, `Alignment` the
second. Months are calendar months: the 31st of January and one month is the last of February.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

__all__ = [
    "MONTHS",
    "WEEKDAYS",
    "Alignment",
    "Duration",
    "add",
    "align",
    "last_full_week",
    "month_end",
    "parse_alignment",
    "parse_duration",
]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
SHORTEST_MONTH = 28
HALF_WEEK = 3
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}

Form = Literal["none", "day", "ordinal", "last full week", "next", "previous", "nearest"]

_DURATION = re.compile(r"(\d{1,4}) (day|week|month|year)s?")
_MONTH_LIST = r"(?: in (?P<months>[a-z]+(?:, [a-z]+)*))?"
_DAY = "|".join(WEEKDAYS)
_FORMS = (
    re.compile(r"day (?P<number>\d{1,2})" + _MONTH_LIST),
    re.compile(rf"(?P<ordinal>{'|'.join(ORDINALS)}) (?P<weekday>{_DAY})" + _MONTH_LIST),
    re.compile(rf"(?P<weekday>{_DAY}) of the last full week" + _MONTH_LIST),
    re.compile(rf"(?P<side>next|previous|nearest) (?P<weekday>{_DAY})"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time: calendar months, then days; either may be negative."""

    months: int = 0
    days: int = 0

    def __neg__(self) -> Duration:
        return Duration(months=-self.months, days=-self.days)

    def __str__(self) -> str:
        parts = [(self.months, "month"), (self.days, "day")]
        told = [f"{size} {unit}{'' if abs(size) == 1 else 's'}" for size, unit in parts if size]
        return " and ".join(told) or "0 days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """The day that a computed day is moved to.

    Attributes:
        form: how the day is found.
        number: day of the month, or which weekday of the month (-1 is the last one).
        weekday: 0 for Monday to 6 for Sunday.
        months: with months given, the first matching day in one of them that is not before the
            computed day; without, the matching day in the computed day's own month.
    """

    form: Form = "none"
    number: int = 0
    weekday: int = 0
    months: tuple[int, ...] = ()


def parse_duration(text: str) -> Duration:
    """Read `2 months`, `5 weeks`, `1 year` or `31 days`; ValueError says what is expected."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration; write for example '2 months' or '5 weeks'")
    size, unit = int(match[1]), match[2]
    if unit in {"day", "week"}:
        return Duration(days=size * (7 if unit == "week" else 1))
    return Duration(months=size * (12 if unit == "year" else 1))


def parse_alignment(text: str) -> Alignment:
    """Read an alignment; ValueError lists the forms.

    The forms: `none`, `day 2`, `first monday`, `last tuesday in january, july`,
    `tuesday of the last full week in january, july`, `next monday`, `nearest monday`.
    """
    if text == "none":
        return Alignment()
    for pattern in _FORMS:
        match = pattern.fullmatch(text)
        if match is not None:
            return _alignment(match.groupdict())
    raise ValueError(
        f"{text!r} is no alignment; write 'none', 'day 2', 'first monday', 'next monday' or "
        "'tuesday of the last full week in january, july'"
    )


def _alignment(groups: dict[str, str | None]) -> Alignment:
    weekday = WEEKDAYS.index(groups.get("weekday") or "monday")
    months = tuple(_month_number(name) for name in (groups.get("months") or "").split(", ") if name)
    if groups.get("number") is not None:
        number = int(groups["number"] or 0)
        if not 1 <= number <= SHORTEST_MONTH:
            raise ValueError(f"day {number}: only the days 1 to 28 are in every month")
        return Alignment(form="day", number=number, months=months)
    if groups.get("ordinal"):
        number = ORDINALS[groups["ordinal"] or ""]
        return Alignment(form="ordinal", number=number, weekday=weekday, months=months)
    match groups.get("side"):
        case "next":
            return Alignment(form="next", weekday=weekday)
        case "previous":
            return Alignment(form="previous", weekday=weekday)
        case "nearest":
            return Alignment(form="nearest", weekday=weekday)
    return Alignment(form="last full week", weekday=weekday, months=months)


def _month_number(name: str) -> int:
    if name not in MONTHS:
        raise ValueError(f"{name!r} is no month")
    return MONTHS.index(name) + 1


def add(day: date, span: Duration, times: int = 1) -> date:
    """Return the day that lies `times` spans after a day (or before, where negative)."""
    index = day.year * 12 + day.month - 1 + span.months * times
    year, month = divmod(index, 12)
    number = day.day
    if number > SHORTEST_MONTH:
        number = min(number, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, number) + timedelta(days=span.days * times)


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def last_full_week(year: int, month: int) -> date:
    """Return the Monday of the last ISO week that lies wholly inside a month."""
    last = month_end(date(year, month, 1))
    return last - timedelta(days=(last.weekday() + 1) % 7 + 6)


def align(day: date, rule: Alignment) -> date:
    """Move a day to where a rule wants it."""
    ahead = (rule.weekday - day.weekday()) % 7
    match rule.form:
        case "none":
            return day
        case "next":
            return day + timedelta(days=ahead)
        case "previous":
            return day - timedelta(days=(7 - ahead) % 7)
        case "nearest":
            return day + timedelta(days=ahead if ahead <= HALF_WEEK else ahead - 7)
    if not rule.months:
        return _in_month(day.year, day.month, rule)
    found = (
        _in_month(year, month, rule)
        for year in (day.year, day.year + 1)
        for month in sorted(rule.months)
    )
    return next(candidate for candidate in found if candidate >= day)


def _in_month(year: int, month: int, rule: Alignment) -> date:
    first = date(year, month, 1)
    match rule.form:
        case "day":
            return first.replace(day=rule.number)
        case "last full week":
            return last_full_week(year, month) + timedelta(days=rule.weekday)
    if rule.number == -1:
        last = month_end(first)
        return last - timedelta(days=(last.weekday() - rule.weekday) % 7)
    return first + timedelta(days=(rule.weekday - first.weekday()) % 7 + 7 * (rule.number - 1))
