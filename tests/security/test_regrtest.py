"""Upstream's test files are run as upstream runs them, and each file's outcome is told."""

from __future__ import annotations

import json
import json.decoder
import os
import sys
import time
from pathlib import Path

import pytest

from elpython.core.process import run
from elpython.security.regrtest import FileRun, Suite, TestOutcome, joined, run_files
from examples import find_interpreters, link_upstream_tests

HEAD = "import unittest\nfrom test import support\n\nSET_UP = False\n\n\n"
CASE = HEAD + "class T(unittest.TestCase):\n    def test_it(self):\n        {body}\n"
# What 3.9's test_xml_etree, test_long and others do: unittest's loader never calls test_main.
MAIN = (
    HEAD
    + "class T(unittest.TestCase):\n    def test_it(self):\n        self.assertTrue(SET_UP)\n\n\n"
    + "def test_main():\n    global SET_UP\n    SET_UP = True\n    support.run_unittest(T)\n"
)
MIXIN = (
    HEAD
    + "class Mixin:\n    def test_new(self):\n        self.assertEqual(self.value, 1)\n\n"
    + "    def test_old(self):\n        self.fail()\n\n\n"
    + "class A(Mixin, unittest.TestCase):\n    value = 1\n\n\n"
    + "class B(Mixin, unittest.TestCase):\n    value = {value}\n"
)
SUBTEST = (
    "with self.subTest(i=1):\n            self.fail()\n"
    "        with self.subTest(i=2):\n            self.fail()"
)
SET_UP_CLASS = (
    HEAD
    + "class T(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        1 / 0\n\n"
    + "    def test_it(self):\n        pass\n"
)
SKIPS = CASE.format(body="print('printed')") + (
    "\n\nclass S(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n"
    "        raise unittest.SkipTest('why')\n\n    def test_it(self):\n        pass\n"
)


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    """A folder whose `test` package is this interpreter's, but for the test files."""
    link_upstream_tests(Path(sys.executable), tmp_path / "test")
    return tmp_path


def outcome(
    lib: Path, text: str, *patterns: str, seconds: float = 60, python: str = sys.executable
) -> TestOutcome:
    (lib / "test" / "test_x.py").write_text(text)
    item = FileRun(module="test_x", patterns=patterns)
    suite = Suite(python=Path(python), tests_of=lib, seconds=seconds)
    return run_files(suite, [item])[item]


@pytest.mark.parametrize(
    ("text", "state", "ran", "broken"),
    [
        (CASE.format(body="self.assertEqual(1, 1)"), "passes", 1, ()),
        (CASE.format(body="self.assertEqual(1, 2)"), "fails", 1, ("test.test_x.T.test_it",)),
        (CASE.format(body="1 / 0"), "fails", 1, ("test.test_x.T.test_it",)),
        (CASE.format(body=SUBTEST), "fails", 1, ("test.test_x.T.test_it",)),
        (CASE.format(body="raise unittest.SkipTest('why')"), "skipped", 1, ()),
        (CASE.format(body="self.fail(chr(0))"), "fails", 1, ("test.test_x.T.test_it",)),
        (CASE.format(body="import os; os.kill(os.getpid(), 11)"), "crashes", 0, ()),
        (CASE.format(body="import os; os._exit(7)"), "crashes", 0, ()),
        (SET_UP_CLASS, "fails", 0, ("test.test_x.T.setUpClass",)),
        ("raise ImportError('a name that the base lacks')\n", "fails", 0, ()),
        ("import unittest\nraise unittest.SkipTest('no such system')\n", "skipped", 0, ()),
        ("1 +\n", "fails", 0, ()),
        (SKIPS, "passes", 1, ()),
    ],
)
def test_outcomes(lib: Path, text: str, state: str, ran: int, broken: tuple[str, ...]) -> None:
    found = outcome(lib, text)
    assert (found.state, found.ran, found.broken) == (state, ran, broken)
    assert (found.failed > 0) == (state == "fails")


