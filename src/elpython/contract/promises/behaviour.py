"""Behaviour: a test of the base's own suite that passes on the base passes on the candidate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.contract.compare import changed
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.suite import Suite, find_suite, ran
from elpython.contract.together import together

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run
    from elpython.contract.suite import Ran

__all__ = ["check"]

_RERUNS = 2
_MOST_NAMED = 10


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Run the base's suite on both, module by module; each finished module is remembered."""
    suite = find_suite(pair.base, run)
    done = 0

    def one(name: str) -> tuple[int, list[Difference]]:
        nonlocal done
        old = ran(suite, pair.base, name, run)
        new = ran(suite, pair.candidate, name, run)
        done += 1
        run.reporter.progress("test modules", done, len(suite.modules))
        return sum(outcome == "passed" for outcome in old.outcomes.values()), compare(old, new)

    looked = together(one, suite.modules, run.jobs)
    passed = sum(count for count, _ in looked)
    found: list[Difference] = []
    flaky: list[str] = []
    again = 0
    # What differs is run again when nothing else runs: a busy machine fails tests of timing.
    for name, (_, differences) in zip(suite.modules, looked, strict=True):
        if differences:
            again += 1
            left, odd = _again(pair, suite, name, run, differences)
            found += left
            flaky += odd
    notes = [f"{len(suite.modules)} test modules, {passed} tests that pass on the base"]
    if again:
        notes.append(f"{again} modules were run again, because a test differed")
    if flaky:
        named = ", ".join(sorted(flaky)[:_MOST_NAMED])
        notes.append(f"{len(flaky)} tests are flaky: on one side they did this and that: {named}")
    return PromiseFindings(
        checked=passed,
        differences=tuple(sorted(found, key=lambda item: item.key)),
        notes=tuple(notes),
        partial=run.sample or bool(run.tests),
    )


def compare(old: Ran, new: Ran) -> list[Difference]:
    """Return what passes on the base and does not on the candidate."""
    found = []
    for test, outcome in old.outcomes.items():
        now = new.outcomes.get(test, "did not run")
        if outcome == "passed" != now:
            words = _words(new, test, now)
            key = test.removeprefix("test.")
            found.append(changed(key, f"passes on the base; {now}", outcome, f"{now}\n{words}"))
    return found


def _words(found: Ran, test: str, outcome: str) -> str:
    """Return what a test's failure said; for one that did not run, what kept it from running."""
    of_parts = (text for name, text in found.words.items() if name.startswith(f"{test} "))
    others = found.words.values() if outcome == "did not run" else ()
    return found.words.get(test) or next(of_parts, "") or next(iter(others), "")


def _again(
    pair: Pair, suite: Suite, name: str, run: Run, differences: list[Difference]
) -> tuple[list[Difference], list[str]]:
    """Run a module that differs again, at last on the base too.

    What passes then on the candidate, or fails then on the base, is flaky and counted as such.
    """
    flaky: list[str] = []

    def settle(odd: set[str]) -> None:
        nonlocal differences
        flaky.extend(item.key for item in differences if item.key in odd)
        differences = [item for item in differences if item.key not in odd]

    for attempt in range(1, _RERUNS + 1):
        settle(_with(ran(suite, pair.candidate, name, run, attempt=attempt), passed=True))
        if not differences:
            return [], flaky
    settle(_with(ran(suite, pair.base, name, run, attempt=1), passed=False))
    return differences, flaky


def _with(found: Ran, *, passed: bool) -> set[str]:
    return {
        test.removeprefix("test.")
        for test, outcome in found.outcomes.items()
        if (outcome == "passed") is passed
    }
