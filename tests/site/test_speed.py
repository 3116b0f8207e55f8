"""The chart of speed: what was counted, no more."""

from __future__ import annotations

from elpython.site.speed import SHOWN, bars_of, chart_of


def row(name: str, base: int, branch: int, change: str = "gh-1") -> dict[str, object]:
    return {
        "name": name, "change": change, "base": base, "branch": branch, "bound": 0.9,
        "measured": "2026-11-30",
    }  # fmt: skip


def test_bars_are_shares_of_the_base_the_fastest_first() -> None:
    rows = [row("a", 200, 100), row("b", 1000, 1), row("c", 100, 101, ""), row("d", 0, 5)]
    assert [(bar.name, bar.percent) for bar in bars_of(rows)] == [("b", 1), ("a", 50), ("c", 101)]


def test_the_first_page_has_what_gained_most_and_says_how_many_did() -> None:
    chart = chart_of(
        {
            "3.9": [row("a", 100, 50), row("guard", 100, 98, ""), row("slower", 100, 101, "")],
            "3.11": [row("b", 100, 10), row("a", 100, 90, "")],
        }
    )
    assert chart is not None
    assert chart.branches == ("3.9", "3.11")
    assert list(chart.rows) == ["b", "a"]
    first, second = chart.rows["a"]
    assert first is not None
    assert (first.percent, second) == (50, None)  # 3.11 has not that change
    assert chart.faster == {"3.9": (2, 3), "3.11": (2, 2)}


def test_nothing_counted_is_no_chart() -> None:
    assert chart_of({}) is None
    assert chart_of({"3.9": []}) is None


def test_many_benchmarks_are_cut() -> None:
    chart = chart_of({"3.9": [row(f"n{number}", 1000, number) for number in range(1, 40)]})
    assert chart is not None
    assert len(chart.rows) == SHOWN
