"""Run upstream's test files the way upstream does: through `test.libregrtest`, one process a file.

Many test files of the older branches set something up in `test_main()`, which a plain unittest
loader never calls; regrtest does. Its exit code decides; what ran is counted in what it prints (its
`--junit-xml` breaks off where a message has a NUL in it).
"""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from elpython.core.process import clean_env, kill_group, spawn
from elpython.core.store import remove_tree

if TYPE_CHECKING:
    import subprocess  # noqa: TID251 - for the type; only process.py starts programs
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["FileRun", "Suite", "TestOutcome", "joined", "run_files"]

# The interpreter keeps its own standard library; only its `test` package is another one. They lie
# side by side in one folder of links: some tests look for the library beside themselves.
_START = """
import os, sys, sysconfig
tests, lib, module = sys.argv[1:4]
del sys.argv[1:4]
stdlib = sysconfig.get_path("stdlib")
for name in os.listdir(stdlib):
    if name not in ("test", "site-packages"):
        os.symlink(os.path.join(stdlib, name), os.path.join(lib, name))
os.symlink(tests, os.path.join(lib, "test"))
sys.path.insert(0, lib)
if module:
    # A file without test_main: regrtest asks unittest for all its classes.
    import importlib
    load = importlib.import_module
    def stripped(name, package=None):
        found = load(name, package)
        if name == "test." + module:
            vars(found).pop("test_main", None)
        return found
    importlib.import_module = stripped
from test.libregrtest.main import main
main()
"""
# What tests may use: no network, no window, no sound, no gigabytes of disk.
_RESOURCES = "cpu,decimal,subprocess"
# Exit codes of regrtest.
_FAILED, _ENV_CHANGED, _NO_TESTS = 2, 3, 4
# What it prints before the one file that it is to run.
_REACHED = "[1/1] "
# How unittest tells what ran, was skipped, and passed.
_RAN = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
_SKIPPED = re.compile(r"^(?:OK|FAILED|NO TESTS RAN) \(.*?skipped=(\d+)", re.MULTILINE)
_OK = re.compile(r"(?:^|\.\.\. )ok$", re.MULTILINE)
# How unittest tells a failure, a subtest's and a failed set-up's as well.
_BROKEN = re.compile(r"^(?:ERROR|FAIL): (?P<name>\w+) \((?P<holder>[\w.]+)\)", re.MULTILINE)
_TICK = 0.05
_LINES = 30
# The worst that one file shows is what all of them show.
_WORST = ("crashes", "hangs", "fails", "passes", "skipped")


@dataclass(frozen=True, kw_only=True, slots=True)
class TestOutcome:
    """How tests went in one interpreter.

    Attributes:
        state: `passes`, `fails`, `hangs`, `crashes` or `skipped`.
        ran, failed, skipped: counts of tests; 0 where they are not known.
        broken: ids of the tests that failed, sorted.
        text: end of the output.
        seconds: wall time.
        reached: whether the runner came as far as the test file.
    """

    __test__ = False

    state: str
    ran: int = 0
    failed: int = 0
    skipped: int = 0
    broken: tuple[str, ...] = ()
    text: str = ""
    seconds: float = 0.0
    reached: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRun:
    """One test file to be run.

    Attributes:
        module: its name below `test`, `test_asyncio.test_tasks`.
        patterns: only tests with one of these method names; none: all.
        all_classes: also those that the file's `test_main()` does not name; without its set-up.
    """

    module: str
    patterns: tuple[str, ...] = ()
    all_classes: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """An interpreter, and the tests that are run in it.

    Attributes:
        python: the interpreter.
        tests_of: folder whose `test` package holds the tests (a standard library, a tree's Lib);
            None for the interpreter's own.
        seconds: time limit of one file; a test of a denial of service hangs without the fix.
    """

    python: Path
    tests_of: Path | None = None
    seconds: float = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Child:
    run: FileRun
    process: subprocess.Popen[bytes]
    folder: Path
    sink: IO[bytes]
    started: float


