"""One run of the crash hunt: random calls of types written in C, with arguments that strike back.

Run as ``python hunt_once.py SEED STEPS LOG``; standard library only, Python 3.9 and later. Every
argument may be an object whose special methods change the very object that is being worked on:
clear it, initialize it again, call any of its methods. Each step is written to LOG before it is
taken, so that the last lines tell what an interpreter died of.
"""

import array
import asyncio
import collections
import contextvars
import csv
import datetime
import decimal
import functools
import gc
import io
import itertools
import json
import mmap
import operator
import os
import pickle
import queue
import random
import re
import sqlite3
import struct
import sys
import threading
import types
import weakref
import xml.etree.ElementTree as ET
import zlib
import zoneinfo

DEPTH = 3
NO = {
    "__class__", "__subclasshook__", "__init_subclass__", "__getattribute__", "__dir__",
    "__doc__", "__module__", "__new__", "fromfd", "acquire", "get", "wait", "join", "result",
    "fileno", "detach", "close",
}  # fmt: skip
SPECIAL = (
    "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__index__", "__int__",
    "__float__", "__bool__", "__len__", "__iter__", "__next__", "__getitem__", "__setitem__",
    "__contains__", "__str__", "__repr__", "__bytes__", "__call__", "__add__", "__radd__",
    "__iadd__", "__mul__", "__enter__", "__exit__", "__length_hint__", "__format__", "__fspath__",
    "__reduce__", "__copy__", "__deepcopy__", "__get__", "__set__", "__set_name__", "__missing__",
    "__await__", "read", "readline", "readinto", "write", "keys", "items", "encode", "decode",
    "utcoffset", "dst", "tzname", "send", "throw", "persistent_id", "find_class", "start", "end",
    "data", "comment", "pi",
)  # fmt: skip


class Hunt:
    """A run: the random source, what is attacked, the log."""

    def __init__(self, seed, log):
        self.random = random.Random(seed)
        self.log = open(log, "w")
        self.targets = []
        self.depth = 0

    def note(self, text):
        self.log.write("  " * self.depth + text + "\n")
        self.log.flush()

    def strike(self, name):
        """Change something that is being worked on."""
        if self.depth >= DEPTH or not self.targets:
            return
        self.depth += 1
        try:
            self.note(f"{name} strikes")
            target = self.random.choice(self.targets[-3:])
            for _ in range(self.random.randrange(1, 3)):
                self.call(target)
            if self.random.random() < 0.3:
                gc.collect()
        finally:
            self.depth -= 1

    def call(self, target):
        """Call a random method of an object with random arguments."""
        kind = self.random.random()
        names = [name for name in dir(type(target)) if name not in NO]
        name = self.random.choice(names)
        if kind < 0.25:
            liked = [n for n in ("clear", "pop", "__init__", "extend", "insert", "remove",
                                 "truncate", "seek", "release", "update", "reverse", "resize",
                                 "__delitem__", "popitem", "popleft", "append")
                     if n in names]  # fmt: skip
            name = self.random.choice(liked) if liked else name
        count = self.random.choice((0, 1, 1, 1, 2, 2, 3))
        values = [self.value() for _ in range(count)]
        self.note(f"{type(target).__name__}.{name}({', '.join(type(v).__name__ for v in values)})")
        try:
            found = getattr(target, name)(*values)
            if hasattr(found, "__next__") and self.random.random() < 0.5:
                self.targets.append(found)
                for _ in range(5):
                    next(found)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            self.note(f"! {type(error).__name__}")

    def value(self):
        """Make an argument."""
        make = self.random.choice((
            lambda: self.hostile(), lambda: self.hostile(), lambda: self.hostile(),
            lambda: self.random.choice((0, 1, -1, 2, 7, 2**31, 2**63, -2**63, 2**70)),
            lambda: self.random.choice((0.0, float("nan"), "", "a", "abc" * 5, b"", b"ab" * 9)),
            lambda: [self.hostile(), 1, self.hostile()],
            lambda: (self.hostile(), self.hostile()),
            lambda: {"a": self.hostile(), self.hostile(): 1},
            lambda: slice(self.hostile(), self.hostile()),
            lambda: bytearray(b"0123456789"),
            lambda: memoryview(bytearray(b"0123456789")),
            lambda: None,
            lambda: iter([self.hostile(), 2]),
            lambda: self.random.choice(self.targets) if self.targets else None,
        ))  # fmt: skip
        try:
            return make()
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException:
            return None

    def answer(self, name):
        """What a special method answers: mostly what it should be."""
        if self.random.random() < 0.1:
            return self.value()
        if name in ("__index__", "__int__", "__hash__", "__len__", "__length_hint__"):
            return self.random.choice((0, 1, 2, 5, 100))
        if name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__",
                    "__contains__"):  # fmt: skip
            return self.random.random() < 0.5
        if name == "__float__":
            return 1.0
        if name in ("__str__", "__repr__", "__format__", "readline", "decode", "__fspath__"):
            return "abc"
        if name in ("read", "__bytes__", "encode"):
            return b"abc"
        if name in ("utcoffset", "dst"):
            return datetime.timedelta(hours=1)
        if name == "__iter__":
            return iter([self.hostile(), 1, 2])
        if name == "__next__" and self.random.random() < 0.3:
            raise StopIteration
        if name == "__reduce__":
            return (list, ())
        if self.random.random() < 0.1:
            raise ValueError
        return self.random.choice((None, 1, "a"))

    def hostile(self):
        """Make an object of which some special methods strike."""
        hunt = self
        base = self.random.choice((object, object, object, int, str, float, list, dict, tuple,
                                   datetime.tzinfo, bytearray))  # fmt: skip

        def method(name):
            def special(self, *args, **options):
                hunt.strike(name)
                return hunt.answer(name)

            return special

        chosen = self.random.sample(SPECIAL, self.random.randrange(3, 14))
        body = {name: method(name) for name in chosen}
        if "__eq__" in body and "__hash__" not in body:
            body["__hash__"] = lambda self: 1
        if self.random.random() < 0.4:
            body["__del__"] = lambda self: hunt.strike("__del__")
        return type("H", (base,), body)()


