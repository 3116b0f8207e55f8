from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.stream.check import check_range
from elpython.stream.classify import Classification
from elpython.stream.ledger import (
    Ledger,
    append,
    parse_ledger,
    read_ledger,
    record_of,
)
from elpython.stream.marks import Break
from elpython.stream.measured import Measured
from elpython.stream.release import BadReleaseError, parse_release
from elpython.stream.tables import BadTableError, parse_toml

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stream.conftest import Repository

FIELD = Measured(kind="type", symbol="PyObject", what='struct _object: "x"\n', reach=("Py_A",))
NEW = Measured(kind="added", symbol="PyNew", what="PyNew is new")
MARK = Break(commit="a" * 40, summary="(ABI break) x", entries=("(CPython ABI break) x",))


def verdict(label: str, *changes: Measured, marked: tuple[Break, ...] = ()) -> Classification:
    return Classification(
        verdict=label, reasons=("because",), tier="headers", marked=marked,
        measured=changes, mismatches=(),
    )  # fmt: skip


STEPS = [
    ("a1", verdict("unknown"), "3.9.0a1", "3.9.0a1"),
    ("b2", verdict("beta", NEW), "3.9.0a1", "3.9.0b2"),
    ("b3", verdict("beta"), "3.9.0a1", "3.9.0b2"),
    ("a4", verdict("alpha", FIELD, marked=(MARK,)), "3.9.0a4", "3.9.0b2"),
    ("b5", verdict("beta", NEW), "3.9.0a4", "3.9.0b5"),
]


def grown() -> str:
    text, ledger = "", None
    for month, (stage, found, broke, added) in enumerate(STEPS, 1):
        release = parse_release(stage, series="3.9")
        record = record_of(ledger, release, dt.date(2020, month, 2), found)
        assert (str(record.last_break), str(record.last_addition)) == (broke, added)
        text = append(text, "3.9", record)
        ledger = parse_ledger(parse_toml(text, "x.toml"))
    return text


def test_it_tells_the_two_numbers_release_by_release() -> None:
    ledger = parse_ledger(parse_toml(grown(), "x.toml"))
    last = ledger.records[-1]
    assert (str(last.last_break), str(last.last_addition)) == ("3.9.0a4", "3.9.0b5")
    fourth = ledger.records[3]
    assert [(item.kind, item.source, item.symbol) for item in fourth.changes] == [
        ("break", "marked", ""), ("break", "measured", "PyObject"),
    ]  # fmt: skip
    assert fourth.changes[1].reach == ("Py_A",)


def test_between_two_releases() -> None:
    ledger = parse_ledger(parse_toml(grown(), "x.toml"))
    since, to = (parse_release(stage, series="3.9") for stage in ("b2", "a4"))
    assert [item.release.stage for item in ledger.between(since, to)] == ["b3", "a4"]
    assert ledger.dates[to] == dt.date(2020, 4, 2)


def test_the_real_case_of_3_9_3_and_3_9_4() -> None:
    """3.9.3 changed a field of PyThreadState, 3.9.4 took it back: both changed the ABI."""
    state = Measured(
        kind="type", symbol="PyThreadState", what="struct _ts: type of 'char overflowed' changed",
        reach=("PyThreadState_Get",),
    )  # fmt: skip
    steps = [
        ("3.9.2", "2021-02-19", verdict("beta")),
        ("3.9.3", "2021-04-02", verdict("alpha", state)),
        ("3.9.4", "2021-04-04", verdict("alpha", state)),
        ("3.9.5", "2021-05-03", verdict("beta")),
    ]
    text, ledger = "", None
    for version, day, found in steps:
        record = record_of(ledger, parse_release(version), dt.date.fromisoformat(day), found)
        text = append(text, "3.9", record)
        ledger = parse_ledger(parse_toml(text, "3.9.toml"))
    assert ledger is not None
    assert [str(item.last_break) for item in ledger.records] == ["3.9.2", "3.9.3", "3.9.4", "3.9.4"]


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("PyNew is new", "PyOld is new", "was changed after"),
        ("2020-02-02", "2020-02-03", "was changed after"),
        ('last_break = "3.9.0a1"\n', 'last_breach = "3.9.0a1"\n', "did you mean 'last_break'?"),
        ('version = "3.9.0b3"', 'version = "3.9.0b16"', "4 bits"),
        ('version = "3.9.0b3"', 'version = "3.10.0b3"', "not a release of 3.9"),
        ('kind = "addition"', 'kind = "adition"', "did you mean 'addition'?"),
    ],
)
def test_a_changed_record_is_found(old: str, new: str, part: str) -> None:
    text = grown()
    assert old in text
    with pytest.raises(BadTableError) as caught:
        parse_ledger(parse_toml(text.replace(old, new, 1), "x.toml"))
    assert part in str(caught.value)


def test_a_record_must_follow_the_last_one() -> None:
    ledger = parse_ledger(parse_toml(grown(), "x.toml"))
    with pytest.raises(BadReleaseError) as caught:
        record_of(ledger, parse_release("3.9.0b4"), dt.date(2020, 1, 1), verdict("alpha"))
    told = str(caught.value)
    for part in ("does not come after", "is before 2020-05-02", "the verdict is alpha"):
        assert part in told
    with pytest.raises(BadReleaseError, match="cannot be written"):
        record_of(ledger, parse_release("3.9.0b6"), dt.date(2020, 6, 2), verdict("unknown"))


def test_files_that_are_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(BadTableError, match="cannot be read"):
        read_ledger(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("= 3")
    with pytest.raises(BadTableError, match="no TOML"):
        read_ledger(bad)


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_survives_the_file(what: str, symbol: str) -> None:
    change = Measured(kind="removed", symbol=symbol, what=what)
    release = parse_release("3.9.0a1")
    try:
        f"{what}{symbol}".encode()
    except UnicodeEncodeError:
        return
    record = record_of(None, release, dt.date(2020, 1, 1), verdict("alpha", change))
    read = parse_ledger(parse_toml(append("", "3.9", record), "x.toml"))
    assert read == Ledger(series="3.9", records=(record,))


def test_the_check_refuses_a_rewritten_ledger(repo: Repository) -> None:
    path = "Misc/abi-ledger/3.9.toml"
    text = grown()
    first = text[: text.index("[[release]]", text.index("[[release]]") + 5)]
    repo.commit("Add a ledger", {path: first})
    repo.git("tag", "ledger")
    repo.commit("Add a record", {path: text})
    assert check_range(repo.path, "ledger", "HEAD").findings == ()
    repo.commit("Change a record", {path: text.replace("2020-01-02", "2020-01-03")})
    found = check_range(repo.path, "ledger", "HEAD").findings
    assert [(item.rule, item.path, item.line) for item in found] == [("ledger-rewritten", path, 5)]
    repo.commit("Add rubbish", {path: text + "x = 1\n"})
    found = check_range(repo.path, "ledger", "HEAD").findings
    assert [item.rule for item in found] == ["ledger-rewritten"]
