"""Drawings as SVG text: the graph's shape, levels, and counts over time."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from elpython.core.html import CHART_COLOURS, STATUS_COLOURS
from elpython.mass_rebuild.graph import critical_path, graph_of, levels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elpython.mass_rebuild.model import RebuildPlan

__all__ = ["STATE_COLOURS", "counts_over_time", "graph_picture", "level_chart"]

STATE_COLOURS: dict[str, str] = {
    "built": STATUS_COLOURS["good"],
    "prebuilt": CHART_COLOURS[4],
    "building": STATUS_COLOURS["running"],
    "waiting": "#b8bec6",
    "blocked": STATUS_COLOURS["unknown"],
    "check failed": CHART_COLOURS[3],
    "failed": STATUS_COLOURS["bad"],
}
_WIDTH, _LEFT, _BOTTOM = 760, 46, 30
_FONT = 'font-family="sans-serif" font-size="12" fill="currentColor"'


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" '
        f'aria-label="{escape(title)}" style="color:currentColor">'
        f"<title>{escape(title)}</title>\n{body}\n</svg>"
    )


def _text(x: float, y: float, words: object, anchor: str = "middle") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {_FONT}>{escape(str(words))}</text>'
    )


def level_chart(rows: Sequence[tuple[int, str]]) -> str:
    """Draw how many packages each level has, by state.

    Args:
        rows: level and state of each package.
    """
    counts: dict[int, dict[str, int]] = {}
    for level, state in rows:
        counts.setdefault(level, {})
        counts[level][state] = counts[level].get(state, 0) + 1
    most = max((sum(found.values()) for found in counts.values()), default=1)
    row_height, parts = 24, []
    width = _WIDTH - _LEFT - 60
    for place, level in enumerate(sorted(counts)):
        y, x = place * row_height + 4, float(_LEFT)
        parts.append(_text(_LEFT - 8, y + 13, level, "end"))
        for state, colour in STATE_COLOURS.items():
            count = counts[level].get(state, 0)
            if count:
                size = width * count / most
                parts.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{size:.1f}" height="18" fill="{colour}">'
                    f"<title>level {level}: {count} {state}</title></rect>"
                )
                x += size
        parts.append(_text(x + 6, y + 13, sum(counts[level].values()), "start"))
    return _svg(_WIDTH, len(counts) * row_height + 8, "Packages by level and state", parts)


def counts_over_time(
    points: Sequence[tuple[float, Mapping[str, int]]], states: Sequence[str]
) -> str:
    """Draw stacked counts over time.

    Args:
        points: seconds since the start, with the count of each state.
        states: the order of stacking, lowest first.
    """
    height, right = 240, _WIDTH - 12
    top = max((sum(found.values()) for _, found in points), default=1) or 1
    end = max((seconds for seconds, _ in points), default=1.0) or 1.0
    floor = height - _BOTTOM

    def at(seconds: float, count: float) -> str:
        x = _LEFT + (right - _LEFT) * seconds / end
        return f"{x:.1f},{floor - (floor - 10) * count / top:.1f}"

    parts, below = [], [0] * len(points)
    for state in states:
        above = [low + found.get(state, 0) for low, (_, found) in zip(below, points, strict=True)]
        line = [at(points[i][0], above[i]) for i in range(len(points))]
        back = [at(points[i][0], below[i]) for i in reversed(range(len(points)))]
        if any(high > low for high, low in zip(above, below, strict=True)):
            corners = " ".join([*line, *back])
            parts.append(
                f'<polygon points="{corners}" fill="{STATE_COLOURS[state]}">'
                f"<title>{escape(state)}</title></polygon>"
            )
        below = above
    for share in (0, 0.5, 1):
        y = floor - (floor - 10) * share
        parts.append(_text(_LEFT - 6, y + 4, round(top * share), "end"))
        x = _LEFT + (right - _LEFT) * share
        anchor = "end" if share == 1 else "middle"
        parts.append(_text(x, height - 10, f"{end * share:.0f} s", anchor))
    return _svg(_WIDTH, height, "Packages by state over time", parts)


def graph_picture(plan: RebuildPlan) -> str:
    """Draw the graph's shape: a column a level, a dot a package, the critical path marked."""
    needs: dict[str, list[str]] = {package.key: [] for package in plan.packages}
    for edge in plan.edges:
        if edge.kind != "install" and edge.source in needs and edge.target in needs:
            needs[edge.source].append(edge.target)
    graph = graph_of(needs, plan.seconds)
    level = levels(graph)
    path = set(critical_path(graph)[0])
    columns: dict[int, list[int]] = {}
    for node in range(len(graph.names)):
        columns.setdefault(level[node], []).append(node)
    tallest = max((len(column) for column in columns.values()), default=1)
    step = 14 if tallest < 60 else max(2.0, 840 / tallest)
    height, gap = tallest * step + 50, 150
    place: dict[int, tuple[float, float]] = {}
    for number, column in columns.items():
        column.sort(key=lambda node: (node not in path, graph.names[node]))
        for row, node in enumerate(column):
            place[node] = (70 + number * gap, 40 + row * step)
    parts = [_text(70 + number * gap, 18, f"level {number}") for number in columns]
    for node, wanted in enumerate(graph.needs):
        for need in wanted:
            (x1, y1), (x2, y2) = place[need], place[node]
            marked = node in path and need in path
            colour, thick = (CHART_COLOURS[5], 2) if marked else ("#8a929c", 0.4)
            parts.append(
                f'<path d="M{x1:.0f} {y1:.0f}C{x1 + 60:.0f} {y1:.0f} {x2 - 60:.0f} {y2:.0f} '
                f'{x2:.0f} {y2:.0f}" fill="none" stroke="{colour}" stroke-width="{thick}"/>'
            )
    for node, (x, y) in place.items():
        colour = CHART_COLOURS[5] if node in path else CHART_COLOURS[0]
        name = escape(graph.names[node])
        parts.append(
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{min(4.0, step / 2):.1f}" fill="{colour}">'
            f"<title>{name}</title></circle>"
        )
        if step >= 12:
            parts.append(_text(x + 7, y + 4, graph.names[node], "start"))
    width = 70 + (max(columns, default=0) + 1) * gap + 60
    return _svg(width, height, f"{len(graph.names)} packages in {len(columns)} levels", parts)
