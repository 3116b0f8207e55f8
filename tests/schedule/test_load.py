"""Model files: what is wrong is told all at once, each with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import UnknownNameError
from elpython.schedule.check import contradictions
from elpython.schedule.errors import BadModelError
from elpython.schedule.load import builtin_names, find, load_text

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
name = "mine"
title = "Mine"

[cadence]
first = "3.9"
final = 2020-10-05
period = "12 months"
align = "first monday"

[[phase]]
name = "beta"
kind = "prerelease"
start = "final - 20 weeks"
every = "3 weeks"
count = 4
labels = ["b"]

[[phase]]
name = "candidate"
kind = "candidate"
start = "final - 8 weeks"
every = "5 weeks"
count = 2
labels = ["rc"]

[[phase]]
name = "bugfix"
kind = "bugfix"
start = "final"
first = "final + 2 months"
every = "2 months"
end = "final + 2 years"

[[audience]]
name = "stable"
releases = ["final"]
"""


def problems(text: str) -> list[str]:
    with pytest.raises(BadModelError) as caught:
        load_text("mine.toml", text)
    return list(caught.value.details)


def line(text: str, part: str) -> int:
    return next(number for number, told in enumerate(text.splitlines(), 1) if part in told)


def test_a_good_model_is_read() -> None:
    model = load_text("mine.toml", GOOD)
    assert [phase.name for phase in model.phases] == ["beta", "candidate", "bugfix"]


