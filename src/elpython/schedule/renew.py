"""Refreshing the data from public sources: what they say now, what differs, and the new files.

Sources: the PEPs repository's `python-releases.toml` (releases, ends of support), the developer
guide's `release-cycle.json`, against which it is checked, and endoflife.date's API (distributions).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low
from typing import TYPE_CHECKING, Any

from elpython.core.strict_json import load_json
from elpython.core.toml import load_toml
from elpython.schedule.dates import month_end
from elpython.schedule.errors import BadScheduleDataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["SOURCES", "Renewed", "renew"]

SOURCES: Mapping[str, str] = {
    "peps": "https://raw.githubusercontent.com/python/peps/main/release_management/"
    "python-releases.toml",
    "devguide": "https://raw.githubusercontent.com/python/devguide/main/include/release-cycle.json",
    "Ubuntu": "https://endoflife.date/api/ubuntu.json",
    "Debian": "https://endoflife.date/api/debian.json",
    "Fedora": "https://endoflife.date/api/fedora.json",
    "RHEL": "https://endoflife.date/api/rhel.json",
}
DISTRIBUTIONS = ("Ubuntu", "Debian", "Fedora", "RHEL")
_STAGE = re.compile(r"(\d+\.\d+\.\d+)(?: (alpha|beta|candidate|final)(?: (\d+))?)?")
_SHORT = {"alpha": "a", "beta": "b", "candidate": "rc"}
_SINCE = date(2014, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """New data, and what differs from the old.

    Attributes:
        cpython, distributions: the values of the two data files.
        differences: a line for each fact that changed, came or went.
        disagreements: a line for each fact on which two sources differ.
    """

    cpython: dict[str, Any]
    distributions: dict[str, Any]
    differences: tuple[str, ...]
    disagreements: tuple[str, ...]


def renew(old: Mapping[str, dict[str, Any]], fetch: Callable[[str], bytes], on: date) -> Renewed:
    """Ask the sources and compare.

    Args:
        old: `cpython` and `distributions`, as the data files have them.
        fetch: returns what an address holds.
        on: the day, for `as_of`.

    Raises:
        BadScheduleDataError: a source that cannot be read as what it should be, each named.
    """
    cpython = {"sources": [{"what": "releases, ends of support", "source": SOURCES["peps"]}],
               "as_of": on.isoformat(), "series": _series(fetch(SOURCES["peps"]))}  # fmt: skip
    before = {
        (row["distribution"], row["version"]): row for row in old["distributions"]["releases"]
    }
    rows: list[dict[str, Any]] = []
    for name in DISTRIBUTIONS:
        rows += _distribution(name, fetch(SOURCES[name]), before)
    rows.sort(key=lambda row: (row["freeze"], row["distribution"]))
    distributions = {
        "sources": old["distributions"]["sources"], "as_of": on.isoformat(), "releases": rows,
    }  # fmt: skip
    return Renewed(
        cpython=cpython,
        distributions=distributions,
        differences=tuple(_differences(old["cpython"], cpython) + _rows_differ(before, rows)),
        disagreements=tuple(_against(cpython, fetch(SOURCES["devguide"]))),
    )


def _series(content: bytes) -> dict[str, Any]:
    try:
        root = load_toml(content.decode("utf-8"))
        found = {}
        for name, meta in root["metadata"].items():
            if not name.startswith("3."):
                continue
            plain = {key.replace("-", "_"): value for key, value in meta.items()}
            ends = _day(plain["end_of_life"])
            if plain["status"] != "end-of-life" and ends.day == 1:
                ends = month_end(ends)
            found[name] = {
                "first_release": _day(plain["first_release"]).isoformat(),
                "end_of_bugfix": _day(plain["end_of_bugfix"]).isoformat(),
                "end_of_life": ends.isoformat(),
                "releases": [
                    [_version(one), _day(one["date"]).isoformat(), one["state"]]
                    for one in root["release"].get(name, ())
                ],
            }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadScheduleDataError(f"is no list of releases: {error!r}", SOURCES["peps"]) from error
    return found


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _version(one: Mapping[str, Any]) -> str:
    if "version" in one:
        return str(one["version"])
    found = _STAGE.match(str(one["stage"]))
    if found is None:
        raise ValueError(f"{one['stage']!r} is no release")
    return found[1] + (_SHORT[found[2]] + found[3] if found[2] in _SHORT else "")


def _distribution(
    name: str, content: bytes, before: Mapping[tuple[str, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Read a distribution's releases; what only we know of them (freeze, Python) stays."""
    try:
        entries = [(str(one["cycle"]), one) for one in load_json(content)]
        dated = [(cycle, _day(one["releaseDate"]), one) for cycle, one in entries]
    except (ValueError, KeyError, TypeError) as error:
        raise BadScheduleDataError(f"is no list of cycles: {error!r}", SOURCES[name]) from error
    known = [row for (who, _), row in before.items() if who == name]
    distance = median_low(
        [(_day(row["release"]) - _day(row["freeze"])).days for row in known] or [60]
    )
    rows = []
    for cycle, released, one in dated:
        if released < _SINCE:
            continue
        row = before.get((name, cycle), {})
        ends = one.get("eol")
        rows.append(
            {
                "distribution": name,
                "version": cycle,
                "release": released.isoformat(),
                "end_of_life": ends if isinstance(ends, str) else row.get("end_of_life", ""),
                "freeze": row.get("freeze", (released - timedelta(days=distance)).isoformat()),
                "freeze_basis": row.get("freeze_basis", "estimated"),
                "long_term": row.get("long_term", bool(one.get("lts")) or name == "Debian"),
                "python": row.get("python"),
                "python_source": row.get("python_source", ""),
                "source": row.get("source", "endoflife.date"),
            }
        )
    return rows


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, series in new["series"].items():
        was = old["series"].get(name)
        if was is None:
            lines.append(f"CPython {name}: new series, first release {series['first_release']}")
            continue
        lines += [
            f"CPython {name}: {key} was {was[key]}, is {series[key]}"
            for key in ("first_release", "end_of_bugfix", "end_of_life")
            if was[key] != series[key]
        ]
        before = {version: (day, state) for version, day, state in was["releases"]}
        for version, day, state in series["releases"]:
            if version not in before:
                lines.append(f"CPython {version}: new, {day} ({state})")
            elif before[version] != (day, state):
                told = " ".join(before[version])
                lines.append(f"CPython {version}: was {told}, is {day} {state}")
        now = {version for version, _, _ in series["releases"]}
        lines += [f"CPython {version}: is gone" for version in before if version not in now]
    return lines


