"""What the standard library answers where performance changes touch it, line by line.

Stand-alone: runs inside any CPython from 3.9 on, and prints the same on a branch as on its base.
"""

import asyncio
import base64
import collections
import concurrent.futures
import csv
import dataclasses
import datetime
import difflib
import enum
import fractions
import gc
import gettext
import gzip
import http.cookies
import importlib
import inspect
import io
import json
import mimetypes
import operator
import optparse
import os
import pickle
import posixpath
import pprint
import random
import re
import shlex
import subprocess
import sys
import tarfile
import tempfile
import types
import typing
import unicodedata
import uuid

RANDOM = random.Random(5)


def show(topic, call, *given, **named):
    """Print what a call gives or raises."""
    try:
        said = repr(call(*given, **named))
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    said = re.sub(" at 0x[0-9a-f]+", "", said)
    print(topic, said.encode("ascii", "backslashreplace").decode())


class Str(str):
    def __str__(self):
        return "other"


class Odd:
    def __str__(self):
        return 5

    def __bool__(self):
        return 7

    def __float__(self):
        return "x"

    def __repr__(self):
        return "odd"


# json
def document(depth):
    plain = [None, True, False, RANDOM.randrange(-99, 10**12), RANDOM.random() * 1e5, 'a\xe9"\n', float("inf")]
    kind = RANDOM.randrange(10 if depth < 4 else 7)
    if kind < 7:
        return plain[kind]
    if kind == 7:
        return [document(depth + 1) for _ in range(RANDOM.randrange(5))]
    if kind == 8:
        return (document(depth + 1),)
    keys = ["k", 1, 2.5, None, True, "l", "m"]
    return {RANDOM.choice(keys): document(depth + 1) for _ in range(RANDOM.randrange(5))}


class List(list):
    def __iter__(self):
        return iter([7, 8])


class Dict(dict):
    def items(self):
        return [("z", 1)]

    def __bool__(self):
        return True


class Key:
    def __repr__(self):
        return "key"


def json_results():
    ways = [
        {"indent": 2}, {"indent": 0}, {"indent": "\t", "separators": (",", ":")}, {}, {"indent": 2.5},
        {"indent": 1, "ensure_ascii": False, "allow_nan": False, "skipkeys": True}, {"allow_nan": False},
        {"indent": 2, "sort_keys": True}, {"indent": 1, "default": str},
    ]  # fmt: skip
    edges = [
        List(), List([1]), Dict(), Dict(a=1), {Key(): 1}, [Key()], {(1, 2): 3}, {(1, 2): 3, (3,): 4},
        {datetime.date(2020, 1, 1): 1}, [[], {}, ()], "x", 5, float("nan"), [datetime.date(2020, 1, 1)],
    ]  # fmt: skip
    for value in [*(document(0) for _ in range(300)), *edges]:
        for way in ways:
            show("json", json.dumps, value, **way)
    circle = []
    circle.append(circle)
    show("json", json.dumps, circle, indent=1)


# attributes
class Asked:
    x = 1

    def __getattr__(self, name):
        if name == "boom":
            raise ValueError(name)
        if name == "none":
            raise AttributeError("mine " + name)
        return "got " + name


class Inner(Asked):
    @property
    def p(self):
        raise AttributeError("inner")

    @property
    def q(self):
        raise KeyError("inner")


class Meta(type):
    @property
    def mp(cls):
        raise AttributeError("meta")

    def __getattr__(cls, name):
        raise AttributeError("meta " + name)


class Of(metaclass=Meta):
    pass


class Descriptor:
    def __get__(self, instance, owner):
        raise AttributeError("d")


class Plain:
    d = Descriptor()


def attribute_results():
    module = types.ModuleType("m")
    module.__getattr__ = lambda name: {"a": 1}[name] if name == "z" else operator.attrgetter(name)(5)
    nameless = types.ModuleType("m")
    nameless.__name__ = None
    things = [Asked(), Inner(), Asked, Inner, Of, Plain, int, type, module, nameless, types.ModuleType("n")]
    names = ["x", "y", "z", "boom", "none", "p", "q", "mp", "d", "__name__", "__abstractmethods__", "\ud800", 1]
    for thing in things:
        for name in names:
            show("attribute", getattr, thing, name)
            show("attribute", getattr, thing, name, "default")
            show("attribute", hasattr, thing, name)


def call_results():
    arguments = [(), (1,), (b"a",), (b"a", "utf8"), (b"\xff", "ascii", "replace"), (1, 2), ("a", "utf8"),
                 (Str("x"),), (Odd(),), (1, 2, 3, 4), (None,), ("1.5",), (" 2 ",), (10**400,), (bytearray(b"4"),)]  # fmt: skip
    for given in arguments:
        for named in ({}, {"object": 3}, {"encoding": "latin1"}, {"bad": 1}, {"errors": "ignore"}):
            for kind in (str, Str, float, bool, int):
                show(kind.__name__, kind, *given, **named)
    show("map", lambda: list(map(str, [1, "a", None, Odd()])))


