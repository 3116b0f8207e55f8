from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from elpython.stream.numbering import Changes, Next, NumberPlan, next_release
from elpython.stream.policy import add_months, load_policy, policy_names
from elpython.stream.release import BadReleaseError, parse_release
from elpython.stream.tables import BadTableError

if TYPE_CHECKING:
    from pathlib import Path

# PEP 605, "Example Future Release Schedules", with the breaks of figure 1 (3.9.0a5 and 3.9.0a7).
PEP_39 = [
    ("a1", "2019-12"), ("b2", "2020-02"), ("b3", "2020-04"), ("b4", "2020-06"), ("a5", "2020-08"),
    ("b6", "2020-10"), ("a7", "2020-12"), ("b8", "2021-02"), ("b9", "2021-04"), ("rc1", "2021-06"),
    ("rc2", "2021-07"), ("final", "2021-08"),
]  # fmt: skip
PEP_310 = [
    ("a1", "2021-10"), ("b2", "2021-12"), ("b3", "2022-02"), ("b4", "2022-04"), ("b5", "2022-06"),
    ("b6", "2022-08"), ("b7", "2022-10"), ("b8", "2022-12"), ("b9", "2023-02"),
    ("b10", "2023-04"), ("rc1", "2023-06"), ("rc2", "2023-07"), ("final", "2023-08"),
]  # fmt: skip
# The first draft (2019-10-01): the same months, betas throughout.
DRAFT_39 = [
    (stage.replace("a", "b") if stage[0] == "a" else stage, month) for stage, month in PEP_39
]


def walk(policy: str, series: tuple[int, int], steps: int, breaks: dict[str, str]) -> list:
    """Follow `next` from an empty series; `breaks` maps a serial to what broke before it."""
    released: dict = {}
    for _ in range(steps):
        serial = str(len(released) + 1)
        changes = Changes(breaks=(breaks[serial],) if serial in breaks else ())
        answer = next_release(
            load_policy(policy), NumberPlan(series=series, released=released), changes
        )
        released[answer.version] = answer.due
    return [(version.stage, f"{day:%Y-%m}") for version, day in released.items()]


@pytest.mark.parametrize(
    ("policy", "series", "breaks", "wanted"),
    [
        ("pep605", (3, 9), {"5": "PyObject", "7": "PyTypeObject"}, PEP_39),
        ("pep605", (3, 10), {}, PEP_310),
        ("first-draft", (3, 9), {"5": "PyObject", "7": "PyTypeObject"}, DRAFT_39),
    ],
)
def test_the_documents_timeline_comes_out(
    policy: str, series: tuple[int, int], breaks: dict[str, str], wanted: list[tuple[str, str]]
) -> None:
    assert walk(policy, series, len(wanted), breaks) == wanted


def test_the_next_series_begins_two_months_after_the_final_release() -> None:
    first = next_release(load_policy("pep605"), NumberPlan(series=(3, 11), released={}), Changes())
    assert (str(first.version), f"{first.due:%Y-%m}") == ("3.11.0a1", "2023-10")


def test_announced_days_of_the_document() -> None:
    """PEP 605 announces b2 for 2020-02-02, rc2 for 2021-07-02 and the final for 2021-08-02."""
    policy = load_policy("pep605")
    so_far = {parse_release("3.9.0a1"): dt.date(2019, 12, 2)}
    second = next_release(policy, NumberPlan(series=(3, 9), released=so_far), Changes())
    assert second.due == dt.date(2020, 2, 2)
    so_far = {parse_release("3.9.0rc1"): dt.date(2021, 6, 2)}
    assert next_release(
        policy, NumberPlan(series=(3, 9), released=so_far), Changes()
    ).due == dt.date(2021, 7, 2)
    so_far |= {parse_release("3.9.0rc2"): dt.date(2021, 7, 2)}
    assert next_release(
        policy, NumberPlan(series=(3, 9), released=so_far), Changes()
    ).due == dt.date(2021, 8, 2)


def answer(
    released: dict[str, str], changes: Changes, policy: str = "pep605", **more: dt.date
) -> Next:
    known = {
        parse_release(text, series="3.9"): dt.date.fromisoformat(day)
        for text, day in released.items()
    }
    return next_release(
        load_policy(policy), NumberPlan(series=(3, 9), released=known, **more), changes
    )


def test_reasons_name_the_break_and_the_request() -> None:
    found = answer({"a1": "2019-12-02"}, Changes(breaks=("ob_example",), request="new installer"))
    assert str(found.version) == "3.9.0a2"
    assert any("ob_example" in reason for reason in found.reasons)
    assert any("new installer" in reason for reason in found.reasons)


def test_first_draft_makes_an_alpha_only_on_request() -> None:
    broken = Changes(breaks=("ob_example",))
    found = answer({"b1": "2019-12-02"}, broken, "first-draft")
    assert str(found.version) == "3.9.0b2"
    assert any("no alpha" in reason for reason in found.reasons)
    asked = answer({"b1": "2019-12-02"}, Changes(request="tooling"), "first-draft")
    assert str(asked.version) == "3.9.0a2"


def test_a_late_candidate_moves_the_final_release_and_nothing_else() -> None:
    so_far = {"rc1": "2021-06-02", "rc2": "2021-08-20"}
    found = answer(so_far, Changes())
    assert (found.version.stage, found.due) == ("final", dt.date(2021, 8, 27))
    assert any("next series keeps" in reason for reason in found.reasons)
    third = answer(so_far, Changes(request="a crash"))
    assert third.version.stage == "rc3"


