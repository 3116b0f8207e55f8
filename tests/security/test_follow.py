"""Later entries of NEWS come back to what was taken; what a person decides stays decided."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadBranchError, UsageError
from elpython.define.followups import (
    NEW,
    NOT_NEEDED,
    REFUSED,
    TAKEN,
    FollowUps,
    read_followups,
    write_followups,
)
from elpython.define.refused import Refusal
from elpython.security.follow import Known, Touched, follow, merged
from elpython.security.follow_source import digests, release_dates, touched_by, upstream_of
from examples import BASE_FILES, Example, diff

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.define.followups import FollowUp

TODAY = dt.date(2026, 11, 30)
SPAM = BASE_FILES["Lib/spam.py"]


def news(*releases: tuple[str, str, tuple[str, ...]]) -> str:
    """A merged NEWS: release, day, entries of the section Library."""
    parts = []
    for release, day, entries in releases:
        head = f"What's New in Python {release}?"
        body = "\n".join(f"- {entry}\n" for entry in entries)
        parts.append(
            f"{head}\n{'=' * len(head)}\n\n*Release date: {day}*\n\nLibrary\n-------\n\n{body}"
        )
    return "\n".join(parts)


NEWS = news(
    ("3.13.9 final", "2025-10-01", (
        "gh-7: :func:`asyncio.Timeout` no longer swallows the timeout.",
        "gh-1: Mend the first fix: :func:`spam.second` too.",
        "gh-8: :func:`spam.second` refuses what it took.",
        "gh-9: Speak of pythons and eggs.",
    )),
    ("3.13.2 final", "2025-02-01", ("gh-1: Mend :func:`spam.first`.",)),
    ("3.13.0 alpha 1", "2023-10-01", ("gh-5: Older than all: :func:`asyncio.timeout`.",)),
)  # fmt: skip


@pytest.fixture
def branch(example: Example) -> Example:
    patch = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 2", "return 20")})
    example.add(
        "fix", patch, kind="security",
        toml='\n[upstream]\nissues = ["gh-1"]\nfirst-in = "3.13.2"\n',
    )  # fmt: skip
    path = example.add("timeout", None, kind="feature")
    path.write_text(
        'title = "t"\nkind = "feature"\nprovides = ["asyncio.timeout"]\n'
        '[upstream]\nissues = ["gh-4"]\nfirst-in = "3.13.0"\n'
        '[source]\nprovider = "patch"\npatch = { default = "timeout.patch" }\n'
    )
    eggs = diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"})
    (path.parent / "timeout.patch").write_text(eggs)
    return example


def found(branch: Example, text: str = NEWS, **known: object) -> dict[tuple[str, str], FollowUp]:
    upstream, _ = upstream_of([("NEWS", text)])
    values = {"own": frozenset(), "touched": {"fix": [Touched(module="spam", name="second")]}}
    what = Known(**(values | known))  # type: ignore[arg-type]
    return {(item.change, item.issue): item for item in follow(branch.load(), upstream, what)}


def test_what_comes_back_and_why(branch: Example) -> None:
    items = found(branch)
    assert {key: item.how for key, item in items.items()} == {
        ("timeout", "gh-7"): "names asyncio.timeout",
        ("fix", "gh-1"): "names gh-1",
        ("fix", "gh-8"): "names spam and second, which it touches",
    }
    assert {item.state for item in items.values()} == {NEW}


def test_days_decide_what_is_later_not_numbers(branch: Example) -> None:
    """3.14.0a1 of 2024 is older than 3.13.2 of 2025, for all its greater number."""
    later = news(("3.14.0 alpha 1", "2024-10-15", ("gh-1: Another word on spam.",)))
    upstream, looked = upstream_of([("one", NEWS), ("two", later)])
    assert looked == ["3.13.9 one", "3.14.0a1 two"]
    assert not upstream.later("3.14.0a1", "3.13.2")
    items = follow(branch.load(), upstream, Known(own=frozenset()))
    assert [item.release for item in items if item.issue == "gh-1"] == ["3.13.9"]


def test_what_decides_without_a_person(branch: Example) -> None:
    refusal = Refusal(id="no", title="t", reason="would break", needs="not wanted",
                      issues=("gh-8",))  # fmt: skip
    text = "gh-7: :func:`asyncio.Timeout` no longer swallows the timeout."
    own = digests(news(("3.11.2 final", "2023-02-07", (text,))))
    items = found(branch, refusals=[refusal], own=own)
    assert items["fix", "gh-8"].state == REFUSED
    assert items["timeout", "gh-7"].state == NOT_NEEDED
    branch.add("more", diff({"Lib/eggs.py": "VALUE = 2\n"}, {"Lib/eggs.py": "VALUE = 3\n"}),
               toml='\n[upstream]\nissues = ["gh-8"]\n')  # fmt: skip
    assert found(branch)["fix", "gh-8"].state == TAKEN
    assert found(branch)["fix", "gh-8"].reason == "more"


def test_a_second_issue_of_a_change_is_taken_by_it(branch: Example) -> None:
    path = branch.folder / "changes" / "fix.toml"
    path.write_text(path.read_text().replace('["gh-1"]', '["gh-1", "gh-8"]'))
    assert found(branch)["fix", "gh-8"].state == TAKEN
    # But the second word on an issue is never taken by who took the first.
    assert found(branch)["fix", "gh-1"].state == NEW


def test_words_of_english_are_no_features(branch: Example) -> None:
    path = branch.folder / "changes" / "timeout.toml"
    path.write_text(path.read_text().replace("asyncio.timeout", "python"))
    assert ("timeout", "gh-9") not in found(branch)


def test_the_record_keeps_what_a_person_decided(branch: Example, tmp_path: Path) -> None:
    items = found(branch)
    first = merged(FollowUps(checked=None), items.values(), ["3.13.9 NEWS"], TODAY)
    write_followups(tmp_path, first)
    assert read_followups(tmp_path) == first
    by_hand = tuple(
        dataclasses.replace(item, state=REFUSED, reason="no") if item.issue == "gh-7" else item
        for item in first.items
    )
    again = merged(dataclasses.replace(first, items=by_hand), items.values(), ["x"], TODAY)
    assert {item.issue: item.state for item in again.items} == {
        "gh-7": REFUSED, "gh-1": NEW, "gh-8": NEW,
    }  # fmt: skip
    assert again.open("3.11", "timeout") == []
    assert again.age(TODAY + dt.timedelta(days=3)) == 3


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('state = "new"', 'state = "refused"', "reason: is missing"),
        ('state = "new"', 'state = "perhaps"', "state"),
        ('branch = "3.11"', "", "branch"),
        ("checked = 2026-11-30", "", "checked"),
    ],
)
def test_a_bad_record_says_where(
    branch: Example, tmp_path: Path, old: str, new: str, problem: str
) -> None:
    record = merged(FollowUps(checked=None), found(branch).values(), [], TODAY)
    path = write_followups(tmp_path, record)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(BadBranchError) as caught:
        read_followups(tmp_path)
    assert problem in str(caught.value.details)


def test_no_news_is_no_good_news() -> None:
    with pytest.raises(UsageError, match="its NEWS has no entries"):
        upstream_of([("empty", "")])


def test_days_are_read_from_news() -> None:
    assert release_dates(NEWS) == {
        "3.13.9": dt.date(2025, 10, 1),
        "3.13.2": dt.date(2025, 2, 1),
        "3.13.0a1": dt.date(2023, 10, 1),
    }


def test_what_a_change_touches_is_read_from_its_commit(branch: Example) -> None:
    touched = touched_by(branch.prepare())
    assert touched["fix"] == [Touched(module="spam", name="second")]
    assert touched["timeout"] == []
