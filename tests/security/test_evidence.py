"""A change's own tests: found in its commit, run on two interpreters, told apart."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.security.evidence import TestId, gather, own_tests, run_tests
from examples import BASE_FILES, Example, diff, link_upstream_tests, make_archive, real_tree

if TYPE_CHECKING:
    from elpython.build.build import Build

TEST = """\
import unittest

HELPER = 1

class SpamTest(unittest.TestCase):
    def test_old(self):
        self.assertEqual(HELPER, 1)

    def test_kept(self):
        pass
"""
NEW = TEST + "\n    def test_new(self):\n        self.assertEqual(HELPER, {value})\n"


def with_tests(example: Example, changed: str) -> None:
    files = {**BASE_FILES, "Lib/test/__init__.py": "", "Lib/test/test_spam.py": TEST}
    example.sha256 = make_archive(example.root / "base.tar.gz", files)
    example.write()
    example.add("fix", diff({"Lib/test/test_spam.py": TEST}, {"Lib/test/test_spam.py": changed}))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (NEW.format(value=1), ["test.test_spam.SpamTest.test_new"]),
        (TEST.replace("pass", "return"), ["test.test_spam.SpamTest.test_kept"]),
        (TEST.replace("HELPER = 1", "HELPER = 2"), ["test.test_spam"]),
    ],
)
def test_own_tests_are_those_that_the_commit_touches(
    example: Example, changed: str, expected: list[str]
) -> None:
    with_tests(example, changed)
    assert [str(test) for test in own_tests(example.prepare(), "fix")] == expected


def test_tests_that_a_later_compiler_warns_of(example: Example) -> None:
    """3.9's tests have unknown escapes in plain text."""
    with_tests(example, NEW.format(value="'\\d'"))
    found = [str(test) for test in own_tests(example.prepare(), "fix")]
    assert found == ["test.test_spam.SpamTest.test_new"]


def test_a_change_without_tests(example: Example) -> None:
    example.add("one", diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"}))
    python = Path(sys.executable)
    assert gather(example.prepare(), "one", branch=python, base=None) is None


def test_proven_needs_both_sides(example: Example) -> None:
    with_tests(example, NEW.format(value=1))
    tree = example.prepare()
    python = Path(sys.executable)
    link_upstream_tests(python, tree.folder / "Lib" / "test")
    found = gather(tree, "fix", branch=python, base=python)
    assert found is not None
    assert (found.good, found.proven) == (True, False)


@pytest.mark.parametrize(
    ("header", "ran"),
    [
        ("from test import support, test_spam as mixin", 2),
        ("from test import test_spam as mixin", 2),
        ("import test.test_spam as mixin", 2),
        ("mixin = __import__('test.test_spam').test_spam", 0),
    ],
)
def test_a_mixin_is_run_where_other_files_inherit_it(tmp_path: Path, header: str, ran: int) -> None:
    """What no class of its own file inherits is not called skipped when another file has it."""
    package = tmp_path / "test"
    link_upstream_tests(Path(sys.executable), package)
    (package / "test_spam.py").write_text(
        "class Common:\n    def test_new(self):\n        self.assertEqual(self.value, 1)\n"
    )
    (package / "test_eggs.py").write_text(
        f"import unittest\n{header}\n\n\nclass A(mixin.Common, unittest.TestCase):\n"
        "    value = 1\n\n\nclass B(A):\n    def test_other(self):\n        self.fail()\n"
    )
    tests = [TestId(module="test_spam", name="Common.test_new")]
    found = run_tests(Path(sys.executable), tmp_path, tests)
    assert (found.state, found.ran) == ("passes" if ran else "skipped", ran)


@pytest.mark.slow
def test_a_real_fix_is_proven(real_store: object, el311: Build, base311: Build) -> None:
    """CVE-2026-4519: the tests fail on CPython 3.11.2 and pass on EL Python."""
    from elpython.core.store import Store

    assert isinstance(real_store, Store)
    tree = real_tree(real_store, "3.11")
    found = gather(tree, "CVE-2026-4519", branch=el311.python, base=base311.python)
    assert found is not None
    assert found.proven
    assert found.base is not None
    assert (found.base.state, found.branch.state) == ("fails", "passes")