def makers(hunt):
    """Return functions that make what is attacked."""
    return [*containers(hunt), *iterators(hunt), *library(hunt), *builtins_of(hunt)]


def containers(hunt):
    """Return functions that make containers, buffers and files in memory."""
    h = hunt.hostile
    return [
        lambda: [h(), h(), 1, h()],
        lambda: {h(): 1, "a": h(), 3: h()},
        lambda: {h(), h(), 1},
        lambda: bytearray(b"x" * 40),
        lambda: array.array(hunt.random.choice("bBhiqdf"), [1, 2, 3, 4]),
        lambda: collections.deque([h(), 1, h()], hunt.random.choice((None, 3))),
        lambda: collections.OrderedDict([(h(), 1), ("b", h())]),
        lambda: collections.defaultdict(h, {h(): 1}),
        lambda: collections.Counter([h(), 1, 1]),
        lambda: memoryview(bytearray(b"y" * 24)).cast(hunt.random.choice("bBhiqd")),
        lambda: io.BytesIO(b"abc\ndef\n"),
        lambda: io.StringIO("abc\ndef\n"),
        lambda: io.BufferedReader(io.BytesIO(b"z" * 100), 16),
        lambda: io.BufferedWriter(io.BytesIO(), 16),
        lambda: io.BufferedRandom(io.BytesIO(b"z" * 100), 16),
        lambda: io.TextIOWrapper(io.BytesIO(b"abc\ndef\n" * 9)),
        lambda: io.BufferedReader(type("R", (io.RawIOBase,), {
            "readable": lambda s: True,
            "readinto": lambda s, b: (hunt.strike("readinto"), 3)[1]})()),
    ]  # fmt: skip


def iterators(hunt):
    """Return functions that make iterators and what calls."""
    h = hunt.hostile
    return [
        lambda: itertools.groupby([h(), h(), 1, 1], h()),
        lambda: itertools.tee(iter([h(), h()]), 2)[0],
        lambda: itertools.product([h()], [1, h()]),
        lambda: itertools.permutations([h(), 1, 2]),
        lambda: itertools.combinations([h(), 1, 2], 2),
        lambda: itertools.cycle([h(), 1]),
        lambda: itertools.chain([h()], iter([1])),
        lambda: itertools.islice(iter([h(), 1, 2]), h(), 5),
        lambda: itertools.accumulate([h(), 1, h()], h()),
        lambda: itertools.zip_longest([h()], [1, 2], fillvalue=h()),
        lambda: itertools.count(h(), 2),
        lambda: itertools.starmap(h(), [(1,), (h(),)]),
        lambda: map(h(), [1, h()], [h(), 2]),
        lambda: filter(h(), [1, h()]),
        lambda: enumerate([h()], 5),
        lambda: reversed([h(), 1]),
        lambda: functools.partial(h(), h(), k=h()),
        lambda: functools.lru_cache(3)(h()),
        lambda: functools.cmp_to_key(h())(h()),
        lambda: operator.itemgetter(h(), 1),
        lambda: operator.attrgetter("a.b", "c"),
        lambda: operator.methodcaller("read", h()),
    ]  # fmt: skip


