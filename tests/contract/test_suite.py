"""Running a test suite's modules: outcomes, limits, what is remembered, and stopping."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elpython.contract import subject as subjects
from elpython.contract.promises.behaviour import compare
from elpython.contract.subject import Run, Subject, load
from elpython.contract.suite import Ran, Suite, ran
from elpython.core.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from contract.mutants.lab import Lab

SUPPORT = """
import unittest, doctest
use_resources, verbose = None, 0
def _run_suite(suite):
    raise AssertionError("the probe runs it itself")
def run_unittest(*classes):
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    _run_suite(unittest.TestSuite(load(one) for one in classes))
def run_doctest(module, verbosity=None, optionflags=0):
    raise AssertionError("the probe runs it itself")
def load_package_tests(*args):
    raise AssertionError("the probe does it itself")
"""
SPAWNS = """
import multiprocessing, unittest
def double(number):
    return number * 2
class T(unittest.TestCase):
    def test_it(self):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            self.assertEqual(pool.map_async(double, [1, 2]).get(50), [2, 4])
"""
KINDS = """
import os, subprocess, sys, unittest
class T(unittest.TestCase):
    def test_good(self):
        print("x" * 100000); os.write(1, b"y"); subprocess.run(["echo", "z"], check=True)
        assert sys.stdout.fileno() == 1
    def test_bad(self): self.fail("no")
    def test_raises(self): raise OSError("why")
    @unittest.skip("not here")
    def test_left_out(self): pass
    @unittest.expectedFailure
    def test_known(self): self.fail("known")
    @unittest.expectedFailure
    def test_surprise(self): pass
    def test_parts(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)
"""
MAIN = '''
import unittest
from test.support import run_unittest, run_doctest
__test__ = {"sums": """
>>> 1 + 1
2
"""}
class Chosen(unittest.TestCase):
    def test_a(self): pass
class NotChosen(unittest.TestCase):
    def test_b(self): pass
def test_main():
    run_unittest(Chosen)
    import sys
    run_doctest(sys.modules[__name__])
'''
HANGS = """
import time, unittest
class T(unittest.TestCase):
    def test_a(self): pass
    def test_b(self): time.sleep(300)
    def test_c(self): pass
"""
PACKAGE = """
import os
from test.support import load_package_tests
def load_tests(*args):
    return load_package_tests(os.path.dirname(__file__), *args)
