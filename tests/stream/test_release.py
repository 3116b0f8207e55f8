from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.stream.release import (
    BadReleaseError,
    Release,
    parse_release,
    parse_series,
    pre_freeze,
)

PARSED = [
    ("3.9.0a1", (3, 9), 0, "alpha", 1, "3.9.0a1", 0x030900A1),
    ("v3.9.0b2", (3, 9), 0, "beta", 2, "3.9.0b2", 0x030900B2),
    ("3.13.0rc3", (3, 13), 0, "candidate", 3, "3.13.0rc3", 0x030D00C3),
    ("3.9.0 alpha 5", (3, 9), 0, "alpha", 5, "3.9.0a5", 0x030900A5),
    ("3.9.0 release candidate 1", (3, 9), 0, "candidate", 1, "3.9.0rc1", 0x030900C1),
    ("3.9.0 final", (3, 9), 0, "final", 0, "3.9.0", 0x030900F0),
    ("3.9.12", (3, 9), 12, "final", 0, "3.9.12", 0x03090CF0),
    ("3.9.0c1", (3, 9), 0, "candidate", 1, "3.9.0rc1", 0x030900C1),
]


@pytest.mark.parametrize("row", PARSED)
def test_every_spelling_is_read(row: tuple[object, ...]) -> None:
    text, *wanted = row
    got = parse_release(str(text))
    parts = [got.series, got.micro, got.level, got.serial, str(got), got.hexversion]
    assert parts == wanted


@pytest.mark.parametrize(
    ("text", "series", "part"),
    [
        ("3.9.0a16", None, "4 bits"),
        ("a5", None, "is no release"),
        ("3.9.0z1", None, "is no release"),
        ("3.9.0a0", None, "no serial"),
        ("3.9.0a1", "3.10", "not a release of 3.10"),
        ("", None, "is no release"),
        ("3.9.0 final 2", None, "no serial"),
    ],
)
def test_what_is_no_release_is_refused_with_its_reason(
    text: str, series: str | None, part: str
) -> None:
    with pytest.raises(BadReleaseError, match=part):
        parse_release(text, series=series)


def test_a_stage_alone_needs_a_series() -> None:
    assert str(parse_release("a5", series="3.9")) == "3.9.0a5"
    assert str(parse_release("final", series="3.9")) == "3.9.0"
    with pytest.raises(BadReleaseError, match="no series"):
        parse_series("3")


RELEASES = st.builds(
    lambda minor, level, serial: Release(
        series=(3, minor), level=level, serial=0 if level == "final" else serial
    ),
    st.integers(9, 16), st.sampled_from(["alpha", "beta", "candidate", "final"]),
    st.integers(1, 15),
)  # fmt: skip


@given(RELEASES)
def test_text_and_value_are_one(release: Release) -> None:
    assert parse_release(str(release)) == release
    assert Release(series=release.series, level=release.level, serial=release.serial) == release


@given(RELEASES, RELEASES)
def test_serial_decides_before_level(left: Release, right: Release) -> None:
    if left.series == right.series and left.is_pre_freeze and right.is_pre_freeze:
        assert (left < right) == (left.serial < right.serial)


def test_version_info_and_pre_freeze() -> None:
    release = parse_release("3.9.0b4")
    assert release.version_info == (3, 9, 0, "beta", 4)
    mixed = [parse_release(text) for text in ("3.9.0rc1", "3.9.0a5", "3.9.0b4", "3.9.0")]
    assert [str(item) for item in pre_freeze(mixed)] == ["3.9.0b4", "3.9.0a5"]