def dict_results():
    table = {i: str(i) for i in range(100)}
    for k in range(0, 100, 3):
        copied = dict(table)
        copied["new"] = 1
        updated = {}
        updated.update(table)
        show("dict", lambda: (list(copied.items()), list(updated), "new" in table))
        del table[k]
    ordered = collections.OrderedDict(a=1)
    show("dict", lambda: (dict(ordered), dict(vars(Asked())), {**table, "c": 1}, dict(table, b=2)))
    show("dict", gc.is_tracked, dict({"a": []}))


def stat_results():
    with tempfile.NamedTemporaryFile() as file:
        for moment in (0, 1, 999999999, 10**18 + 5, -5, -(10**11) - 7, 2**33 * 10**9 + 1):
            try:
                os.utime(file.name, ns=(moment, moment))
            except OSError:
                continue
            found = os.stat(file.name)
            show("stat", lambda: (found.st_mtime_ns, found.st_mtime, found[8]))
    for place in ("/", "/tmp", "/proc", "/nowhere", "/etc/passwd", b"/", "", "a\0b", ".", "/dev/shm"):
        show("ismount", posixpath.ismount, place)


def fraction_results():
    values = [fractions.Fraction(RANDOM.randrange(-30, 30), RANDOM.randrange(1, 20)) for _ in range(40)]
    values += [0, 1, -3, fractions.Fraction(10**30, 7), True, 2.5, 1j, "x", None, fractions.Fraction(0)]
    actions = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, divmod]
    for a in values:
        for b in values:
            for action in actions:
                show("fraction", action, a, b)
        for power in (-3, -1, 0, 2, 0.5, fractions.Fraction(1, 2)):
            show("fraction", lambda: a**power)
        if isinstance(a, fractions.Fraction):
            show("fraction", lambda: (+a, -a, abs(a), hash(a), round(a), a.limit_denominator(5)))


@typing.runtime_checkable
class Reader(typing.Protocol):
    name: str

    def read(self): ...


@typing.runtime_checkable
class Closer(typing.Protocol):
    def close(self): ...


@typing.runtime_checkable
class Both(Reader, Closer, typing.Protocol):
    pass


class Concrete(Both):
    name = "x"

    def read(self): ...


class Blocked:
    name = "x"
    read = None
    close = None


class Asking:
    def __getattr__(self, name):
        return name


def protocol_results():
    late = types.SimpleNamespace(name="x", read=len, close=len)
    for thing in (late, Concrete(), Blocked(), Asking(), io.StringIO(), 3, None, types.SimpleNamespace(name=1)):
        for protocol in (Reader, Closer, Both, typing.SupportsInt, typing.SupportsIndex, Concrete):
            show("protocol", isinstance, thing, protocol)
            show("protocol", issubclass, type(thing), protocol)
    show("protocol", lambda: sorted(typing._get_protocol_attrs(Both)))
    Reader.added = 1
    show("protocol", isinstance, late, Reader)


def text_results():
    for form in ("NFC", "NFD", "NFKC", "NFKD", "X", ""):
        for value in ("abc", "", "\xe9", "\u1e9b\u0323", Str("abc")):
            show("normalize", unicodedata.normalize, form, value)
    words = ["".join(RANDOM.choice("abcde") for _ in range(RANDOM.randrange(9))) for _ in range(80)]
    for word in words[:20]:
        for cutoff in (0.3, 0.6, 0.9):
            show("difflib", difflib.get_close_matches, word, words, 5, cutoff)
        show("difflib", difflib.SequenceMatcher(None, word, words[3]).quick_ratio)
        show("shlex", shlex.quote, word + RANDOM.choice(["", " ", "'", "\xe9", ";"]))
    for value in (0, 1, 2**128 - 1, 0x12345678123456781234567812345678):
        made = uuid.UUID(int=value)
        show("uuid", lambda: (str(made), made.hex, made.urn, repr(made)))
    for value in (b"YQ==", b"YQ=", b"!YQ==", "YQ==", b"", "\xe9"):
        show("base64", base64.b64decode, value, validate=True)
        show("base64", base64.b64decode, value)
    for plural in ("n != 1", "n%10==1 && n%100!=11 ? 0 : 1", "n $ 1", "", "n ? 1 : (2"):
        show("gettext", lambda: [gettext.c2py(plural)(n) for n in range(25)])


@dataclasses.dataclass
class Point:
    x: int
    y: list = dataclasses.field(default_factory=list, repr=False)


