# ruff: noqa: ANN001, ANN002, ANN003, ANN201, ANN202, D102, PTH100, PTH105, PTH120, PTH123
"""Run a test program and write the outcome of every test as JSON.

Called as ``record_outcomes.py OUT.json MODULE_OR_SCRIPT ARGS...`` (``-m NAME`` for a module).
Stands alone on the standard library, without annotations, and runs on CPython 3.6 too: it is
started by the interpreter that is examined. The outcomes are those that unittest and pytest
themselves report.
"""

import atexit
import json
import os
import runpy
import sys
import time
import unittest

ORDER = ("passed", "skipped", "failed", "error")
outcomes = {}
out = []
written = [0]


def note(name, outcome):
    """Keep the worst outcome of a test, since parts of it report on their own."""
    known = outcomes.get(name)
    if known is None or ORDER.index(outcome) > ORDER.index(known):
        outcomes[name] = outcome
    # A run that is stopped for taking too long leaves what it had found.
    if out and time.time() > written[0] + 5:
        written[0] = time.time()
        write(out[0])


def watch(cls):
    """Make a unittest result class tell `note` of every outcome."""
    table = {
        "addSuccess": "passed",
        "addError": "error",
        "addFailure": "failed",
        "addSkip": "skipped",
        "addExpectedFailure": "passed",
        "addUnexpectedSuccess": "failed",
    }
    for method, outcome in table.items():
        original = getattr(cls, method, None)
        if original is not None:
            setattr(cls, method, telling(original, outcome))
    original = cls.addSubTest

    def add_subtest(self, test, subtest, err):
        if err is not None:
            note(test_name(test), "failed")
        return original(self, test, subtest, err)

    cls.addSubTest = add_subtest


def telling(original, outcome):
    """Return `original` wrapped so that it notes `outcome` for its test."""

    def method(self, test, *args, **kwargs):
        note(test_name(test), outcome)
        return original(self, test, *args, **kwargs)

    return method


def test_name(test):
    """Return a test's id, without the parts that differ from run to run."""
    identifier = getattr(test, "id", None)
    text = identifier() if callable(identifier) else str(test)
    return text.split(" at 0x")[0]


class PytestWatcher:
    """A pytest plugin that notes what pytest reports."""

    def pytest_runtest_logreport(self, report):
        if report.outcome == "passed" and report.when != "call":
            return
        outcome = report.outcome
        if outcome == "failed" and report.when != "call":
            outcome = "error"
        if hasattr(report, "wasxfail") and outcome == "skipped":
            outcome = "passed"
        note(report.nodeid, outcome)

    def pytest_collectreport(self, report):
        if report.outcome == "failed":
            note("collect " + report.nodeid, "error")


def write(path):
    """Write the outcomes in one step, so that a killed run leaves no half file."""
    with open(path + ".new", "w") as handle:
        json.dump(outcomes, handle, indent=0, sort_keys=True)
    os.replace(path + ".new", path)


def run(arguments):
    """Run the test program as the interpreter itself would."""
    if arguments[:2] == ["-m", "pytest"]:
        import pytest

        return pytest.main(arguments[2:], plugins=[PytestWatcher()])
    watch(unittest.TestResult)
    if "testtools" in " ".join(arguments[1:2]):
        watch(__import__("testtools").TestResult)
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))
        runpy.run_path(arguments[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    out.append(os.path.abspath(sys.argv[1]))
    atexit.register(write, out[0])
    sys.path[0] = ""
    sys.exit(run(sys.argv[2:]))
