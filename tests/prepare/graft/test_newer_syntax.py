"""Modules with syntax that an older Python does not know still give their other definitions."""

from __future__ import annotations

import ast
import sys

import pytest

from elpython.prepare.graft.newer_syntax import parse_newer
from elpython.prepare.graft.python import transplant

LATER = """\
import os

@os.fspath
def known(a,
          b):
    return a

type Alias = int

@first
@second(1)
def unknown[T](
    a: T,
) -> T:
    '''[T] text'''
    return a

class Holder:
    def method(self):
        return 1

    def odd[T](self):
        return 2

    after = 3

last = known
"""


def _names(body: list[ast.stmt]) -> list[str]:
    return [node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]


def test_known_definitions_are_found_with_their_lines() -> None:
    """What the running Python cannot read is left out; all else keeps its place."""
    body = parse_newer(LATER)
    names = _names(body)
    assert names[0] == "known"
    assert "Holder" in names
    holder = next(node for node in body if isinstance(node, ast.ClassDef))
    assert LATER.splitlines()[holder.lineno - 1] == "class Holder:"
    assert isinstance(holder.body[-1], ast.Assign)
    if sys.version_info < (3, 12):
        assert "unknown" not in names


def test_plain_text_is_the_same_as_ast() -> None:
    """A module without anything new gives what `ast.parse` gives."""
    text = "def a(): pass\n\nclass B:\n    c = 1\n"
    expected = [ast.dump(node) for node in ast.parse(text).body]
    assert [ast.dump(node) for node in parse_newer(text)] == expected


def test_broken_outside_of_definitions() -> None:
    """What lies outside of every definition is an error as ever."""
    with pytest.raises(SyntaxError):
        parse_newer("a = (\n")


def test_transplant_out_of_a_newer_module() -> None:
    """A definition is taken out of a module whose other parts are not understood."""
    text = transplant("x = 1\n", LATER, ["known"], after="", where="m.py")
    assert text.startswith("x = 1\n\n\n@os.fspath\ndef known(a,")
    text = transplant(
        "class Holder:\n    pass\n", LATER, ["Holder.method"], after="Holder", where="m.py"
    )
    assert "def method(self)" in text


OLD = 'def match(text):\n    return re.match("\\d", text)\n'


def test_what_a_later_compiler_warns_of_is_passed_over() -> None:
    """Warnings are errors here: an old module with an unknown escape is taken all the same."""
    with pytest.raises(SyntaxError):
        ast.parse(OLD)
    assert len(parse_newer(OLD)) == 1
    text = transplant(OLD, OLD.replace("match(", "search("), ["search"], after="", where="m.py")
    assert text.startswith(OLD)