def module_results():
    for name, attributes in {
        "base64": ["re"], "shlex": ["re"], "gettext": ["re"], "pickle": ["re"], "csv": ["re"],
        "mimetypes": ["urllib"], "optparse": ["textwrap"], "pprint": ["re"],
    }.items():  # fmt: skip
        module = importlib.import_module(name)
        for attribute in [*attributes, "missing"]:
            show("module", lambda: type(getattr(module, attribute)).__name__)
    show("module", lambda: sorted(pickle.__all__))
    show("import_module", lambda: importlib.import_module("os.path").__name__)
    for name in ("", "no_such_module", ".os", 5):
        show("import_module", importlib.import_module, name)
    for value in (Point(1, [2]), [Point(1)] * 30, {"a" * 50: ["b " * 60]}, "word " * 60, Point):
        show("pprint", pprint.pformat, value)
    for place in ("a.txt", "http://h/a.tar.gz", "data:text/html,x", "x.unknown", "C:/a.txt"):
        show("mimetypes", mimetypes.guess_type, place)
    parser = optparse.OptionParser(prog="p", description="what it does " * 9)
    parser.add_option("-a", help="help " * 30)
    show("optparse", parser.format_help)
    for sample in ("a,b\n1,2\n", '"a";"b"\n"c";"d"\n', "a b\n", ""):
        show("csv", lambda: vars(csv.Sniffer().sniff(sample))["delimiter"])
    parameters = inspect.signature(lambda a, *b, c=1, **d: 0).parameters
    show("inspect", lambda: len({hash(item) for item in parameters.values()}) == len(parameters))


def cookie_results():
    show("cookies", lambda: dict(http.cookies.Morsel()))
    http.cookies.Morsel._reserved["newer"] = "Newer"
    show("cookies", lambda: dict(http.cookies.Morsel()))
    del http.cookies.Morsel._reserved["newer"]
    show("cookies", lambda: http.cookies.SimpleCookie("a=b; c=d").output())


def gzip_results():
    for data in (b"", b"x", b"some text " * 5000, bytearray(b"ab"), memoryview(b"cd"), "text"):
        for level in (0, 1, 6, 9):
            show("gzip", gzip.compress, data, level, mtime=1)
    packed = gzip.compress(b"data" * 50, mtime=1)
    named = io.BytesIO()
    with gzip.GzipFile("name.txt", "wb", fileobj=named, mtime=1) as file:
        file.write(b"named")
    damaged = [packed[:-1], packed[:-8], packed[:5], packed + b"\0\0", packed * 2, packed + b"junk",
               packed[:-5] + b"\0" + packed[-4:], b"no gzip", packed[:12] + b"\xff" + packed[13:], named.getvalue()]  # fmt: skip
    for data in [packed, *damaged]:
        show("gzip", gzip.decompress, data)


def enum_results():
    for pairs in ([("A", 1), ("B", 2), ("C", 1)], [("A", 1), ("B", True), ("C", 1.0)], [("A", []), ("B", [])],
                  [("A", "x"), ("B", Str("x")), ("C", 3), ("D", 3)], [("A", [1]), ("B", 1), ("C", 1)]):  # fmt: skip
        show("enum", lambda: [(name, item.name) for name, item in enum.Enum("E", pairs).__members__.items()])


def tar_results():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a")
        open(path, "w").close()
        archive = tarfile.open(fileobj=io.BytesIO(), mode="w")
        for owner in (0, 0, 12345678, 12345678, 1):
            try:
                os.chown(path, owner, owner)
            except OSError:
                pass
            found = archive.gettarinfo(path, "a")
            show("tarfile", lambda: (found.uid, found.uname, found.gid, found.gname))


def future_results():
    def work(kind):
        if kind == "raise":
            raise KeyError("inside")
        if kind == "time":
            raise concurrent.futures.TimeoutError("late")
        return kind

    async def ask(kind):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            return await asyncio.get_running_loop().run_in_executor(pool, work, kind)

    async def ask_cancelled():
        source = concurrent.futures.Future()
        wrapped = asyncio.wrap_future(source)
        source.cancel()
        await wrapped

    for kind in ("value", "raise", "time", None):
        show("futures", lambda: asyncio.run(ask(kind)))
    try:
        asyncio.run(ask_cancelled())
    except asyncio.CancelledError:
        print("futures cancelled")


def subprocess_results():
    python = [sys.executable, "-S", "-E", "-c"]
    blocked = "import signal; print(sorted(signal.pthread_sigmask(0, [])), signal.getsignal(signal.SIGPIPE) == 0)"
    ways = [{}, {"close_fds": False}, {"start_new_session": True}, {"restore_signals": False}, {"cwd": "/"},
            {"env": {"A": "b"}}, {"cwd": "/nowhere"}, {"umask": 0o77}, {"preexec_fn": lambda: None}]  # fmt: skip
    for way in ways:
        show("subprocess", lambda: subprocess.run([*python, blocked], capture_output=True, **way).stdout)
    for words in (["/nowhere/x"], [""], ["/etc/passwd"], ["a\0b"]):
        show("subprocess", subprocess.run, words)
    show("subprocess", lambda: subprocess.run("exit 3", shell=True).returncode)


def main():
    """Print everything."""
    for part in (json_results, attribute_results, call_results, dict_results, stat_results, fraction_results,
                 protocol_results, text_results, module_results, cookie_results, gzip_results, enum_results,
                 tar_results, future_results, subprocess_results):  # fmt: skip
        part()
    show("pickle", lambda: pickle.loads(pickle.dumps(Point(1))))


if __name__ == "__main__":
    main()