"""
INSIDE = "import unittest\nclass T(unittest.TestCase):\n    def test_x(self): pass\n"


@pytest.fixture
def python(run: Run) -> Subject:
    return load(sys.executable, role="base", store=run.store)


@pytest.fixture
def suite(tmp_path: Path, python: Subject) -> Suite:
    folder = tmp_path / "Lib"
    for name, text in {
        "__init__.py": "",
        "support/__init__.py": SUPPORT,
        "test_kinds.py": KINDS,
        "test_spawns.py": SPAWNS,
        "test_main_own.py": MAIN,
        "test_hangs.py": HANGS,
        "test_dies.py": HANGS.replace("time.sleep(300)", "__import__('os').abort()"),
        "test_skipped.py": "import unittest\nraise unittest.SkipTest('another system')\n",
        "test_no_import.py": "import not_there_at_all\n",
        "test_package/__init__.py": PACKAGE,
        "test_package/test_inside.py": INSIDE,
        "test_counted.py": INSIDE + f"open({str(tmp_path / 'count')!r}, 'a').write('x')\n",
    }.items():
        path = folder / "test" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Suite(base=python, folder=folder, modules=(), module_seconds=60, test_seconds=12)


@pytest.mark.parametrize(
    ("module", "outcomes"),
    [
        (
            "test_kinds",
            {
                "T.test_good": "passed",
                "T.test_bad": "failed",
                "T.test_raises": "error",
                "T.test_left_out": "skipped",
                "T.test_known": "passed",
                "T.test_surprise": "failed",
                "T.test_parts": "failed",
            },
        ),
        ("test_main_own", {"Chosen.test_a": "passed", "__test__.sums": "passed"}),
        ("test_spawns", {"T.test_it": "passed"}),
        ("test_skipped", {"": "skipped"}),
        ("test_no_import", {"": "error"}),
        ("test_package", {"test_inside.T.test_x": "passed"}),
        ("test_hangs", {"T.test_a": "passed", "T.test_b": "crashed"}),
        ("test_dies", {"T.test_a": "passed", "T.test_b": "crashed"}),
    ],
)
def test_outcomes(suite: Suite, run: Run, module: str, outcomes: dict[str, str]) -> None:
    found = ran(suite, suite.base, module, run)
    expected = {f"test.{module}.{name}".rstrip("."): text for name, text in outcomes.items()}
    assert found.outcomes == expected


def test_a_test_that_is_left_out_counts_on_no_side(suite: Suite, run: Run) -> None:
    name, module = "test.test_main_own.Chosen.test_a", "test_main_own"
    less = replace(suite, left_out=frozenset({name}))
    assert name in ran(suite, suite.base, module, run).outcomes
    assert name not in ran(less, suite.base, module, run).outcomes


def test_a_hang_is_told_with_the_line(suite: Suite, run: Run) -> None:
    words = ran(suite, suite.base, "test_hangs", run).words["test.test_hangs.T.test_b"]
    assert "Timeout" in words
    assert "in test_b" in words


def test_a_run_is_remembered_for_each_interpreter(
    suite: Suite, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> int:
        return len((tmp_path / "count").read_text())

    ran(suite, suite.base, "test_counted", run)
    # Other checks, other answers: but not here, where the probe alone decides.
    monkeypatch.setattr(subjects, "code_digest", lambda: "another")
    ran(suite, suite.base, "test_counted", run)
    assert count() == 1
    ran(suite, replace(suite.base, digest="rebuilt"), "test_counted", run)
    assert count() == 2
    ran(suite, suite.base, "test_counted", run, attempt=1)
    assert count() == 3
    ran(suite, suite.base, "test_counted", replace(run, refreshed=set()))
    assert count() == 4


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"a": "passed"}, {"a": "passed"}, []),
        ({"a": "passed"}, {"a": "failed"}, ["passes on the base; failed"]),
        ({"a": "passed"}, {"a": "skipped"}, ["passes on the base; skipped"]),
        ({"a": "passed"}, {}, ["passes on the base; did not run"]),
        ({"a": "failed", "b": "skipped", "c": "crashed"}, {}, []),
        ({}, {"a": "failed"}, []),
    ],
)
def test_what_passed_has_to_pass(old: dict[str, str], new: dict[str, str], told: list[str]) -> None:
    before, after = (Ran(outcomes=outcomes, words={}) for outcomes in (old, new))
    assert [item.what for item in compare(before, after)] == told


@pytest.mark.slow
def test_ctrl_c_ends_at_once_and_leaves_nothing_half(lab: Lab, tmp_path: Path) -> None:
    copy = lab.copy("sleeper")
    mark = tmp_path / "pid"
    sleeper = f"""
import os, time, unittest
class T(unittest.TestCase):
    def test_long(self):
        open({str(mark)!r}, "w").write(str(os.getpid()))
        time.sleep(600)
"""
    copy.write(copy.lib / "test" / "test_el_sleep.py", sleeper)
    python = str(copy.root / "bin/python3.11")
    words = [sys.executable, "-m", "elpython", "contract", "check", "--base", python]
    words += ["--candidate", python, "--only", "behaviour", "-j", "1"]
    words += ["--test", "test_el_sleep", "--test", "test_bool"]
    store = Store(tmp_path / "store")
    child = subprocess.Popen(
        words, env={**os.environ, "ELPYTHON_STORE": str(store.root)}, stderr=subprocess.PIPE
    )
    while child.poll() is None and not (mark.is_file() and mark.read_text()):
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert child.returncode not in {0, 1, -signal.SIGINT}
    assert b"finished products are kept" in told
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
    kept = [json.loads(path.read_text()) for path in store.root.rglob("ran.json")]
    assert kept == []
