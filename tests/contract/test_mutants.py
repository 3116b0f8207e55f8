"""A check that cannot fail is no check: every mutant is caught, and the copy itself is clean."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

import pytest

from contract.mutants.__main__ import MUTANTS, false_alarms
from elpython.contract.promises import PROMISES

if TYPE_CHECKING:
    from contract.mutants.lab import Lab, Mutant

# What a loaded machine may decide either way is left to `make mutants`.
TIMED = {"speed"}


def test_there_are_enough() -> None:
    counts = collections.Counter(mutant.promise for mutant in MUTANTS)
    assert len(MUTANTS) >= 40
    assert {name for name in PROMISES if counts[name] < 2} == set()
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "mutant",
    [mutant for mutant in MUTANTS if mutant.promise not in TIMED],
    ids=lambda mutant: f"{mutant.promise}-{mutant.name}".replace(" ", "-"),
)
def test_mutant_is_caught(lab: Lab, mutant: Mutant) -> None:
    caught, outcome = lab.caught(mutant)
    told = [item.difference.declaration for item in outcome.judged]
    assert caught, f"{outcome.verdict}: {told[:10]} {outcome.gaps}"


@pytest.mark.slow
def test_the_copy_itself_is_clean(lab: Lab) -> None:
    assert false_alarms(lab, [name for name in PROMISES if name not in TIMED]) == []
