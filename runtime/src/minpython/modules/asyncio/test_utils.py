"""The `asyncio.test_utils` module as it was up to Python 3.6.

Python keeps these helpers beside its own tests; installations without them (some distributions
leave the `test` package out) can't have this module.
"""

from typing import Any

try:
    from test.test_asyncio import utils as _utils  # type: ignore[import-not-found]
except ImportError as _error:
    raise ImportError(
        "asyncio.test_utils needs Python's own `test` package, which is not installed here",
        name="asyncio.test_utils",
    ) from _error


def __getattr__(name: str) -> Any:
    return getattr(_utils, name)


def __dir__() -> "list[str]":
    return dir(_utils)
