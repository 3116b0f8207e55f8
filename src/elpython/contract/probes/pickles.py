"""One instance of every picklable class of the library: written by one Python, read by another."""

import copyreg
import enum
import importlib
import inspect
import io
import marshal
import os
import pickle
import sys
import types
import warnings
from typing import Any, Dict, List

# They open windows, sockets, processes or files, or wait for input, when they are called.
NOT_CALLED = {
    "asyncore", "asynchat", "cgi", "code", "cmd", "codeop", "curses", "ensurepip",
    "faulthandler", "fileinput", "ftplib", "http.client", "http.server", "idlelib", "imaplib",
    "multiprocessing.connection", "multiprocessing.managers", "multiprocessing.pool",
    "multiprocessing.resource_tracker", "nntplib", "ossaudiodev", "pdb", "poplib", "pty",
    "pydoc", "select", "selectors", "signal", "smtpd", "smtplib", "socket", "_socket",
    "socketserver", "ssl", "_ssl", "subprocess", "telnetlib", "tempfile", "threading",
    "_thread", "tkinter", "trace", "turtle", "venv", "webbrowser", "winreg",
    "wsgiref.simple_server", "xmlrpc.client", "xmlrpc.server", "dbm.sqlite3", "tty", "mailbox",
    "zipimport", "sched", "cProfile", "profile", "bdb", "asyncio.subprocess",
    "concurrent.futures.process", "concurrent.futures.thread", "distutils.core",
    "multiprocessing.shared_memory", "antigravity", "readline", "rlcompleter", "msilib",
    "lib2to3",
}  # fmt: skip
# Arguments tried in turn.
TRIES = (
    (), ("x",), (1,), ("1.2.3.4",), ("::1",), ("x", "y"), (1, 2), (2020, 1, 2), (b"x",), ([],),
    ("x", "y", "z"), (int,), (len,), ((1, 2),), ({},), ("x", ()), (3, 4, 5, 6), (list, int),
    (1, 2, 3, 4, 5, 6, 7, 8, 9), (range(3),), ("10.0.0.0/8",), ("fd00::/8",),
    ("utf-8", b"x", 0, 1, "why"),
)  # fmt: skip


def made(cls: Any) -> Any:
    """An instance, or None where nothing that is tried gives one."""
    if issubclass(cls, enum.Enum):
        return next(iter(cls), None)
    for words in TRIES:
        try:
            value = cls(*words)
            # Some classes answer with what a faulty argument made of their cache.
            if isinstance(value, cls):
                return value
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException:
            continue
    return None


def special() -> Dict[str, Any]:
    """Instances that no general call makes, or that hold more than an empty one."""
    values = library_values()
    values.update(builtin_values())
    return {"special." + name: value for name, value in values.items() if value is not None}


def library_values() -> Dict[str, Any]:
    """Those of the standard library's classes; None for what this Python does not have."""
    import collections
    import datetime as dt
    import decimal
    import functools
    import pathlib
    import random
    import re
    import typing
    import uuid

    zone = dt.timezone(dt.timedelta(hours=2), "named")
    values = {
        "path.posix": pathlib.PurePosixPath("/a/b/../c.txt"),
        "path.windows": pathlib.PureWindowsPath("c:\\a\\b"),
        "path.real": pathlib.Path("a/b"),
        "datetime.aware": dt.datetime(2020, 1, 2, 3, 4, 5, 6, zone, fold=1),
        "datetime.time": dt.time(1, 2, 3, 4, zone, fold=1),
        "decimal": decimal.Decimal("-1.50E+7"),
        "decimal.context": decimal.Context(prec=5),
        "ordered": collections.OrderedDict([("b", 1), ("a", [2])]),
        "counter": collections.Counter("abca"),
        "defaultdict": collections.defaultdict(list, {1: [2]}),
        "deque": collections.deque([1, 2, 3], 2),
        "chainmap": collections.ChainMap({1: 2}, {3: 4}),
        "partial": functools.partial(int, "12", base=5),
        "pattern": re.compile("a(?P<n>b)*", re.I),
        "random": random.Random(5),
        "uuid": uuid.UUID(int=7),
        "union": typing.Union[int, str],
        "optional": typing.Optional[typing.List[int]],
        "callable": typing.Callable[[int], str],
        "generic": list[int] if sys.version_info >= (3, 9) else None,
        "or": eval("int | None") if sys.version_info >= (3, 10) else None,
    }  # type: Dict[str, Any]
    import itertools

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values["itertools"] = [
            itertools.count(2),
            itertools.chain([1], [2]),
            itertools.repeat(1, 2),
        ]
    try:
        import zoneinfo

        values["zoneinfo"] = zoneinfo.ZoneInfo("UTC")
    except Exception:
        pass
    return values


