"""Signatures: what breaks callers, and what only adds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from elpython.contract.api_compare import compare_apis
from elpython.contract.probe import ask

A, B = ["a", 1, None], ["b", 1, "2"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ([A, B], [A, B], []),
        ([A], [A, B], ["+m.f(b)"]),
        ([A], [A, ["k", 3, "None"]], ["+m.f(k)"]),
        ([A], [A, ["rest", 2, None]], ["+m.f(rest)"]),
        ([A], [A, ["k", 3, None]], ["m.f"]),
        ([A], [["b", 1, None]], ["m.f"]),
        ([A, B], [A], ["m.f"]),
        ([A, B], [A, ["b", 1, "3"]], ["m.f"]),
        ([A, B], [["z", 1, "0"], A, B], ["m.f"]),
        ([A], None, ["m.f"]),
        (None, [A], ["+m.f()"]),
    ],
)
def test_signatures(old: object, new: object, told: list[str]) -> None:
    tables = [{"m.f": {"kind": "function", "parameters": item}} for item in (old, new)]
    assert [item.declaration for item in compare_apis(*tables)] == told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"members": {"A": "1"}}, {"members": {"A": "2"}}, ["m.f.A"]),
        ({"members": {"A": "1"}}, {"members": {}}, ["-m.f.A"]),
        ({"fields": ["a", "b"]}, {"fields": ["b", "a"]}, ["m.f"]),
        ({"fields": ["a"]}, {"fields": ["a", "b"]}, ["+m.f.b"]),
        ({"bases": ["x"]}, {"bases": ["y"]}, ["m.f"]),
    ],
)
def test_classes(old: dict[str, Any], new: dict[str, Any], told: list[str]) -> None:
    tables = [{"m.f": {"kind": "class", **item}} for item in (old, new)]
    assert [item.declaration for item in compare_apis(*tables)] == told


def test_what_lies_below_a_lost_class_is_not_told_again() -> None:
    old = {"m": {"kind": "module"}, "m.C": {"kind": "class"}, "m.C.f": {"kind": "method"}}
    assert [item.declaration for item in compare_apis(old, {"m": {"kind": "module"}})] == ["-m.C"]


@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [
        ({"flavour": ""}, {"flavour": "coroutine"}, "callers"),
        ({"metaclass": "builtins.type"}, {"metaclass": "abc.ABCMeta"}, "subclasses"),
        ({"abstract": []}, {"abstract": ["size"]}, "subclasses"),
        ({"lives": "m.C"}, {"lives": "n.C"}, "pickles"),
        ({"hashable": True}, {"hashable": False}, "callers"),
        ({"instance_size": [16, 0]}, {"instance_size": [24, 0]}, "extensions"),
        ({"__slots__": ["a"]}, {"__slots__": ["a", "b"]}, "introspection"),
        ({"inherited": ["f"]}, {"inherited": []}, "callers"),
        ({"hashable": False}, {"hashable": True}, ""),
        ({"abstract": ["size"]}, {"abstract": []}, ""),
    ],
)
def test_whom_a_change_breaks(old: dict[str, Any], new: dict[str, Any], breaks: str) -> None:
    tables = [{"m.C": {"kind": "class", **item}} for item in (old, new)]
    (found,) = compare_apis(*tables)
    assert found.breaks == breaks
    assert found.harmless is (not breaks)


def test_a_member_that_moved_to_a_base_class_is_not_lost() -> None:
    old = {"m.C": {"kind": "class"}, "m.C.f": {"kind": "method"}}
    new = {"m.C": {"kind": "class", "inherited": ["f"]}}
    (found,) = compare_apis(old, new)
    assert found.harmless


@pytest.mark.parametrize(("after", "harmless"), [(["a", "b", "c"], True), (["b", "a", "c"], False)])
def test_positional_patterns_may_grow_at_their_end(after: list[str], harmless: bool) -> None:  # noqa: FBT001
    tables = [{"m.C": {"kind": "class", "__match_args__": item}} for item in (["a", "b"], after)]
    (found,) = compare_apis(*tables)
    assert (found.harmless, found.breaks) == (harmless, "" if harmless else "callers")


def test_the_environment_is_no_part_of_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = []
    for value in ("one", "two"):
        monkeypatch.setenv("OF_THIS_PROCESS", value)
        tables.append(ask(Path(sys.executable), "api", {"modules": ["wsgiref.handlers"]}))
    assert "wsgiref.handlers.BaseHandler.os_environ" in tables[0]
    assert tables[0] == tables[1]
