"""Behaviour: a test of the base's own suite that passes on the base passes on the candidate."""

from __future__ import annotations

import json
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.compare import changed
from elpython.contract.model import Difference, Findings
from elpython.contract.probe import ProbeError, ask
from elpython.contract.subject import code_digest
from elpython.errors import ElpythonError
from elpython.store import key_of

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_DATA = Path(__file__).parents[1] / "data" / "behaviour.toml"
_SECONDS = 600
_SAMPLE_SECONDS = 120
_RERUNS = 2


class NoSuiteError(ElpythonError):
    """A base whose test suite is not installed and whose source is not known."""

    exit_code = 47


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ran:
    """One test module's run: outcome by test id, and what the failures said."""

    outcomes: dict[str, str]
    words: dict[str, str]


def check(pair: Pair, run: Run) -> Findings:
    """Run the base's suite on both, module by module; each finished module is remembered."""
    suite = _suite(pair.base)
    names = _modules(suite, run)
    done = 0
    found: list[Difference] = []
    flaky: list[str] = []
    passed = 0

    def one(name: str) -> None:
        nonlocal done, passed
        old = _remembered(pair.base, pair.base, suite, name, run)
        new = _remembered(pair.base, pair.candidate, suite, name, run)
        differences = _compare(old, new)
        if differences:
            differences, odd = _again(pair, suite, name, run, differences)
            flaky.extend(odd)
        found.extend(differences)
        passed += sum(outcome == "passed" for outcome in old.outcomes.values())
        done += 1
        run.progress("test modules", done, len(names))

    with ThreadPoolExecutor(max_workers=max(1, run.jobs)) as pool:
        for future in [pool.submit(one, name) for name in names]:
            future.result()
    notes = [f"{len(names)} test modules, {passed} tests that pass on the base"]
    if flaky:
        notes.append(f"{len(flaky)} tests passed when run again: {', '.join(sorted(flaky)[:10])}")
    return Findings(
        checked=passed,
        differences=tuple(sorted(found, key=lambda item: item.key)),
        notes=tuple(notes),
        partial=run.sample or bool(run.tests),
    )


def _suite(base: Subject) -> Path:
    """Give the folder that holds the base's package `test`."""
    folders = [base.stdlib, *([base.source / "Lib"] if base.source else [])]
    for folder in folders:
        if (folder / "test" / "test_grammar.py").is_file():
            return folder
    raise NoSuiteError(
        "the base's test suite is not installed",
        where=str(base.stdlib / "test"),
        todo=f"install it (Debian: libpython{base.tag}-testsuite), or give --base-source",
    )


def _modules(suite: Path, run: Run) -> list[str]:
    data = tomllib.loads(_DATA.read_text("utf-8"))
    there = {path.stem for path in (suite / "test").glob("test_*.py")}
    there |= {path.parent.name for path in (suite / "test").glob("test_*/__init__.py")}
    if run.tests:
        return [name for name in run.tests if name in there]
    if run.sample:
        return [name for name in data["sample"] if name in there]
    first = [name for name in data["slow"] if name in there]
    return first + sorted(there - set(first) - set(data["left_out"]))


def _remembered(base: Subject, subject: Subject, suite: Path, name: str, run: Run) -> _Ran:
    """Run a module once for each interpreter; a run that was stopped goes on after it."""
    key = key_of([name, base.digest, subject.digest, code_digest()])

    def make(folder: Path) -> None:
        ran = _run(subject, suite, name, _SAMPLE_SECONDS if run.sample else _SECONDS)
        data = {"outcomes": ran.outcomes, "words": ran.words}
        (folder / "ran.json").write_text(json.dumps(data), "utf-8")

    folder = run.store.product("contract-tests", key, make)
    data = json.loads((folder / "ran.json").read_text("utf-8"))
    return _Ran(outcomes=data["outcomes"], words=data["words"])


def _run(subject: Subject, suite: Path, name: str, seconds: int) -> _Ran:
    """Run one test module; a crash or a hang is an outcome of the test that ran then."""
    with tempfile.TemporaryDirectory(prefix="elpython-test-") as scratch:
        folder = Path(scratch)
        (folder / "test").symlink_to(suite / "test")
        log, work = folder / "log", folder / "work"
        work.mkdir()
        request = {"suite": scratch, "module": name, "log": str(log), "seconds": seconds}
        env = {"TEMP": scratch, "TMPDIR": scratch, "HOME": scratch}
        try:
            answer = ask(
                subject.python, "behaviour", request, flags=("-s", "-E", "-bb")[:1], env=env,
                timeout=seconds + 10, cwd=work,
            )  # fmt: skip
        except ProbeError as error:
            return _from_log(log, name, error)
        return _Ran(outcomes=answer["outcomes"], words=answer["words"])


def _from_log(log: Path, name: str, error: ProbeError) -> _Ran:
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
    return _Ran(outcomes=outcomes, words={running: "\n".join([error.what, *error.details])})


def _compare(old: _Ran, new: _Ran) -> list[Difference]:
    found = []
    for test, outcome in old.outcomes.items():
        if outcome != "passed":
            continue
        now = new.outcomes.get(test, "did not run")
        if now not in {"passed", "skipped"} or (now == "skipped" and outcome == "passed"):
            words = new.words.get(test) or next((text for text in new.words.values() if text), "")
            key = test.removeprefix("test.")
            found.append(changed(key, f"passes on the base; {now}", outcome, f"{now}\n{words}"))
    return found


def _again(
    pair: Pair, suite: Path, name: str, run: Run, differences: list[Difference]
) -> tuple[list[Difference], list[str]]:
    """Run a module that differs again: what passes then is flaky, and counted as such."""
    flaky: list[str] = []
    for _ in range(_RERUNS):
        new = _run(pair.candidate, suite, name, _SAMPLE_SECONDS if run.sample else _SECONDS)
        passing = {
            test.removeprefix("test.")
            for test, outcome in new.outcomes.items()
            if outcome == "passed"
        }
        flaky += [item.key for item in differences if item.key in passing]
        differences = [item for item in differences if item.key not in passing]
        if not differences:
            break
    return differences, flaky
