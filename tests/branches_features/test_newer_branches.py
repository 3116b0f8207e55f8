"""Whoever moves from an older branch to a newer one loses no feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from features_table import ask, read_table

if TYPE_CHECKING:
    from elpython.core.store import Store

TABLES = {"3.9": read_table("features_39.toml"), "3.11": read_table("features_311.toml")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("older", "newer"), [("3.9", "3.11"), ("3.9", "3.13"), ("3.11", "3.13")], ids=str
)
def test_a_newer_branch_has_the_features_of_an_older_one(
    real_store: Store, older: str, newer: str
) -> None:
    """Its own base brings them, or a change of its own: programs find them by the same means."""
    answers = ask(real_store, newer, TABLES[older], bare=False)
    assert [feature for feature, answer in answers.items() if answer == "absent"] == []


@pytest.mark.slow
def test_the_check_finds_what_is_absent(real_store: Store) -> None:
    """The bare base of 3.11 lacks what only its branch brings."""
    answers = ask(real_store, "3.11", TABLES["3.9"], bare=True)
    absent = {feature for feature, answer in answers.items() if answer == "absent"}
    assert "importlib.resources.files(anchor=)" in absent
