"""Which test files a branch touches, and what is made of their results against the bare base."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from elpython.define.branch import branch_names, load_branch
from elpython.security.touched import Side, Touched, plan, run_plan
from examples import BASE_FILES, REPOSITORY, diff, link_upstream_tests, make_archive, real_tree

if TYPE_CHECKING:
    from elpython.build.build import Build
    from elpython.core.store import Store
    from examples import Example

TESTS = [
    "test_spam", "test_http_cookies", "test_httplib", "test_bz2", "test_long", "test_int",
    "test_asyncio/__init__", "test_sysconfig", "test_eggs",
]  # fmt: skip
CASE = "import unittest\n\n\nclass T(unittest.TestCase):\n"
GOOD = CASE + "    def test_a(self):\n        pass\n"
BAD_A = CASE + "    def test_a(self):\n        self.fail()\n"
BAD_AB = BAD_A + "\n    def test_b(self):\n        self.fail()\n"
SKIPPED = CASE + "    def test_a(self):\n        self.skipTest('why')\n"
CRASH = CASE + "    def test_a(self):\n        import os\n        os.abort()\n"
# Fails in the first process that runs it only: what a machine under load does.
ONCE = CASE + (
    "    def test_a(self):\n        import pathlib\n"
    "        mark = pathlib.Path(__file__).with_name('mark')\n"
    "        seen = mark.exists()\n        mark.touch()\n        self.assertTrue(seen)\n"
)


def planned(example: Example, path: str, tests: str = "") -> tuple[list[str], tuple[str, ...]]:
    """What is planned for a branch whose one change alters one file."""
    base = BASE_FILES | {f"Lib/test/{name}.py": "" for name in TESTS} | {path: "1\n"}
    example.sha256 = make_archive(example.root / "base.tar.gz", base)
    example.write()
    example.add("one", diff({path: "1\n"}, {path: "2\n"}))
    if tests:
        file = example.folder / "changes" / "one.toml"
        file.write_text(f"tests = {tests}\n" + file.read_text())
    found = plan(example.prepare(), example.load())
    assert all(item.changes == ("one",) for item in found.files)
    return [item.module for item in found.files], found.without


@pytest.mark.parametrize(
    ("path", "modules"),
    [
        ("Lib/spam.py", ["test_spam"]),
        ("Lib/_spam.py", ["test_spam"]),
        ("Lib/http/cookies.py", ["test_http_cookies"]),
        ("Lib/http/client.py", ["test_httplib"]),
        ("Lib/asyncio/tasks.py", ["test_asyncio"]),
        ("Lib/asyncio/__init__.py", ["test_asyncio"]),
        ("Modules/_bz2module.c", ["test_bz2"]),
        ("Objects/longobject.c", ["test_int", "test_long"]),
        ("Lib/test/test_eggs.py", ["test_eggs"]),
        ("Lib/test/test_asyncio/test_tasks.py", ["test_asyncio"]),
        ("configure.ac", ["test_sysconfig"]),
        ("Lib/test/support/__init__.py", []),
        ("Doc/library/spam.rst", []),
        ("Lib/minpython/spam.py", []),
    ],
)
def test_a_path_goes_with_test_files(example: Example, path: str, modules: list[str]) -> None:
    assert planned(example, path) == (modules, ())


def test_a_module_without_tests_is_told(example: Example) -> None:
    assert planned(example, "Lib/untested.py") == ([], ("Lib/untested.py",))


def test_a_change_names_tests_of_its_own_accord(example: Example) -> None:
    """What the base's suite does not have is left out."""
    found = planned(example, "Lib/spam.py", '["test_eggs", "test_gone"]')
    assert found == (["test_eggs", "test_spam"], ())


def interpreter(folder: Path, files: dict[str, str]) -> Side:
    """An interpreter whose own `test` package holds only these files, besides the runner."""
    link_upstream_tests(Path(sys.executable), folder / "lib" / "test")
    for name, text in files.items():
        (folder / "lib" / "test" / f"{name}.py").write_text(text)
    program = folder / "python"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={folder}/lib exec {sys.executable} "$@"\n')
    program.chmod(0o755)
    return Side(python=program)