def _rows_differ(
    before: Mapping[tuple[str, str], dict[str, Any]], rows: list[dict[str, Any]]
) -> list[str]:
    lines = []
    for row in rows:
        name = f"{row['distribution']} {row['version']}"
        was = before.get((row["distribution"], row["version"]))
        if was is None:
            lines.append(f"{name}: new, {row['release']}; its Python has to be filled in")
            continue
        lines += [
            f"{name}: {key} was {was[key]}, is {row[key]}"
            for key in ("release", "end_of_life")
            if was[key] != row[key]
        ]
    return lines


def _against(cpython: Mapping[str, Any], content: bytes) -> list[str]:
    """Compare with the developer guide, which tells ends of life as months."""
    try:
        guide = load_json(content)
        rows = [(name, str(one["first_release"]), str(one["end_of_life"]))
                for name, one in guide.items()]  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadScheduleDataError(
            f"is no release cycle: {error!r}", SOURCES["devguide"]
        ) from error
    lines = []
    for name, first, ends in rows:
        own = cpython["series"].get(name)
        if own is None:
            continue
        if own["first_release"] != first:
            lines.append(f"CPython {name}: first release {own['first_release']} by the PEP, "
                         f"{first} by the developer guide")  # fmt: skip
        if not own["end_of_life"].startswith(ends[:7]):
            lines.append(f"CPython {name}: end of life {own['end_of_life']} by the PEP, "
                         f"{ends} by the developer guide")  # fmt: skip
    return lines
