from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.stream.check import check_range
from elpython.stream.classify import Classification, Override
from elpython.stream.ledger import (
    Ledger,
    LedgerEntry,
    append,
    parse_ledger,
    read_ledger,
    record_of,
)
from elpython.stream.marks import Break
from elpython.stream.measured import Measured
from elpython.stream.release import BadReleaseError, Release, parse_release
from elpython.stream.tables import BadTableError, parse_toml

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stream.conftest import Repository

FIELD = Measured(kind="type", symbol="PyObject", what='struct _object: "x"\n', reach=("Py_A",))
NEW = Measured(kind="added", symbol="PyNew", what="PyNew is new")
MARK = Break(commit="a" * 40, summary="(ABI break) x", entries=("(CPython ABI break) x",))


def accepted(*changes: Measured) -> Classification:
    reason = Override(label="accept", reason="found too late")
    return replace(verdict("accept", *changes), override=reason)


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


TODAY = dt.date(2026, 11, 30)


def entry(
    version: str, day: str, corrects: Release | None = None, features: tuple[str, ...] = ()
) -> LedgerEntry:
    return LedgerEntry(
        release=parse_release(version, series="3.9"), date=dt.date.fromisoformat(day), today=TODAY,
        corrects=corrects,
        features=features,
    )  # fmt: skip


def grown() -> str:
    text, ledger = "", None
    for month, (stage, found, broke, added) in enumerate(STEPS, 1):
        record = record_of(ledger, entry(stage, f"2020-{month:02}-02"), found)
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
        ("3.9.3", "2021-04-02", accepted(state)),
        ("3.9.4", "2021-04-04", accepted(state)),
        ("3.9.5", "2021-05-03", verdict("beta")),
    ]
    text, ledger = "", None
    for version, day, found in steps:
        record = record_of(ledger, entry(version, day), found)
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
        ("2020-05-02", "2020-01-01", "the day of 3.9.0a4"),
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
        record_of(ledger, entry("3.9.0b4", "2020-01-01"), verdict("alpha"))
    told = str(caught.value)
    for part in ("does not come after", "is before 2020-05-02", "the verdict is alpha"):
        assert part in told
    with pytest.raises(BadReleaseError, match="cannot be written"):
        record_of(ledger, entry("3.9.0b6", "2020-06-02"), verdict("unknown"))


IMPOSSIBLE = [
    ([], "b9", "2020-01-02", "begins with 3.9.0a1"),
    ([], "a2", "2020-01-02", "begins with 3.9.0a1"),
    ([], "rc1", "2020-01-02", "begins with 3.9.0a1"),
    (["a1", "b2"], "a4", "2020-06-02", "the next one is a3 or b3 or rc1"),
    (["a1", "b2"], "rc2", "2020-06-02", "the next one is a3 or b3 or rc1"),
    (["a1", "b2"], "final", "2020-06-02", "the next one is a3 or b3 or rc1"),
    (["a1", "rc1"], "rc5", "2020-06-02", "the next one is rc2"),
    (["a1", "rc1", "3.9.0"], "3.9.2", "2020-06-02", "the next one is 3.9.1"),
    (["a1"], "a2", "2035-01-01", "has not come yet"),
    (["a1"], "a2", "2019-01-01", "is before"),
    ([], "a1", "1970-01-01", "before the first Python"),
]


@pytest.mark.parametrize(("before", "version", "day", "part"), IMPOSSIBLE)
def test_what_cannot_be_is_refused_before_it_is_written(
    before: list[str], version: str, day: str, part: str
) -> None:
    text, ledger = "", None
    for month, stage in enumerate(before, 1):
        found = verdict(parse_release(stage, series="3.9").level)
        text = append(text, "3.9", record_of(ledger, entry(stage, f"2020-{month:02}-02"), found))
        ledger = parse_ledger(parse_toml(text, "x.toml"))
    with pytest.raises(BadReleaseError) as caught:
        record_of(ledger, entry(version, day), verdict(parse_release(version, series="3.9").level))
    assert part in str(caught.value)


