"""Days that the policy's files tell: none is yet to come."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from elpython.cli import cli
from elpython.policy.days import policy_day_problems
from policy_lab import PEOPLE, TODAY

if TYPE_CHECKING:
    from policy_lab import Lab

REPOSITORY = Path(__file__).parents[2]
LATER, FIRST = dt.date(2099, 1, 1), dt.date(1970, 1, 1)


def judge(lab: Lab, day: dt.date) -> None:
    path = lab.branches / "policy.toml"
    text = path.read_text("utf-8")
    now = text.replace("judged = 2026-11-21", f"judged = {day}", 1)
    assert now != text
    path.write_text(now, "utf-8")


def test_the_repositorys_own_days_are_past() -> None:
    today = dt.datetime.now(tz=dt.UTC).date()
    assert policy_day_problems(REPOSITORY / "branches", today) == []


@pytest.mark.parametrize(
    ("day", "told"), [(LATER, "judged: 2099-01-01 is in the future"), (FIRST, "before 1990")]
)
def test_a_judgement_is_no_later_than_today(lab: Lab, day: dt.date, told: str) -> None:
    judge(lab, day)
    found = policy_day_problems(lab.branches, TODAY)
    assert any(told in line for line in found)


def test_a_signature_is_no_later_than_today(lab: Lab) -> None:
    path = lab.branches / "maintainers.toml"
    path.write_text(PEOPLE.replace("cla = 2026-", "cla = 2099-", 1), "utf-8")
    found = policy_day_problems(lab.branches, dt.datetime.now(tz=dt.UTC).date())
    assert len(found) == 1
    assert "cla: 2099-" in found[0]


def test_files_that_cannot_be_read_are_told(lab: Lab) -> None:
    (lab.branches / "policy.toml").write_text("rule = 1\n", "utf-8")
    assert len(policy_day_problems(lab.branches, TODAY)) == 1


def test_lint_and_policy_tell_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"upstream": 'proposal = "draft PEP: sys.set_min_python_version"', "kind": "feature"}
    lab.add("3.11/own", **own)
    judge(lab, LATER)
    assert "later than 2026-11-21" in " ".join(item.message for item in lab.told())
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(lab.branches))
    done = CliRunner().invoke(cli, ["branch", "lint", "--no-content"], standalone_mode=False)
    assert "judged: 2099-01-01 is in the future" in done.output