def builtin_values() -> Dict[str, Any]:
    """Those of built-in types: exceptions, iterators, nested containers, functions, classes."""
    import collections

    error = OSError(2, "gone", "file")
    group = getattr(__import__("builtins"), "ExceptionGroup", None)
    return {
        "oserror": error,
        "unicode": UnicodeDecodeError("utf-8", b"\xff", 0, 1, "why"),
        "syntax": SyntaxError("bad", ("f.py", 1, 2, "x y")),
        "import": ImportError("gone", name="n", path="p"),
        "stop": StopIteration(5),
        "group": group("g", [error, ValueError(1)]) if group else None,
        "simple_namespace": types.SimpleNamespace(a=1, b=[2]),
        "range": range(1, 10, 3),
        "slice": slice(1, None, 2),
        "iterators": [
            iter([1, 2]),
            iter((1,)),
            iter("ab"),
            iter(range(3)),
            enumerate([1]),
            zip([1], [2]),
            map(len, ["a"]),
            reversed([1, 2]),
        ],
        "nested": {
            "a": (1, 2.5, 3j, None, True, b"x", bytearray(b"y")),
            "big": 10**40,
            "f": frozenset([1]),
        },
        "text": "h\u00e9llo \udc80 \U0001f600",
        "stringio": io.StringIO("text"),
        "bytesio": io.BytesIO(b"bytes"),
        "stat": os.stat_result(range(10)),
        "functions": [len, os.path.join, str.upper, [].append, "a".join, dict.fromkeys],
        "classes": [
            int,
            OSError,
            collections.OrderedDict,
            type(None),
            type(...),
            type(NotImplemented),
        ],
        "singletons": [None, Ellipsis, NotImplemented],
    }


def by_name(modules: List[str]) -> Dict[str, Any]:
    """An instance of every public class, and every public class and function themselves."""
    found = {}  # type: Dict[str, Any]
    for name in modules:
        try:
            module = importlib.import_module(name)
        except BaseException:
            continue
        for item in sorted(getattr(module, "__all__", None) or vars(module)):
            thing = getattr(module, item, None)
            key = "{}.{}".format(name, item)
            if item.startswith("_") or getattr(thing, "__module__", None) is None:
                continue
            if inspect.isroutine(thing):
                found["name." + key] = thing
            if not inspect.isclass(thing):
                continue
            found["name." + key] = thing
            top = getattr(thing, "__module__", name)
            if name in NOT_CALLED or top in NOT_CALLED or name.split(".")[0] in NOT_CALLED:
                continue
            instance = made(thing)
            if instance is not None:
                found["instance." + key] = instance
    return found


def write(modules: List[str]) -> Dict[str, str]:
    """Pickle what can be pickled and read back; by name, as hex digits."""
    written = {}
    for key, value in {**by_name(modules), **special()}.items():
        try:
            data = pickle.dumps(value)
            pickle.loads(data)
        except BaseException:
            continue
        written[key] = data.hex()
        if not key.startswith("name."):
            try:
                written["protocol2." + key] = pickle.dumps(value, 2).hex()
            except BaseException:
                continue
    for key, text in (
        ("code", "def f(a, *b, c=1):\n  'doc'\n  return [a for a in b]\n"),
        ("empty", ""),
    ):
        written["marshal." + key] = marshal.dumps(compile(text, "f.py", "exec")).hex()
    values = [
        1,
        -(2**70),
        1.5,
        2j,
        "\u00e9",
        b"x",
        (1,),
        [2],
        {3: 4},
        {5},
        frozenset([6]),
        None,
        ...,
    ]
    written["marshal.values"] = marshal.dumps(values).hex()
    return written


def read(data: Dict[str, str]) -> Dict[str, str]:
    """What each pickle gives here: the type of the value, or the error."""
    told = {}
    for key, text in data.items():
        load = marshal.loads if key.startswith("marshal.") else pickle.loads
        try:
            value = load(bytes.fromhex(text))
        except BaseException as error:
            told[key] = "{}: {}".format(type(error).__name__, str(error)[:150])
            continue
        kind = value if inspect.isclass(value) else type(value)
        told[key] = "{} {}".format("a class" if kind is value else "read:", kind.__name__)
        if key.startswith("special."):
            told[key] += " " + described(value)
    return told


def described(value: Any) -> str:
    """A value's text, or that of its parts, where it tells no address."""
    if isinstance(value, (set, frozenset)):
        return str(sorted(value))
    text = repr(value) if not isinstance(value, io.IOBase) else str(value.getvalue())
    return text[:300] if " at 0x" not in text else "..."


def reducers() -> Dict[str, str]:
    """How classes are taken apart: copyreg's table, and what multiprocessing adds."""
    from multiprocessing import reduction

    tables = {"copyreg": copyreg.dispatch_table}  # type: Dict[str, Any]
    tables["multiprocessing"] = reduction.ForkingPickler._extra_reducers
    return {
        "{}.{}.{}".format(area, cls.__module__, cls.__qualname__): function.__name__
        for area, table in tables.items()
        for cls, function in table.items()
    }


def answer(request: Any) -> Any:
    """Write, read, or list the reducers; nothing that is imported may print or ask."""
    warnings.simplefilter("ignore")
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        if request["do"] == "write":
            return write(request["modules"])
        return read(request["data"]) if request["do"] == "read" else reducers()
    finally:
        sys.stdout, sys.stderr = kept
