from __future__ import annotations

import copy
import json
from datetime import date

import pytest

from elpython.schedule.errors import BadScheduleDataError
from elpython.schedule.facts import data, distributions, real_series
from elpython.schedule.renew import DISTRIBUTIONS, SOURCES, renew

ON = date(2026, 11, 30)
OLD = {name: data(name) for name in ("cpython", "distributions")}


def peps(series: dict[str, dict[str, object]]) -> bytes:
    lines = []
    for name, one in series.items():
        lines += [f'[metadata."{name}"]', 'status = "bugfix"']
        lines += [f"{key.replace('_', '-')} = {one[key]}"
                  for key in ("first_release", "end_of_bugfix", "end_of_life")]  # fmt: skip
    for name, one in series.items():
        for version, day, state in one["releases"]:  # type: ignore[attr-defined]
            lines += [f'[[release."{name}"]]', f'version = "{version}"', f"date = {day}",
                      f'state = "{state}"']  # fmt: skip
    return "\n".join(lines).encode()


def sources(series: dict[str, dict[str, object]]) -> dict[str, bytes]:
    found = {SOURCES["peps"]: peps(series)}
    found[SOURCES["devguide"]] = json.dumps(
        {name: {"first_release": one["first_release"], "end_of_life": str(one["end_of_life"])[:7]}
         for name, one in series.items()}
    ).encode()  # fmt: skip
    for name in DISTRIBUTIONS:
        rows = [row for row in OLD["distributions"]["releases"] if row["distribution"] == name]
        found[SOURCES[name]] = json.dumps(
            [{"cycle": row["version"], "releaseDate": row["release"], "eol": row["end_of_life"]}
             for row in rows]
        ).encode()  # fmt: skip
    return found


def test_sources_that_say_the_same_show_no_difference_and_keep_what_only_we_know() -> None:
    answers = sources(OLD["cpython"]["series"])
    found = renew(OLD, answers.__getitem__, ON)
    assert (found.differences, found.disagreements) == ((), ())
    assert found.distributions["releases"] == OLD["distributions"]["releases"]
    assert found.cpython["as_of"] == "2026-11-30"


def test_differences_and_disagreements_are_told() -> None:
    series = copy.deepcopy(OLD["cpython"]["series"])
    series["3.15"]["first_release"] = "2026-10-10"
    series["3.15"]["releases"].append(["3.15.3", "2026-12-08", "expected"])
    answers = sources(series)
    guide = json.loads(answers[SOURCES["devguide"]])
    guide["3.14"]["end_of_life"] = "2030-11"
    answers[SOURCES["devguide"]] = json.dumps(guide).encode()
    fedora = json.loads(answers[SOURCES["Fedora"]])
    fedora.append({"cycle": "45", "releaseDate": "2026-10-27", "eol": False})
    answers[SOURCES["Fedora"]] = json.dumps(fedora).encode()
    found = renew(OLD, answers.__getitem__, ON)
    assert found.differences == (
        "CPython 3.15: first_release was 2026-10-09, is 2026-10-10",
        "CPython 3.15.3: new, 2026-12-08 (expected)",
        "Fedora 45: new, 2026-10-27; its Python has to be filled in",
    )
    assert found.disagreements == (
        "CPython 3.14: end of life 2030-10-31 by the PEP, 2030-11 by the developer guide",
    )


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("content", [b"<html>", b"[1]", b"\xff"])
def test_a_source_that_is_something_else_is_named(name: str, content: bytes) -> None:
    answers = sources(OLD["cpython"]["series"]) | {SOURCES[name]: content}
    with pytest.raises(BadScheduleDataError) as caught:
        renew(OLD, answers.__getitem__, ON)
    assert caught.value.where == SOURCES[name]


def test_facts_that_were_wrong() -> None:
    final = {one.version: one for one in real_series()["3.15"].releases}["3.15.0"]
    assert (final.date, final.actual) == (date(2026, 10, 9), True)
    shipped = {f"{one.name} {one.version}": one.python for one in distributions()}
    assert (shipped["Fedora 43"], shipped["RHEL 10"]) == ("3.14", "3.12")
    assert all(one.python and one.source for one in distributions())


def test_a_shipped_python_that_nobody_looked_up_says_so() -> None:
    told = {f"{one.name} {one.version}": one.shipped for one in distributions()}
    assert told["Debian 12"] == "3.11"
    assert told["RHEL 9"] == "3.9"
    assert told["Ubuntu 23.10"] == "3.11 (unconfirmed)"
    recent = [one for one in distributions() if one.long_term and one.release.year >= 2021]
    assert not [one.shipped for one in recent if not one.python_source and one.name != "Ubuntu"]


def test_renewing_keeps_the_source_of_what_was_shipped() -> None:
    found = renew(OLD, sources(OLD["cpython"]["series"]).__getitem__, ON)
    rows = {(row["distribution"], row["version"]): row for row in found.distributions["releases"]}
    assert rows["Fedora", "41"]["python_source"].startswith("Fedora's changelogs")
