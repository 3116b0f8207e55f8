"""Order, levels, ranks, critical path and cycles, on random graphs too."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.mass_rebuild.graph import (
    Graph,
    components,
    critical_path,
    graph_of,
    levels,
    order,
    ranks,
    shortest_cycle,
    widths,
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(1, 25))
    needs = [
        tuple(draw(st.sets(st.integers(0, node - 1), max_size=4))) if node else ()
        for node in range(count)
    ]
    seconds = [draw(st.floats(0.1, 100)) for _ in range(count)]
    return Graph([str(node) for node in range(count)], needs, seconds)


@given(graphs())
def test_order_puts_each_node_after_its_needs(graph: Graph) -> None:
    place = {node: index for index, node in enumerate(order(graph))}
    assert len(place) == len(graph.names)
    assert all(place[need] < place[node] for node in place for need in graph.needs[node])


@given(graphs())
def test_level_is_one_more_than_the_deepest_need(graph: Graph) -> None:
    found = levels(graph)
    for node, needs in enumerate(graph.needs):
        assert found[node] == max((found[need] + 1 for need in needs), default=0)
    assert sum(widths(graph)) == len(graph.names)


@given(graphs())
def test_rank_is_own_seconds_plus_the_largest_rank_of_those_waiting(graph: Graph) -> None:
    rank, dependents = ranks(graph), graph.dependents()
    for node in range(len(graph.names)):
        after = max((rank[waiting] for waiting in dependents[node]), default=0.0)
        assert rank[node] == pytest.approx(graph.seconds[node] + after)


@given(graphs())
def test_the_critical_path_is_a_chain_as_long_as_it_says(graph: Graph) -> None:
    path, length = critical_path(graph)
    assert sum(graph.seconds[node] for node in path) == pytest.approx(length)
    assert all(first in graph.needs[second] for first, second in itertools.pairwise(path))
    assert length == pytest.approx(max(ranks(graph)))


def test_an_empty_graph_has_nothing() -> None:
    empty = graph_of({}, {})
    assert (order(empty), levels(empty), widths(empty), critical_path(empty)) == (
        [],
        [],
        [],
        ([], 0.0),
    )


def test_names_that_are_no_keys_are_left_out() -> None:
    assert graph_of({"a": ["b", "nowhere"], "b": []}, {}).needs == [(1,), ()]


@pytest.mark.parametrize(
    ("needs", "groups", "cycle"),
    [
        ({"a": ["b"], "b": []}, [], []),
        ({"a": ["a"]}, [["a"]], ["a"]),
        ({"a": ["b"], "b": ["a"], "c": ["a"]}, [["a", "b"]], ["a", "b"]),
        (
            {"a": ["b", "c"], "b": ["c"], "c": ["a"], "d": ["d"]},
            [["a", "b", "c"], ["d"]],
            ["a", "c"],
        ),
    ],
)
def test_cycles_are_found(
    needs: dict[str, list[str]], groups: list[list[str]], cycle: list[str]
) -> None:
    assert components(needs) == groups
    if groups:
        assert shortest_cycle(needs, groups[0]) == cycle


def test_a_chain_of_a_hundred_thousand_is_no_deeper_than_a_short_one() -> None:
    count = 100_000
    graph = Graph([""] * count, [()] + [(node,) for node in range(count - 1)], [1.0] * count)
    assert max(ranks(graph)) == count
    names = {str(node): [str(node + 1)] for node in range(count - 1)} | {str(count - 1): ["0"]}
    assert len(components(names)[0]) == count
