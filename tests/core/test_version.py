"""EL versions: parse, print, order, convert; and when the next release is due."""

from __future__ import annotations

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from elpython.core.errors import BadVersionError
from elpython.core.version import CalVer, ElVersion, next_release, release_day

calvers = st.builds(
    CalVer,
    year=st.integers(0, 99),
    month=st.integers(1, 12),
    micro=st.integers(0, 255),
    rc=st.none() | st.integers(1, 15),
)
versions = st.builds(
    ElVersion, base=st.sampled_from(["3.9.2", "3.9.18", "3.11.2", "3.13.5"]), calver=calvers
)


@pytest.mark.parametrize(
    ("text", "implementation", "hexversion", "marker", "pep440", "package"),
    [
        ("3.11.2.27.01.0", (27, 1, 0, "final", 0), 0x1B0100F0, "27.1.0", "3.11.2.27.1.0", None),
        ("3.9.2.27.07.12", (27, 7, 12, "final", 0), 0x1B070CF0, "27.7.12", "3.9.2.27.7.12", None),
        (
            "3.11.2.27.01.0rc1",
            (27, 1, 0, "candidate", 1),
            0x1B0100C1,
            "27.1.0c1",
            "3.11.2.27.1.0rc1",
            "3.11.2.27.01.0~rc1",
        ),
        ("3.13.5.30.12.255", (30, 12, 255, "final", 0), 0x1E0CFFF0, "30.12.255", None, None),
    ],
)
def test_every_form_of_a_version(
    text: str,
    implementation: tuple[object, ...],
    hexversion: int,
    marker: str,
    pep440: str | None,
    package: str | None,
) -> None:
    version = ElVersion.parse(text)
    assert str(version) == text
    assert version.calver.implementation_version == implementation
    assert version.calver.hexversion == hexversion
    assert version.calver.marker == marker
    assert version.pep440 == (pep440 or text)
    assert version.package_version() == (package or text)


@pytest.mark.parametrize(
    "text",
    [
        "", "3.11.2", "3.11.2.27.1.0", "3.11.2.27.13.0", "3.11.2.27.00.0", "3.11.2.27.01.256",
        "3.11.2.27.01.01", "3.11.2.27.01.0rc0", "3.11.2.27.01.0rc16", "3.11.2.27.01.0rc01",
        "2.7.18.27.01.0", "3.11.2.27.01", "3.11.2.27.01.0.", " 3.11.2.27.01.0", "3.011.2.27.01.0",
        "3.11.2.27.01.0b1", "v3.11.2.27.01.0", "3.11.2-27.01.0",
    ],
)  # fmt: skip
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(BadVersionError):
        ElVersion.parse(text)


@given(versions)
def test_print_and_parse_are_inverse(version: ElVersion) -> None:
    assert ElVersion.parse(str(version)) == version


@given(versions, versions)
def test_order_agrees_with_pep_440(one: ElVersion, other: ElVersion) -> None:
    assert (one < other) == (Version(one.pep440) < Version(other.pep440))
    assert (one == other) == (str(one) == str(other))


@given(calvers, calvers)
def test_hexversion_has_the_order_of_the_releases(one: CalVer, other: CalVer) -> None:
    assert (one < other) == (one.hexversion < other.hexversion)


def test_a_candidate_comes_before_its_release() -> None:
    texts = ["27.07.0", "27.01.1", "27.01.0", "27.01.0rc2", "27.01.0rc1"]
    ordered = sorted(CalVer.parse(text) for text in texts)
    assert [str(cal) for cal in ordered] == texts[::-1]


# Read off a calendar: the final week of a month is its last seven days; their Tuesday.
@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        (2026, 7, 28), (2027, 1, 26), (2027, 7, 27), (2028, 1, 25), (2028, 7, 25), (2029, 1, 30),
        (2032, 1, 27), (2033, 7, 26), (2034, 12, 26),
    ],
)  # fmt: skip
def test_release_days(year: int, month: int, day: int) -> None:
    assert release_day(year, month) == dt.date(year, month, day)


@given(st.integers(2000, 2099), st.integers(1, 12))
def test_release_day_is_the_tuesday_of_the_last_seven_days(year: int, month: int) -> None:
    day = release_day(year, month)
    assert (day.month, day.weekday()) == (month, 1)
    assert calendar.monthrange(year, month)[1] - day.day < 7


@pytest.mark.parametrize(
    ("today", "released", "version", "due"),
    [
        ("2026-11-21", None, "27.01.0", "2027-01-26"),
        ("2027-01-26", None, "27.01.0", "2027-01-26"),
        ("2027-01-27", None, "27.07.0", "2027-07-27"),
        ("2027-12-31", None, "28.01.0", "2028-01-25"),
        ("2028-01-01", None, "28.01.0", "2028-01-25"),
        ("2027-01-20", "27.01.0", "27.07.0", "2027-07-27"),
        ("2027-01-20", "27.01.0rc1", "27.01.0", "2027-01-26"),
        ("2027-01-20", "26.07.3", "27.01.0", "2027-01-26"),
        ("2026-07-01", "27.01.0rc1", "27.01.0", "2027-01-26"),
        ("2027-01-01", "29.01.0", "29.07.0", "2029-07-31"),
        ("2098-12-31", None, "99.01.0", "2099-01-27"),
    ],
)
def test_next_release(today: str, released: str | None, version: str, due: str) -> None:
    newest = CalVer.parse(released) if released else None
    found, day = next_release(dt.date.fromisoformat(today), released=newest)
    assert (str(found), day.isoformat()) == (version, due)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2098, 12, 31)))
def test_next_release_is_never_past_and_never_far(today: dt.date) -> None:
    version, day = next_release(today)
    assert dt.timedelta() <= day - today <= dt.timedelta(days=190)
    assert (version.year + 2000, version.month) == (day.year, day.month)


def test_a_century_without_version_is_refused() -> None:
    with pytest.raises(BadVersionError, match="two digits"):
        next_release(dt.date(2100, 1, 1))
    for far in ("29.07.0", "40.01.0"):
        with pytest.raises(BadVersionError, match=f"{far}: no release is due"):
            next_release(dt.date(2027, 1, 1), released=CalVer.parse(far))
