"""Generated files: what the tree's own generators write, the same on every Python; whole or not."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadBranchError
from elpython.define.code import REGENERATED
from elpython.prepare import regenerate as module
from elpython.prepare.regenerate import regenerate
from examples import real_tree

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

# What stands for pegen: the same call, the same failures.
_MAIN = """
import pathlib, sys
grammar = pathlib.Path(sys.argv[3]).read_text()
if "broken" in grammar:
    sys.exit("line 7: expected ':'")
pathlib.Path(sys.argv[6]).write_text(f"// made of {sys.argv[3]}\\n{grammar}")
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tree with a generator of a few lines."""
    for name, text in {
        "Tools/peg_generator/pegen/__init__.py": "",
        "Tools/peg_generator/pegen/__main__.py": _MAIN,
        "Grammar/python.gram": "file: NAME\n",
        "Grammar/Tokens": "",
        "Parser/parser.c": "old\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_the_generator_of_the_tree_writes_the_file(small: Path) -> None:
    regenerate(["parser"], small, "branch 3.11, change x")
    text = (small / "Parser/parser.c").read_text("utf-8")
    assert text == "// made of ./Grammar/python.gram\nfile: NAME\n"
    assert [path.name for path in (small / "Parser").iterdir()] == ["parser.c"]


def test_the_newer_parser_of_a_tree_with_two_is_made(small: Path) -> None:
    (small / "Parser/pegen").mkdir()
    (small / "Parser/pegen/parse.c").write_text("old\n", "utf-8")
    regenerate(["parser"], small, "branch 3.9, change x")
    assert "file: NAME" in (small / "Parser/pegen/parse.c").read_text("utf-8")
    assert (small / "Parser/parser.c").read_text("utf-8") == "old\n"


def test_a_broken_grammar_names_the_change_and_leaves_the_file(small: Path) -> None:
    (small / "Grammar/python.gram").write_text("broken", "utf-8")
    with pytest.raises(BadBranchError, match="generator fails") as caught:
        regenerate(["parser"], small, "branch 3.11, change x")
    assert caught.value.where == "branch 3.11, change x"
    assert "line 7" in "\n".join(caught.value.details)
    assert (small / "Parser/parser.c").read_text("utf-8") == "old\n"
    assert not list(small.rglob("*.new"))


def test_a_tree_that_does_not_make_the_file_is_told(small: Path) -> None:
    with pytest.raises(BadBranchError, match=r"has no Include/Python-ast\.h"):
        regenerate(["ast"], small, "branch 3.11, change x")


def test_every_name_that_a_change_may_use_has_a_generator() -> None:
    assert sorted(module._GENERATORS) == sorted(REGENERATED)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["3.9", "3.11", "3.13"])
def test_a_base_is_made_again_byte_for_byte(real_store: Store, name: str, tmp_path: Path) -> None:
    """The generated files of every base are what its own generators write here."""
    tree = real_tree(real_store, name, bare=True)
    copy = tmp_path / "tree"
    subprocess.run(["git", "clone", "-q", "--local", str(tree.folder), str(copy)], check=True)
    regenerate(REGENERATED, copy, name)
    words = ["git", "-C", str(copy), "status", "--porcelain", "--untracked-files=no"]
    assert subprocess.run(words, check=True, capture_output=True, text=True).stdout == ""
