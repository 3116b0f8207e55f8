"""What the library has registered, and what it makes where nobody says how."""

import asyncio
import codecs
import concurrent.futures
import contextlib
import dbm
import email.charset
import functools
import gettext
import hashlib
import http.client
import http.cookiejar
import http.server
import inspect
import json
import logging
import os
import selectors
import shutil
import stat
import sys
import tempfile
import threading
import types
import typing
import unittest.mock
import urllib.request
import uuid
import xml.sax
import xml.dom
from decimal import BasicContext, ExtendedContext
from email.mime.multipart import MIMEMultipart
from xml.etree import ElementTree


def say(name, tell):
    """Write what a function gives; an error is told by its type."""
    try:
        print(name, tell())
    except Exception as error:
        print(name, type(error).__name__)


def mode(path):
    """Who may do what with a file; the path's end is told too where it has a suffix."""
    return oct(stat.S_IMODE(os.lstat(path).st_mode))


def made_files():
    """The modes of what the library creates."""
    os.umask(0o022)
    with tempfile.NamedTemporaryFile() as one, tempfile.TemporaryDirectory() as folder:
        yield "file", mode(one.name)
        yield "folder", mode(folder)
        number, path = tempfile.mkstemp(dir=folder)
        os.close(number)
        yield "mkstemp", mode(path), os.path.basename(path)[:3]
        for name, make in (
            ("open", lambda path: open(path, "w").close()),
            ("mkdir", os.mkdir),
            ("makedirs", lambda path: os.makedirs(path + "/inner")),
            ("copy", lambda path: shutil.copy(sys.argv[0], path)),
            ("archive", lambda path: shutil.make_archive(path, "tar", folder, "open")),
        ):
            path = os.path.join(folder, name)
            make(path)
            yield name, mode(path + ".tar" if name == "archive" else path)
        database(folder + "/database")
        yield "database", mode(folder + "/database")


def handlers(opener):
    """The names of an opener's handlers, and what it says of itself."""
    return [type(item).__name__ for item in opener.handlers], [n for n, _ in opener.addheaders]


def context_of(function):
    """What a TLS context allows."""
    made = function()
    return made.verify_mode, made.check_hostname, made.minimum_version, made.options


def https():
    """The context that connections get where the program gives none."""
    import ssl

    yield context_of(ssl._create_default_https_context)
    yield context_of(ssl._create_stdlib_context)


def adapters():
    """What a database takes and gives besides its own types."""
    import sqlite3

    return sorted(str(key[0]) for key in sqlite3.adapters), sorted(sqlite3.converters)


def database(path):
    """Create a database."""
    import sqlite3

    sqlite3.connect(path).execute("create table a (b)")


class Plain(dict):
    """A mapping that no encoder knows by its type."""


class Sent:
    """Stands for a connection, and keeps what is sent."""

    def __init__(self):
        self.data = b""

    def sendall(self, data):
        """Keep it."""
        self.data += data


def requests():
    """What a client sends where the program says no more than it must."""
    for words in (("GET", "/a"), ("POST", "/b", "text"), ("PUT", "/c", iter([b"x"]))):
        connection = http.client.HTTPConnection("example.org")
        connection.sock = sent = Sent()
        connection.request(*words)
        yield sent.data


