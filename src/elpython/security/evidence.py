"""Evidence for a change: its own tests fail on the bare base and pass on the branch."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.core.process import run
from elpython.security.methods import methods
from elpython.security.regrtest import FileRun, Suite, TestOutcome, joined, run_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.prepare.tree import Tree

__all__ = ["Evidence", "TestId", "TestOutcome", "gather", "own_tests", "run_tests", "tests_of"]

_SECONDS = 300.0
_LEAST_SECONDS, _TIMES_SLOWER = 60.0, 3.0
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(?P<start>\d+)(?:,(?P<count>\d+))? @@", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class TestId:
    """A test that a change brings or alters: module and, where known, class and method."""

    __test__ = False

    module: str
    name: str = ""

    def __str__(self) -> str:
        return f"test.{self.module}.{self.name}" if self.name else f"test.{self.module}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a change's tests show.

    Attributes:
        change: its id.
        tests: what was run.
        base: on the bare base; None when only the branch was asked.
        branch: on the branch.
    """

    change: str
    tests: tuple[str, ...]
    base: TestOutcome | None
    branch: TestOutcome

    @property
    def proven(self) -> bool:
        """Whether the tests fail on the base and pass on the branch."""
        before = self.base is not None and self.base.state in {"fails", "hangs", "crashes"}
        return before and self.branch.state == "passes"

    @property
    def good(self) -> bool:
        """Whether the branch keeps what the change promises."""
        return self.branch.state in {"passes", "skipped"}


def _added_lines(diff: str) -> list[range]:
    spans = []
    for match in _HUNK.finditer(diff):
        start, count = int(match["start"]), int(match["count"] or 1)
        if count:
            spans.append(range(start, start + count))
    return spans


def _tests_at(source: str, spans: Sequence[range]) -> list[str] | None:
    """Return the dotted names of the test methods that added lines lie in.

    None when an added line lies in code that any test may use.
    """
    found: dict[str, None] = {}
    tests = [item for item in methods(source) if item[0].partition(".")[2].startswith("test")]
    for span in spans:
        names = [
            name for name, lines in tests if lines.start < span.stop and span.start < lines.stop
        ]
        found.update(dict.fromkeys(names))
    return list(found) or None


def own_tests(tree: Tree, change: str) -> list[TestId]:
    """Return the tests that a change brings or alters, read from its commit.

    Args:
        tree: the prepared tree.
        change: id of the change.
    """
    commit = next(item.commit for item in tree.commits if item.change == change)
    git = ["git", "-C", str(tree.folder)]
    names = run([*git, "diff-tree", "-r", "--no-commit-id", "--name-only", commit]).stdout
    tests: list[TestId] = []
    for path in names.splitlines():
        match = re.fullmatch(r"Lib/test/((?:\w+/)*test_\w+)(?:/__init__)?\.py", path)
        if match is None:
            continue
        module = match[1].replace("/", ".")
        diff = run(
            [*git, "diff-tree", "-U0", "-p", "--no-commit-id", commit, "--", path],
            errors="surrogateescape",
        ).stdout
        # The branch's own last state is what runs: an earlier one may use what is gone since.
        source = (tree.folder / path).read_text("utf-8", "replace")
        then = run([*git, "show", f"{commit}:{path}"], errors="surrogateescape").stdout
        found = _tests_at(then, _added_lines(diff))
        still = _all_tests(source)
        kept = [name for name in found or [] if name in still]
        if kept:
            tests += [TestId(module=module, name=name) for name in kept]
        else:
            tests.append(TestId(module=module))
    return tests


def _all_tests(source: str) -> set[str]:
    return {name for name, _ in methods(source)}


def tests_of(tree: Path, module: str) -> set[str]:
    """Return the tests of a file of a tree's test suite: `Class.method`; none if it is not there.

    Args:
        tree: the tree's folder.
        module: below `test`, `test_zipfile.test_core`.
    """
    place = tree / "Lib" / "test" / module.replace(".", "/")
    for path in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
        if path.is_file():
            return _all_tests(path.read_text("utf-8", "replace"))
    return set()


def run_tests(
    python: Path, tests_of: Path, tests: Sequence[TestId], *, seconds: float = _SECONDS
) -> TestOutcome:
    """Run tests in an interpreter, as upstream's own runner does.

    Args:
        python: the interpreter.
        tests_of: folder whose `test` package holds the tests (a standard library, or a tree's Lib).
        tests: what to run; by the method's name: where it stands in a mixin, the classes that
            inherit it run it.
        seconds: time limit of a test file; a denial of service hangs where the fix is missing.
    """
    wanted: dict[str, list[str]] = {}
    for test in tests:
        wanted.setdefault(test.module, []).append(test.name.rpartition(".")[2])
    runs = [
        FileRun(module=module, patterns=() if "" in methods else tuple(methods))
        for module, methods in wanted.items()
    ]
    suite = Suite(python=python, tests_of=tests_of, seconds=seconds)
    found = run_files(suite, runs)
    nowhere = [
        item
        for item, outcome in found.items()
        if item.patterns and outcome.state == "skipped" and not outcome.ran
    ]
    elsewhere = [run for item in nowhere for run in _other_ways(tests_of, item)]
    return joined([*found.values(), *run_files(suite, elsewhere).values()])


def _other_ways(tests_of: Path, item: FileRun) -> list[FileRun]:
    """Return how to run tests that their own file does not: a mixin's, or of a class left out.

    A mixin's methods run where other files inherit it; a class that a backport has brought may be
    missing in the list of its file's `test_main`.
    """
    heirs = _heirs(tests_of, item.module)
    ways = [FileRun(module=name, patterns=item.patterns) for name in heirs]
    return [*ways, replace(item, all_classes=True)]


def _heirs(tests_of: Path, module: str) -> list[str]:
    """Return the test files beside a test file that import it."""
    ways = (rf"from test import .*\b{module}\b", rf"(?:import|from) test\.{module}\b")
    wanted = re.compile(rf"^\s*(?:{'|'.join(ways)})", re.MULTILINE)
    files = sorted((tests_of / "test").glob("test_*.py"))
    return [path.stem for path in files if wanted.search(path.read_text("utf-8", "replace"))]


def gather(tree: Tree, change: str, *, branch: Path, base: Path | None) -> Evidence | None:
    """Run a change's own tests on the branch and, when it is given, on the bare base.

    Args:
        tree: the prepared tree.
        change: id of the change.
        branch: the branch's interpreter.
        base: the bare base's interpreter.

    Returns:
        None when the change brings no tests.
    """
    tests = own_tests(tree, change)
    if not tests:
        return None
    lib = tree.folder / "Lib"
    mine = run_tests(branch, lib, tests)
    # What hangs on the base proves something only where the branch was much faster.
    limit = max(_LEAST_SECONDS, _TIMES_SLOWER * mine.seconds)
    return Evidence(
        change=change,
        tests=tuple(map(str, tests)),
        base=None if base is None else run_tests(base, lib, tests, seconds=limit),
        branch=mine,
    )
