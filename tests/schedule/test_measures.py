"""The measures against what can be told with a pencil."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from elpython.schedule.latency import all_of, latency
from elpython.schedule.load import find, load_text
from elpython.schedule.measures import Comparison, Measures, Question, compare
from elpython.schedule.slips import Slips
from elpython.schedule.support import find_rule

DAYS = (date(2027, 1, 1), date(2046, 12, 31))


def measured(*names: str, slips: Slips | None = None) -> Comparison:
    question = Question(
        start=DAYS[0],
        end=DAYS[1],
        rule=find_rule("nep29"),
        project_releases=6,
        slips=slips or Slips(),
    )
    return compare([find(name) for name in names], question)


def row(result: Comparison, model: str, audience: str = "stable") -> Measures:
    return next(one for one in result.rows if (one.model, one.audience) == (model, audience))


@pytest.fixture(scope="module")
def plain() -> Comparison:
    return measured("pep605", "pep602", "status-quo", "elpython", "epel-stacks")


@pytest.mark.parametrize(
    ("model", "freeze", "period"),
    [
        ("pep602", 140, 365.25),  # the first beta 20 weeks before, a series a year
        ("pep605", 61, 730.5),  # the first candidate two months before, a series in two years
        ("status-quo", 140, 548),
    ],
)
def test_mean_wait_is_the_freeze_and_half_a_period(
    plain: Comparison, model: str, freeze: float, period: float
) -> None:
    assert row(plain, model).latency_mean == pytest.approx(freeze + period / 2, rel=0.02)
    assert row(plain, model).latency_p95 == pytest.approx(freeze + period * 0.95, rel=0.02)


def test_a_rolling_stream_is_faster_than_an_annual_release(plain: Comparison) -> None:
    """PEP 605's aim: even lower latency than PEP 602's for those who use the stream."""
    rolling = row(plain, "pep605", "early adopters").latency_mean
    assert rolling < 62 < row(plain, "pep602").latency_mean


def test_backported_features_come_every_half_year(plain: Comparison) -> None:
    found = row(plain, "elpython", "branch users")
    assert found.latency_mean == pytest.approx(31 + 182.6 / 2, abs=3)
    assert found.rebuilds_a_year == 0


def test_versions_to_test(plain: Comparison) -> None:
    assert row(plain, "pep602").tested.greatest == 4
    assert row(plain, "pep602").tested.mean == pytest.approx(3.5, abs=0.05)
    assert row(plain, "pep605").tested.greatest == 2
    assert row(plain, "pep605", "early adopters").tested.greatest == 3


def test_versions_to_test_over_time(plain: Comparison) -> None:
    """Under PEP 605 the stream stops for the months from the freeze to the next first alpha."""
    steps = row(plain, "pep605", "early adopters").tested_over_time
    assert [(str(one.since), one.versions) for one in steps[:4]] == [
        ("2027-01-01", 3), ("2027-07-01", 2), ("2027-11-01", 3), ("2029-07-01", 2),
    ]  # fmt: skip
    assert all(one.versions != other.versions for one, other in pairwise(steps))


def test_series_in_support(plain: Comparison) -> None:
    assert row(plain, "pep602").supported.greatest == 6  # in October five and the new one
    assert row(plain, "epel-stacks", "default stack").supported.greatest == 2


@pytest.mark.parametrize(
    ("model", "audience", "rebuilds"),
    [
        ("pep602", "stable", 1.0),
        ("pep605", "stable", 0.5),
        ("pep605", "early adopters", 2.0),  # a1, rc1 and two breaks every second year
        ("status-quo", "stable", 1 / 1.5),
        ("epel-stacks", "default stack", 0.5),
    ],
)
def test_rebuilds_a_year(plain: Comparison, model: str, audience: str, rebuilds: float) -> None:
    found = row(plain, model, audience)
    assert found.rebuilds_a_year == pytest.approx(rebuilds, rel=0.06)
    assert found.wheels_a_year == pytest.approx(6 * found.tested.mean + found.rebuilds_a_year)


def test_slips_lengthen_the_wait_and_are_the_same_again(plain: Comparison) -> None:
    slips = Slips(runs=60, seed=5, chance=0.5, mean=20)
    one, again = measured("pep605", slips=slips), measured("pep605", slips=slips)
    assert one.rows == again.rows
    assert (
        row(one, "pep605", "early adopters").latency_mean
        > row(plain, "pep605", "early adopters").latency_mean
    )
    assert 0 < row(one, "pep605").late < 0.5


def test_a_model_more_changes_nothing_in_the_others() -> None:
    slips = Slips(runs=20, seed=5)
    alone = row(measured("pep605", slips=slips), "pep605")
    assert row(measured("pep602", "pep605", slips=slips), "pep605") == alone


def test_the_wait_falls_by_a_day_a_day_and_jumps_at_the_freeze() -> None:
    model = find("pep602")
    days = (date(2027, 1, 1), date(2028, 12, 31))
    curve = latency(all_of(model, *days), model.audiences[0], days, Slips())
    steps = curve.days[1:] - curve.days[:-1]
    jumps = [index for index, step in enumerate(steps) if step != -1]
    freezes = [(date(2027, 5, 17) - days[0]).days, (date(2028, 5, 15) - days[0]).days]
    assert [jump + 1 for jump in jumps] == freezes
    assert curve.step == 1
    assert (curve.low == curve.high).all()


def test_a_feature_merged_on_the_day_of_a_stream_release_is_in_it() -> None:
    model = find("pep605")
    days = (date(2020, 2, 2), date(2020, 2, 3))
    curve = latency(all_of(model, *days), model.audiences[1], days, Slips())
    assert list(curve.days) == [0, 59]  # 3.9.0b2 that day, then 3.9.0b3 on 2020-04-02


def test_a_model_without_audiences_gives_no_rows() -> None:
    text = (find("pep602")).file
    assert text == "models/pep602.toml"
    model = load_text("mine.toml", MINE)
    question = Question(
        start=DAYS[0], end=DAYS[1], rule=find_rule("spec0"), project_releases=1, slips=Slips()
    )
    assert compare([model], question).rows == ()


MINE = """
name = "mine"
title = "Mine"
[cadence]
first = "1.0"
final = 2020-01-01
period = "6 months"
[[phase]]
name = "all"
kind = "bugfix"
start = "final"
end = "final + 1 year"
"""


def test_what_pep607_says_of_the_two_proposals_shows_in_a_comparison() -> None:
    """Both shorten the wait of their users; 602 rebuilds more often than the practice, 605 less."""
    found = measured("pep607", "pep602", "pep605")
    practice = row(found, "pep607")
    assert row(found, "pep602").latency_mean < practice.latency_mean
    assert row(found, "pep605", "early adopters").latency_p95 < 150 < practice.latency_p95
    assert row(found, "pep605").rebuilds_a_year < practice.rebuilds_a_year
    assert practice.rebuilds_a_year < row(found, "pep602").rebuilds_a_year
    assert (
        row(found, "pep605").tested.mean < practice.tested.mean < row(found, "pep602").tested.mean
    )
