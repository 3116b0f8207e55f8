from __future__ import annotations

import random

import pytest
from packaging.version import Version

from elpython.stream.order import disagreements, in_release_order
from elpython.stream.release import parse_release

# The PEP's own numbering with the two breaks of its figure 1.
PEP = ["a1", "b2", "b3", "b4", "a5", "b6", "a7", "b8", "b9", "rc1", "rc2", "final"]


def releases(stages: list[str]) -> list:
    return [parse_release(stage, series="3.9") for stage in stages]


def test_release_order_is_the_order_of_the_document() -> None:
    wanted = releases(PEP)
    mixed = wanted.copy()
    random.Random(3).shuffle(mixed)
    assert in_release_order(mixed) == wanted
    assert sorted(wanted, key=lambda item: Version(str(item))) != wanted
    assert sorted(wanted, key=lambda item: item.hexversion) != wanted


def test_each_tool_is_named_where_it_is_wrong() -> None:
    found = disagreements(releases(PEP))
    pairs = {(item.tool, item.earlier.stage, item.later.stage) for item in found}
    assert pairs == {
        (tool, earlier, later)
        for tool in ("PEP 440", "PY_VERSION_HEX", "blurb")
        for earlier, later in (("b4", "a5"), ("b6", "a7"))
    }
    assert any("Requires-Python" in item.effect for item in found)
    assert any("0x030900b4" in item.effect for item in found)


@pytest.mark.parametrize("stages", [["a1"], ["a1", "a2", "b3", "rc1", "final"], []])
def test_a_stream_that_never_turns_back_is_sorted_right_by_all(stages: list[str]) -> None:
    assert disagreements(releases(stages)) == []
