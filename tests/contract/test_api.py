"""Signatures: what breaks callers, and what only adds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from elpython.contract.api_compare import compare_apis
from elpython.contract.api_source import _instances
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


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"virtual": ["a.A", "b.B"]}, {"virtual": ["a.A"]}, ["m.f"]),
        ({"virtual": ["a.A"]}, {"virtual": ["a.A", "b.B"]}, []),
        ({"virtual": ["a.A"]}, {}, []),
        ({"registry": ["int"]}, {"registry": []}, ["m.f"]),
        ({"hooks": []}, {"hooks": ["__eq__"]}, ["m.f.__eq__"]),
        ({"hooks": ["__hash__"]}, {"hooks": []}, ["m.f.__hash__"]),
        ({"hooks": ["__hash__"]}, {}, []),
        ({"member_details": {"A": "1"}}, {"member_details": {"A": "2"}}, ["m.f.A"]),
        ({"subscriptable": True}, {"subscriptable": False}, ["m.f"]),
        ({"named": "m.f"}, {"named": "_m.f"}, ["m.f"]),
        ({"warns": []}, {"warns": ["DeprecationWarning"]}, ["m.f"]),
    ],
)
def test_traits(old: dict[str, Any], new: dict[str, Any], told: list[str]) -> None:
    tables = [{"m.f": {"kind": "class", **item}} for item in (old, new)]
    assert [item.declaration for item in compare_apis(*tables)] == told


def test_a_special_method_more_is_harmless_where_it_replaces_none() -> None:
    """`__len__` makes what was true false; `__ior__` only makes something possible."""
    base = {"m.C": {"kind": "class", "hooks": []}}
    more = {"m.C": {"kind": "class", "hooks": ["__len__"]}}
    for name in ("__len__", "__ior__"):
        more[f"m.C.{name}"] = {"kind": "method"}
    found = {item.declaration: item.harmless for item in compare_apis(base, more)}
    assert found == {"+m.C.__len__": False, "+m.C.__ior__": True}


def test_values_that_are_not_listed_may_come_and_not_go() -> None:
    one = {"m.names": {"kind": "value", "value": "1", "unlisted": True}}
    assert compare_apis({}, one) == []
    assert [item.declaration for item in compare_apis(one, {})] == ["-m.names"]


def test_attributes_of_instances_are_read_from_sources(tmp_path: Path) -> None:
    """`self.x` in any method, in any assignment; a base may give it too."""
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text(
        "class B:\n    pass\nclass C(B):\n    def f(self):\n"
        "        self.a, (self.b, self.c) = 1, (2, 3)\n"
        "        self.d: int = 1\n        self._e = other.g = 2\n"
    )
    new.write_text(
        "class B:\n    def __init__(self):\n        self.b = 1\nclass C(B):\n    c = 5\n"
        "    def f(self):\n        self.a = 1\n"
    )
    assert [item.declaration for item in _instances("m", old, new)] == ["-m.C.d"]


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
