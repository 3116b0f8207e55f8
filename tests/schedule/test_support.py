"""Support rules against the tables of the documents they come from."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from elpython.core.errors import UnknownNameError
from elpython.schedule.errors import BadRuleError
from elpython.schedule.latency import all_of
from elpython.schedule.load import find
from elpython.schedule.support import (
    Window,
    builtin_rules,
    find_rule,
    from_model,
    from_reality,
    windows,
)


def by_series(rule: str) -> dict[str, Window]:
    return {one.series: one for one in windows(find_rule(rule), from_reality())}


def supported(rule: str, day: str) -> list[str]:
    on = date.fromisoformat(day)
    return [one.series for one in windows(find_rule(rule), from_reality()) if one.covers(on)]


@pytest.mark.parametrize(
    ("series", "drop"),
    [
        ("3.6", "2020-06-23"), ("3.7", "2021-12-26"), ("3.8", "2023-04-14"),
        ("3.9", "2024-04-05"), ("3.10", "2025-04-04"), ("3.11", "2026-04-24"),
    ],
)  # fmt: skip
def test_nep29_drop_dates(series: str, drop: str) -> None:
    """The drop schedule of NEP 29."""
    assert by_series("nep29")[series].drop == date.fromisoformat(drop)


@pytest.mark.parametrize(
    ("series", "start", "drop"),
    [
        ("3.11", "2022-10-24", "2025-10-23"), ("3.12", "2023-10-02", "2026-10-01"),
        ("3.13", "2024-10-07", "2027-10-07"), ("3.14", "2025-10-07", "2028-10-06"),
    ],
)  # fmt: skip
def test_spec0_windows(series: str, start: str, drop: str) -> None:
    """The chart of SPEC 0."""
    window = by_series("spec0")[series]
    assert (window.release, window.drop) == (date.fromisoformat(start), date.fromisoformat(drop))


def test_spec0_tells_quarters() -> None:
    assert by_series("spec0")["3.11"].drop_told == "2025 Q4"


@pytest.mark.parametrize(
    ("series", "last"),
    [("3.9", "2025-10-31"), ("3.10", "2026-10-31"), ("3.13", "2029-10-31"), ("3.8", "2024-10-07")],
)
def test_upstream_ends_with_the_last_day(series: str, last: str) -> None:
    """A month that is published as 2026-10 is meant to its end."""
    day = date.fromisoformat(last)
    window = by_series("upstream")[series]
    assert window.covers(day)
    assert not window.covers(day + timedelta(days=1))


def test_el_lts_are_the_long_term_branches() -> None:
    import tomllib

    folder = Path(__file__).parents[2] / "branches"
    real = {
        path.parent.name: entry["end-of-life"]
        for path in folder.glob("*/branch.toml")
        if (entry := tomllib.loads(path.read_text("utf-8")))["lts"]
    }
    found = {name: one.drop - timedelta(days=1) for name, one in by_series("el-lts").items()}
    assert found == real


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        ("nep29", "2026-11-21", ["3.12", "3.13", "3.14", "3.15"]),
        ("nep29", "2023-04-13", ["3.8", "3.9", "3.10", "3.11"]),
        ("nep29", "2023-04-14", ["3.9", "3.10", "3.11"]),
        ("spec0", "2026-09-30", ["3.12", "3.13", "3.14"]),
        ("upstream", "2026-10-31", ["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]),
        ("el-lts", "2032-06-01", ["3.11"]),
        ("12 months", "2026-01-01", ["3.14"]),
        ("12 months, at least 3", "2026-01-01", ["3.12", "3.13", "3.14"]),
        ("12 months, and at least 3", "2026-01-01", ["3.12", "3.13", "3.14"]),
    ],
)
def test_what_is_supported_on_a_day(rule: str, day: str, expected: list[str]) -> None:
    assert supported(rule, day) == expected


def test_nep29_under_the_cadences_as_pep605_tells() -> None:
    """PEP 605, "Implications for the proposed Scientific Python ecosystem support period"."""
    # 24 months: the second clause decides, 48 months from the first release.
    asked = from_model(all_of(find("pep605"), date(2027, 1, 1), date(2040, 1, 1)))
    for one in windows(find_rule("nep29"), asked)[1:5]:
        assert one.held_by_minimum
        assert one.drop.year - one.release.year == 4
        assert (one.drop.month, one.drop.day) == (one.release.month, one.release.day)
    # 12 months: three at least, four for about half of each year.
    days = [date(2030, 1, 1) + timedelta(days=offset) for offset in range(0, 1461, 3)]
    asked = from_model(all_of(find("pep602"), days[0], days[-1]))
    found = windows(find_rule("nep29"), asked)
    annual = [sum(one.covers(day) for one in found) for day in days]
    assert set(annual) == {3, 4}
    assert 0.4 < annual.count(4) / len(annual) < 0.6
    # 18 months: two at least, three for about six months of every eighteen.
    asked = from_model(all_of(find("status-quo"), days[0], days[-1]))
    found = windows(find_rule("nep29"), asked)
    counts = [sum(one.covers(day) for one in found) for day in days]
    assert set(counts) == {2, 3}
    assert 0.25 < counts.count(3) / len(counts) < 0.4


def test_the_newest_series_has_an_open_end() -> None:
    window = windows(find_rule("nep29"), from_reality())[-1]
    assert window.drop_told.endswith("or later")
    assert window.covers(date(2090, 1, 1))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "a"\nwindow = "x"', "no duration"),
        ('name = "a"\nwindow = "0 days"', "supports nothing"),
        ('name = "a"\nwindow = "1 year"\nat_leest = 2', "did you mean 'at_least'?"),
        ('name = "a"\nuntil = "end of life"\nwindow = "1 year"', "has no window"),
        ('name = "a"\nuntil = "listed ends"', "ends: is missing"),
        ('name = "a"\nuntil = "listed ends"\n[ends]\nx = 1', "must be a date"),
        ('window = "1 year"', "name: is missing"),
    ],
)
def test_wrong_rules_are_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "rule.toml"
    path.write_text(text)
    with pytest.raises(BadRuleError) as caught:
        find_rule(str(path))
    assert told in str(caught.value)


def test_a_rule_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "rule.toml"
    path.write_text('name = "ours"\nwindow = "2 years"\nat_least = 1\n')
    assert supported(str(path), "2026-01-01") == ["3.13", "3.14"]


def test_an_unknown_rule_gets_a_hint() -> None:
    assert builtin_rules() == ("el-lts", "nep29", "spec0", "upstream")
    with pytest.raises(UnknownNameError, match="did you mean 'nep29'"):
        find_rule("nep-29")
