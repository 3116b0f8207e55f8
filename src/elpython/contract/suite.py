"""Run the modules of a base's test suite, each once for every interpreter."""

from __future__ import annotations

import json
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.probe import PROBES, ProbeError, ask
from elpython.core.errors import ElpythonError
from elpython.core.store import file_digest, key_of

if TYPE_CHECKING:
    from elpython.contract.subject import Run, Subject

__all__ = ["NoSuiteError", "Ran", "Suite", "find_suite", "ran"]

_DATA = Path(__file__).with_name("data") / "behaviour.toml"


class NoSuiteError(ElpythonError):
    """A base whose test suite is not installed and whose source is not known."""

    exit_code = 47


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """One test module's run: outcome by test id, and what the failures said."""

    outcomes: dict[str, str]
    words: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """What is run.

    Attributes:
        base: the interpreter that the suite belongs to.
        folder: holds the package `test`.
        modules: names without `test.`, the longest first.
        module_seconds: a module's time limit.
        test_seconds: a test's time limit.
        left_out: ids of tests whose outcome counts on neither side.
    """

    base: Subject
    folder: Path
    modules: tuple[str, ...]
    module_seconds: int
    test_seconds: int
    left_out: frozenset[str] = frozenset()


def find_suite(base: Subject, run: Run) -> Suite:
    """Find the base's suite, and choose the modules that this run wants.

    Raises:
        NoSuiteError: it is not there.
    """
    folders = [base.stdlib, *([base.source / "Lib"] if base.source else [])]
    folder = next((f for f in folders if (f / "test" / "test_grammar.py").is_file()), None)
    if folder is None:
        raise NoSuiteError(
            "the base's test suite is not installed",
            where=str(base.stdlib / "test"),
            todo=f"install it (Debian: libpython{base.tag}-testsuite), or give --base-source",
        )
    data = tomllib.loads(_DATA.read_text("utf-8"))
    limits = data["seconds"]
    return Suite(
        base=base,
        folder=folder,
        modules=tuple(_chosen(folder / "test", run, data)),
        module_seconds=limits["module"],
        test_seconds=limits["test"],
        left_out=frozenset(data["left_out_tests"]),
    )


def _chosen(folder: Path, run: Run, data: dict[str, list[str]]) -> list[str]:
    there = {path.stem for path in folder.glob("test_*.py")}
    there |= {path.parent.name for path in folder.glob("test_*/__init__.py")}
    if run.tests:
        return [name for name in run.tests if name in there]
    if run.sample:
        return [name for name in data["sample"] if name in there]
    first = [name for name in data["slow"] if name in there]
    return first + sorted(there - set(first) - set(data["left_out"]))


@cache
def _probe_digest() -> str:
    """Return the digest of what runs a test module; no other code goes into an outcome."""
    return key_of([file_digest(PROBES / name) for name in ("ask.py", "behaviour.py")])


def ran(suite: Suite, subject: Subject, name: str, run: Run, *, attempt: int = 0) -> Ran:
    """Return one module's outcomes; each attempt is made once for each interpreter.

    The key holds the two interpreters and what runs the module, so that a new candidate leaves
    what was found of the base as it is, and a run that was stopped goes on after it.
    """
    limits = [suite.module_seconds, suite.test_seconds]
    parts = [name, suite.base.digest, subject.digest, _probe_digest(), limits, attempt]

    def make(folder: Path) -> None:
        found = _run(suite, subject, name)
        data = {"outcomes": found.outcomes, "words": found.words}
        (folder / "ran.json").write_text(json.dumps(data), "utf-8")

    key = key_of(parts)
    if run.refreshed is not None and key not in run.refreshed:
        run.refreshed.add(key)
        run.store.drop("contract-tests", key)
    folder = run.store.product("contract-tests", key, make)
    data = json.loads((folder / "ran.json").read_text("utf-8"))
    outcomes = {k: v for k, v in data["outcomes"].items() if k not in suite.left_out}
    return Ran(outcomes=outcomes, words=data["words"])


def _run(suite: Suite, subject: Subject, name: str) -> Ran:
    """Run one test module; a crash or a hang is an outcome of the test that ran then."""
    with tempfile.TemporaryDirectory(
        prefix="elpython-test-", ignore_cleanup_errors=True
    ) as scratch:
        folder = Path(scratch)
        (folder / "test").symlink_to(suite.folder / "test")
        log, work = folder / "log", folder / "work"
        work.mkdir()
        request = {"suite": scratch, "module": name, "log": str(log), "limit": suite.test_seconds}
        env = {"TEMP": scratch, "TMPDIR": scratch, "HOME": scratch}
        try:
            answer = ask(
                subject.python, "behaviour", request, flags=("-s",), env=env,
                timeout=suite.module_seconds, cwd=work,
            )  # fmt: skip
        except ProbeError as error:
            return _from_log(log, name, error)
        return Ran(outcomes=answer["outcomes"], words=answer["words"])


def _from_log(log: Path, name: str, error: ProbeError) -> Ran:
    outcomes: dict[str, str] = {}
    running = f"test.{name}"
    lines = log.read_text("utf-8").splitlines() if log.is_file() else []
    for line in lines:
        outcome, _, test = line.partition("\t")
        if outcome == "started":
            running = test
        else:
            outcomes[test] = outcome
    outcomes[running] = "crashed"
    trouble = log.with_name("log.err")
    said = trouble.read_text("utf-8", "replace").splitlines()[:12] if trouble.is_file() else []
    return Ran(outcomes=outcomes, words={running: "\n".join([error.what, *error.details, *said])})