def test_a_final_day_before_the_last_release_is_refused() -> None:
    with pytest.raises(BadReleaseError) as caught:
        answer({"a1": "2026-01-31"}, Changes(), final=dt.date(2026, 1, 1))
    assert "lies before 3.9.0a1" in str(caught.value)


def test_own_final_day_moves_the_freeze() -> None:
    found = answer({"a1": "2026-01-31"}, Changes(), final=dt.date(2026, 4, 30))
    assert (found.version.stage, found.due) == ("rc1", dt.date(2026, 2, 28))


@pytest.mark.parametrize(
    ("released", "part"),
    [
        ({"final": "2021-08-02"}, "is final"),
        ({"a1": "2020-02-02", "b2": "2019-12-02"}, "before"),
        ({"b1": "2019-12-02"}, "begins with"),
        ({"a1": "2019-12-02", "b9": "2020-02-02"}, "b9 cannot follow 3.9.0a1"),
        ({"a1": "2019-12-02", "b1": "2020-02-02"}, "same serial"),
        ({f"{'b' if n > 1 else 'a'}{n}": f"2019-01-{n:02}" for n in range(1, 16)}, "4 bits"),
    ],
)  # fmt: skip
def test_contradictions_are_refused(released: dict[str, str], part: str) -> None:
    with pytest.raises(BadReleaseError) as caught:
        answer(released, Changes())
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        ("2024-01-31", 1, "2024-02-29"), ("2023-01-31", 1, "2023-02-28"),
        ("2019-12-02", 2, "2020-02-02"), ("2021-08-02", -2, "2021-06-02"),
        ("2021-01-31", -2, "2020-11-30"),
    ],
)  # fmt: skip
def test_months_are_counted_to_the_months_end(day: str, months: int, wanted: object) -> None:
    assert add_months(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(wanted)


def test_both_models_are_data(tmp_path: Path) -> None:
    assert policy_names() == ["first-draft", "pep605"]
    with pytest.raises(BadTableError, match="there is no policy"):
        load_policy("pep606")
    own = tmp_path / "own.toml"
    own.write_text('title = "x"\nsauce = "y"\n[labels]\nfirst = "alfa"\n[serial]\nshared = 1\n')
    with pytest.raises(BadTableError) as caught:
        load_policy(str(own))
    told = str(caught.value)
    for part in (
        "sauce: is not known; did you mean 'source'?",
        "labels.first: 'alfa' is not known; did you mean 'alpha'?",
        "serial.shared: must be true or false",
        "calendar: is missing",
    ):
        assert part in told


def test_a_series_own_final_day_moves_its_first_release() -> None:
    policy = load_policy("pep605")
    plan = NumberPlan(series=(3, 16), released={}, final=dt.date(2027, 10, 4))
    assert next_release(policy, plan, Changes()).due == dt.date(2025, 12, 4)
    own = NumberPlan(series=(3, 9), released={}, final=policy.calendar.final((3, 9)))
    assert next_release(policy, own, Changes()).due == dt.date(2019, 12, 2)


def test_days_of_another_schedule_are_called_that() -> None:
    policy = load_policy("pep605")
    first = parse_release("3.16.0a1")
    day = dt.date(2026, 10, 20)
    found = next_release(policy, NumberPlan(series=(3, 16), released={first: day}), Changes())
    assert "on 2033-10-02, it was on 2026-10-20" in found.reasons[-1]
    assert found.due == dt.date(2026, 12, 20)  # moved by as much, not to 2030
    for plan in (
        NumberPlan(series=(3, 9), released={}),
        NumberPlan(series=(3, 10), released={}),
        NumberPlan(series=(3, 9), released={parse_release("3.9.0a1"): dt.date(2020, 1, 30)}),
        NumberPlan(series=(3, 16), released={first: day}, final=dt.date(2027, 10, 4)),
    ):
        assert not any("--final" in line for line in next_release(policy, plan, Changes()).reasons)


def test_a_series_of_another_major_version_is_not_counted_on() -> None:
    """Nobody knows how many series lie between: 4.0 came out as 2001."""
    policy = load_policy("pep605")
    with pytest.raises(BadReleaseError, match=r"no days for 4\.0"):
        next_release(policy, NumberPlan(series=(4, 0), released={}), Changes())
    begun = NumberPlan(series=(4, 0), released={parse_release("4.0.0a1"): dt.date(2028, 2, 29)})
    assert next_release(policy, begun, Changes()).due == dt.date(2028, 4, 29)


def test_candidates_alone_do_not_tell_when_a_series_began() -> None:
    plan = NumberPlan(series=(3, 9), released={parse_release("3.9.0rc1"): dt.date(2021, 6, 2)})
    assert not any("moved" in line for line in next_release(policy=load_policy("pep605"),
                   plan=plan, changes=Changes()).reasons)  # fmt: skip


@pytest.mark.parametrize(("day", "months"), [("0001-01-01", -1), ("9999-12-31", 1)])
def test_the_calendars_ends_are_told(day: str, months: int) -> None:
    with pytest.raises(BadReleaseError, match="is in the year"):
        add_months(dt.date.fromisoformat(day), months)
