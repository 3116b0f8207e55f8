"""What happened: CPython's releases and the distributions' freezes, from this package's data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

__all__ = [
    "Distribution",
    "Happened",
    "RealSeries",
    "as_of",
    "data",
    "distributions",
    "real_series",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A release of CPython; `actual` is false where the date is only expected."""

    version: str
    date: date
    actual: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RealSeries:
    """A series of CPython with its first stable release, its end of life and all releases."""

    name: str
    first_release: date
    end_of_bugfix: date
    end_of_life: date
    releases: tuple[Happened, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A release of a distribution and the freeze that keeps a newer Python out of it.

    `basis` tells how the freeze is known: announced, planned, unconfirmed beta (RHEL) or estimated;
    `python` is the series that the release shipped: it may be newer than what was out at the freeze
    (Fedora 43 took 3.14 before its final release) or older (RHEL); `python_source` is where that is
    from, empty where nobody looked it up; `source` is where the days are from.
    """

    name: str
    version: str
    release: date
    freeze: date
    basis: str
    long_term: bool
    python: str
    python_source: str
    source: str

    @property
    def shipped(self) -> str:
        """The Python it shipped, in words: `3.12`, `3.12 (unconfirmed)`, `not known`."""
        if not self.python:
            return "not known"
        return self.python if self.python_source else f"{self.python} (unconfirmed)"


def data(name: str) -> dict[str, Any]:
    """Return a data file as it is: `cpython` or `distributions`."""
    return _read(name)


@cache
def _read(name: str) -> dict[str, Any]:
    entry = resources.files("elpython.schedule") / "data" / f"{name}.json"
    value: dict[str, Any] = json.loads(entry.read_text("utf-8"))
    return value


def as_of() -> str:
    """Return the day on which the data was last checked; later dates are expectations."""
    return str(_read("cpython")["as_of"])


@cache
def real_series() -> dict[str, RealSeries]:
    """Return the Python 3 series, oldest first."""
    found = {}
    for name, entry in _read("cpython")["series"].items():
        releases = tuple(
            Happened(version=version, date=date.fromisoformat(day), actual=state == "actual")
            for version, day, state in entry["releases"]
        )
        found[name] = RealSeries(
            name=name,
            first_release=date.fromisoformat(entry["first_release"]),
            end_of_bugfix=date.fromisoformat(entry["end_of_bugfix"]),
            end_of_life=date.fromisoformat(entry["end_of_life"]),
            releases=releases,
        )
    return found


@cache
def distributions() -> tuple[Distribution, ...]:
    """Return the releases of distributions by the day of their freeze."""
    return tuple(
        Distribution(
            name=row["distribution"],
            version=row["version"],
            release=date.fromisoformat(row["release"]),
            freeze=date.fromisoformat(row["freeze"]),
            basis=row["freeze_basis"],
            long_term=row["long_term"],
            python=row["python"] or "",
            python_source=row.get("python_source", ""),
            source=row["source"],
        )
        for row in _read("distributions")["releases"]
    )
