from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.core.html import environment
from elpython.site.shapes import ROWS, Cell, Part, cell, shape

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=25,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, Cell(text="yes")),
        (None, Cell(text="")),
        (3, Cell(text="3", number=True)),
        (1.23456, Cell(text="1.235", number=True)),
        ("kept", Cell(text="kept", state="good")),
        ("Broken", Cell(text="Broken", state="bad")),
        ("not checked", Cell(text="not checked", state="unknown")),
        ("a word", Cell(text="a word")),
        (["a", 1, None], Cell(text="a, 1, ")),
    ],
)
def test_cells(value: object, expected: Cell) -> None:
    assert cell(value) == expected


def test_a_list_of_objects_is_a_table_with_what_is_deeper_below() -> None:
    part = shape("Promises", [
        {"name": "abi", "verdict": "broken", "differences": [{"symbol": "PyFoo"}]},
        {"name": "pyc", "verdict": "kept", "differences": [], "seconds": 2},
    ])  # fmt: skip
    assert part.table is not None
    assert part.table.headers == ("name", "verdict", "seconds")
    assert [[one.text for one in row] for row in part.table.rows] == [
        ["abi", "broken", ""],
        ["pyc", "kept", "2"],
    ]
    assert [one.title for one in part.parts] == ["abi: differences"]


def test_an_object_has_facts_and_parts() -> None:
    part = shape("Part", {"a_key": 1, "list": ["x"], "deep": {"b": 2}})
    assert [name for name, _ in part.facts] == ["a key", "list"]
    assert part.parts == (Part(title="deep", facts=(("b", Cell(text="2", number=True)),)),)


def test_rows_past_the_limit_are_counted() -> None:
    part = shape("Many", [{"a": number} for number in range(ROWS + 7)])
    assert part.table is not None
    assert (len(part.table.rows), part.table.hidden) == (ROWS, 7)


@given(JSON)
def test_any_json_has_a_shape_and_a_page(value: object) -> None:
    template = environment("elpython.site").from_string(
        "{% import 'parts.html.j2' as parts %}{{ parts.inside(part, 2) }}"
    )
    assert "<script" not in template.render(part=shape("It", value))
