"""What the scan finds in a file, where, and how sure it is."""

from __future__ import annotations

import pytest

from minpython.scan.finding import Failure, Window
from minpython.scan.knowledge import Knowledge
from minpython.scan.reading import scan_source

WINDOW = Window((3, 6), (3, 15))
KNOWN = Knowledge(WINDOW)

Row = tuple[int, str, str]


def scan(source: str | bytes, window: Window = WINDOW) -> list[Row]:
    """Return line, name and confidence of what is found in a source."""
    known = KNOWN if window is WINDOW else Knowledge(window)
    data = source.encode() if isinstance(source, str) else source
    found = scan_source("m.py", data, known, window.target)
    assert not isinstance(found, Failure), found
    return [(finding.line, finding.fact.name, finding.confidence) for finding in found]


FOUND: dict[str, tuple[str, list[Row]]] = {
    "module": ("import os, imp\n", [(1, "imp", "high")]),
    "module by name": ("from imp import reload\n", [(1, "imp", "high")]),
    "importlib": (
        "import importlib\nimportlib.import_module('asyncore')\n",
        [(2, "asyncore", "high")],
    ),
    "attribute": (
        "import collections\ncollections.Mapping\n",
        [(2, "collections.Mapping", "high")],
    ),
    "alias": (
        "import collections as c, inspect as i\nc.Mapping; i.getargspec\n",
        [(2, "collections.Mapping", "high"), (2, "inspect.getargspec", "high")],
    ),
    "from": ("from collections import Mapping as M\n", [(1, "collections.Mapping", "high")]),
    "from, many lines": (
        "from collections import (\n  OrderedDict,\n  Mapping,\n)\n",
        [(3, "collections.Mapping", "high")],
    ),
    "pseudo module": ("import typing.io\n", [(1, "typing.io", "high")]),
    "from a module": ("from inspect import getargspec\n", [(1, "inspect.getargspec", "high")]),
    "getattr": (
        "import cgi, time\ngetattr(time, 'clock')()\n",
        [(1, "cgi", "high"), (2, "time.clock", "high")],
    ),
    "object": (
        "import threading\nt = threading.Thread()\nt.isAlive()\n",
        [(3, "threading.Thread.isAlive", "high")],
    ),
    "object of self": (
        "import threading as t\nclass C:\n def f(self):\n  self.t=t.Thread()\n  self.t.isAlive()",
        [(5, "threading.Thread.isAlive", "high")],
    ),
    "hidden in a function only": (
        "import collections\ndef f():\n collections = 3\ncollections.Mapping\n",
        [(4, "collections.Mapping", "high")],
    ),
    "hidden in a class, not in its methods": (
        "import collections\nclass K:\n collections = 3\n def f(self): collections.Mapping\n",
        [(4, "collections.Mapping", "high")],
    ),
    "what some function returned": (
        "import xml.etree.ElementTree as E\nE.fromstring('').getchildren()\n",
        [(2, "xml.etree.ElementTree.Element.getchildren", "low")],
    ),
    "subclass": (
        "import unittest\nclass T(unittest.TestCase):\n def t(self): self.assertEquals(1, 1)\n",
        [(3, "unittest.TestCase.assertEquals", "high")],
    ),
    "with": (
        "import configparser\nwith configparser.ConfigParser() as p: p.readfp(f)\n",
        [(2, "configparser.RawConfigParser.readfp", "high")],
    ),
    "unknown object": (
        "def f(x): return x.getchildren()\n",
        [(1, "xml.etree.ElementTree.Element.getchildren", "low")],
    ),
    "parameter": (
        "import json\njson.loads(s, encoding='utf-8')\n",
        [(2, "json.loads(encoding)", "high")],
    ),
    "parameter of a builtin": ("int(x='1')\n", [(1, "builtins.int(x)", "high")]),
    "open mode": (
        "open(p, 'rU')\nopen(p, mode='U')\n",
        [(1, "open mode 'U'", "high"), (2, "open mode 'U'", "high")],
    ),
    "late flags": (
        "import re\nre.compile(r'a(?i)')\nre.sub('x(?s)y', '', s)\n",
        [
            (2, "re global inline flags not at start", "high"),
            (3, "re global inline flags not at start", "high"),
        ],
    ),
    "shuffle": (
        "import random\nrandom.shuffle(x, random.random)\n",
        [(2, "random.shuffle(random)", "high")],
    ),
    "digest": ("import hmac\nhmac.new(k, m)\n", [(2, "hmac.new without digestmod", "high")]),
    "event loop": (
        "import asyncio\nloop = asyncio.get_event_loop()\n",
        [(2, "asyncio.get_event_loop without a current loop", "low")],
    ),
    "guarded": ("try:\n import imp\nexcept ImportError:\n imp = None\n", [(2, "imp", "guarded")]),
    "asked": (
        "import time\nif hasattr(time, 'clock'): time.clock()\n",
        [(2, "time.clock", "guarded")],
    ),
    "names": (
        "async = 1\nx.await\n",
        [(1, "async/await as identifiers", "high"), (2, "async/await as identifiers", "high")],
    ),
    "names and more": (
        "import imp\nf(async=imp)\n",
        [(1, "imp", "high"), (2, "async/await as identifiers", "high")],
    ),
    "generator comma": (
        "f(x for x in y,)\n",
        [(1, "unparenthesised generator argument followed by a comma", "high")],
    ),
    "yield in a comprehension": (
        "def f(): return [(yield x) for x in y]\n",
        [(1, "yield inside comprehensions and generator expressions", "high")],
    ),
    "is": (
        "x is 1\nx is not 'a'\n",
        [(1, '"is" with a literal', "high"), (2, '"is" with a literal', "high")],
    ),
    "number": (
        "1if x else 0\n",
        [(1, "numeric literal directly followed by a keyword (0in x)", "high")],
    ),
    "Python 2": (
        "print 'x'\nimport imp\nfrom collections import Mapping\n",
        [(2, "imp", "low"), (3, "collections.Mapping", "low")],
    ),
    "Python 2, dotted": (
        "print 'x'\ncollections.Mapping; x.isAlive()\n",
        [(2, "collections.Mapping", "low"), (2, "threading.Thread.isAlive", "low")],
    ),
    "visitor method": (
        "import ast\nclass V(ast.NodeVisitor):\n def visit_Num(self, node): pass\n",
        [(3, "ast.NodeVisitor.visit_Num", "high")],
    ),
}

