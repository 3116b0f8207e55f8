"""An attribute that is kept back until it is read is there for the module's own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Run

USE = """
import inspect, sys, types
@types.coroutine
def before():
    yield
assert inspect.isawaitable(before())
types.CodeType
@types.coroutine
def after():
    yield
assert inspect.isawaitable(after())
"""
UNDONE = """
import sys, types
names, code = set(vars(types)), types.coroutine.__code__
import minpython
with minpython.min_version((3, 7)):
    types.coroutine(lambda: (yield))
    assert types.coroutine.__code__ is not code
types.coroutine(lambda: (yield))
assert types.coroutine.__code__ is code, types.coroutine.__code__
assert set(vars(types)) == names, set(vars(types)) ^ names
"""
GLOBAL_ONLY = """
import dis, types
from minpython.engine import own_functions
found = own_functions.readers(types, "CodeType")
assert [each.__name__ for each in found] == ["coroutine"], found
for function in found:
    how = {each.opname for each in dis.get_instructions(function) if each.argval == "CodeType"}
    assert how == {"LOAD_GLOBAL"}, how
"""


def test_functions_of_types_work_whatever_was_read_before(run: Run) -> None:
    for version in ("3.6", "3.7"):
        run("-c", USE, env={"PYTHONMINVERSION": version})


def test_what_they_read_is_put_back(run: Run) -> None:
    run("-c", UNDONE)


def test_they_have_the_name_for_the_attribute_only(run: Run) -> None:
    run("-c", GLOBAL_ONLY)
