from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.stream.check import check_range
from elpython.stream.freeze import new_features

if TYPE_CHECKING:
    from tests.stream.conftest import Repository

MAGIC = "Include/internal/pycore_magic_number.h"
ENTRY = "Misc/NEWS.d/next/{}/2026-01-01-00-00-00.gh-issue-1.Ab1.rst"

FEATURES = [
    ("Library", "Add :func:`x.y`.", True),
    ("C API", "Added ``PyX_Do()``.", True),
    ("Core and Builtins", "Implement PEP 999.", True),
    ("Library", "Add a missing check in :func:`x.y`.", False),
    ("Library", "Fix a crash.", False),
    ("Tests", "Add :func:`x.y`.", False),
    ("Library", "Added tests for :mod:`x`.", False),
]


@pytest.mark.parametrize(("section", "text", "is_feature"), FEATURES)
def test_what_is_a_new_feature(section: str, text: str, *, is_feature: bool) -> None:
    assert bool(new_features([(section, text)])) is is_feature


@pytest.fixture
def frozen(repo: Repository) -> Repository:
    repo.commit("Begin", {MAGIC: "#define PYC_MAGIC_NUMBER 3627\n"})
    repo.git("tag", "v3.15.0b4")
    repo.commit("Freeze", {"a": ""})
    return repo


CASES = [
    ("(ABI break) gh-1: Move a field", {ENTRY.format("C_API"): "(CPython ABI break) Move it.\n"},
     "freeze-abi-break"),
    ("gh-1: Compile anew", {MAGIC: "#define PYC_MAGIC_NUMBER 3628\n"}, "freeze-magic"),
    ("gh-1: Add x.y", {ENTRY.format("Library"): "Add :func:`!x.y`.\n"}, "freeze-feature"),
]  # fmt: skip


@pytest.mark.parametrize(("summary", "files", "rule"), CASES)
def test_after_a_candidate_it_is_an_error_and_before_it_is_not(
    frozen: Repository, summary: str, files: dict[str, str | None], rule: str
) -> None:
    frozen.git("tag", "start")
    frozen.commit(summary, files)
    assert rule not in {one.rule for one in check_range(frozen.path, "start", "HEAD").findings}
    frozen.git("tag", "v3.15.0rc1", "start")
    found = check_range(frozen.path, "start", "HEAD").findings
    assert [(one.rule, one.level, one.summary) for one in found if one.rule == rule] == [
        (rule, "error", summary)
    ]


def test_an_exception_needs_its_reason_in_the_commit(frozen: Repository) -> None:
    frozen.git("tag", "v3.15.0rc1")
    message = "gh-1: Compile anew\n\nFreeze-Exception: wrong code without it"
    frozen.commit(message, {MAGIC: "#define PYC_MAGIC_NUMBER 3628\n"})
    (found,) = check_range(frozen.path, "v3.15.0rc1", "HEAD").findings
    assert (found.rule, found.level) == ("freeze-exception", "warning")
    assert "wrong code without it" in found.message
