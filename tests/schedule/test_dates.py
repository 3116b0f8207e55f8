from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.schedule.dates import (
    MONTHS,
    WEEKDAYS,
    Duration,
    add,
    align,
    last_full_week,
    month_end,
    parse_alignment,
    parse_duration,
)

DAYS = st.dates(date(1950, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 months", Duration(months=2)),
        ("1 month", Duration(months=1)),
        ("5 weeks", Duration(days=35)),
        ("31 days", Duration(days=31)),
        ("10 years", Duration(months=120)),
        (" 1 year ", Duration(months=12)),
    ],
)
def test_durations_are_read(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "month", "2 fortnights", "-2 months", "2months", "1.5 years", "2 months 3 days"]
)
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "told"),
    [
        (Duration(months=2), "2 months"),
        (Duration(months=1, days=3), "1 month and 3 days"),
        (Duration(), "0 days"),
        (-Duration(days=1), "-1 day"),
    ],
)
def test_durations_are_told(duration: Duration, told: str) -> None:
    assert str(duration) == told


@pytest.mark.parametrize(
    ("day", "span", "times", "expected"),
    [
        ("2019-10-14", "2 months", 1, "2019-12-14"),
        ("2020-01-31", "1 month", 1, "2020-02-29"),  # a leap year's last of February
        ("2021-01-31", "1 month", 1, "2021-02-28"),
        ("2020-02-29", "1 year", 1, "2021-02-28"),
        ("2020-02-29", "1 year", 4, "2024-02-29"),
        ("2000-02-29", "1 year", 100, "2100-02-28"),  # 2100 is no leap year
        ("2020-10-05", "1 week", -51, "2019-10-14"),
        ("2021-08-02", "1 month", -2, "2021-06-02"),
        ("2020-12-31", "1 day", 1, "2021-01-01"),
        # The clocks change on these days; a day is a day all the same.
        ("2021-03-28", "1 day", 1, "2021-03-29"),
        ("2021-10-31", "1 day", 1, "2021-11-01"),
    ],
)
def test_durations_are_added(day: str, span: str, times: int, expected: str) -> None:
    assert add(date.fromisoformat(day), parse_duration(span), times) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "rule", "expected"),
    [
        ("2019-12-14", "none", "2019-12-14"),
        ("2019-12-14", "day 2", "2019-12-02"),
        ("2020-10-20", "first monday", "2020-10-05"),
        ("2021-10-04", "first monday", "2021-10-04"),
        ("2021-04-01", "third monday", "2021-04-19"),
        ("2027-01-01", "last tuesday", "2027-01-26"),
        ("2026-02-01", "last saturday", "2026-02-28"),
        ("2021-08-04", "next monday", "2021-08-09"),
        ("2021-08-02", "next monday", "2021-08-02"),
        ("2021-08-04", "previous monday", "2021-08-02"),
        ("2021-08-02", "previous monday", "2021-08-02"),
        ("2021-08-05", "nearest monday", "2021-08-02"),
        ("2021-08-06", "nearest monday", "2021-08-09"),
        ("2026-11-21", "first monday in october", "2027-10-04"),
        ("2026-10-05", "first monday in october", "2026-10-05"),
        ("2026-11-21", "day 2 in march, may", "2027-03-02"),
        # The Tuesday of the last week, Monday to Sunday, that lies wholly inside the month.
        ("2027-01-01", "tuesday of the last full week", "2027-01-26"),  # the 31st is a Sunday
        ("2027-07-31", "tuesday of the last full week", "2027-07-20"),  # the 31st is a Saturday
        ("2028-01-01", "tuesday of the last full week", "2028-01-25"),  # the 31st is a Monday
        ("2026-11-21", "tuesday of the last full week in january, july", "2027-01-26"),
        ("2027-01-27", "tuesday of the last full week in january, july", "2027-07-20"),
    ],
)
def test_days_are_aligned(day: str, rule: str, expected: str) -> None:
    moved = align(date.fromisoformat(day), parse_alignment(rule))
    assert moved == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("day 31", "days 1 to 28"),
        ("day 0", "days 1 to 28"),
        ("fifth monday", "no alignment"),
        ("first mondy", "no alignment"),
        ("first monday in octember", "no month"),
        ("", "no alignment"),
    ],
)
def test_other_alignments_are_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_alignment(text)


@given(DAYS)
def test_last_full_week_is_full_and_last(day: date) -> None:
    monday = last_full_week(day.year, day.month)
    sunday = monday + timedelta(days=6)
    assert monday.weekday() == 0
    assert (monday.month, sunday.month) == (day.month, day.month)
    assert (sunday + timedelta(days=7)).month != day.month


@given(
    DAYS,
    st.sampled_from(["first", "second", "third", "fourth", "last"]),
    st.sampled_from(WEEKDAYS),
    st.sets(st.sampled_from(MONTHS), min_size=1, max_size=3),
)
def test_alignment_in_months_never_goes_back(
    day: date, which: str, weekday: str, months: set[str]
) -> None:
    moved = align(day, parse_alignment(f"{which} {weekday} in {', '.join(sorted(months))}"))
    assert moved >= day
    assert WEEKDAYS[moved.weekday()] == weekday
    assert MONTHS[moved.month - 1] in months
    assert (moved - day).days <= 366 + 31


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_adding_months_keeps_the_order(day: date, months: int, more: int) -> None:
    later = add(day, Duration(months=months + more))
    assert later >= add(day, Duration(months=months))
    assert month_end(later) >= later