def library(hunt):
    """Return functions that make objects of the C-accelerated modules."""
    h = hunt.hostile
    return [
        lambda: struct.Struct("3i2s"),
        lambda: re.compile("(a|b)*c"),
        lambda: re.compile("(a|b)*").match("aab"),
        lambda: json.scanner.c_make_scanner(json.JSONDecoder(object_hook=h(), parse_int=h())),
        lambda: json.JSONEncoder(default=h(), indent=h()),
        lambda: pickle.Pickler(io.BytesIO()),
        lambda: pickle.Pickler(h(), 4),
        lambda: pickle.Unpickler(io.BytesIO(pickle.dumps([1, {2: 3}]))),
        lambda: csv.writer(h()),
        lambda: csv.reader([h(), "a,b"]),
        lambda: csv.reader(iter(h, 5)),
        lambda: ET.fromstring("<a x='1'><b/><c>t</c></a>"),
        lambda: ET.TreeBuilder(element_factory=h()),
        lambda: ET.XMLParser(target=h()),
        lambda: sqlite3.connect(":memory:"),
        lambda: sqlite3.connect(":memory:").cursor(),
        lambda: decimal.Decimal("1.5"),
        lambda: decimal.Context(prec=5),
        lambda: datetime.datetime(2026, 1, 1, tzinfo=h()),
        lambda: datetime.timedelta(1),
        lambda: datetime.timezone(datetime.timedelta(1 / 24)),
        lambda: zoneinfo.ZoneInfo("UTC"),
        lambda: contextvars.copy_context(),
        lambda: contextvars.ContextVar("x", default=h()),
        lambda: asyncio.Future(loop=hunt.loop),
        lambda: asyncio.Task(_wait(hunt), loop=hunt.loop),
        lambda: queue.SimpleQueue(),
        lambda: random.Random(5),
        lambda: zlib.compressobj(),
        lambda: zlib.decompressobj(),
        lambda: types.SimpleNamespace(a=h(), b=1),
        lambda: types.MappingProxyType({h(): 1}),
        lambda: types.GenericAlias(list, (h(), int)),
        lambda: weakref.WeakKeyDictionary(),
        lambda: weakref.ref(type("W", (), {})(), h()),
        lambda: weakref.proxy(hunt, h()),
        lambda: mmap.mmap(-1, 64),
    ]  # fmt: skip


def builtins_of(hunt):
    """Return functions that make objects of the interpreter itself."""
    h = hunt.hostile
    return [
        lambda: threading.local(),
        lambda: (x for x in [h(), h()]),
        lambda: super(list, [h()]),
        lambda: property(h(), h(), h()),
        lambda: (h(), 1, h()),
        lambda: range(10),
        lambda: ValueError(h()),
        lambda: OSError(h(), h()),
        lambda: UnicodeDecodeError("u", b"abc", 1, 2, "x"),
        lambda: slice(h(), h(), h()),
        lambda: memoryview(array.array("i", [1, 2, 3])),
        lambda: compile("a=1", "f", "exec"),
        lambda: (lambda a, b=h(): a),
        lambda: classmethod(h()),
        lambda: collections.UserList([h()]),
    ]  # fmt: skip


async def _wait(hunt):
    hunt.strike("coroutine")
    await asyncio.sleep(0)


def main():
    """Take the steps."""
    seed, steps, log = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    hunt = Hunt(seed, log)
    hunt.loop = asyncio.new_event_loop()
    asyncio.set_event_loop(hunt.loop)
    hunt.loop.set_exception_handler(lambda loop, context: None)
    sys.unraisablehook = lambda hook: None
    every = makers(hunt)
    for _ in range(steps):
        try:
            target = hunt.random.choice(every)()
        except BaseException as error:
            hunt.note(f"no target: {type(error).__name__}")
            continue
        hunt.targets.append(target)
        hunt.note(f"TARGET {type(target).__name__}")
        for _ in range(hunt.random.randrange(2, 8)):
            hunt.call(target)
        if hunt.random.random() < 0.3:
            hunt.loop.call_soon(hunt.loop.stop)
            try:
                hunt.loop.run_forever()
            except BaseException as error:
                hunt.note(f"! loop {type(error).__name__}")
        if hunt.random.random() < 0.2:
            other = hunt.random.choice((sorted, set, list, tuple, bytes, sum, max, repr, json.dumps,
                                        pickle.dumps, ",".join, dict, bytearray, hash))  # fmt: skip
            hunt.note(f"{getattr(other, '__name__', other)}(target)")
            try:
                other(target)
            except BaseException as error:
                hunt.note(f"! {type(error).__name__}")
        del hunt.targets[:-4]
    os._exit(0)


if __name__ == "__main__":
    main()
