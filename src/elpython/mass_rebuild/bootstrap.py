"""Find cycles and break them by stated rules.

In this order: what `rebuild.toml` states for a package; drop a test-only edge of the cycle; drop
an optional edge; build one package of the cycle in two stages (its first stage built without its
needs of the cycle, or, for a wheel, taken from the index). Of several packages that can be built
in two stages, the cheapest is taken. What is left is listed as unbreakable with its shortest
cycle; only what waits on it is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.mass_rebuild.graph import components, shortest_cycle
from elpython.mass_rebuild.model import BOOTSTRAP, Break, Edge, Package

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Untangled", "untangle"]

_ORDERING = ("build", "test", "optional")


@dataclass(frozen=True, kw_only=True, slots=True)
class Untangled:
    """Packages and edges without breakable cycles, and what was done."""

    packages: tuple[Package, ...]
    edges: tuple[Edge, ...]
    breaks: tuple[Break, ...]


def _needs(packages: Iterable[Package], edges: Iterable[Edge]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {package.key: [] for package in packages}
    for edge in edges:
        if edge.kind in _ORDERING and edge.source in found and edge.target in found:
            found[edge.source].append(edge.target)
    return found


def untangle(
    packages: Sequence[Package], edges: Iterable[Edge], seconds: Mapping[str, float]
) -> Untangled:
    """Break the cycles that can be broken.

    Args:
        packages: all of them; `options` may hold `bootstrap` and `drop`.
        edges: of any kind; `install` edges never order builds.
        seconds: expected durations, by which the cheaper first stage is chosen.
    """
    known = {package.key: package for package in packages}
    kept = set(edges)
    breaks: list[Break] = []
    given_up: set[str] = set()
    while True:
        needs = {
            key: [need for need in wanted if need not in given_up]
            for key, wanted in _needs(known.values(), kept).items()
            if key not in given_up
        }
        groups = components(needs)
        if not groups:
            break
        for group in groups:
            cycle = shortest_cycle(needs, group)
            done = _break_one(cycle, set(group), known, kept, seconds)
            breaks.append(done)
            if done.rule == "unbreakable":
                given_up |= set(cycle)
    return Untangled(
        packages=tuple(known[key] for key in sorted(known)),
        edges=tuple(sorted(kept)),
        breaks=tuple(breaks),
    )


def _break_one(
    cycle: Sequence[str],
    group: set[str],
    known: dict[str, Package],
    kept: set[Edge],
    seconds: Mapping[str, float],
) -> Break:
    pairs = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    by_override = [
        (source, target, kind)
        for source, target in pairs
        for kind in _ORDERING
        if known[target].name in _dropped(known[source])
    ]
    droppable = by_override + [
        (source, target, kind)
        for kind in ("test", "optional")
        for source, target in pairs
        if Edge(source=source, target=target, kind="build") not in kept
    ]
    for source, target, kind in droppable:
        edge = Edge(source=source, target=target, kind=kind)
        if edge in kept:
            kept.discard(edge)
            rule = "override" if (source, target, kind) in by_override else f"drop {kind}"
            return Break(cycle=tuple(cycle), rule=rule, package=source, dropped=target)
    stated = [key for key in cycle if known[key].options.get("bootstrap") is True]
    able = stated or [
        key
        for key in cycle
        if known[key].can_bootstrap and known[key].options.get("bootstrap") is not False
    ]
    able = [key for key in able if not known[key].bootstrap and key + BOOTSTRAP not in known]
    if not able:
        return Break(cycle=tuple(cycle), rule="unbreakable")
    chosen = min(able, key=lambda key: (seconds.get(key, 0.0), key))
    _add_stage(chosen, group, known, kept)
    rule = "override" if stated else "bootstrap"
    return Break(cycle=tuple(cycle), rule=rule, package=chosen)


def _dropped(package: Package) -> list[str]:
    drop = package.options.get("drop", [])
    return [str(item) for item in drop] if isinstance(drop, list) else []


def _add_stage(chosen: str, group: set[str], known: dict[str, Package], kept: set[Edge]) -> None:
    """Add the first stage: without needs of the group, and all others of the group wait on it."""
    first = replace(known[chosen], bootstrap=True, requested=False)
    known[first.key] = first
    for edge in list(kept):
        if edge.kind not in _ORDERING:
            continue
        if edge.source == chosen and edge.target not in group and edge.kind == "build":
            kept.add(replace(edge, source=first.key))
        elif edge.target == chosen and edge.source in group:
            # Also an edge of a package to itself: its second stage is built with its first.
            kept.discard(edge)
            kept.add(replace(edge, target=first.key))
