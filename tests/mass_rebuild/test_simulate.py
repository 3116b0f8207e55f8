"""The simulator: the bound is held on graphs shaped like a distribution."""

from __future__ import annotations

import pytest

from elpython.mass_rebuild.graph import levels, order
from elpython.mass_rebuild.simulate import Shape, simulate, synthetic


@pytest.mark.parametrize("workers", [8, 32, 128, 512])
def test_makespan_is_within_a_twentieth_of_the_bound(workers: int) -> None:
    found = simulate(Shape(packages=5000), workers)
    assert found.ratio <= 1.05
    assert found.built + found.failed + found.blocked == 5000


def test_wrong_estimates_cost_little() -> None:
    assert simulate(Shape(packages=3000, noise=0.7), 64).ratio <= 1.25


def test_a_graph_is_whole_and_the_same_for_the_same_seed() -> None:
    graph, seconds, failing = synthetic(Shape(packages=2000, seed=3))
    assert len(order(graph)) == 2000 == len(seconds)
    assert max(levels(graph)) >= 15
    assert synthetic(Shape(packages=2000, seed=3)) == (graph, seconds, failing)
    assert 0 < len(failing) < 60


@pytest.mark.parametrize("packages", [1, 5, 30])
def test_small_graphs_have_as_many_packages_as_asked(packages: int) -> None:
    assert simulate(Shape(packages=packages, failures=0), 2).built == packages
