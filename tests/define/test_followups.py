"""What is told as taken is taken: attacks on `followups.toml`."""

from __future__ import annotations

import datetime as dt

import pytest

from elpython.define.followups import followup_problems, read_followups
from elpython.define.vulnerability_read import read_record
from examples import REPOSITORY, Example, diff

TODAY = dt.date(2026, 11, 30)
FIX = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})
HEAD = 'checked = 2026-11-30\nlooked = ["3.13.9 3.13"]\n\n'
ROW = """\
[[followup]]
branch = "3.11"
change = "one"
news = "0123456789ab"
issue = "gh-7"
release = "3.13.9"
"""
RECORD = """\
title = "A flaw"
product = "cpython"
public = 2026-10-01
recorded = 2026-11-21
severity = "unrated"
news = ["0123456789ab"]
sources = ["Misc/NEWS 3.13.16"]

[branch."3.11"]
state = "fixed"
since = 2026-11-21
change = "other"
untested = "it takes a machine of another kind"
"""


def told(example: Example, text: str) -> str:
    """Return what reading and holding a file against two changes finds."""
    names = [change.id for change in example.load().series] if example.series else []
    if not names:
        example.add("one", FIX, kind="security", toml='\n[upstream]\nissues = ["gh-6"]\n')
        issues = '\n[upstream]\nissues = ["gh-8"]\ncves = ["CVE-2026-8000"]\n'
        example.add("other", FIX.replace("eggs", "spam"), toml=issues)
    (example.branches / "followups.toml").write_text(text)
    problems: list[str] = []
    followups = read_followups(example.branches, problems)
    record = read_record(example.branches)
    problems += followup_problems(followups, [example.load()], record, today=TODAY)
    return "\n".join(problems)


def taken(by: str, issue: str = "gh-7", text: str = "Fix it.") -> str:
    row = ROW.replace("gh-7", issue)
    return f'{HEAD}{row}state = "taken"\nreason = "{by}"\ntext = "{text}"\n'


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ROW + 'state = "new"\n',
        HEAD + ROW + 'state = "refused"\nreason = "it changes what programs see"\n',
        taken("one", "gh-6"),
        taken("other", "gh-8"),
        taken("other", text="CVE-2026-8000: check it."),
    ],
)
def test_what_the_branch_bears_out_is_right(example: Example, text: str) -> None:
    assert told(example, text) == ""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (taken("one"), "is taken by one, which names neither gh-7 nor a CVE"),
        (taken("other"), "is taken by other, which names neither gh-7 nor a CVE"),
        (taken("other", issue=""), "names neither its issue nor"),
        (taken("other", text="CVE-2026-9000: check it."), "names neither gh-7 nor a CVE"),
        (taken("none"), "is taken by none, which 3.11 does not have"),
        (taken(""), "reason: is missing (the change that takes it)"),
        (HEAD + ROW + 'state = "refused"\nreason = "."\n', "is no reason"),
        (HEAD + ROW + 'state = "not needed"\nreason = "no no no"\n', "is no reason"),
        (HEAD + ROW + 'state = "new"\nreason = "one"\n', "goes with no 'new'"),
        (HEAD + ROW.replace('"3.11"', '"3.12"') + 'state = "new"\n', "there is no branch 3.12"),
        (HEAD + ROW.replace('"one"', '"gone"') + 'state = "new"\n', "3.11 has no change gone"),
        (HEAD.replace("2026-11-30", "2026-12-24"), "checked: 2026-12-24 is in the future"),
        (HEAD.replace("2026-11-30", "1970-01-01"), "before 1990-01-01"),
        ("checked = 2026-11-30\n\n" + ROW + 'state = "new"\n', "looked: is empty"),
    ],
)
def test_what_the_branch_does_not_bear_out_is_told(example: Example, text: str, what: str) -> None:
    assert what in told(example, text)


def test_the_vulnerability_record_says_who_took_it(example: Example) -> None:
    """An entry that it has decided is taken by the change that fixes it, and by no other."""
    assert told(example, taken("other"))
    place = example.branches / "vulnerabilities"
    place.mkdir()
    (place / "gh-8.toml").write_text(RECORD)
    (place / "record.toml").write_text("checked = 2026-11-21\n")
    assert told(example, taken("other")) == ""
    assert told(example, taken("one"))


def test_the_real_follow_ups_are_borne_out() -> None:
    from elpython.define.branch import load_all

    folder = REPOSITORY / "branches"
    branches, _ = load_all(folder)
    today = dt.datetime.now(tz=dt.UTC).date()
    found = followup_problems(read_followups(folder), branches, read_record(folder), today=today)
    assert found == []
