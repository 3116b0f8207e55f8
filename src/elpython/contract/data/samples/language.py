"""The language: classes, enum, dataclasses, typing, functools, itertools, contextlib, inspect, ast."""

import abc
import ast
import collections
import collections.abc
import contextlib
import dataclasses
import dis
import enum
import functools
import heapq
import importlib.util
import inspect
import io
import itertools
import operator
import tokenize
import traceback
import types
import typing
import unittest
import weakref


class Colour(enum.Enum):
    RED = 1


class Bits(enum.IntFlag):
    A = 1
    B = 2


@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = dataclasses.field(default=0)


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self):
        """Return the area."""


@functools.singledispatch
def shown(value):
    return "any"


@shown.register(int)
def _(value):
    return "int"


assert Colour(1) is Colour.RED and (Bits.A | Bits.B) in Bits(3) and str(Colour.RED)
assert dataclasses.replace(Point(1), y=2) == Point(1, 2) and dataclasses.asdict(Point(1))
assert shown(1) == "int" and functools.reduce(operator.add, [1, 2]) == 3
assert list(itertools.chain.from_iterable(itertools.product("ab", repeat=2)))
assert collections.Counter("aab").most_common(1) == [("a", 2)] and collections.OrderedDict(a=1)
assert isinstance([], collections.abc.Sequence) and heapq.nsmallest(1, [2, 1]) == [1]
assert inspect.signature(shown) and inspect.getsource and inspect.getmembers(Point)
tree = ast.parse("x = 'a' + str(1)\ndef f(a, *, b=2): return a")
assert ast.dump(tree) and [n for n in ast.walk(tree)] and ast.literal_eval("[1, 'x', None]")
dis.dis(compile("a + 1", "x", "eval"), file=io.StringIO())
list(tokenize.tokenize(io.BytesIO(b"a = 1\n").readline))
typing.get_type_hints(Point)
typing.cast(int, 1)
typing.NamedTuple("N", [("a", int)])(1)
types.SimpleNamespace(a=1)
weakref.ref(Point)
with contextlib.ExitStack() as stack:
    stack.callback(int)
try:
    raise ValueError("x")
except ValueError:
    assert "ValueError" in traceback.format_exc()
importlib.util.find_spec("json")
suite = unittest.TestSuite()
unittest.TextTestRunner(stream=io.StringIO()).run(suite)
exec(compile("z = '\\d'", "<escape>", "exec"))
assert int("0x1f", 16) == 31 and "%s" % (1,) == "1" and round(2.5) == 2
