"""``minpython scan --fix`` and ``--diff``: what is written, what is left, what stays as it is."""

from __future__ import annotations

import ast
import importlib
import io
import json
import os
import signal
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from minpython.errors import ConfigError
from minpython.scan import concrete, main, rewrite
from minpython.scan.finding import Failure, Window
from minpython.scan.knowledge import Knowledge
from minpython.scan.rules import Rules

pytest.importorskip("parso")
SOURCES = Path(__file__).resolve().parents[2] / "src"
SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "reference" / "schemas"
TARGET = ("--target-version", "3.15", "-j1")

# What stands in a file, and what is to stand there then.
FIXED = {
    "dotted": (
        "import collections\nclass A(collections.Mapping): pass\n",
        "import collections.abc\nclass A(collections.abc.Mapping): pass\n",
    ),
    "under another name": (
        "import collections as c\nx = c.Mapping\n",
        "import collections.abc\nimport collections as c\nx = c.abc.Mapping\n",
    ),
    "taken from": (
        "from collections import Mapping\n",
        "from collections.abc import Mapping\n",
    ),
    "some of several": (
        "from collections import (\n    Mapping,\n    deque,\n)  # why\n",
        "from collections.abc import Mapping\nfrom collections import (\n    deque,\n)  # why\n",
    ),
    "the last of several": (
        "if 1:\n\tfrom collections import deque, Mapping as M\n",
        "if 1:\n\tfrom collections.abc import Mapping as M\n\tfrom collections import deque\n",
    ),
    "in a line with others": (
        "x = 1; from collections import deque, Mapping; y = 2\n",
        "x = 1; from collections.abc import Mapping; from collections import deque; y = 2\n",
    ),
    "the name stays": (
        "from base64 import encodestring\nencodestring(b'')\n",
        "from base64 import encodebytes as encodestring\nencodestring(b'')\n",
    ),
    "a module as an attribute": (
        "import os\nprint(os.errno.EEXIST)\n",
        "import errno\nimport os\nprint(errno.EEXIST)\n",
    ),
    "a module for another": ("import dummy_threading\n", "import threading as dummy_threading\n"),
    "all that is used of a module": (
        "import pipes, sys\nprint(pipes.quote(sys.argv[0]))\n",
        "import shlex, sys\nprint(shlex.quote(sys.argv[0]))\n",
    ),
    "a method": (
        "from threading import Thread\nt = Thread()\nt.isAlive()  # ?\n",
        "from threading import Thread\nt = Thread()\nt.is_alive()  # ?\n",
    ),
    "assertions": (
        (
            "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n"
            "        self.failUnless(\n            1)\n        self.assertRaisesRegexp(E, 'x')\n"
        ),
        (
            "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n"
            "        self.assertTrue(\n            1)\n        self.assertRaisesRegex(E, 'x')\n"
        ),
    ),
    "a method's list": (
        (
            "from xml.etree.ElementTree import Element, ElementTree\n"
            "e = Element('a')\nt = ElementTree(e)\n"
            "for x in t.getiterator('b') + e.getchildren() + [*e.getiterator()]: pass\n"
        ),
        (
            "from xml.etree.ElementTree import Element, ElementTree\n"
            "e = Element('a')\nt = ElementTree(e)\n"
            "for x in list(t.iter('b')) + list(e) + [*e.iter()]: pass\n"
        ),
    ),
    "a coroutine": (
        (
            "import asyncio\n\n@asyncio.coroutine\ndef f(x):  # c\n    yield from x or g()\n"
            "    return (yield from g(1))\n"
        ),
        "import asyncio\n\nasync def f(x):  # c\n    await (x or g())\n    return (await g(1))\n",
    ),
    "a coroutine's import": (
        (
            "from asyncio import coroutine, sleep\n@other\n@coroutine\ndef f():\n"
            "    yield from sleep(1)\n"
        ),
        "from asyncio import sleep\n@other\nasync def f():\n    await sleep(1)\n",
    ),
    "an argument without effect": (
        (
            "import asyncio\nasyncio.sleep(1, loop=loop)\nasyncio.Lock(loop=self.loop)\n"
            "asyncio.gather(\n    a,\n    loop=x,\n)\n"
        ),
        "import asyncio\nasyncio.sleep(1)\nasyncio.Lock()\nasyncio.gather(\n    a,\n)\n",
    ),
    "a positional argument": ("x = int(x='3')\n", "x = int('3')\n"),
    "names that are keywords": (
        "def f(async=1):\n    return async\nf(async=2)\n",
        "def f(async_=1):\n    return async_\nf(async_=2)\n",
    ),
    "spellings": (
        "if x is not 'a' or 0in y: f(a for a in b, )\n",
        "if x != 'a' or 0 in y: f(a for a in b )\n",
    ),
    "modes": ("open(f, 'rU')\nopen(f, mode='U')\n", "open(f, 'r')\nopen(f, mode='r')\n"),
    "digests": (
        "import hmac\nhmac.new(b'', b'')\n",
        "import hmac\nhmac.new(b'', b'', digestmod=\"md5\")\n",
    ),
    "flags": ("import re\nre.compile(r'a(?i)b')\n", "import re\nre.compile(r'(?i)ab')\n"),
}
# What is left as it is.
LEFT = {
    "a shim": (
        "import collections, collections.abc\ncollections.Mapping = collections.abc.Mapping\n",
        "it is set here",
    ),
    "a method of the file's own": (
        (
            "import unittest\nclass T(unittest.TestCase):\n    def assertEquals(self, a, b):\n"
            "        pass\n    def test(self):\n        self.assertEquals(1, 2)\n"
        ),
        "this file defines assertEquals",
    ),
    "a method that takes less": (
        "import array\na = array.array('b')\na.fromstring('x')\n",
        "no other form",
    ),
    "a parameter of another name": (
        "import configparser\nc = configparser.ConfigParser()\nc.readfp(f, filename='x')\n",
        "given by name",
    ),
    "a meaning of its own": ("import time\ntime.clock()\n", "no other form"),
    "a name of two modules": (
        "import collections\ndef f(collections):\n    pass\nclass A(collections.Mapping): pass\n",
        "not only what an import makes it",
    ),
    "a name that is taken": (
        "import os\nerrno = 5\nos.errno.EEXIST\n",
        "errno is something else here",
    ),
    "a comment between names": (
        "from collections import (\n    Mapping,  # why\n    deque)\n",
        "a comment stands in it",
    ),
    "more of a module": ("import pipes\npipes.Template()\n", "pipes.Template has no modern form"),
    "a coroutine that yields": (
        "import asyncio\n@asyncio.coroutine\ndef f():\n    yield\n",
        "the function yields",
    ),
    "a coroutine that returns what it waits for": (
        "import asyncio\n@asyncio.coroutine\ndef f():\n    return g()\n",
        "may return something",
    ),
    "a generator that is waited for": (
        "import asyncio\ndef g():\n    yield\n@asyncio.coroutine\ndef f():\n    yield from g()\n",
        "a generator of this file",
    ),
    "a list that is yielded from": (
        "import asyncio\n@asyncio.coroutine\ndef f():\n    yield from []\n",
        "can't be awaited",
    ),
    "a lock": (
        "import asyncio\n@asyncio.coroutine\ndef f():\n    with (yield from lock):\n        pass\n",
        "async with",
    ),
    "an argument that is made": (
        "import asyncio\nasyncio.sleep(1, loop=make())\n",
        "made by a call",
    ),
    "a foreign argument": ("f(async=1)\n", "defines the parameter"),
    "a name in a text": ("def f(async): pass\ngetattr(f, 'async')\n", "may name it"),
    "a module of that name": ("from a import async\n", "imports async"),
}


