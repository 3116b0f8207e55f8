"""The methods of test files, whatever Python they are written for."""

from __future__ import annotations

from elpython.security.methods import methods

OLD = '''
import unittest

class One(unittest.TestCase):
    """Tests."""

    value = 1

    @decorated
    @twice(2)
    def test_first(self):
        pass

    async def test_second(self):
        def inner(): pass

def test_outside(): pass

@marked
class Two:
    def helper(self): return 1
'''
NEWER = "type Pickled[T] = list[T]\n" + OLD.removeprefix("\n")


def test_a_newer_syntax_changes_nothing_else() -> None:
    told = [
        ("One.test_first", range(9, 13)),
        ("One.test_second", range(14, 16)),
        ("Two.helper", range(21, 22)),
    ]
    assert methods(OLD) == told
    assert methods(NEWER) == told


def test_what_nobody_understands_is_left_out() -> None:
    assert methods("class C:\n    def test(self): pass\n\n???\n") == [("C.test", range(2, 3))]
    assert methods("") == []
