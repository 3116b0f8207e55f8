"""What a program shows of itself under an old version: columns, signatures, members, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

OLD = "def f(async, await): return async + await + async.x(1)\n"
ENUMS = """
import enum
class E(enum.IntEnum): X = 1
class F(enum.IntFlag): A = 1; B = 2; C = 4
class G(enum.Flag): A = 1; C = 4
def t(make):
    try:
        return make()
    except TypeError:
        return "TypeError"
print(t(lambda: 1 in E), t(lambda: "X" in E), E.X in E, t(lambda: 1 in G.A), G.A in G.A)
print(str(F.A | F.C), repr(F.A | F.C), str(E.X), repr(G.A | G.C))
"""
REPORTED = """
import asyncio, collections, decimal, enum, inspect, json, logging, re, ssl, time, tokenize
collections.namedtuple("T", "a")
class E(enum.IntEnum): X = 1
re.escape("a")
logging.getLogger("name")
open(__file__).close()
sum([1, 2])
time.clock()
"""
DATA = """
import collections, dataclasses, inspect
@dataclasses.dataclass
class A:
    x: int
    y: "str" = ""
print(inspect.signature(A), A.__init__.__annotations__)
print(collections.namedtuple("T", "a").__new__.__code__.co_flags & 0x1000000)
"""


@pytest.mark.parametrize("how", ["script", "module", "package", "file"])
def test_columns_are_those_of_the_text(how: str, run: Run, tmp_path: Path) -> None:
    """The marks of a traceback stand below what failed, whatever was renamed before it."""
    ask = "use Python 3.6; " if how == "file" else ""
    (tmp_path / "old.py").write_text(f"{ask}{OLD}" if not ask else f"{ask}\n{OLD}")
    (tmp_path / "main.py").write_text("use Python 3.6;\n" + OLD + "f(1, 2)\n")
    start = ["-c", "import sys; sys.path.insert(0, ''); import old; old.f(1, 2)"]
    env = {"PYTHONMINVERSION": "3.6:old" if how == "package" else "3.6"}
    if how == "script":
        start = ["main.py"]
    done = run(*start, env={} if how in ("script", "file") else env, check=False)
    lines = done.stderr.splitlines()
    at = next(number for number, line in enumerate(lines) if "async.x(1)" in line)
    version = run("-c", "import sys; print(sys.version_info >= (3, 11))").stdout
    if version == "True\n":
        marks = lines[at + 1]
        assert marks.strip() == "^^^^^^^"
        assert marks.index("^") == lines[at].index("async.x(1)")


@pytest.mark.parametrize(
    ("version", "inside"),
    [("3.6", "False False True False True"), ("3.8", "TypeError TypeError True TypeError True")],
)
@pytest.mark.parametrize("early", [True, False])
def test_enumerations(version: str, inside: str, early: bool, run: Run) -> None:  # noqa: FBT001
    """Members, and only they, are in an enumeration; texts are those of old, loaded or not."""
    done = run("-W", "error", "-c", ENUMS, env={"PYTHONMINVERSION": version})
    if not early:
        code = f"import enum, sys; sys.set_min_python_version((3, {version[-1]}))\n"
        done = run("-c", code + ENUMS)
    assert done.stdout.splitlines() == [inside, "F.C|A <F.C|A: 5> E.X <G.C|A: 5>"]


def test_what_modules_write_keeps_its_annotations(run: Run) -> None:
    """Code that data classes and named tuples write is compiled as without minpython."""
    bare = run("-c", DATA)
    assert run("-c", DATA, env={"PYTHONMINVERSION": "3.6"}).stdout == bare.stdout


def test_only_what_was_different_is_counted(run: Run, tmp_path: Path) -> None:
    """Uses by the standard library, and calls that any Python answers so, are none."""
    (tmp_path / "script.py").write_text(REPORTED)
    done = run("-m", "minpython", "report", "--min-version", "3.6", "script.py")
    assert done.stderr.splitlines()[0].startswith("minpython: 1 restored behaviour used 1 time")
    assert "time-clock: 1" in done.stderr
