"""Run one module of a test suite and write each test's outcome as it comes."""

import contextlib
import faulthandler
import importlib
import os
import sys
import unittest
import warnings
from typing import Any, Dict, Iterator


class Outcomes(unittest.TestResult):
    """Outcomes by test id, written at once, so that a crash loses none."""

    def __init__(self, path: str, limit: float, trouble: Any) -> None:
        super(Outcomes, self).__init__()
        self.path, self.limit, self.trouble = path, limit, trouble
        self.seen = {}  # type: Dict[str, str]
        self.told = {}  # type: Dict[str, str]

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
        # Each test has its own time: one that hangs ends the program, and the log names it.
        faulthandler.dump_traceback_later(self.limit, exit=True, file=self.trouble)
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

    def module(self, name: str, outcome: str, text: str) -> None:
        """The whole module could not be run, or wants not to be."""
        self.seen[name] = outcome
        self.told[name] = text


def words(result: Outcomes) -> Dict[str, str]:
    """The last lines of each failure, by test id."""
    told = dict(result.told)
    for test, text in result.failures + result.errors:
        told[test.id()] = "\n".join(text.splitlines()[-8:])[-1500:]
    return told


@contextlib.contextmanager
def silence(path: str) -> Iterator[None]:
    """Send what tests print, also by file descriptor and from children, to a file."""
    kept = [os.dup(1), os.dup(2)]
    with open(path, "wb") as sink:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        for number, copy in zip((1, 2), kept):
            os.dup2(copy, number)
            os.close(copy)


def run(name: str, result: Outcomes) -> None:
    """Run a module as the suite's own runner does: by its `test_main` where it has one.

    Source: Lib/test/libregrtest/runtest.py; 3.12 and later have no `test_main` any more.
    """
    import doctest

    from test import support

    def run_doctest(module: Any, _verbosity: Any = None, optionflags: int = 0) -> Any:
        suite = doctest.DocTestSuite(module, optionflags=optionflags)
        count = suite.countTestCases()
        suite.run(result)
        return 0, count

    def load_package_tests(folder: str, loader: Any, tests: Any, pattern: Any) -> Any:
        # Some packages keep their tests beside themselves, outside the folder that was asked for.
        top = os.path.dirname(folder)
        while os.path.exists(os.path.join(top, "__init__.py")):
            top = os.path.dirname(top)
        found = loader.discover(start_dir=folder, top_level_dir=top, pattern=pattern or "test*")
        tests.addTests(found)
        return tests

    support.load_package_tests = load_package_tests
    support.use_resources = []
    support.verbose = False
    if hasattr(support, "run_doctest"):
        support.run_doctest = run_doctest
    module = importlib.import_module(name)
    if hasattr(module, "test_main") and hasattr(support, "_run_suite"):
        support._run_suite = lambda suite: suite.run(result)
        module.test_main()
    else:
        unittest.defaultTestLoader.loadTestsFromModule(module).run(result)


def answer(request: Any) -> Any:
    """Load `test.NAME` from the folder asked for, and run it."""
    sys.path.insert(0, request["suite"])
    os.environ["PYTHONREGRTEST_UNICODE_GUARD"] = "\N{SMILING FACE WITH SUNGLASSES}"
    name = "test." + request["module"]
    trouble = open(request["log"] + ".err", "w")
    faulthandler.enable(trouble)
    result = Outcomes(request["log"], request["limit"], trouble)
    try:
        with silence(request["log"] + ".out"), warnings.catch_warnings():
            run(name, result)
    except unittest.SkipTest as reason:
        result.module(name, "skipped", str(reason))
    except Exception as error:
        result.module(name, "error", "{}: {}".format(type(error).__name__, error))
    finally:
        faulthandler.cancel_dump_traceback_later()
    return {"outcomes": result.seen, "words": words(result)}
