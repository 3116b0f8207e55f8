"""Models against what happened, and the data of what happened."""

from __future__ import annotations

from datetime import date

import pytest

from elpython.schedule.facts import distributions, real_series
from elpython.schedule.freezes import REALITY, ages, models_from
from elpython.schedule.load import find
from elpython.schedule.reality import Fit, fit


@pytest.fixture(scope="module")
def fits() -> dict[str, Fit]:
    return {one.series: one for one in fit(find("pep602"))}


def test_pep602_tells_the_real_releases_within_the_stated_tolerance(fits: dict[str, Fit]) -> None:
    """Since 3.10, the first series that was planned by it: a week or two, a month at the worst."""
    assert set(fits) == {"3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15", "all"}
    assert fits["all"].mean == pytest.approx(10.6, abs=0.05)
    assert (fits["all"].worst.version, fits["all"].worst.days) == ("3.9.0a4", 44)
    for name in ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15"):
        assert fits[name].mean < 14
        assert abs(fits[name].worst.days) <= 34


def test_every_real_prerelease_is_counted_once(fits: dict[str, Fit]) -> None:
    for name, one in fits.items():
        if name == "all":
            continue
        real = [item.version for item in real_series()[name].releases
                if item.actual and item.version.startswith(f"{name}.0")]  # fmt: skip
        told = [*(item.version for item in one.deviations), *one.unplanned]
        assert sorted(told) == sorted(real)


def test_what_the_plan_has_not_and_what_never_came(fits: dict[str, Fit]) -> None:
    assert fits["3.9"].missing == ("3.9.0a7", "3.9.0b2")  # 3.9.0b2 was recalled
    assert fits["3.12"].unplanned == ("3.12.0rc3",)


def test_another_model_fits_worse() -> None:
    assert fit(find("pep605"))[-1].mean > 100


def test_a_series_that_is_not_out_is_left_out() -> None:
    assert fit(find("pep602"), ["3.16"]) == []


@pytest.mark.parametrize(
    ("version", "model", "series", "days"),
    [
        ("Debian 12", REALITY, "3.11", 80),
        ("Debian 12", "pep605", "3.9", 528),
        ("RHEL 9", REALITY, "3.10", 30),
        ("Ubuntu 24.04", "pep602", "3.12", 150),
        ("Fedora 39", "pep605", "3.10", 20),
        ("Ubuntu 20.04", "pep605", "3.8", 136),  # before 3.9: the real 3.8.0
    ],
)
def test_age_of_python_at_a_freeze(version: str, model: str, series: str, days: int) -> None:
    rows = ages([find("pep605"), find("pep602")], models_from(), date(2026, 12, 31))
    row = next(one for one in rows
               if f"{one.distribution.name} {one.distribution.version}" == version)  # fmt: skip
    age = row.ages[model]
    assert age is not None
    assert (age.series, age.days) == (series, days)


def test_pep605_is_fresh_for_october_releases_and_old_for_debian() -> None:
    """The PEP's own forecast, "Release cycle alignment for prominent Linux distributions"."""
    rows = ages([find("pep605")], date(2021, 8, 3), date(2026, 12, 31))
    october = [
        row.ages["pep605"] for row in rows
        if row.distribution.name == "Ubuntu" and row.distribution.version.endswith(".10")
        and int(row.distribution.version[:2]) % 2
    ]  # fmt: skip
    debian = [row.ages["pep605"] for row in rows if row.distribution.name == "Debian"]
    assert october
    assert all(age is not None and age.days < 31 for age in october)
    assert debian
    assert all(age is not None and age.days > 500 for age in debian)


def test_a_model_that_has_not_begun_has_no_answer() -> None:
    rows = ages([find("elpython")], date(2024, 1, 1), date(2024, 12, 31))
    assert rows
    assert all(row.ages["elpython"] is None for row in rows)


def test_data_of_distributions_is_whole() -> None:
    assert {one.name for one in distributions()} == {"Ubuntu", "Debian", "Fedora", "RHEL"}
    for one in distributions():
        assert one.freeze < one.release
        assert one.basis in {"announced", "planned", "unconfirmed beta", "estimated"}
