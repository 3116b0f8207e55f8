"""Bisection over a series finds the change that brought each difference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.contract.blame import BlameJournal, bisect, blame
from elpython.contract.check import Rules, judge
from elpython.contract.declarations import parse_all
from elpython.contract.model import ContractReport, Difference, Kind, PromiseFindings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@given(st.integers(1, 40), st.data())
def test_each_difference_gets_its_change(count: int, data: st.DataObject) -> None:
    truth = data.draw(st.dictionaries(st.text("abc", min_size=1), st.integers(1, count)))
    looks: list[int] = []

    def at(length: int) -> frozenset[str]:
        looks.append(length)
        return frozenset(name for name, first in truth.items() if first <= length)

    found = bisect(frozenset(truth), count, at, most=count)
    assert found == {name: (first, first) for name, first in truth.items()}
    assert len(looks) == len(set(looks))
    causes = len(set(truth.values()))
    assert len(looks) <= max(1, causes) * (1 + math.ceil(math.log2(count)))


class _Builder:
    """A branch whose changes bring differences; counts what it would have built."""

    def __init__(self, truth: dict[str, int]) -> None:
        self.truth = truth
        self.built: list[int] = []

    def __call__(self, length: int) -> frozenset[str]:
        self.built.append(length)
        return frozenset(name for name, first in self.truth.items() if first <= length)


@pytest.mark.parametrize("first", [1, 2, 64, 65, 66, 99, 129, 130])
def test_one_culprit_among_130_changes_takes_eight_builds(first: int) -> None:
    branch = _Builder({"a": first, "b": first, "c": first})
    found = bisect(frozenset(branch.truth), 130, branch)
    assert set(found.values()) == {(first, first)}
    assert len(branch.built) <= 8


def test_many_culprits_take_ten_builds_a_run_and_the_next_run_goes_on(tmp_path: Path) -> None:
    branch = _Builder({"a": 3, "b": 40, "c": 41, "d": 77, "e": 118, "f": 130})
    path = tmp_path / "journal"
    widths, runs = [], []
    for _ in range(5):
        before = len(branch.built)
        found = bisect(frozenset(branch.truth), 130, branch, journal=BlameJournal.read(path))
        runs.append(len(branch.built) - before)
        assert all(low <= branch.truth[name] <= high for name, (low, high) in found.items())
        widths.append(sum(high - low for low, high in found.values()))
    assert max(runs) == 10
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == runs[-1] == 0
    assert len(branch.built) == len(set(branch.built))


def test_a_stopped_run_keeps_its_looks(tmp_path: Path) -> None:
    branch = _Builder({"a": 99})

    def stopped(length: int) -> frozenset[str]:
        if len(branch.built) == 3:
            raise KeyboardInterrupt
        return branch(length)

    with pytest.raises(KeyboardInterrupt):
        bisect(frozenset("a"), 130, stopped, journal=BlameJournal.read(tmp_path / "journal"))
    seen = list(branch.built)
    bisect(frozenset("a"), 130, branch, journal=BlameJournal.read(tmp_path / "journal"))
    assert len(branch.built) <= 8
    assert branch.built[:3] == seen


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": []}', '{"1": 3}'])
def test_a_journal_that_cannot_be_read_begins_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "journal").write_text(text)
    assert BlameJournal.read(tmp_path / "journal").seen == {}


def _report(keys: Sequence[str]) -> ContractReport:
    found = tuple(Difference(kind=Kind.CHANGED, key=key) for key in keys)
    outcome = judge("api", PromiseFindings(differences=found), Rules())
    return ContractReport(base="a", candidate="b", outcomes=(outcome,), seconds=0.0)


def test_the_report_names_the_changes() -> None:
    brought = {"x": 1, "y": 3}

    def at(length: int, promises: Sequence[str]) -> ContractReport:
        assert promises == ["api"]
        return _report([key for key, first in brought.items() if first <= length])

    told = blame(_report(["x", "y"]), ["one", "two", "three"], at)
    assert [item.caused_by for item in told.outcomes[0].judged] == ["one", "three"]


def test_nothing_to_blame_looks_at_nothing() -> None:
    def at(_length: int, _promises: Sequence[str]) -> ContractReport:
        raise AssertionError("no look is needed")

    assert blame(_report([]), ["one"], at) == _report([])


def test_what_a_change_declares_is_not_looked_for() -> None:
    declared = Rules(declarations=parse_all([("api:x", "the-change")]))
    findings = PromiseFindings(differences=(Difference(kind=Kind.CHANGED, key="x"),))
    outcome = judge("api", findings, declared)
    whole = ContractReport(base="a", candidate="b", outcomes=(outcome,), seconds=0.0)

    def at(_length: int, _promises: Sequence[str]) -> ContractReport:
        raise AssertionError("no look is needed")

    assert blame(whole, ["one", "two"], at) == whole


def test_what_was_not_found_yet_is_told_as_a_range() -> None:
    def at(length: int, promises: Sequence[str]) -> ContractReport:
        assert promises == ["api"]
        return _report(["x"] if length >= 3 else [])

    told = blame(_report(["x"]), ["one", "two", "three", "four"], at, most=1)
    cause = told.outcomes[0].judged[0].caused_by
    assert cause == "one of 2 changes, three to four: run it again"