def test_every_builtin_model_is_good() -> None:
    assert set(builtin_names()) == {
        "elpython", "epel-stacks", "pep407", "pep413", "pep598", "pep602", "pep605", "pep607",
        "pep605-draft", "status-quo",
    }  # fmt: skip
    for name in builtin_names():
        model = find(name)
        assert model.name == name
        assert contradictions(model) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('period = "12 months"', 'perod = "12 months"', "did you mean 'period'?"),
        ('period = "12 months"', 'period = "a year"', "no duration"),
        ('period = "12 months"', 'period = "0 months"', "no length"),
        ('period = "12 months"', "period = 12", "must be a string, not int"),
        ('first = "3.9"', 'first = "39"', "no series"),
        ("final = 2020-10-05", 'final = "2020-10-05"', "must be a date"),
        ("final = 2020-10-05", "final = 2020-10-05T00:00:00", "without a time of day"),
        ("final = 2020-10-05", "final = 2020-10-06", "'align' moves it to 2020-10-05"),
        ('align = "first monday"', 'align = "mondays"', "no alignment"),
        ('align = "first monday"', "step = 0", "a step of 0"),
        ('align = "first monday"', "step = -1", "must be at least 0"),
        ('align = "first monday"', 'version = "{serie}.0"', "a template may use"),
        ('kind = "prerelease"', 'kind = "prelease"', "did you mean 'prerelease'?"),
        ('start = "final - 20 weeks"', 'start = "final minus 20 weeks"', "no moment"),
        ('start = "final - 20 weeks"', 'start = "finl - 20 weeks"', "did you mean 'final'?"),
        ('start = "final - 20 weeks"', 'start = "next beta"', "only 'final' can be named"),
        ('start = "final - 20 weeks"', "", "phase[0].start: is missing"),
        ('every = "3 weeks"', 'every = ["3 weeks", "0 days"]', "no length"),
        ('every = "3 weeks"', "every = 3", "must be a list of strings"),
        ('labels = ["b"]', "", "no labels"),
        ('every = "3 weeks"\ncount = 4', 'through = "final"', "without 'every'"),
        ("count = 4", "count = true", "must be a whole number"),
        ('name = "candidate"', 'name = "beta"', "a second phase"),
        ('name = "candidate"', 'name = "final"', "not a phase"),
        ('releases = ["final"]', 'releases = ["gold"]', "no release is labelled 'gold'"),
        ('releases = ["final"]', 'relases = ["final"]', "did you mean 'releases'?"),
        ("[[audience]]", "[audience]", "must be an array of tables"),
        ('title = "Mine"', "", "title: is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(old: str, new: str, told: str) -> None:
    assert old in GOOD
    assert any(told in problem for problem in problems(GOOD.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # A phase longer than the period between two series.
        ('start = "final - 20 weeks"', 'start = "final - 80 weeks"', "longer than the period"),
        # Releases in the wrong order: the candidates would come before the betas.
        ('start = "final - 8 weeks"', 'start = "final - 30 weeks"', "starts before phase 'beta'"),
        # More releases than the phase has room for.
        ("count = 4", "count = 9", "is not before the phase's end"),
        ("count = 4", "count = 0", None),
        # Support before there is anything to support.
        ('start = "final"\n', 'start = "final - 1 week"\n', "before the final release"),
        ('first = "final + 2 months"', 'first = "final"', "on or before the final one"),
        ('end = "final + 2 years"', 'end = "final - 1 day"', "ends before it starts"),
        ('start = "final - 8 weeks"', 'start = "final + 1 week"', "after the final release"),
        # A phase whose start goes back to itself for ever.
        ('start = "final - 20 weeks"', 'start = "previous beta + 1 year"', "goes back to itself"),
        ('start = "final - 20 weeks"', 'start = "beta"', "goes back to itself"),
        # Two releases of a series on one day.
        ('every = "3 weeks"', 'every = "1 day"\nalign = "day 20"', "both on"),
        # A serial that does not fit PY_RELEASE_SERIAL.
        ('every = "3 weeks"\ncount = 4', 'every = "3 days"', "PY_RELEASE_SERIAL"),
        ('every = "2 months"\nend = "final + 2 years"', 'every = "1 day"\nend = "final + 2 years"',
         "more than 200 releases"),
        # More series at once than the model allows.
        ('align = "first monday"', 'align = "first monday"\nat_most = 1', "series in support"),
        # Phases that stand in an impossible order.
        ('kind = "candidate"', 'kind = "security"', "order of a series' life"),
        ('period = "12 months"', 'period = "9000 years"', "leave the calendar"),
    ],
)  # fmt: skip
def test_contradictions_are_refused(old: str, new: str, told: str | None) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if told is None:
        assert load_text("mine.toml", text)
    else:
        assert any(told in problem for problem in problems(text))


def test_a_contradiction_names_the_line_of_its_rule() -> None:
    text = GOOD.replace('start = "final - 20 weeks"', 'start = "final - 80 weeks"')
    found = problems(text)
    assert f"mine.toml:{line(text, 'final - 80 weeks')}: phase[0].start" in found[0]


def test_all_problems_are_told_at_once_in_the_order_of_lines() -> None:
    text = GOOD.replace("period", "perod").replace("kind =", "knd =").replace("2020-10-05", "5")
    found = problems(text)
    assert len(found) >= 6
    numbers = [int(problem.split(":")[1]) for problem in found]
    assert numbers == sorted(numbers)


def test_a_file_that_is_no_toml_tells_the_line() -> None:
    assert "mine.toml:4: invalid TOML" in problems(GOOD.replace("[cadence]", "[cadence"))[0]


@pytest.mark.parametrize(
    ("new", "line"),
    [
        ("final = 2027-02-29", 6),  # no leap day in that year
        ("final = 2027-02-28T10:00:00+25:00", 6),  # no such time zone
        ("final = 2020-10-05 extra", 6),
        ('title = """never ends', 36),
    ],
)
def test_a_value_that_is_no_toml_tells_its_line(new: str, line: int) -> None:
    [told] = problems(GOOD.replace("final = 2020-10-05", new))
    assert told.startswith(f"mine.toml:{line}: invalid TOML"), told


def test_a_value_of_the_wrong_kind_is_one_problem() -> None:
    """Not a second one, that it is missing."""
    [told] = problems(GOOD.replace("final = 2020-10-05", "final = 2020-10-05T10:00:00+02:00"))
    assert told == "mine.toml:6: cadence.final: must be a date (2027-01-26), without a time of day"


def test_an_unknown_model_gets_a_hint() -> None:
    with pytest.raises(UnknownNameError) as caught:
        find("pep-605")
    assert "did you mean 'pep605'?" in str(caught.value)


@pytest.mark.parametrize("name", ["none.toml", "folder/none"])
def test_a_missing_file_is_told(name: str) -> None:
    with pytest.raises(UnknownNameError, match="no such model file"):
        find(name)


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(BadModelError, match="cannot be read"):
        find(str(path))


def test_a_users_own_model_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    assert find(str(path)).title == "Mine"


OVERRIDE = """
[[override]]
series = ["3.10"]
phase = "bugfix"
end = "final + 1 year"
"""


def test_an_override_holds_for_its_series_only() -> None:
    model = load_text("mine.toml", GOOD + OVERRIDE)
    for series, months in (("3.9", 24), ("3.10", 12), ("3.11", 24)):
        phase = model.phase("bugfix", series)
        assert phase is not None
        assert phase.end is not None
        assert phase.end.offset.months == months


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('phase = "bugfix"', 'phase = "bugfixes"', "did you mean 'bugfix'?"),
        ('series = ["3.10"]', 'series = ["ten"]', "no series"),
        ('end = "final + 1 year"', 'end = "final - 1 year"', "ends before it starts"),
        ('end = "final + 1 year"', 'ends = "final"', "did you mean 'end'?"),
    ],
)
def test_a_wrong_override_is_told_with_its_line(old: str, new: str, told: str) -> None:
    text = (GOOD + OVERRIDE).replace(old, new)
    found = problems(text)
    assert any(told in problem for problem in found)
    first = line(text, "[[override]]")
    assert all(int(problem.split(":")[1]) >= first for problem in found)
