from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from elpython.schedule.errors import EmptyRangeError
from elpython.schedule.load import find
from elpython.schedule.slips import Slips, drawn, planned, slip
from elpython.schedule.timeline import Timeline, lay_out


@pytest.fixture
def plan() -> Timeline:
    return lay_out(find("pep605"), date(2019, 12, 1), date(2023, 12, 31))


def dates(timeline: Timeline) -> dict[str, date]:
    return {one.version: one.date for one in timeline.releases}


def test_without_slips_nothing_moves(plan: Timeline) -> None:
    assert slip(plan, {}) == (plan, [])


def test_a_slip_does_not_move_the_next_series(plan: Timeline) -> None:
    """PEP 605: a final release that comes late leaves the next series where it is."""
    after, moved = slip(plan, {"3.9.0": 25})
    assert dates(after)["3.9.0"] == date(2021, 8, 27)
    assert [one.version for one in moved] == ["3.9.0"]
    same = {version: day for version, day in dates(after).items() if version != "3.9.0"}
    assert same == {version: day for version, day in dates(plan).items() if version != "3.9.0"}


@pytest.mark.parametrize("late", [1, 31, 32, -20])
def test_a_month_is_in_tolerance(plan: Timeline, late: int) -> None:
    _, moved = slip(plan, {"3.10.0b5": late})
    assert [(one.version, one.in_tolerance) for one in moved] == [("3.10.0b5", late <= 31)]


def test_the_order_inside_a_series_is_kept(plan: Timeline) -> None:
    after, moved = slip(plan, {"3.9.0rc1": 40})
    found = dates(after)
    assert found["3.9.0rc1"] == date(2021, 7, 12)
    assert found["3.9.0rc2"] == date(2021, 7, 13)
    assert found["3.9.0"] == date(2021, 8, 2)
    assert [one.version for one in moved] == ["3.9.0rc1", "3.9.0rc2"]


def test_an_unknown_version_is_told(plan: Timeline) -> None:
    with pytest.raises(EmptyRangeError, match=r"not in the plan: 3\.9\.0b1"):
        slip(plan, {"3.9.0b1": 3})


def test_a_draw_is_the_same_with_the_same_seed(plan: Timeline) -> None:
    slips = Slips(runs=50, seed=7)
    for one, other in zip(drawn(plan, slips), drawn(plan, slips), strict=True):
        assert (one == other).all()
    changed = drawn(plan, Slips(runs=50, seed=8))
    assert any((one != other).any() for one, other in zip(drawn(plan, slips), changed, strict=True))


def test_a_draw_keeps_the_order_and_comes_never_early(plan: Timeline) -> None:
    for one, days in zip(plan.series, drawn(plan, Slips(runs=200, seed=1)), strict=True):
        assert (np.diff(days, axis=1) >= 0).all()
        assert (days >= planned(one)).all()


def test_a_draw_slips_as_often_and_as_far_as_asked(plan: Timeline) -> None:
    slips = Slips(runs=4000, seed=3, chance=0.3, mean=9.0)
    one, days = plan.series[1], drawn(plan, slips)[1]
    first = days[:, 0] - planned(one)[0]  # nothing pushes the first one
    assert abs((first > 0).mean() - 0.3) < 0.03
    assert abs(first[first > 0].mean() - 9.5) < 1.0


def test_without_runs_the_plan_itself_is_drawn(plan: Timeline) -> None:
    for one, days in zip(plan.series, drawn(plan, Slips()), strict=True):
        assert days.shape == (1, len(one.releases))
        assert (days[0] == planned(one)).all()


def test_a_late_candidate_keeps_a_week_before_the_final_release(plan: Timeline) -> None:
    after, _ = slip(plan, {"3.9.0rc2": 28})
    found = dates(after)
    assert (found["3.9.0"] - found["3.9.0rc2"]).days >= 7
    assert found["3.9.0"] < found["3.9.1"]


def test_a_late_final_release_pushes_maintenance_and_the_old_series_last_one(
    plan: Timeline,
) -> None:
    after, _ = slip(plan, {"3.10.0": 45})
    found = dates(after)
    assert found["3.10.0"] < found["3.10.1"]
    assert found["3.9.13"] > found["3.10.0"]
