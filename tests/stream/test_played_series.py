"""A whole series on a real repository: a1 to .1, breaks, reverts, a slip, a withdrawn release."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from elpython.stream.check import check_range
from elpython.stream.classify import Classification, Override, classify
from elpython.stream.history import read_range
from elpython.stream.ledger import Ledger, LedgerEntry, append, parse_ledger, record_of
from elpython.stream.marks import breaks, read_marks
from elpython.stream.numbering import Changes, NumberPlan, next_release
from elpython.stream.policy import load_policy
from elpython.stream.release import BadReleaseError, parse_release
from elpython.stream.tables import parse_toml
from elpython.stream.texts import Announcement, announce, change_lines

if TYPE_CHECKING:
    from tests.stream.conftest import Repository

NEWS = "Misc/NEWS.d/next/C_API/2026-01-01-00-00-{:02}.gh-issue-{}.Ab1.rst"
PATH = "Misc/abi-ledger/3.9.toml"
TODAY = dt.date(2026, 11, 30)


class Series:
    """A series in the making: repository, ledger, and the release manager's steps."""

    def __init__(self, repo: Repository) -> None:
        self.repo = repo
        self.text = ""
        self.ledger: Ledger | None = None
        self.last = ""
        repo.commit("Begin", {"Include/object.h": "int x;\n"})

    def classified(self, override: Override | None = None) -> Classification:
        marked = []
        if self.last:
            commits = read_range(self.repo.path, self.last, "HEAD")
            marked = breaks(self.repo.path, read_marks(self.repo.path, commits))
        frozen = "rc" in self.last or self.last.endswith(".0")
        return classify(marked, None, markers_only=True, override=override, frozen=frozen)

    def release(self, version: str, day: str, override: Override | None = None) -> None:
        entry = LedgerEntry(
            release=parse_release(version), date=dt.date.fromisoformat(day), today=TODAY
        )
        record = record_of(self.ledger, entry, self.classified(override))
        self.text = append(self.text, "3.9", record)
        self.ledger = parse_ledger(parse_toml(self.text, PATH))
        self.repo.commit(f"Record {version}", {PATH: self.text})
        self.repo.git("tag", f"v{version}")
        self.last = f"v{version}"

    def break_abi(self, number: int) -> str:
        text = f"(CPython ABI break) Move field {number} of ``PyX``.\n"
        return self.repo.commit(
            f"(ABI break) gh-{number}: Move a field",
            {NEWS.format(number, number): text, "Include/object.h": f"int x{number};\n"},
        )

    def due(self) -> str:
        released = self.ledger.dates if self.ledger else {}
        plan = NumberPlan(series=(3, 9), released=released)
        return f"{next_release(load_policy('pep605'), plan, Changes()).due}"


def test_a_series_from_a1_to_its_first_maintenance_release(repo: Repository) -> None:
    series = Series(repo)
    series.release("3.9.0a1", "2019-12-02")
    assert series.due() == "2020-02-02"
    series.release("3.9.0b2", "2020-02-22")  # late by three weeks
    assert series.due() == "2020-04-02"  # the next is on its planned day all the same

    broke = series.break_abi(1)
    with pytest.raises(BadReleaseError, match="cannot be written"):
        series.release("3.9.0b3", "2020-04-02")
    repo.git("revert", "--no-edit", broke)  # in time: nothing has shipped with it
    series.release("3.9.0b3", "2020-04-02")

    shipped = series.break_abi(2)
    series.release("3.9.0a4", "2020-06-02")
    assert series.ledger is not None
    assert change_lines(series.ledger, parse_release("3.9.0a4"), "break") == (
        "Move field 2 of PyX.",
    )
    repo.git("revert", "--no-edit", shipped)  # wheels were built with it: a break again
    rules = {one.rule for one in check_range(repo.path, "v3.9.0a4", "HEAD").findings}
    assert "revert-shipped-break" in rules
    with pytest.raises(BadReleaseError, match="cannot be written"):
        series.release("3.9.0b5", "2020-08-02")
    series.release("3.9.0a5", "2020-08-02")

    with pytest.raises(BadReleaseError, match="cannot be written"):
        series.release("3.9.0rc5", "2021-06-02")
    series.release("3.9.0rc1", "2021-06-02")
    late = series.break_abi(3)
    assert "freeze-abi-break" in {
        one.rule for one in check_range(repo.path, "v3.9.0rc1", "HEAD").findings
    }
    with pytest.raises(BadReleaseError) as caught:
        series.release("3.9.0rc2", "2021-07-02")
    assert "3.9.0rc2 with --override" in str(caught.value)
    repo.git("revert", "--no-edit", late)
    series.release("3.9.0rc2", "2021-07-02")
    series.release("3.9.0", "2021-08-02")

    series.break_abi(4)
    with pytest.raises(BadReleaseError) as caught:
        series.release("3.9.1", "2021-09-02")
    assert "withdraw that release and publish 3.9.2" in str(caught.value)
    taken = Override(label="accept", reason="found after publication")
    series.release("3.9.1", "2021-09-02", taken)
    record = series.ledger.standing[-1]
    text = announce(
        Announcement(
            product="Python", release=record.release, previous=parse_release("3.9.0"),
            breaks=change_lines(series.ledger, record.release, "break"), tier=record.tier,
            decisions=("accept: found after publication",),
        )
    )  # fmt: skip
    assert "It breaks the ABI of 3.9.0" in text
    assert "found after publication" in text
    assert str(record.last_break) == "3.9.1"
    assert [one.stage for one in series.ledger.dates][:7] == [
        "a1", "b2", "b3", "a4", "a5", "rc1", "rc2",
    ]  # fmt: skip
    assert check_range(repo.path, "v3.9.0a1", "HEAD").commits > 10
