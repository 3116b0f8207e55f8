"""Reading takes as long as a source is long: what is counted is work, never time."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

import pytest

from elpython.project.infer import Names
from elpython.project.modules import exported, relevant
from elpython.project.nodes import stored_attributes, walk
from elpython.project.rules import standard_rules
from elpython.project.scan import read_source, read_together

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from elpython.project.scanned import Scanned


def read(source: str) -> Scanned:
    return read_source(source.encode(), "pkg/mod.py", standard_rules())


def calls(work: Callable[[], object]) -> int:
    """Count the calls of Python functions."""
    number = 0

    def count(_frame: FrameType, event: str, _value: object) -> None:
        nonlocal number
        number += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return number


CHAINS = {
    "attributes": lambda size: "x = y" + ".more" * size,
    "calls": lambda size: "x = 'a'" + ".strip()" * size,
    "attributes and calls": lambda size: "x = self" + ".more.less()" * size,
    "subscripts": lambda size: "x = y" + "['k']" * size,
}


@pytest.mark.parametrize("kind", CHAINS)
def test_a_chain_asks_once_about_each_of_its_parts(kind: str) -> None:
    """Thirty calls one after the other were never read: each asked three times about the rest."""
    read("x = 1")
    short, long = (calls(lambda size=size: read(CHAINS[kind](size))) for size in (10, 40))
    assert long < 30 * short


def test_the_class_at_a_chains_end_is_still_known() -> None:
    found = read("x = 'a'" + ".strip()" * 30 + ".removeprefix('a')")
    assert [use.name for use in found.uses] == ["str.removeprefix"]


def test_nothing_is_kept_from_one_question_to_the_next() -> None:
    """What a name holds changes between two lines."""
    found = read("x = 'a'\nx.strip().removeprefix('a')\nx = other()\nx.strip().removeprefix('a')\n")
    assert [use.line for use in found.uses] == [2]
    names = Names(standard_rules(), frozenset(), {})
    node = ast.parse("a.b.c()", mode="eval").body
    names.class_of(node)
    assert names._answers == {}


def test_a_class_is_walked_once_for_all_of_its_attributes() -> None:
    """A table of three thousand attributes took eighteen seconds."""

    def source(size: int) -> str:
        return "class A:\n" + "".join(f"    a{number} = {number}\n" for number in range(size))

    short, long = (calls(lambda size=size: read(source(size))) for size in (50, 500))
    assert long < 15 * short


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "+".join(["'a'"] * 600),
        "if a == 0:\n  pass\n" + "".join(f"elif a == {number}:\n  pass\n" for number in range(500)),
        "x = 'a'" + ".strip()" * 200,
    ],
    ids=["additions", "elif", "calls"],
)
def test_what_cpython_compiles_is_read(source: str) -> None:
    compile(source, "here", "exec")
    assert read(source).unread == ""


def test_walk_gives_every_node_that_may_hold_another() -> None:
    tree = ast.parse(
        "@d\nclass A(b, k=c):\n    def f(self, a: int = 1, *b, **k) -> {x for x in y}: ...\n"
        "match z:\n    case {'a': [1, *r]} if q: self.s = w\n"
    )
    leaves = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop, ast.Constant)
    wanted = {id(node) for node in ast.walk(tree) if not isinstance(node, leaves)}
    found = [id(node) for node in walk(tree)]
    assert set(found) == wanted
    assert len(found) == len(wanted)
    assert stored_attributes(tree) == ["s"]


COMPAT = b"import sys\nNEW = sys.version_info >= (3, 12)\nOLD = sys.version_info < (3, 9)\n"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from pkg.compat import NEW\n", {"pkg.compat.NEW"}),
        ("from pkg import compat\nx = compat.OLD\n", {"pkg.compat.OLD"}),
        ("import pkg.compat\n", set()),
        ("from pkg.compat import *\n", {"pkg.compat.NEW", "pkg.compat.OLD"}),
        ("import other\nx = NEW\n", set()),
    ],
)
def test_a_source_is_read_again_for_what_it_mentions(source: str, names: set[str]) -> None:
    """Three of four second readings were for names that the source did not even contain."""
    files = {"pkg/compat.py": COMPAT, "pkg/mod.py": source.encode()}
    sources = read_together(files, standard_rules())
    known = exported(sources)
    mod = next(item for item in sources if item.path == "pkg/mod.py")
    assert set(relevant(mod, known, lambda: files["pkg/mod.py"])) == names