@pytest.mark.parametrize("series", ["3.9", "3.10"])
def test_what_test_main_sets_up_is_there(tmp_path: Path, series: str) -> None:
    """Called by its name alone, the same method fails: unittest's loader knows no test_main."""
    python = find_interpreters().get(series)
    if python is None:
        pytest.skip(f"there is no CPython {series} on this machine")
    link_upstream_tests(python, tmp_path / "test")
    assert outcome(tmp_path, MAIN, "test_it", python=str(python)).state == "passes"
    words = [str(python), "-m", "unittest", "test.test_x.T.test_it"]
    alone = run(words, env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=False)
    assert alone.returncode != 0
    assert "False is not true" in alone.stderr


@pytest.mark.parametrize(
    ("all_classes", "state", "ran"), [(False, "skipped", 0), (True, "passes", 1)]
)
def test_a_class_that_test_main_leaves_out(
    tmp_path: Path, all_classes: object, state: str, ran: int
) -> None:
    """A backport's new test class runs although nobody has put it into 3.9's list."""
    python = find_interpreters().get("3.9")
    if python is None:
        pytest.skip("there is no CPython 3.9 on this machine")
    link_upstream_tests(python, tmp_path / "test")
    left_out = "\n\nclass New(unittest.TestCase):\n    def test_new(self):\n        pass\n"
    (tmp_path / "test" / "test_x.py").write_text(MAIN + left_out)
    item = FileRun(module="test_x", patterns=("test_new",), all_classes=bool(all_classes))
    found = run_files(Suite(python=python, tests_of=tmp_path, seconds=60), [item])[item]
    assert (found.state, found.ran) == (state, ran)


def test_the_library_lies_beside_other_tests(lib: Path) -> None:
    """As 3.9's test_pydoc looks for it; and it is the interpreter's own."""
    body = (
        "import os, json, json.decoder\n"
        "        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n"
        "        self.assertTrue(json.decoder.__file__.startswith(here))\n"
        "        self.assertEqual(\n"
        "            os.path.realpath(json.decoder.__file__),\n"
        f"            {str(Path(json.decoder.__file__).resolve())!r})"
    )
    assert outcome(lib, CASE.format(body=body)).state == "passes"


def test_a_test_that_hangs_is_stopped_with_what_it_started(lib: Path) -> None:
    body = (
        "import subprocess, sys\n        subprocess.run([sys.executable, '-c', "
        '\'import os, time; open("\' + str(__file__) + \'.pid", "w").write(str(os.getpid()));'
        " time.sleep(300)'])"
    )
    found = outcome(lib, CASE.format(body=body), seconds=8)
    assert found.state == "hangs"
    child = int((lib / "test" / "test_x.py.pid").read_text())
    for _ in range(100):
        if not Path(f"/proc/{child}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


@pytest.mark.parametrize(("value", "state", "failed"), [(1, "passes", 0), (2, "fails", 1)])
def test_a_method_of_a_mixin_runs_in_every_class(
    lib: Path, value: int, state: str, failed: int
) -> None:
    found = outcome(lib, MIXIN.format(value=value), "test_new")
    assert (found.state, found.ran, found.failed) == (state, 2, failed)


def test_a_pattern_that_nothing_matches_is_no_pass(lib: Path) -> None:
    assert outcome(lib, CASE.format(body="pass"), "test_other").state == "skipped"


def test_files_run_beside_each_other_and_each_is_told(lib: Path) -> None:
    names = [f"test_{letter}" for letter in "abcd"]
    for name in names:
        body = "self.fail()" if name == "test_c" else "pass"
        (lib / "test" / f"{name}.py").write_text(CASE.format(body=body))
    told: list[str] = []
    runs = [FileRun(module=name) for name in names]
    suite = Suite(python=Path(sys.executable), tests_of=lib, seconds=60)
    found = run_files(suite, runs, at_once=3, done=lambda item, _: told.append(item.module))
    assert list(found) == runs
    assert sorted(told) == names
    assert [found[item].state for item in runs] == ["passes", "passes", "fails", "passes"]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "skipped"),
        (["skipped", "passes"], "passes"),
        (["passes", "fails", "skipped"], "fails"),
        (["fails", "hangs"], "hangs"),
        (["hangs", "crashes", "passes"], "crashes"),
    ],
)
def test_the_worst_file_decides(states: list[str], expected: str) -> None:
    found = joined(TestOutcome(state=state, ran=2, failed=state == "fails") for state in states)
    assert (found.state, found.ran) == (expected, 2 * len(states))