def fix(path: Path, text: str | bytes, *options: str) -> int:
    """Write a file and fix it; return the exit code."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return main(["--fix", *TARGET, *options, str(path)])


@pytest.mark.parametrize("case", FIXED)
def test_the_modern_form_is_written(case: str, tmp_path: Path) -> None:
    """The modern form stands in the place of the old one, and a second run finds nothing."""
    old, new = FIXED[case]
    path = tmp_path / "a.py"
    assert fix(path, old) == 0
    assert path.read_text("utf-8") == new
    assert fix(path, new) == 0
    assert path.read_text("utf-8") == new
    ast.parse(new)


@pytest.mark.parametrize("case", LEFT)
def test_what_would_mean_something_else_is_left(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file stays as it is, the reason is told, the exit code is 1."""
    old, reason = LEFT[case]
    path = tmp_path / "a.py"
    assert fix(path, old) == 1
    assert path.read_bytes() == old.encode()
    out = capsys.readouterr().out
    assert "not fixed: " in out
    assert reason in out


@pytest.mark.parametrize(
    "source",
    [
        "import collections\r\nx = collections.Mapping  # c\r\n",
        "import os\r\nos.errno",
        b"\xef\xbb\xbfimport collections\nx = collections.Mapping\n",
        b"# coding: latin-1\nimport collections\nx = collections.Mapping, '\xe9'\n",
        "import collections\n\x0c\nx = 'ｆüｌｌ', collections.Mapping  # ★\n",
        "import collections\nx = collections.Mapping\\\n    \n",
        "import collections\nx = f'{collections.Mapping}'\n",
    ],
    ids=["CRLF", "no end", "mark", "encoding", "form feed", "continued", "f-string"],
)
def test_bytes_outside_stay(source: str | bytes, tmp_path: Path) -> None:
    """Line ends, the byte order mark, the encoding and all else stay."""
    data = source.encode() if isinstance(source, str) else source
    path = tmp_path / "a.py"
    assert fix(path, data) == 0
    new = path.read_bytes()
    wanted = data.replace(b"import collections", b"import collections.abc")
    wanted = wanted.replace(b"collections.Mapping", b"collections.abc.Mapping")
    if b"errno" in data:
        wanted = b"import errno\r\nimport os\r\nerrno"
    assert new == wanted


