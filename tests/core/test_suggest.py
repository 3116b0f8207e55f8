"""Near-miss hints stay short, however many names there are."""

from __future__ import annotations

import pytest

from elpython.core.suggest import MOST, hint

MANY = [f"name-{number:03}" for number in range(MOST + 3)]


@pytest.mark.parametrize(
    ("wrong", "known", "listed_by", "said"),
    [
        ("relese", ["quick", "release"], "", "did you mean 'release'?"),
        ("zzz", ["quick", "debug"], "", "known: debug, quick"),
        ("zzz", [], "", ""),
        ("name-0002", MANY, "", "did you mean 'name-002'?"),
        ("zzz", MANY, "`show`", "`show` lists all"),
        ("zzz", ["quick"], "`show`", "known: quick"),
    ],
)
def test_hints(wrong: str, known: list[str], listed_by: str, said: str) -> None:
    assert hint(wrong, known, listed_by=listed_by) == said


def test_a_long_list_is_cut_and_says_so() -> None:
    said = hint("zzz", MANY)
    assert said.startswith("known: name-000, ")
    assert said.endswith("; 3 more are known")
    assert said.count("name-") == MOST
