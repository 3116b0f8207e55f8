"""Definitions of a later module are set into an earlier one."""

from __future__ import annotations

import ast

import pytest

from elpython.core.errors import BadBranchError
from elpython.prepare.graft.python import transplant

BASE = '''"""Doc."""

import os

def one():
    return 1

class Path:
    def first(self):
        return 1

    def last(self):
        return 2

VALUE = 1
'''
LATER = '''"""Doc."""

# Why it is there.
@decorated
def new(a, *, b=None):
    return a

def one():
    return 11

class Path:
    def walk(self):
        yield self

    @property
    def size(self):
        return 1

    @size.setter
    def size(self, value):
        pass

OTHER: int = 3

@kept
class New(Path):
    def one(self): pass

    def two(self):
        pass
'''


@pytest.mark.parametrize(
    ("names", "after", "expected"),
    [
        (["new"], "one", "return 1\n\n\n# Why it is there.\n@decorated\ndef new(a, *, b=None):"),
        (["new"], "", "VALUE = 1\n\n\n# Why it is there.\n@decorated\n"),
        (["one"], "", "import os\n\ndef one():\n    return 11\n\nclass Path"),
        (
            ["Path.walk"],
            "Path.first",
            "return 1\n\n    def walk(self):\n        yield self\n\n    def l",
        ),
        (["Path.size"], "Path.last", "def size(self):\n        return 1\n\n    @size.setter\n"),
        (["Path.walk"], "", "return 2\n\n    def walk(self):\n        yield self\n\nVALUE"),
        (
            ["New.two", "New.one"],
            "one",
            "return 1\n\n\n@kept\nclass New(Path):\n    def two(self):\n",
        ),
        (["New.two", "New.one"], "one", "        pass\n\n    def one(self): pass\n\nclass Path:"),
        (["OTHER"], "VALUE", "VALUE = 1\n\n\nOTHER: int = 3\n"),
        (["new", "OTHER"], "one", "    return a\n\n\nOTHER: int = 3\n"),
    ],
)
def test_where_definitions_go(names: list[str], after: str, expected: str) -> None:
    text = transplant(BASE, LATER, names, after=after, where="m.py")
    assert expected in text
    ast.parse(text)


@pytest.mark.parametrize(
    ("names", "after", "reason"),
    [
        (["absent"], "", "has no definition 'absent'"),
        (["Path.wlk"], "", "did you mean 'walk'"),
        (["new"], "absent", "m.py: has no definition 'absent'"),
        (["one.two"], "", "'one' is no class"),
    ],
)
def test_what_is_not_there(names: list[str], after: str, reason: str) -> None:
    with pytest.raises(BadBranchError, match=reason):
        transplant(BASE, LATER, names, after=after, where="m.py")