def test_diff_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The difference can be given to ``patch``; the rest goes to the error stream."""
    path = tmp_path / "a.py"
    path.write_text("import collections\nx = collections.Mapping", encoding="utf-8")
    assert main(["--diff", *TARGET, str(path)]) == 1
    out, err = capsys.readouterr()
    assert path.read_text("utf-8") == "import collections\nx = collections.Mapping"
    assert out.splitlines()[0] == f"--- {path}"
    assert "\n+x = collections.abc.Mapping\n\\ No newline at end of file\n" in out
    assert "can be fixed (collections-abc-aliases)" in err


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was fixed, with its row of the table, and what is left with the reason."""
    jsonschema = pytest.importorskip("jsonschema")
    path = tmp_path / "a.py"
    code = fix(path, "import collections, time\ncollections.Mapping\ntime.clock()\n", "--json")
    data = json.loads(capsys.readouterr().out)
    jsonschema.validate(data, json.loads((SCHEMAS / "minpython-scan.schema.json").read_text()))
    assert code == 1
    assert [row["restored_by"] for row in data["fixed"]] == ["collections-abc-aliases"]
    assert [(row["what"], row["line"]) for row in data["findings"]] == [("time.clock", 3)]
    assert "no other form" in data["findings"][0]["not_fixed"]
    assert data["written"] is True


def test_low_confidence_needs_a_word(tmp_path: Path) -> None:
    """What only an attribute's name speaks for is fixed with ``--likely``."""
    path = tmp_path / "a.py"
    assert fix(path, "x.isAlive()\n") == 0
    assert path.read_text("utf-8") == "x.isAlive()\n"
    assert fix(path, "x.isAlive()\n", "--likely") == 0
    assert path.read_text("utf-8") == "x.is_alive()\n"


def test_accepted_and_ignored_findings_stay(tmp_path: Path) -> None:
    """A baseline and a comment keep what they accept."""
    old = "import collections\nx = collections.Mapping\ny = collections.Set  # minpython: ignore\n"
    path, known = tmp_path / "a.py", tmp_path / "known.json"
    path.write_text(old, encoding="utf-8")
    assert main(["--write-baseline", str(known), *TARGET, str(path)]) == 0
    assert main(["--fix", "--baseline", str(known), *TARGET, str(path)]) == 0
    assert path.read_text("utf-8") == old


