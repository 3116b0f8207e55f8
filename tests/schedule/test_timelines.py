"""The built-in models against the documents they come from, written from the documents' dates."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from elpython.schedule.errors import EmptyRangeError
from elpython.schedule.export import markdown_months
from elpython.schedule.load import find
from elpython.schedule.timeline import Timeline, lay_out, relabel


def plan(name: str, start: str, end: str) -> Timeline:
    return lay_out(find(name), date.fromisoformat(start), date.fromisoformat(end))


def months(timeline: Timeline) -> list[str]:
    return markdown_months(timeline).replace("* ", "").splitlines()


def days(timeline: Timeline, series: str) -> dict[str, str]:
    return {
        one.version.removeprefix(f"{series}.0") or "final": one.date.isoformat()
        for one in timeline.releases
        if one.version.startswith(f"{series}.0")
    }


# PEP 605, "Example Future Release Schedules", with its elided lines written out: pre-releases in
# the even months from 2020-04 to 2021-02, then pre-releases and maintenance releases in turn.
FREEZE = "(feature freeze, ABI freeze, pyc format freeze)"
PEP605 = [
    "2019-12: 3.9.0a1",
    "2020-02: 3.9.0b2",
    "2020-04: 3.9.0b3",
    "2020-06: 3.9.0b4",
    "2020-08: 3.9.0b5",
    "2020-10: 3.9.0b6",
    "2020-12: 3.9.0b7",
    "2021-02: 3.9.0b8",
    "2021-04: 3.9.0b9",
    f"2021-06: 3.9.0rc1 {FREEZE}",
    "2021-07: 3.9.0rc2",
    "2021-08: 3.9.0",
    "2021-09: 3.9.1, 3.8.x (final 3.8.x binary maintenance release)",
    "2021-10: 3.10.0a1",
    "2021-11: 3.9.2",
    "2021-12: 3.10.0b2",
    "2022-01: 3.9.3",
    "2022-02: 3.10.0b3",
    "2022-03: 3.9.4",
    "2022-04: 3.10.0b4",
    "2022-05: 3.9.5",
    "2022-06: 3.10.0b5",
    "2022-07: 3.9.6",
    "2022-08: 3.10.0b6",
    "2022-09: 3.9.7",
    "2022-10: 3.10.0b7",
    "2022-11: 3.9.8",
    "2022-12: 3.10.0b8",
    "2023-01: 3.9.9",
    "2023-02: 3.10.0b9",
    "2023-03: 3.9.10",
    "2023-04: 3.10.0b10",
    "2023-05: 3.9.11",
    f"2023-06: 3.10.0rc1 {FREEZE}",
    "2023-07: 3.10.0rc2, 3.9.12",
    "2023-08: 3.10.0",
    "2023-09: 3.10.1, 3.9.13 (final 3.9.x binary maintenance release)",
    "2023-10: 3.11.0a1",
    "2023-11: 3.10.2",
    "2023-12: 3.11.0b2",
]


def test_pep605_final_text_line_by_line() -> None:
    assert months(plan("pep605", "2019-12-01", "2023-12-31")) == PEP605


def test_pep605_first_draft_line_by_line() -> None:
    """The first draft has betas only: the same months, `b1` where the final text has `a1`."""
    draft = [told.replace("0a1", "0b1") for told in PEP605 if told[:7] <= "2023-10"]
    assert months(plan("pep605-draft", "2019-12-01", "2023-10-31")) == draft


def test_pep605_announcement_dates() -> None:
    """The example announcements name the day: the second of the month."""
    found = days(plan("pep605", "2019-12-01", "2021-12-31"), "3.9")
    assert (found["b2"], found["rc2"], found["final"]) == ("2020-02-02", "2021-07-02", "2021-08-02")


def test_pep605_figure_1_with_two_more_alphas() -> None:
    timeline = plan("pep605", "2019-06-01", "2021-08-31")
    marked = relabel(timeline, [("3.9", 5), ("3.9", 7)])
    assert list(days(marked, "3.9")) == [
        "a1", "b2", "b3", "b4", "a5", "b6", "a7", "b8", "b9", "rc1", "rc2", "final",
    ]  # fmt: skip
    assert [one.key for one in marked.releases] == [one.key for one in timeline.releases]
    assert [one.date for one in marked.releases] == [one.date for one in timeline.releases]


def test_pep605_figure_1_phases() -> None:
    spans = {
        (span.series, span.phase): (span.start.isoformat()[:7], span.end.isoformat()[:7])
        for one in plan("pep605", "2019-06-01", "2023-01-31").series
        for span in one.spans
    }
    assert spans["3.9", "development"] == ("2019-06", "2019-12")
    assert spans["3.9", "pre-freeze"] == ("2019-12", "2021-06")
    assert spans["3.9", "candidate"] == ("2021-06", "2021-08")
    assert spans["3.9", "bugfix"] == ("2021-08", "2023-08")
    assert spans["3.9", "security"][1] == "2026-09"  # to the end of August 2026
    # 3.10.0a1 comes four months after the 3.9 maintenance branch is made.
    assert spans["3.10", "development"] == ("2021-06", "2021-10")


@pytest.mark.parametrize(
    ("model", "breaks", "told"),
    [
        ("pep605", [("3.9", 44)], "3.9:44"),
        ("pep605", [("4.0", 1)], "4.0:1"),
        ("pep602", [("3.9", 5)], "no phase in which"),
    ],
)
def test_a_break_that_is_nowhere_is_refused(
    model: str, breaks: list[tuple[str, int]], told: str
) -> None:
    with pytest.raises(EmptyRangeError, match=told):
        relabel(plan(model, "2019-06-01", "2021-08-31"), breaks)


# PEP 602, "Example".
PEP602 = {
    "a1": "2019-10-14", "a2": "2019-11-18", "a3": "2019-12-16", "a4": "2020-01-13",
    "a5": "2020-02-17", "a6": "2020-03-16", "a7": "2020-04-13", "b1": "2020-05-18",
    "b2": "2020-06-08", "b3": "2020-06-29", "b4": "2020-07-20", "rc1": "2020-08-10",
    "rc2": "2020-09-14", "final": "2020-10-05",
}  # fmt: skip
STATUS_QUO = {
    "a1": "2020-08-03", "a2": "2020-09-07", "a3": "2020-10-05", "a4": "2020-11-02",
    "b1": "2020-11-30", "b2": "2021-01-04", "b3": "2021-02-01", "b4": "2021-03-01",
    "rc1": "2021-03-29", "rc2": "2021-04-05", "final": "2021-04-19",
}  # fmt: skip


@pytest.mark.parametrize(("model", "expected"), [("pep602", PEP602), ("status-quo", STATUS_QUO)])
def test_pep602_examples_day_by_day(model: str, expected: dict[str, str]) -> None:
    timeline = plan(model, "2019-06-04", "2021-12-31")
    assert days(timeline, "3.9") == expected
    development = next(one for one in timeline.series if one.name == "3.9").spans[0]
    assert development.start == date(2019, 6, 4)


def test_pep602_full_support_grows_with_3_13() -> None:
    """Eighteen months of bug fixes for 3.9 to 3.12, twenty-four from 3.13; five years in all."""
    for one in plan("pep602", "2019-06-04", "2026-12-31").series:
        if not one.spans:
            continue
        security = next(span for span in one.spans if span.kind == "security")
        months_of_fixes = round((security.start - one.final).days / 30.44)
        assert months_of_fixes == (18 if int(one.name[2:]) < 13 else 24)
        assert round((one.end_of_life - one.final).days / 365.25) == 5


def test_elpython_releases_in_the_final_week_of_january_and_july() -> None:
    releases = plan("elpython", "2027-01-01", "2046-12-31").releases
    for release in releases:
        assert release.date.month in {1, 7}
        assert release.date.weekday() == 1
        assert (release.date + timedelta(days=7)).month != release.date.month
        calver = f".{release.date.year % 100:02}.{release.date.month:02}.0"
        assert release.version.endswith(calver)
    slots = {(release.date.year, release.date.month) for release in releases}
    assert len(slots) == 40  # two a year, none left out


def test_elpython_branches_end_as_their_files_say() -> None:
    """The plan agrees with `branches/*/branch.toml`."""
    import tomllib
    from pathlib import Path

    folder = Path(__file__).parents[2] / "branches"
    real = {
        path.parent.name: tomllib.loads(path.read_text("utf-8"))
        for path in folder.glob("*/branch.toml")
    }
    assert {"3.9", "3.11", "3.13"} <= set(real)
    planned = {one.name: one for one in plan("elpython", "2027-01-01", "2027-12-31").series}
    bases = find("elpython").cadence.bases
    for name, entry in real.items():
        assert planned[name].end_of_life == entry["end-of-life"] + timedelta(days=1)
        assert bases[name] == entry["base"]
        first = planned[name].releases[0]
        assert first.version == f"{entry['base']}.{entry['el']}"


def test_epel_has_two_stacks_at_most_and_one_default() -> None:
    timeline = plan("epel-stacks", "2025-01-01", "2045-12-31")
    day = date(2025, 6, 1)
    while day < date(2045, 1, 1):
        live = [one for one in timeline.series if one.final <= day < one.end_of_life]
        defaults = [
            one for one in live
            if any(span.phase == "default" and span.start <= day < span.end for span in one.spans)
        ]  # fmt: skip
        assert 1 <= len(live) <= 2
        assert len(defaults) == 1
        day += timedelta(days=17)


@pytest.mark.parametrize(
    ("start", "end"), [("2015-01-01", "2016-01-01"), ("1990-01-01", "2019-06-03")]
)
def test_dates_before_the_first_series_are_told(start: str, end: str) -> None:
    with pytest.raises(EmptyRangeError, match="the model begins on 2019-06-04"):
        plan("pep605", start, end)


def test_a_range_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(EmptyRangeError, match="before it starts"):
        plan("pep605", "2022-01-01", "2021-01-01")


def test_one_day_is_a_range() -> None:
    assert [one.version for one in plan("pep605", "2021-08-02", "2021-08-02").releases] == ["3.9.0"]


def test_leap_days_and_long_times_do_no_harm() -> None:
    timeline = plan("pep602", "2096-01-01", "2104-12-31")  # 2100 is no leap year
    assert all(one.date.weekday() == 0 for one in timeline.releases if one.label == "final")
    assert len({one.version for one in timeline.releases}) == len(timeline.releases)


@pytest.mark.parametrize(
    "name", ["elpython", "pep605", "pep602", "pep407", "pep413", "pep598", "pep607"]
)
def test_phases_of_support_follow_each_other_without_overlap(name: str) -> None:
    for one in plan(name, "2020-01-01", "2045-12-31").series:
        spans = [span for span in one.spans if span.kind in {"bugfix", "extended", "security"}]
        for before, after in itertools.pairwise(spans):
            assert before.end <= after.start, (before, after)


def test_a_branch_for_every_series_and_the_long_term_ones_with_their_reason() -> None:
    model = find("elpython")
    long_term = next(phase for phase in model.phases if phase.name == "long-term")
    assert {"3.9", "3.11"} < set(long_term.only)
    assert all(long_term.only.values())
    timeline = plan("elpython", "2027-01-01", "2032-12-31")
    names = [one.name for one in timeline.series if one.spans]
    assert names[:3] == [
        "3.9",
        "3.11",
        "3.12",
    ]  # 3.10 ended with upstream, before the first release
    assert {"3.13", "3.14", "3.15", "3.16"} <= set(names)
    spans = {(span.series, span.phase) for one in timeline.series for span in one.spans}
    assert ("3.11", "long-term") in spans
    assert ("3.12", "long-term") not in spans


# PEP 598, "Example": months, as the document gives them.
PEP598 = {
    "3.9.0a1": "2019-11", "3.9.0b1": "2020-05", "3.9.0b4": "2020-08", "3.9.0rc1": "2020-09",
    "3.9.0": "2020-10", "3.9.1": "2021-01", "3.9.4": "2021-10", "3.9.8": "2022-10",
    "3.10.0": "2022-10",
}  # fmt: skip


def test_pep598_example_month_by_month() -> None:
    found = {
        one.version: f"{one.date}"[:7]
        for one in plan("pep598", "2019-01-01", "2023-12-31").releases
    }
    assert {version: found[version] for version in PEP598} == PEP598


def test_pep407_has_a_series_each_half_year_and_every_fourth_long_term() -> None:
    series = [one for one in plan("pep407", "2020-01-01", "2024-12-31").series if one.index >= 0]
    finals = [one.final for one in series]
    assert all(170 < (after - before).days < 195 for before, after in itertools.pairwise(finals))
    long_term = [one.name for one in series if any(s.phase == "long-term" for s in one.spans)]
    assert long_term[:2] == ["3.12", "3.16"]


def test_pep607_is_the_practice_that_it_describes() -> None:
    """18 months apart, first alpha 6 to 8 months before, full support 18 months, then 42."""
    series = [one for one in plan("pep607", "2019-10-01", "2032-12-31").series if one.index >= 0]
    finals = [one.final for one in series]
    assert all(530 < (after - before).days < 565 for before, after in itertools.pairwise(finals))
    assert len({day.month for day in finals[:2]}) == 2  # the months move around the year
    one = series[0]
    spans = {span.kind: (span.end - span.start).days / 30.44 for span in one.spans}
    assert round(spans["bugfix"]) == 18
    assert 41.5 < spans["security"] < 43
    alpha = min(release.date for release in one.releases if release.version.endswith("a1"))
    assert 6 * 30 < (one.final - alpha).days < 8 * 31
