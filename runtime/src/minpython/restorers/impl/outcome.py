"""How ``unittest.TestCase.run`` kept what went wrong, for classes with a ``run`` of their own."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from unittest.case import SkipTest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__unittest = True  # tracebacks of failed tests leave this file out


def init(original: Any) -> Any:
    """Return ``_Outcome.__init__`` that makes the two lists."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.errors = []
        self.skipped = []

    return init


def test_part_executor(original: Any) -> Any:
    """Return ``_Outcome.testPartExecutor`` that takes ``isTest`` and collects errors.

    The results hear of errors and skipped tests at once, as today; so `feed` tells them nothing.
    """

    @contextmanager
    def executor(
        self: Any,
        test_case: Any,
        isTest: bool = False,  # noqa: N803 - unittest's name
        *,
        subTest: bool = False,  # noqa: N803
    ) -> Iterator[None]:
        with original(self, test_case, subTest=subTest):
            try:
                yield
            except (KeyboardInterrupt, SkipTest):
                raise
            except BaseException:
                if not self.expecting_failure:
                    self.errors.append((test_case, sys.exc_info()))
                raise

    return executor


def feed(self: Any, result: Any, errors: Any) -> None:
    """Report errors to a result, unless the running test's own result: it was told."""
    outcome = getattr(self, "_outcome", None)
    if outcome is not None and outcome.result is result:
        return
    for test, details in errors:
        if details is None:
            continue
        if test is not self and hasattr(result, "addSubTest"):
            result.addSubTest(test.test_case, test, details)
        elif issubclass(details[0], self.failureException):
            result.addFailure(test, details)
        else:
            result.addError(test, details)


def add_skip(self: Any, result: Any, test_case: Any, reason: str) -> None:
    """Report to a result that a test was skipped."""
    result.addSkip(test_case, reason)