def test_a_name_is_renamed_in_all_files_or_in_none(tmp_path: Path) -> None:
    """A text in another file that may name the parameter keeps it."""
    (tmp_path / "a.py").write_text("def f(async): pass\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("from a import f\nf(async=1)\n", encoding="utf-8")
    (tmp_path / "c.py").write_text("f(**{'async': 1})\n", encoding="utf-8")
    assert main(["--fix", *TARGET, str(tmp_path)]) == 1
    assert (tmp_path / "b.py").read_text("utf-8") == "from a import f\nf(async=1)\n"
    (tmp_path / "c.py").unlink()
    assert main(["--fix", *TARGET, str(tmp_path)]) == 0
    assert (tmp_path / "a.py").read_text("utf-8") == "def f(async_): pass\n"
    assert (tmp_path / "b.py").read_text("utf-8") == "from a import f\nf(async_=1)\n"


def test_a_read_only_file_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told, and the exit code is 1; its mode stays else."""
    path = tmp_path / "a.py"
    old = "import collections\ncollections.Set\n"
    path.write_text(old, encoding="utf-8")
    path.chmod(0o444)
    assert main(["--fix", *TARGET, str(path)]) == 1
    assert path.read_text("utf-8") == old
    assert "read-only" in capsys.readouterr().out
    path.chmod(0o751)
    assert main(["--fix", *TARGET, str(path)]) == 0
    assert path.stat().st_mode & 0o777 == 0o751
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_link_leads_where_it_led(tmp_path: Path) -> None:
    """The file behind a symbolic link is written."""
    (tmp_path / "real.py").write_text("import collections\ncollections.Set\n", encoding="utf-8")
    link = tmp_path / "link.py"
    link.symlink_to("real.py")
    assert main(["--fix", *TARGET, str(link)]) == 0
    assert link.is_symlink()
    assert "abc.Set" in (tmp_path / "real.py").read_text("utf-8")


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    """What an editor wrote since it was read is not lost."""
    path = tmp_path / "a.py"
    path.write_bytes(b"new")
    assert rewrite.write(str(path), b"old", b"fixed") == Failure(str(path), "it changed meanwhile")
    assert path.read_bytes() == b"new"


def test_an_interruption_leaves_whole_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted while it writes, the old file stands there and nothing beside it."""
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def interrupted(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rewrite.write(str(path), b"old", b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.py"]


def test_without_parso_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "parso.grammar", None)
    with pytest.raises(ConfigError, match=r"pip install 'minpython\[fix\]'"):
        fix(tmp_path / "a.py", "import collections\ncollections.Set\n")


@pytest.mark.parametrize("options", [("--sarif",), ("--write-baseline", "x")])
def test_options_that_do_not_go_together(options: tuple[str, ...], tmp_path: Path) -> None:
    """They are refused."""
    with pytest.raises(ConfigError, match="--fix and --diff"):
        fix(tmp_path / "a.py", "", *options)


def test_each_rule_is_for_a_fact() -> None:
    """The keys of ``fixes.ini`` are names of facts, or lie in a module that is gone."""
    known = Knowledge(Window((3, 6), (3, 15)))
    tables = (known.modules, known.attributes, known.methods, known.loose, known.other)
    names = {fact.name for table in tables for fact in table.values()}
    names |= {fact.name for table in known.parameters.values() for fact in table.values()}
    rules = Rules()
    for section, rows in rules.sections.items():
        for name in rows:
            if section == "members":
                assert name.rpartition(".")[0] in names or name.partition(".")[0] in names
            else:
                assert name in names, (section, name)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_new_names_exist() -> None:
    """What is written can be imported, on this Python or in a module that it has."""
    rules = Rules()
    moved = {**rules.sections["names"], **rules.members}
    for new in moved.values():
        module, _, name = new.rpartition(".")
        if not module:
            assert name in dir(__builtins__) + sorted(sys.stdlib_module_names) or name in (
                "dict",
                "str",
            )
        elif not (module == "importlib.resources.abc" and sys.version_info < (3, 11)):
            assert hasattr(importlib.import_module(module), name), new


@pytest.mark.slow
def test_the_standard_library_stays_python(tmp_path: Path) -> None:
    """Each file of the running library that would change still has its comments and parses."""
    from minpython.scan import files

    paths = list(files.find([os.path.dirname(os.__file__)], ("site-packages", "test", "lib2to3")))
    copies = tmp_path / "lib"
    copies.mkdir()
    for number, path in enumerate(paths):
        (copies / f"m{number}.py").write_bytes(Path(path).read_bytes())
    main(["--fix", "--likely", *TARGET, str(copies)])
    for number, path in enumerate(paths):
        old, new = Path(path).read_bytes(), (copies / f"m{number}.py").read_bytes()
        if old != new:
            ast.parse(new)
            assert _comments(old) == _comments(new), path


def _comments(source: bytes) -> list[str]:
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def test_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    """A real process that is interrupted leaves each file as it was or as it is to be."""
    old = "import collections\nx = collections.Set\n" * 20
    for number in range(60):
        (tmp_path / f"m{number}.py").write_text(old, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "minpython", "scan", "--fix", *TARGET, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not any(b"abc.Set" in path.read_bytes() for path in tmp_path.glob("*.py")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert b"Traceback" not in err
    new = old.replace("import collections", "import collections.abc").replace(
        "collections.Set", "collections.abc.Set"
    )
    for path in tmp_path.iterdir():
        assert path.name.startswith("m")
        assert path.read_text("utf-8") in (old, new)


def test_edits_keep_count_of_lines() -> None:
    """A line that moved is told by its first number."""
    text = "a\nb\r\nc\n"
    edits = [concrete.Edit(2, 2, "x\ny\n"), concrete.Edit(5, 6, "z")]
    assert concrete.applied(text, edits) == "a\nx\ny\nb\r\nz\n"
    assert concrete.origins(text, edits, [1, 2, 3, 4]) == [1, 2, 2, 2, 3, 4]
