from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.stream.check import check_range
from elpython.stream.stable import compare_stable, read_stable

if TYPE_CHECKING:
    from tests.stream.conftest import Repository

PATH = "Misc/stable_abi.toml"
OLD = """\
[struct.PyObject]
    added = '3.2'
    members = ['ob_refcnt', 'ob_type']
    struct_abi_kind = 'members'
[function.PyType_FromSpec]
    added = '3.2'
[function.PyNew_One]
    added = '3.9'
[feature_macro.HAVE_FORK]
    doc = 'x'
"""


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (("[function.PyNew_One]\n    added = '3.9'\n", ""), [("stable-abi-lost", "PyNew_One")]),
        (("'ob_refcnt', ", ""), [("stable-abi-changed", "PyObject")]),
        (("function.PyNew_One", "data.PyNew_One"), [("stable-abi-changed", "PyNew_One")]),
        (("added = '3.9'", "added = '3.10'"), [("stable-abi-changed", "PyNew_One")]),
        (("'members'", "'opaque'"), [("stable-abi-changed", "PyObject")]),
        (("[feature_macro.HAVE_FORK]\n    doc = 'x'\n", ""), []),
        (("'ob_type']", "'ob_type', 'ob_new']"), []),
        (("x", "y"), []),
    ],
)
def test_what_is_lost_or_changed(change: tuple[str, str], wanted: list[tuple[str, str]]) -> None:
    found = compare_stable(read_stable(OLD), read_stable(OLD.replace(*change)), "3.9.0b4")
    assert [(item.rule, item.symbol) for item in found] == wanted
    assert all("3.9.0b4" in item.message for item in found)


def test_what_only_an_alpha_shipped_may_go(repo: Repository) -> None:
    """PEP 605: additions are permanent once a beta has shipped them."""
    lines = OLD.replace("[function.PyNew_One]\n    added = '3.9'\n", "")
    repo.commit("Add a list", {PATH: lines})
    repo.git("tag", "v3.9.0b4")
    repo.commit("Add PyNew_One", {PATH: OLD})
    repo.git("tag", "v3.9.0a5")
    repo.commit("Take it back", {PATH: lines})
    assert check_range(repo.path, "v3.9.0a5", "HEAD").findings == ()
    repo.git("reset", "-q", "--hard", "v3.9.0a5")
    repo.commit("x", {"README": "y\n"})
    repo.git("tag", "v3.9.0b6")
    repo.commit("Take it back", {PATH: lines})
    found = check_range(repo.path, "v3.9.0b6", "HEAD").findings
    assert [(item.rule, item.symbol) for item in found] == [("stable-abi-lost", "PyNew_One")]
    assert "3.9.0b6" in found[0].message


def test_without_tags_the_base_counts(repo: Repository) -> None:
    repo.commit("Add a list", {PATH: OLD})
    repo.git("tag", "listed")
    repo.commit("Lose one", {PATH: OLD.replace("PyNew_One", "PyNew_Two")})
    found = check_range(repo.path, "listed", "HEAD").findings
    assert [item.symbol for item in found] == ["PyNew_One"]


def test_a_list_that_is_gone_or_broken(repo: Repository) -> None:
    repo.commit("Add a list", {PATH: OLD})
    repo.git("tag", "listed")
    repo.commit("Break it", {PATH: "[x"})
    found = check_range(repo.path, "listed", "HEAD").findings
    assert [item.rule for item in found] == ["stable-abi-unreadable"]
    repo.commit("Remove it", {PATH: None})
    found = check_range(repo.path, "listed", "HEAD").findings
    assert [item.rule for item in found] == ["stable-abi-lost"]
