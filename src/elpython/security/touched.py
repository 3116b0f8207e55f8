"""Which of upstream's test files a branch's changes touch, and how they go: told file by file."""

from __future__ import annotations

import fnmatch
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.process import run
from elpython.core.report import SILENT
from elpython.security.regrtest import FileRun, Suite, TestOutcome, run_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elpython.core.report import Reporter
    from elpython.define.branch import Branch
    from elpython.prepare.tree import Tree

__all__ = [
    "AS_BASE",
    "BROKEN",
    "STATES",
    "FileResult",
    "Side",
    "Touched",
    "TouchedPlan",
    "plan",
    "run_plan",
]

_TABLE = Path(__file__).parent / "data" / "touched.toml"
_SECONDS = 1200.0
PASSES, SKIPPED, AS_BASE, BROKEN = "passes", "skipped", "as the base", "broken"
STATES = (PASSES, SKIPPED, AS_BASE, BROKEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Touched:
    """A test file of upstream that goes with what changes touch.

    Attributes:
        module: its name below `test`: a file, or a folder such as `test_asyncio`.
        changes: ids of the changes, in order.
    """

    module: str
    changes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TouchedPlan:
    """What is to be run for a branch.

    Attributes:
        files: the test files, sorted.
        without: paths of the tree that changes touch and no test file goes with, sorted.
    """

    files: tuple[Touched, ...]
    without: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileResult:
    """How a test file went.

    Attributes:
        module: its name below `test`.
        changes: ids of the changes that touch it.
        state: `passes`, `skipped`, `as the base` (each test that fails does so on the bare base
            too) or `broken`.
        branch: on the branch; where it failed among others, on its own.
        base: on the bare base; None where nobody had to ask.
    """

    module: str
    changes: tuple[str, ...]
    state: str
    branch: TestOutcome
    base: TestOutcome | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two interpreters that are held against each other.

    Attributes:
        python: installed with its tests.
        lib: the standard library in its source tree: `make install` of some releases forgets test
            packages (3.11.2: test_capi, test_sqlite3); they are taken from there.
    """

    python: Path
    lib: Path | None = None

    def installed(self, module: str) -> bool:
        """Whether a test file was installed; true where nothing tells."""
        places = list(self.python.parents[1].glob("lib/python3.*/test"))
        files = [place / name for place in places for name in (module, f"{module}.py")]
        return not places or any(file.exists() for file in files)


@cache
def _table() -> tuple[list[str], dict[str, list[str]]]:
    data = tomllib.loads(_TABLE.read_text("utf-8"))
    return data["none"], data["tests"]


def _by_name(path: str) -> list[str]:
    """Return the test files that a source file's name stands for."""
    folder, *inner = path.split("/")
    if folder == "Lib":
        parts = [part.removesuffix(".py") for part in inner if part != "__init__.py"]
        return ["test_" + "_".join(parts), *(f"test_{part.lstrip('_')}" for part in parts)]
    stem = Path(path).name.split(".")[0].lstrip("_")
    return [f"test_{stem.removesuffix('module').removesuffix('object')}"]


def _tests_of(path: str, known: set[str]) -> list[str] | None:
    """Return the test files of a path; None where none is to be expected."""
    parts = path.split("/")
    if path.startswith("Lib/test/test_"):
        name = parts[2].removesuffix(".py")
        return [name] if name in known else None
    none, table = _table()
    for pattern, names in table.items():
        if fnmatch.fnmatchcase(path, pattern):
            return [name for name in names if name in known]
    if any(fnmatch.fnmatchcase(path, pattern) for pattern in none):
        return None
    return [name for name in dict.fromkeys(_by_name(path)) if name in known]


def _known(tree: Tree) -> set[str]:
    entries = (tree.folder / "Lib" / "test").iterdir()
    return {path.name.removesuffix(".py") for path in entries if path.name.startswith("test_")}


def plan(tree: Tree, branch: Branch) -> TouchedPlan:
    """Return which test files go with what a branch's changes touch.

    Args:
        tree: the prepared tree, whose commits tell the paths.
        branch: the branch, whose changes name tests of their own accord.
    """
    known = _known(tree)
    found: dict[str, dict[str, None]] = {}
    without: dict[str, None] = {}
    named = {change.id: change.tests for change in branch.series}
    for item in tree.commits:
        git: list[str | Path] = ["git", "-C", tree.folder, "diff-tree", "-r", "-z"]
        names = run([*git, "--no-commit-id", "--name-only", item.commit]).stdout.split("\0")
        tests = [name for name in named.get(item.change, ()) if name in known]
        for path in filter(None, names):
            of_path = _tests_of(path, known)
            if of_path is not None and not of_path:
                without[path] = None
            tests += of_path or []
        for name in tests:
            found.setdefault(name, {})[item.change] = None
    files = [Touched(module=name, changes=tuple(found[name])) for name in sorted(found)]
    return TouchedPlan(files=tuple(files), without=tuple(sorted(without)))


def run_plan(
    files: Sequence[Touched],
    *,
    branch: Side,
    base: Callable[[], Side],
    jobs: int = 1,
    seconds: float = _SECONDS,
    reporter: Reporter = SILENT,
) -> list[FileResult]:
    """Run test files on a branch's interpreter.

    What fails runs once more, alone; what still fails runs on the bare base too.

    Args:
        files: what to run.
        branch: the branch's interpreter.
        base: gives the bare base's interpreter; only asked when a file failed.
        jobs: how many files at once.
        seconds: time limit of one file.
        reporter: told how it goes on.
    """
    count = 0

    def done(_run: FileRun, _outcome: TestOutcome) -> None:
        nonlocal count
        count += 1
        reporter.progress("test files", count, len(files))

    first = _outcomes(branch, [item.module for item in files], seconds, jobs=jobs, done=done)
    failed = [name for name, outcome in first.items() if _failed(outcome)]
    again = _outcomes(branch, failed, seconds)
    still = [name for name, outcome in again.items() if _failed(outcome)]
    on_base = _outcomes(base(), still, seconds) if still else {}
    return [
        _result(item, {**first, **again}[item.module], on_base.get(item.module)) for item in files
    ]


def _outcomes(
    side: Side,
    names: Sequence[str],
    seconds: float,
    *,
    jobs: int = 1,
    done: Callable[[FileRun, TestOutcome], None] = lambda _run, _outcome: None,
) -> Mapping[str, TestOutcome]:
    found: dict[str, TestOutcome] = {}
    forgotten = [name for name in names if side.lib is not None and not side.installed(name)]
    own = [name for name in names if name not in forgotten]
    for tests_of, wanted in ((None, own), (side.lib, forgotten)):
        suite = Suite(python=side.python, tests_of=tests_of, seconds=seconds)
        runs = [FileRun(module=name) for name in wanted]
        outcomes = run_files(suite, runs, at_once=jobs, done=done)
        found |= {item.module: outcome for item, outcome in outcomes.items()}
    return found


def _failed(outcome: TestOutcome) -> bool:
    return outcome.state not in {"passes", "skipped"}


def _result(item: Touched, mine: TestOutcome, base: TestOutcome | None) -> FileResult:
    state = mine.state if not _failed(mine) else BROKEN
    if state == BROKEN and base is not None and _no_worse(mine, base):
        state = AS_BASE
    return FileResult(module=item.module, changes=item.changes, state=state, branch=mine, base=base)


def _no_worse(mine: TestOutcome, base: TestOutcome) -> bool:
    """Return whether each test that fails on the branch fails on the bare base too."""
    if mine.state != "fails":
        return base.state == mine.state and mine.reached and base.reached
    return base.state == "fails" and bool(mine.broken) and set(mine.broken) <= set(base.broken)