def test_a_correction_takes_the_place_of_what_it_corrects_and_both_stay_visible() -> None:
    text = grown()
    ledger = parse_ledger(parse_toml(text, "x.toml"))
    b3 = parse_release("3.9.0b3")
    wrong = entry("b3", "2020-03-12", corrects=b3)
    text = append(text, "3.9", record_of(ledger, wrong, verdict("beta")))
    ledger = parse_ledger(parse_toml(text, "x.toml"))
    assert ledger.dates[b3] == dt.date(2020, 3, 12)
    assert [record.release.stage for record in ledger.standing] == ["a1", "b2", "b3", "a4", "b5"]
    assert text.count('version = "3.9.0b3"') == 2
    assert text.count('corrects = "3.9.0b3"') == 1
    following = record_of(ledger, entry("b6", "2020-07-02"), verdict("beta"))
    assert (
        parse_ledger(parse_toml(append(text, "3.9", following), "x.toml")).standing[-1] == following
    )
    for stage, day, target, part in (
        ("b3", "2020-12-12", "b3", "does not come before 3.9.0a4"),
        ("b4", "2020-03-12", "b3", "does not come before 3.9.0a4"),
        ("b3", "2020-03-12", "b9", "has no record"),
    ):
        new = entry(stage, day, corrects=parse_release(target, series="3.9"))
        with pytest.raises(BadReleaseError) as caught:
            record_of(ledger, new, verdict("beta"))
        assert part in str(caught.value)


FROZEN = [
    (verdict("alpha", FIELD), (), "ABI break (DWARF): PyObject"),
    (verdict("alpha", marked=(MARK,)), (), "marked ABI break: (ABI break) x"),
    (verdict("broken", Measured(kind="magic", symbol="PYC_MAGIC_NUMBER", what="was 1, is 2")), (),
     "magic number of pyc files changed"),
    (verdict("kept"), ("Add x.y()",), "new feature: Add x.y()"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "features", "part"), FROZEN)
@pytest.mark.parametrize(
    ("stages", "version", "way_out"),
    [(["a1", "rc1"], "rc2", "3.9.0rc2 with --override"),
     (["a1", "rc1", "3.9.0"], "3.9.1", "withdraw that release and publish 3.9.2")],
)  # fmt: skip
def test_the_freeze_holds(
    found: Classification, features: tuple[str, ...], part: str, stages: list[str], version: str,
    way_out: str,
) -> None:  # fmt: skip
    text, ledger = "", None
    for month, stage in enumerate(stages, 1):
        level = parse_release(stage, series="3.9").level
        record = record_of(ledger, entry(stage, f"2020-{month:02}-02"), verdict(level))
        text = append(text, "3.9", record)
        ledger = parse_ledger(parse_toml(text, "x.toml"))
    following = entry(version, "2020-06-02", features=features)
    with pytest.raises(BadReleaseError) as caught:
        record_of(ledger, following, found)
    assert part in str(caught.value)
    assert way_out in str(caught.value)
    late = replace(found, override=Override(label="alpha", reason="an alpha after all"))
    with pytest.raises(BadReleaseError, match="alpha decides nothing any more"):
        record_of(ledger, following, late)
    decided = replace(found, override=Override(label="accept", reason="no way back"))
    record = record_of(ledger, following, decided)
    assert [item.what for item in record.changes if item.source == "decided"] == ["no way back"]


def test_files_that_are_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(BadTableError, match="cannot be read"):
        read_ledger(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("= 3")
    with pytest.raises(BadTableError, match="invalid TOML"):
        read_ledger(bad)


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_survives_the_file(what: str, symbol: str) -> None:
    change = Measured(kind="removed", symbol=symbol, what=what)
    try:
        f"{what}{symbol}".encode()
    except UnicodeEncodeError:
        return
    record = record_of(None, entry("a1", "2020-01-01"), verdict("alpha", change))
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
