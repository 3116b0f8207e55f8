"""A check that cannot fail is no check: every mutant is caught, and the copy itself is clean."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

import pytest

from contract.mutants.__main__ import IN_C, MUTANTS, false_alarms
from contract.mutants.compiled import CONTROLS
from contract.mutants.workshop import base_tree
from elpython.contract.promises import PROMISES

if TYPE_CHECKING:
    from contract.mutants.lab import Lab, Mutant
    from elpython.core.store import Store

# What a loaded machine may decide either way is left to `make mutants`.
TIMED = {"speed"}


def test_there_are_enough() -> None:
    counts = collections.Counter(mutant.promise for mutant in MUTANTS)
    assert len(MUTANTS) >= 270
    assert {name for name in PROMISES if counts[name] < 2} == set()
    names = [mutant.name for mutant in [*MUTANTS, *IN_C]]
    assert len(set(names)) == len(names)
    assert {mutant.promise for mutant in IN_C} <= set(PROMISES)


@pytest.mark.slow
def test_what_is_compiled_changes_what_is_there(real_store: Store) -> None:
    """Compiling takes `make mutants`; here, that each text stands once in the base's source."""
    folder = base_tree(real_store).folder
    for change in [*IN_C, *CONTROLS]:
        for edit in change.edits:
            text = (folder / edit.file).read_text("utf-8")
            assert text.count(edit.old) == 1, (change.name, edit.file)
            assert text.replace(edit.old, edit.new) != text


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
