"""Suppressions: each has a reason, and covers no more than its key."""

from __future__ import annotations

import tomllib

import pytest

from elpython.contract.compare import changed
from elpython.contract.promises.abi import _SUPPRESSIONS, _reason

DATA = tomllib.loads(_SUPPRESSIONS.read_text("utf-8"))


def test_each_entry_has_a_key_and_a_reason() -> None:
    for entry in DATA["suppress"]:
        assert set(entry) == {"key", "reason"}
        assert len(entry["reason"].split()) > 5


@pytest.mark.parametrize(
    ("key", "quiet"),
    [
        ("struct._PyCoLineInstrumentationData.data", True),
        ("struct._PyCoLineInstrumentationData", True),
        ("struct._PyCoLineInstrumentationDataX.data", False),
        ("struct.PyCodeObject._co_monitoring", False),
    ],
)
def test_a_key_covers_what_lies_below_it(key: str, quiet: bool) -> None:  # noqa: FBT001
    assert bool(_reason(changed(key, "", "a", "b"), DATA)) is quiet