def run_files(
    suite: Suite,
    runs: Sequence[FileRun],
    *,
    at_once: int = 1,
    done: Callable[[FileRun, TestOutcome], None] = lambda _run, _outcome: None,
) -> dict[FileRun, TestOutcome]:
    """Run test files, several at once; each in a process and a folder of its own.

    Args:
        suite: interpreter and tests.
        runs: what to run, in this order.
        at_once: how many at the same time.
        done: told each file and its outcome as it ends.
    """
    waiting = list(reversed(runs))
    children: list[_Child] = []
    found: dict[FileRun, TestOutcome] = {}
    with ExitStack() as stack:
        root = Path(tempfile.mkdtemp(prefix="elpython-tests-"))
        stack.callback(remove_tree, root)
        stack.callback(_stop, children)
        while waiting or children:
            while waiting and len(children) < max(at_once, 1):
                number = len(runs) - len(waiting)
                children.append(_start(suite, waiting.pop(), root, f"run-{number}"))
            time.sleep(_TICK)
            for child in list(children):
                outcome = _ended(child, suite)
                if outcome is not None:
                    children.remove(child)
                    found[child.run] = outcome
                    done(child.run, outcome)
    return {item: found[item] for item in runs}


def _stop(children: Sequence[_Child]) -> None:
    for child in children:
        kill_group(child.process)


def _start(suite: Suite, item: FileRun, root: Path, name: str) -> _Child:
    folder = root / name
    folder.mkdir()
    work = folder / "work"
    work.mkdir()
    words: list[str | Path] = [suite.python, "-m", "test"]
    if suite.tests_of is not None:
        (folder / "lib").mkdir()
        tests = (suite.tests_of / "test").resolve()
        words = [suite.python, "-W", "ignore", "-c", _START, tests, folder / "lib"]
        words.append(item.module if item.all_classes else "")
    words += ["-v", "-u", _RESOURCES, "--tempdir", work]
    for pattern in item.patterns:
        words += ["-m", pattern]
    sink = (folder / "output").open("wb")
    env = clean_env({"TMPDIR": str(work)})
    process = spawn([*words, item.module], cwd=work, env=env, stdout=sink, stderr=sink)
    return _Child(run=item, process=process, folder=folder, sink=sink, started=time.monotonic())


def _ended(child: _Child, suite: Suite) -> TestOutcome | None:
    seconds = time.monotonic() - child.started
    code = child.process.poll()
    if code is None and seconds < suite.seconds:
        return None
    # What a test started may have outlived it.
    kill_group(child.process)
    child.sink.close()
    if code is None:
        text = _output(child.folder)
        return TestOutcome(
            state="hangs", text=_tail(text), seconds=seconds, reached=_REACHED in text
        )
    return _outcome(child.folder, code, seconds)


def _output(folder: Path) -> str:
    return (folder / "output").read_text("utf-8", "replace")


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-_LINES:])


def _outcome(folder: Path, code: int, seconds: float) -> TestOutcome:
    text = _output(folder)
    ran = sum(map(int, _RAN.findall(text)))
    skipped = sum(map(int, _SKIPPED.findall(text)))
    broken = sorted({_identity(match) for match in _BROKEN.finditer(text)})
    if code in {0, _ENV_CHANGED, _NO_TESTS}:
        # A class that is skipped as a whole counts among the skipped, but not among those that ran.
        state = "passes" if ran > skipped or _OK.search(text) else "skipped"
    else:
        state = "fails" if code == _FAILED else "crashes"
    return TestOutcome(
        state=state,
        ran=ran,
        failed=len(broken) or int(state == "fails"),
        skipped=skipped,
        broken=tuple(broken),
        text=_tail(text),
        seconds=seconds,
        reached=_REACHED in text,
    )


def _identity(match: re.Match[str]) -> str:
    """Return a failed test's id: later releases tell the method's name in both places."""
    holder, name = match["holder"], match["name"]
    return holder if holder.endswith(f".{name}") else f"{holder}.{name}"


def joined(outcomes: Iterable[TestOutcome]) -> TestOutcome:
    """Return the outcome of several files as one: the worst state, the sums of the counts."""
    found = sorted(outcomes, key=lambda item: _WORST.index(item.state))
    if not found:
        return TestOutcome(state="skipped")
    return TestOutcome(
        state=found[0].state,
        ran=sum(item.ran for item in found),
        failed=sum(item.failed for item in found),
        skipped=sum(item.skipped for item in found),
        broken=tuple(name for item in found for name in item.broken),
        text=found[0].text,
        seconds=sum(item.seconds for item in found),
    )
