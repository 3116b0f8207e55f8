from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import UsageError
from elpython.stream.gates import gate_table, read_status, status_answer
from elpython.stream.numbering import Changes, NumberPlan, next_release
from elpython.stream.plan import dated, plan_series, policy_text
from elpython.stream.policy import load_policy
from elpython.stream.release import BadReleaseError, parse_release

if TYPE_CHECKING:
    from pathlib import Path

STATUS = [
    ("builders", {"linux": "success", "windows": "green"}, "yes", "2 builders"),
    ("builders", [{"name": "linux", "status": "failure"}], "no", "linux"),
    ("builders", [], "not told", "no builder"),
    ("builders", "fine", "not told", "no builder"),
    ("blockers", [{"number": 1, "state": "closed", "labels": ["release-blocker"]}], "yes", "1 iss"),
    ("blockers", [{"number": 7, "labels": [{"name": "release-blocker"}]}], "no", "#7"),
    ("blockers", [], "yes", "0 issues"),
    ("blockers", {"a": 1}, "not told", "no list"),
]


@pytest.mark.parametrize(("kind", "status", "answer", "why"), STATUS)
def test_a_status_answers_its_gate(kind: str, status: object, answer: str, why: str) -> None:
    found = status_answer(kind, status)
    assert found[0] == answer
    assert why in found[1]


def test_a_status_that_cannot_be_read(tmp_path: Path) -> None:
    for place in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_status(str(place))
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read"):
        read_status(str(tmp_path / "x.json"))
    (tmp_path / "x.json").write_text(json.dumps({"a": "success"}))
    assert read_status(str(tmp_path / "x.json")) == {"a": "success"}
    with pytest.raises(UsageError, match="cannot be fetched"):
        read_status("http://127.0.0.1:9/status.json")


def test_every_gate_of_the_policy_is_asked() -> None:
    assert [gate.id for gate in gate_table()] == [
        "buildbots", "blockers", "markers", "freeze", "sequence", "stable-abi", "provisional",
        "roll-back",
    ]  # fmt: skip


def test_a_series_is_planned_from_its_final_release(tmp_path: Path) -> None:
    policy = dated(load_policy("pep605"), (4, 0), dt.date(2029, 8, 6))
    rows = dict(plan_series(policy, (4, 0)))
    assert rows["4.0.0a1"] == dt.date(2027, 10, 6)
    assert rows["4.0.0rc1"] == dt.date(2029, 6, 6)
    assert rows["4.0.0"] == dt.date(2029, 8, 6)
    path = tmp_path / "own.toml"
    path.write_text(policy_text(policy))
    assert load_policy(str(path)).calendar == policy.calendar
    plan = NumberPlan(series=(4, 0), released={})
    assert next_release(load_policy(str(path)), plan, Changes()).due == dt.date(2027, 10, 6)
    with pytest.raises(BadReleaseError, match="no time before the freeze"):
        dated(policy, (4, 0), dt.date(2029, 8, 6), dt.date(2029, 7, 1))


@pytest.mark.parametrize("first", ["2025-12-02", "2025-12-30", "2026-01-20"])
def test_the_plan_and_the_next_release_have_the_same_days(first: str) -> None:
    """Also when the first alpha lies between two planned days; none comes days before rc1."""
    policy = dated(
        load_policy("pep605"), (3, 17), dt.date(2026, 10, 5), dt.date.fromisoformat(first)
    )
    rows = [row for row in plan_series(policy, (3, 17)) if "rc" not in row[0]][:-1]
    for number in range(1, len(rows)):
        so_far = {parse_release(name): day for name, day in rows[:number]}
        found = next_release(policy, NumberPlan(series=(3, 17), released=so_far), Changes())
        assert (str(found.version), found.due) == rows[number]
    assert (dt.date(2026, 8, 5) - rows[-1][1]).days > 30


@pytest.mark.parametrize(
    ("released", "due"),
    [
        ("2019-12-02", "2020-02-02"),
        ("2019-12-20", "2020-02-02"),
        ("2020-01-10", "2020-04-02"),
        ("2020-02-01", "2020-04-01"),
    ],
)
def test_after_a_late_release_the_next_is_on_its_planned_day(released: str, due: str) -> None:
    plan = NumberPlan(
        series=(3, 9), released={parse_release("3.9.0a1"): dt.date.fromisoformat(released)}
    )
    found = next_release(load_policy("pep605"), plan, Changes())
    assert found.due == dt.date.fromisoformat(due)
