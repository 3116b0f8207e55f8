"""What `needs` says of small sources, against real interpreters that ran them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench.needs_truth import runs, snippets, told

from examples import find_interpreters

DATA = Path(__file__).parents[1] / "data" / "needs"
TRUTH: dict[str, dict[str, str]] = json.loads((DATA / "truth.json").read_text("utf-8"))
CASES = [(kind, name, first) for kind, found in TRUTH.items() for name, first in found.items()]


# What is not seen; each would be a word in the docs less.
NOT_SEEN = {
    "two-modules-try-import": "a module that is only imported where its ImportError is caught",
    "two-modules-str-constant": "the class of another module's constant",
    "two-modules-path": "the class of another module's constant",
}


def _params() -> list[object]:
    return [
        pytest.param(
            *case,
            id=case[1],
            marks=[pytest.mark.xfail(reason=NOT_SEEN[case[1]], strict=True)]
            if case[1] in NOT_SEEN
            else [],
        )
        for case in CASES
    ]


@pytest.mark.parametrize(("kind", "name", "first"), _params())
def test_the_first_python_that_runs_it_is_told(kind: str, name: str, first: str) -> None:
    assert told(snippets(kind)[name]) == first


def test_every_snippet_has_a_truth() -> None:
    for kind, found in TRUTH.items():
        assert set(found) == set(snippets(kind))
    assert len(TRUTH["snippets"]) >= 150
    assert len(TRUTH["guards"]) >= 60
    assert len(TRUTH["second"]) >= 140
    assert len(TRUTH["third"]) >= 520
    assert len(TRUTH["fourth"]) >= 110
    assert len(TRUTH["packages"]) >= 20


@pytest.mark.parametrize("name", ["fstring-nested-quotes", "type-parameters", "type-default"])
def test_the_truth_is_what_interpreters_say(name: str) -> None:
    first = TRUTH["snippets"][name]
    number = int(first.partition(".")[2])
    pythons = find_interpreters()
    if first not in pythons or f"3.{number - 1}" not in pythons:
        pytest.skip(f"needs CPython {first} and the one before it")
    source = snippets("snippets")[name]
    assert runs(pythons[first], source)
    assert not runs(pythons[f"3.{number - 1}"], source)