@pytest.mark.parametrize(
    ("mine", "theirs", "state", "asked"),
    [
        (GOOD, BAD_A, "passes", False),
        (SKIPPED, BAD_A, "skipped", False),
        (BAD_A, GOOD, "broken", True),
        (BAD_A, BAD_A, "as the base", True),
        (BAD_A, BAD_AB, "as the base", True),
        (BAD_AB, BAD_A, "broken", True),
        (BAD_A, CRASH, "broken", True),
        (CRASH, BAD_A, "broken", True),
        (CRASH, CRASH, "as the base", True),
        (ONCE, BAD_A, "passes", False),
    ],
)
def test_results_are_held_against_the_base(
    tmp_path: Path, mine: str, theirs: str, state: str, asked: object
) -> None:
    branch = interpreter(tmp_path / "mine", {"test_x": mine})
    base = interpreter(tmp_path / "theirs", {"test_x": theirs})
    files = [Touched(module="test_x", changes=("one",))]
    found = run_plan(files, branch=branch, base=lambda: base, seconds=60)
    assert [(item.state, item.base is not None) for item in found] == [(state, asked)]


def test_a_test_that_the_base_does_not_have_and_fails_is_broken(tmp_path: Path) -> None:
    branch = interpreter(tmp_path / "mine", {"test_new": BAD_A})
    base = interpreter(tmp_path / "theirs", {})
    files = [Touched(module="test_new", changes=("one",))]
    found = run_plan(files, branch=branch, base=lambda: base, seconds=60)
    assert [item.state for item in found] == ["broken"]


def test_an_interpreter_without_the_runner_hides_nothing(tmp_path: Path) -> None:
    """Neither side came as far as the test: that is no failure that the base shares."""
    sides = [interpreter(tmp_path / name, {"test_x": GOOD}) for name in ("mine", "theirs")]
    for side in sides:
        (side.python.parent / "lib" / "test" / "__main__.py").unlink()
    files = [Touched(module="test_x", changes=("one",))]
    found = run_plan(files, branch=sides[0], base=lambda: sides[1], seconds=60)
    assert [item.state for item in found] == ["broken"]


def test_what_was_not_installed_is_taken_from_the_source(tmp_path: Path) -> None:
    """As 3.11.2's `make install` forgets test_sqlite3."""
    side = interpreter(tmp_path / "mine" / "bin", {"test_x": GOOD})
    installed = tmp_path / "mine" / "lib" / "python3.11" / "test"
    link_upstream_tests(Path(sys.executable), installed)
    (installed / "test_x.py").write_text(GOOD)
    source = tmp_path / "source" / "Lib"
    link_upstream_tests(Path(sys.executable), source / "test")
    (source / "test" / "test_x.py").write_text(BAD_A)
    (source / "test" / "test_forgotten.py").write_text(GOOD)
    files = [Touched(module=name, changes=("one",)) for name in ("test_forgotten", "test_x")]
    branch = Side(python=side.python, lib=source)
    found = run_plan(files, branch=branch, base=lambda: side, seconds=60)
    assert [(item.module, item.state) for item in found] == [
        ("test_forgotten", "passes"), ("test_x", "passes"),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", branch_names(REPOSITORY / "branches"))
def test_every_touched_module_of_ours_has_a_test_file(real_store: Store, name: str) -> None:
    found = plan(real_tree(real_store, name), load_branch(REPOSITORY / "branches", name))
    assert found.without == ()
    assert len(found.files) > 40


@pytest.mark.slow
def test_the_command_on_one_change(el311: Build) -> None:
    """It runs what goes with the change, says so in its schema, and keeps nothing unasked."""
    assert el311
    words = ["fix", "test", "3.11", "CVE-2026-9669", "--touched", "--json"]
    argv = [sys.executable, "-m", "elpython", *words]
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, cwd=REPOSITORY, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    schema = REPOSITORY / "docs" / "reference" / "schemas" / "fix-test-touched.schema.json"
    jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(data)
    assert [(item["test"], item["state"]) for item in data["touched"]] == [("test_bz2", "passes")]
    assert data["touched"][0]["ran"] > 50