def files_begin():
    """The first line of files that others read."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in (http.cookiejar.LWPCookieJar, http.cookiejar.MozillaCookieJar):
            kind(folder + "/jar").save()
            with open(folder + "/jar") as stream:
                yield stream.readline()


def names():
    """What threads, processes and tasks are called: logs are searched for it."""
    import multiprocessing

    async def task():
        return asyncio.current_task().get_name()

    with concurrent.futures.ThreadPoolExecutor() as pool:
        yield pool.submit(lambda: threading.current_thread().name).result()
    yield threading.Thread(target=len).name, threading.Timer(1, len).name
    yield threading.main_thread().name, multiprocessing.current_process().name
    yield multiprocessing.Process().name, len(multiprocessing.current_process().authkey)
    yield asyncio.run(task())


def decorated():
    """What a function looks like behind each decorator of the library."""

    def plain(one, *, two=2):
        """Do nothing."""
        yield one

    for name, wrap in (
        ("contextmanager", contextlib.contextmanager),
        ("asynccontextmanager", contextlib.asynccontextmanager),
        ("lru_cache", functools.lru_cache(3)),
        ("singledispatch", functools.singledispatch),
        ("wraps", lambda function: functools.wraps(function)(lambda *words: None)),
        ("partial", lambda function: functools.partial(function, 1)),
        ("coroutine", types.coroutine),
        ("patch", unittest.mock.patch("os.sep", "/")),
        ("skip", unittest.skip("why")),
        ("no_type_check", typing.no_type_check),
        ("property", property),
    ):
        made = wrap(plain)
        has = [part for part in ("__name__", "__qualname__", "__doc__", "__wrapped__", "__module__")
               if hasattr(made, part)]  # fmt: skip
        called = str(inspect.signature(made)) if callable(made) else None
        yield name, has, getattr(made, "__name__", None), called, inspect.isgeneratorfunction(made)


def bundled():
    """Whether the pip that environments get is the one that is told."""
    import ensurepip

    wheels = os.listdir(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"))
    return any(name.startswith("pip-{}-".format(ensurepip.version())) for name in wheels)


def boundary():
    """What stands between the parts of a message, without its random digits."""
    text = MIMEMultipart().as_string()
    return "".join(letter for letter in text if not letter.isdigit())


def workers():
    """How many threads a pool has, as a share of the processors."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return pool._max_workers == min(32, (os.cpu_count() or 1) + 4)


say("archives", shutil.get_archive_formats)
say("unpacked", lambda: [(name, ends) for name, ends, _ in shutil.get_unpack_formats()])
say("hashes", lambda: sorted(hashlib.algorithms_guaranteed))
say("prefixes", lambda: sorted(ElementTree._namespace_map.items()))
say("adapters", adapters)
say("databases", lambda: dbm._names)
say("parsers", lambda: xml.sax.default_parser_list)
say("implementations", lambda: sorted(xml.dom.domreg.well_known_implementations))
say("charsets", lambda: sorted(email.charset.CHARSETS.items(), key=str))
say("opener", lambda: handlers(urllib.request.build_opener()))
say("installed opener", lambda: urllib.request._opener)
say("https", lambda: list(https()))
say("json", lambda: json.dumps({"é": [1.5, None, float("nan")], 2: Plain(a="\u2028</")}))
say("json read", lambda: json.loads('[NaN, -Infinity, 1e400, 12345678901234567890, {"a":1,"a":2}]'))
say("server", lambda: (http.server.HTTPServer.allow_reuse_address,
                       http.server.HTTPServer.request_queue_size))  # fmt: skip
say("cookies", lambda: sorted((k, v) for k, v in vars(http.cookiejar.DefaultCookiePolicy()).items()
                              if isinstance(v, (bool, int, str, type(None)))))  # fmt: skip
say("translations", lambda: os.path.relpath(gettext._default_localedir, sys.base_prefix))
say("selector", lambda: selectors.DefaultSelector.__name__)
say("workers", workers)
say("loop", lambda: (type(asyncio.new_event_loop()).__name__, asyncio.new_event_loop().get_debug()))
say("requests", lambda: list(requests()))
say("first lines", lambda: list(files_begin()))
say("names", lambda: list(names()))
say("boundary", boundary)
say("bundled", bundled)
say("decorated", lambda: list(decorated()))
say("tests", lambda: vars(unittest.TestLoader()))
say("basic", lambda: (BasicContext, ExtendedContext))
say("files", lambda: list(made_files()))
say("error handlers", lambda: [codecs.lookup_error(name).__name__ for name in (
    "strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace",
    "surrogateescape", "surrogatepass")])  # fmt: skip
say("unknown codec", lambda: codecs.lookup("no such codec"))
say(
    "last resort",
    lambda: (logging.lastResort.level, logging.Formatter()._fmt, logging.raiseExceptions),
)
say("identifiers", lambda: (uuid.uuid4().version, uuid.uuid1().variant, uuid.UUID(int=5)))
say("topics", lambda: sorted(__import__("pydoc_data.topics").topics.topics))
say("copy", lambda: shutil.COPY_BUFSIZE > 0)
say(
    "environment",
    lambda: (shutil.get_terminal_size((7, 8)), os.path.expanduser("~") == os.environ["HOME"]),
)
