"""Cycles and the rules that break them, in their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.mass_rebuild.bootstrap import untangle
from elpython.mass_rebuild.graph import components
from elpython.mass_rebuild.model import Edge, Package


def package(name: str, **parts: object) -> Package:
    return Package(name=name, version="1", **parts)  # type: ignore[arg-type]


def edge(words: str) -> Edge:
    source, kind, target = words.split()
    return Edge(source=f"{source}==1", target=f"{target}==1", kind=kind)


@pytest.mark.parametrize(
    ("packages", "edges", "rules"),
    [
        ("a b", ["a build b"], []),
        ("a b", ["a build b", "b test a"], [("drop test", "b==1", "a==1")]),
        ("a b", ["a build b", "b optional a"], [("drop optional", "b==1", "a==1")]),
        (
            "a b",
            ["a optional b", "b test a"],
            [("drop test", "b==1", "a==1")],
        ),
        ("a! b", ["a build b", "b build a"], [("bootstrap", "a==1", "")]),
        ("a b", ["a build b", "b build a"], [("unbreakable", "", "")]),
        ("a!", ["a build a"], [("bootstrap", "a==1", "")]),
    ],
)
def test_rules(packages: str, edges: list[str], rules: list[tuple[str, str, str]]) -> None:
    made = [package(name.strip("!"), can_bootstrap="!" in name) for name in packages.split()]
    found = untangle(made, map(edge, edges), {})
    assert [(item.rule, item.package, item.dropped) for item in found.breaks] == rules


def test_the_cheaper_of_two_is_built_in_two_stages() -> None:
    both = [package("a", can_bootstrap=True), package("b", can_bootstrap=True)]
    ring = [edge("a build b"), edge("b build a")]
    found = untangle(both, ring, {"a==1": 100.0, "b==1": 10.0})
    assert found.breaks[0].package == "b==1"
    names = {item.key for item in found.packages}
    assert names == {"a==1", "b==1", "b==1 (bootstrap)"}
    assert set(found.edges) == {
        Edge(source="a==1", target="b==1 (bootstrap)"),
        Edge(source="b==1", target="a==1"),
    }


def test_what_the_user_states_comes_first() -> None:
    both = [package("a", can_bootstrap=True, options={"drop": ["b"]}), package("b")]
    found = untangle(both, [edge("a build b"), edge("b build a")], {})
    assert (found.breaks[0].rule, found.breaks[0].dropped) == ("override", "b==1")
    refused = [package("a", can_bootstrap=True, options={"bootstrap": False}), package("b")]
    found = untangle(refused, [edge("a build b"), edge("b build a")], {})
    assert found.breaks[0].rule == "unbreakable"


def test_the_shortest_cycle_is_listed() -> None:
    names = [package(name) for name in "abcd"]
    ring = [
        edge(words) for words in ("a build b", "b build c", "c build d", "d build a", "c build b")
    ]
    assert untangle(names, ring, {}).breaks[0].cycle == ("b==1", "c==1")


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"), st.sampled_from(["build", "test"]), st.sampled_from("abcdef")
        ),
        max_size=20,
    ),
    st.sets(st.sampled_from("abcdef")),
)
def test_what_is_not_listed_as_unbreakable_is_free_of_cycles(
    pairs: list[tuple[str, str, str]], able: set[str]
) -> None:
    made = [package(name, can_bootstrap=name in able) for name in "abcdef"]
    found = untangle(made, [edge(" ".join(pair)) for pair in pairs], {})
    lost = {key for item in found.breaks if item.rule == "unbreakable" for key in item.cycle}
    needs: dict[str, list[str]] = {item.key: [] for item in found.packages}
    for item in found.edges:
        if item.target not in lost:
            needs[item.source].append(item.target)
    assert components({key: value for key, value in needs.items() if key not in lost}) == []
