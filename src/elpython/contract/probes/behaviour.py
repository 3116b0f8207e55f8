"""Run one module of a test suite and write each test's outcome as it comes."""

import faulthandler
import importlib
import io
import os
import sys
import unittest
import warnings
from typing import Any, Dict


class Outcomes(unittest.TestResult):
    """Outcomes by test id, written at once, so that a crash loses none."""

    def __init__(self, path: str) -> None:
        super(Outcomes, self).__init__()
        self.path = path
        self.seen = {}  # type: Dict[str, str]

    def note(self, test: Any, outcome: str) -> None:
        """Keep the worst outcome of a test and of its subtests."""
        name = test.id()
        if self.seen.get(name) in {"failed", "error"}:
            return
        self.seen[name] = outcome
        with open(self.path, "a", encoding="utf-8") as stream:
            stream.write("{}\t{}\n".format(outcome, name.replace("\n", " ")))

    def startTest(self, test: Any) -> None:  # noqa: N802
        """Say which test runs, so that a crash has a name."""
        super(Outcomes, self).startTest(test)
        with open(self.path, "a", encoding="utf-8") as stream:
            stream.write("started\t{}\n".format(test.id().replace("\n", " ")))

    def addSuccess(self, test: Any) -> None:  # noqa: N802
        """A test that passed."""
        self.note(test, "passed")

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        """A test whose assertion failed."""
        super(Outcomes, self).addFailure(test, err)
        self.note(test, "failed")

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        """A test that raised; also a class or module that could not be set up."""
        super(Outcomes, self).addError(test, err)
        self.note(test, "error")

    def addSkip(self, test: Any, reason: Any) -> None:  # noqa: ARG002, N802
        """A test that does not apply here."""
        self.note(test, "skipped")

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: ARG002, N802
        """A test that is known to fail."""
        self.note(test, "passed")

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        """A test that was known to fail, and passed."""
        self.note(test, "failed")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        """One of several parts of a test."""
        if err is not None:
            super(Outcomes, self).addSubTest(test, subtest, err)
            self.note(test, "failed")


def words(result: Outcomes) -> Dict[str, str]:
    """The last lines of each failure, by test id."""
    told = {}
    for test, text in result.failures + result.errors:
        told[test.id()] = "\n".join(text.splitlines()[-8:])[-1500:]
    return told


def answer(request: Any) -> Any:
    """Load `test.NAME` from the folder asked for, and run it."""
    sys.path.insert(0, request["suite"])
    os.environ["PYTHONREGRTEST_UNICODE_GUARD"] = "\N{SMILING FACE WITH SUNGLASSES}"
    result = Outcomes(request["log"])
    kept = sys.stdout, sys.stderr
    trouble = open(request["log"] + ".err", "w")
    faulthandler.enable(trouble)
    if request["seconds"]:
        faulthandler.dump_traceback_later(request["seconds"], exit=True, file=trouble)
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    names = ["test." + request["module"]]  # type: List[str]
    try:
        import test.support

        for module in ("test.support",):
            importlib.import_module(module)
        test.support.use_resources = []
        test.support.verbose = False
        with warnings.catch_warnings():
            suite = unittest.defaultTestLoader.loadTestsFromNames(names)
            suite.run(result)
    finally:
        faulthandler.cancel_dump_traceback_later()
        sys.stdout, sys.stderr = kept
    return {"outcomes": result.seen, "words": words(result)}
