"""Ratios of paired times, with an interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.contract.promises.speed import interval

TIMES = st.floats(0.001, 100)


@given(st.lists(st.tuples(TIMES, TIMES), min_size=1, max_size=12))
def test_the_interval_holds_the_ratio(pairs: list[tuple[float, float]]) -> None:
    result = interval(pairs)
    assert result.low <= result.ratio * 1.0000001
    assert result.ratio <= result.high * 1.0000001


@pytest.mark.parametrize(
    ("pairs", "low", "high"),
    [
        ([(1.0, 1.0)] * 7, 1.0, 1.0),
        ([(1.0, 2.0)] * 7, 2.0, 2.0),
        ([(2.0, 1.0), (4.0, 2.0)] * 4, 0.5, 0.5),
    ],
)
def test_the_same_ratio_in_every_round(
    pairs: list[tuple[float, float]], low: float, high: float
) -> None:
    result = interval(pairs)
    assert (result.low, result.high) == (pytest.approx(low), pytest.approx(high))


def test_noise_makes_the_interval_wide() -> None:
    noisy = interval([(1.0, 0.5), (1.0, 2.0), (1.0, 1.0), (1.0, 3.0), (1.0, 0.4)])
    assert noisy.low < 1.0 < noisy.high
