"""Short programs show what a branch has and its base has not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadBranchError
from elpython.define.branch import load_branch
from elpython.security.shown import Program, base_python, read_programs, show
from examples import BASE_FILES, REPOSITORY, diff, real_tree

if TYPE_CHECKING:
    from elpython.build.build import Build
    from elpython.core.store import Store
    from examples import Example

SPAM = BASE_FILES["Lib/spam.py"]
PATCH = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})


def _program(code: str) -> Program:
    return Program(change="one", title="it", code=code)


@pytest.mark.parametrize(
    ("code", "base", "branch", "proven"),
    [
        ("import json", "fails", "passes", True),
        ("import spam\nassert spam.first() == 1", "passes", "fails", False),
        ("import spam\nassert spam.first() == 10", "fails", "fails", False),
        ("pass", "passes", "passes", False),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "fails", "fails", False),
    ],
)
def test_the_bases_own_library_is_shown(
    example: Example, code: str, base: str, branch: str, *, proven: bool
) -> None:
    """The library is that of the tree's first commit: neither the change's nor this Python's."""
    example.add("one", PATCH)
    python = Path(sys.executable)
    (found,) = show(example.prepare(), (_program(code),), branch=python, base=None)
    assert (found.base, found.branch, found.proven) == (base, branch, proven)
    assert bool(found.said) == (base != "passes")


def test_a_program_that_hangs_is_stopped(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("elpython.security.shown._SECONDS", 1.0)
    example.add("one", PATCH)
    python = Path(sys.executable)
    program = _program("import time, sys\nif len(sys.path) < 3: time.sleep(60)")
    (found,) = show(example.prepare(), (program,), branch=python, base=None)
    assert (found.base, found.said) == ("hangs", "no end after 1 s")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[show]]\nchange = "on"\ntitle = "x"\ncode = "pass"\n', "did you mean 'one'?"),
        ('[[show]]\nchange = "one"\ntitle = "x"\ncode = "if"\n', "show[0].code: line 1"),
        ('[[show]]\nchange = "one"\ntitel = "x"\ncode = "pass"\n', "did you mean 'title'?"),
        ("shown = 1\n", "show: is missing"),
    ],
)
def test_mistakes_are_told_with_their_key(example: Example, text: str, told: str) -> None:
    example.add("one", PATCH)
    example.folder.joinpath("demo.toml").write_text(text)
    with pytest.raises(BadBranchError) as caught:
        read_programs(example.load())
    assert told in str(caught.value)


def test_every_branchs_programs_can_be_read() -> None:
    for name in ("3.9", "3.11", "3.13"):
        read_programs(load_branch(REPOSITORY / "branches", name))


@pytest.mark.slow
def test_the_real_demo_shows_a_difference(real_store: Store, el311: Build) -> None:
    """Both ways: the base's library under the branch's interpreter, and the base's own."""
    branch = load_branch(REPOSITORY / "branches", "3.11")
    tree = real_tree(real_store, "3.11")
    programs = read_programs(branch)
    assert programs
    bases = {None, base_python(real_store, branch, tree)}
    for base in bases:
        found = show(tree, programs, branch=el311.python, base=base)
        assert [item for item in found if not item.proven] == []
