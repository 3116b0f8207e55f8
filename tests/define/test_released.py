"""What the release data says about when a feature stops being provisional."""

from __future__ import annotations

import pytest

from elpython.define.released import is_released


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("3.14.0a4", True), ("3.14.0", True), ("3.15.0b1", True), ("3.13.2", True),
        ("3.16.0a1", False), ("3.14.99", False), ("", False),
    ],
)  # fmt: skip
def test_released(release: str, *, expected: bool) -> None:
    assert is_released(release) is expected