NOTHING = {
    "modern": "from collections.abc import Mapping\nfrom collections import OrderedDict\n",
    "own module": "from . import imp\nfrom .imp import x\n",
    "other owner": "import numpy\nnumpy.clock\n",
    "comment": "import os  # import imp\n'collections.Mapping'\n",
    "hidden": "import collections\ndef f(collections): return collections.Mapping\n",
    "rebound": "import time\ntime = Clock()\ntime.clock()\n",
    "dead branch": "import sys, time\nif sys.version_info < (3, 3):\n time.clock()\n",
    "dead branch by part": "import sys\nif sys.version_info[0] == 2:\n import imp\nelse:\n pass\n",
    "Python 2 branch": "import six\nif six.PY2:\n import imp\nif not six.PY3:\n import imp\n",
    "getattr with a default": "import time\ngetattr(time, 'clock', None)\n",
    "digest given": "import hmac\nhmac.new(k, m, 'md5'); hmac.new(k, digestmod=d); hmac.new(*a)\n",
    "flags in front": "import re\nre.compile('(?i)a'); re.compile('(?i:a)b')\n",
    "open": "open('U'); open(p, 'r'); x.open(p, 'U')\n",
    "module of that name": "import html\nhtml.unescape(x)\n",
    "is": "x is None or x is True or x is ... or x is not False\n",
    "async": "async def f():\n async with a: pass\n return [await x async for x in y]\n",
    "first iterable": "def f(): return [x for x in (yield)]\n",
    "numbers": "x = 0xf or 1\n",
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    """Each way to use what is gone is found on its line, with the right confidence."""
    source, expected = FOUND[name]
    assert scan(source) == expected


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_found(name: str) -> None:
    """What looks alike is left alone."""
    assert scan(NOTHING[name]) == []


def test_window() -> None:
    """Only what was removed after the one version and not after the other counts."""
    source = "import time, imp, cgi\ntime.clock()\n"
    names = {window: [row[1] for row in scan(source, Window(*window))] for window in WINDOWS}
    assert names == WINDOWS


WINDOWS = {
    ((3, 6), (3, 8)): ["time.clock"],
    ((3, 8), (3, 12)): ["imp"],
    ((3, 6), (3, 13)): ["imp", "cgi", "time.clock"],
    ((3, 12), (3, 12)): [],
}


def test_columns_count_characters() -> None:
    """Columns count characters from 1, behind wide ones and behind old spellings too."""
    source = "import time\nf('é', async=1); time.clock()\n".encode()
    found = scan_source("m.py", source, KNOWN, (3, 13))
    assert not isinstance(found, Failure)
    assert [(finding.line, finding.column) for finding in found] == [(2, 8), (2, 18)]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends(ends: str) -> None:
    """Lines are counted as Python counts them."""
    assert scan(ends.join(["import time", "\f", "time.clock()", ""]))[0][0] == 3


def test_encodings() -> None:
    """A declared encoding is followed; bytes that are no text are a failure, told as such."""
    assert scan(b"# coding: latin-1\nimport imp; '\xe9'\n") == [(2, "imp", "high")]
    assert scan(b"\xef\xbb\xbfimport imp\n") == [(1, "imp", "high")]
    found = scan_source("m.py", b"import imp; '\xe9'\n", KNOWN, (3, 13))
    assert isinstance(found, Failure)
    assert "not text" in found.reason


@pytest.mark.parametrize(
    "source", [b"import imp\0\n", b"import imp\nx = '''", b"import imp\n((((("]
)
def test_broken_files(source: bytes) -> None:
    """A file that no Python takes is read as far as it goes."""
    assert scan(source) == [(1, "imp", "low")]


IGNORED = {
    "os.errno  # minpython: ignore": 0,
    "os.errno  # minpython: ignore - kept for 3.6": 0,
    "os.errno  # noqa  # minpython:ignore": 0,
    "os.errno  # minpython: ignore[os.errno]": 0,
    "os.errno  # minpython: ignore[time.clock, os.errno]": 0,
    "os.errno  # minpython: ignore[time.clock]": 1,
    "os.errno  # minpython: ignored": 1,
    "os.errno\n# minpython: ignore": 1,
    "os.errno, '# minpython: ignore', 2": 1,
}


@pytest.mark.parametrize("line", IGNORED)
def test_a_comment_leaves_findings_of_its_line_out(line: str) -> None:
    """All of them, or those that it names."""
    assert len(scan(f"import os, time\n{line}\n")) == IGNORED[line]
