"""Each feature of 3.13 from a later CPython: absent on the base, there on EL Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from features_table import ask_both, promised, read_table

if TYPE_CHECKING:
    from elpython.core.store import Store

FEATURES = read_table("features_313.toml")


@pytest.fixture(scope="module")
def answers(real_store: Store) -> dict[str, dict[str, str]]:
    """What both interpreters, the branch's and its bare base's, say about every feature."""
    return ask_both(real_store, "3.13", FEATURES)


def test_every_feature_is_in_the_table() -> None:
    """What a change promises to provide is shown here."""
    assert promised("3.13") == FEATURES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("feature", FEATURES)
def test_feature(answers: dict[str, dict[str, str]], feature: str) -> None:
    assert (answers["base"][feature], answers["branch"][feature]) == ("absent", "works")
