"""Bisection over a series finds the change that brought each difference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from elpython.contract.blame import bisect, blame
from elpython.contract.check import Rules, judge
from elpython.contract.declarations import parse_all
from elpython.contract.model import Difference, Findings, Kind, Report

if TYPE_CHECKING:
    from collections.abc import Sequence


@given(st.integers(1, 40), st.data())
def test_each_difference_gets_its_change(count: int, data: st.DataObject) -> None:
    truth = data.draw(st.dictionaries(st.text("abc", min_size=1), st.integers(1, count)))
    looks: list[int] = []

    def at(length: int) -> frozenset[str]:
        looks.append(length)
        return frozenset(name for name, first in truth.items() if first <= length)

    assert bisect(frozenset(truth), count, at) == truth
    assert len(looks) <= max(1, len(truth)) * (1 + math.ceil(math.log2(count)))


def _report(keys: Sequence[str]) -> Report:
    found = tuple(Difference(kind=Kind.CHANGED, key=key) for key in keys)
    outcome = judge("api", Findings(differences=found), Rules())
    return Report(base="a", candidate="b", outcomes=(outcome,), seconds=0.0)


def test_the_report_names_the_changes() -> None:
    brought = {"x": 1, "y": 3}

    def at(length: int, promises: Sequence[str]) -> Report:
        assert promises == ["api"]
        return _report([key for key, first in brought.items() if first <= length])

    told = blame(_report(["x", "y"]), ["one", "two", "three"], at)
    assert [item.caused_by for item in told.outcomes[0].judged] == ["one", "three"]


def test_nothing_to_blame_looks_at_nothing() -> None:
    def at(_length: int, _promises: Sequence[str]) -> Report:
        raise AssertionError("no look is needed")

    assert blame(_report([]), ["one"], at) == _report([])


def test_what_a_change_declares_is_not_looked_for() -> None:
    declared = Rules(declarations=parse_all([("api:x", "the-change")]))
    findings = Findings(differences=(Difference(kind=Kind.CHANGED, key="x"),))
    outcome = judge("api", findings, declared)
    whole = Report(base="a", candidate="b", outcomes=(outcome,), seconds=0.0)

    def at(_length: int, _promises: Sequence[str]) -> Report:
        raise AssertionError("no look is needed")

    assert blame(whole, ["one", "two"], at) == whole
