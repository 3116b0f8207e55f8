"""A ledger is a file: what `record` refuses to write, somebody writes by hand, digests and all."""

from __future__ import annotations

import datetime as dt

import pytest

from elpython.stream.classify import Classification
from elpython.stream.ledger import (
    Ledger,
    LedgerEntry,
    LedgerRecord,
    append,
    parse_ledger,
    record_of,
)
from elpython.stream.measured import Measured
from elpython.stream.release import BadReleaseError, parse_release, parse_series
from elpython.stream.tables import BadTableError, parse_toml

FIELD = Measured(kind="type", symbol="PyObject", what="x", reach=("Py_A",))
A1 = "a1 2020-01-02 a1 a1"


def by_hand(*rows: str) -> Ledger:
    """Read a ledger of rows: release, day, last break, last addition, what it corrects."""
    text, previous = "", "start"
    for row in rows:
        release, day, broke, added, *corrects = row.split()
        version, *others = (
            parse_release(word, series="3.9") for word in (release, broke, added, *corrects)
        )
        record = LedgerRecord(
            release=version, date=dt.date.fromisoformat(day), last_break=others[0],
            last_addition=others[1], tier="headers", reasons=("x",), changes=(), previous=previous,
            corrects=others[2] if corrects else None,
        )  # fmt: skip
        text, previous = append(text, "3.9", record), record.digest
    return parse_ledger(parse_toml(text, "ledger.toml"))


IMPOSSIBLE = {
    "a number left out": ([A1, "b9 2020-02-02 a1 a1"], "the next one is a2 or b2 or rc1"),
    "no beginning": (["b2 2020-01-02 b2 b2"], "a series begins with 3.9.0a1"),
    "a candidate left out": (
        [A1, "rc1 2020-02-02 a1 a1", "rc5 2020-03-02 a1 a1"], "the next one is rc2 or 3.9.0"
    ),
    "no final": ([A1, "rc1 2020-02-02 a1 a1", "3.9.7 2021-02-02 a1 a1"], "cannot follow 3.9.0rc1"),
    "back": ([A1, "b2 2020-02-02 a1 a1", "a2 2020-03-02 a1 a1"], "cannot follow 3.9.0b2"),
    "twice": ([A1, A1], "does not come after"),
    "a day before": ([A1, "b2 2019-02-02 a1 a1"], "2019-02-02 is before 2020-01-02"),
    "a break to come": ([A1, "b2 2020-02-02 a7 a1"], "last_break is 3.9.0a7"),
    "a break that never was": (
        [A1, "a2 2020-02-02 a2 a1", "a3 2020-03-02 a1 a1"], "last_break is 3.9.0a1, and can only be"
    ),
    "an addition of another release": (
        [A1, "b2 2020-02-02 a1 b2", "b3 2020-03-02 a1 a1"], "last_addition is 3.9.0a1"
    ),
    "a correction of nothing": ([A1, "a2 2020-02-02 a1 a1 a5"], "which has no record"),
    "a first correction": (["a1 2020-01-02 a1 a1 a1"], "which has no record"),
    "a correction past what follows": (
        [A1, "a2 2020-02-02 a1 a1", "a3 2020-03-02 a1 a1", "rc1 2020-02-02 a1 a1 a2"],
        "does not come after",
    ),
    "a correction that nothing can follow": (
        [A1, "rc1 2020-02-02 a1 a1", "rc2 2020-03-02 a1 a1", "b2 2020-02-02 a1 a1 rc1"],
        "3.9.0rc2 cannot follow 3.9.0b2",
    ),
    "a correction later than what follows": (
        [A1, "a2 2020-02-02 a1 a1", "a3 2020-03-02 a1 a1", "a2 2020-04-02 a1 a1 a2"],
        "2020-03-02 is before 2020-04-02",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", IMPOSSIBLE)
def test_what_cannot_have_been_is_not_read(kind: str) -> None:
    """Each was read: only digests and the order of the numbers were compared."""
    rows, part = IMPOSSIBLE[kind]
    with pytest.raises(BadTableError) as caught:
        by_hand(*rows)
    assert part in str(caught.value)


@pytest.mark.parametrize("series", ["", "3", "3.9.1", "\u0663.9", "x"])
def test_a_ledger_of_no_series_is_not_read(series: str) -> None:
    with pytest.raises(BadTableError, match="series"):
        parse_ledger(parse_toml(f'series = "{series}"\n', "ledger.toml"))


@pytest.mark.parametrize(
    "text", ["3.9.0a\u0663", "3.\uff19.0", "3.9.0a" + "9" * 5000, "3.9.0 alpha \u0663"]
)
def test_numbers_have_digits_of_ascii_and_an_end(text: str) -> None:
    """Digits of other scripts were read, and 5,000 of them were a traceback."""
    with pytest.raises(BadReleaseError):
        parse_release(text)
    with pytest.raises(BadReleaseError):
        parse_series(text)


def verdict(label: str, *changes: Measured) -> Classification:
    return Classification(
        verdict=label, reasons=("because",), tier="headers", marked=(), measured=changes,
        mismatches=(),
    )  # fmt: skip


def recorded(*steps: tuple[str, Classification]) -> tuple[str, Ledger]:
    text, ledger = "", Ledger(series="3.9", records=())
    for month, (stage, found) in enumerate(steps, 1):
        text = append(text, "3.9", record_of(ledger, entry(stage, month), found))
        ledger = parse_ledger(parse_toml(text, "ledger.toml"))
    return text, ledger


def entry(stage: str, month: int, corrects: str = "") -> LedgerEntry:
    return LedgerEntry(
        release=parse_release(stage, series="3.9"), date=dt.date(2020, month, 2),
        today=dt.date(2026, 11, 30),
        corrects=parse_release(corrects, series="3.9") if corrects else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stages", "wrong", "right", "follows"),
    [
        (["a1", "rc1", "rc2"], "rc1", "b2", "3.9.0rc2"),
        (["a1", "rc1", "3.9.0", "3.9.1"], "3.9.0", "rc2", "3.9.1"),
        (["a1", "b2", "b3", "b4"], "b2", "rc1", "3.9.0b3"),
    ],
)
def test_a_correction_leaves_a_sequence_that_can_be(
    stages: list[str], wrong: str, right: str, follows: str
) -> None:
    """It was only compared with what stood before it."""
    levels = {"a": "alpha", "b": "beta", "r": "candidate", "3": "final"}
    _, ledger = recorded(*((stage, verdict(levels[stage[0]])) for stage in stages))
    new = entry(right, stages.index(wrong) + 1, corrects=wrong)
    with pytest.raises(BadReleaseError, match=f"before {follows}"):
        record_of(ledger, new, verdict(levels[right[0]]))


def test_a_break_that_was_corrected_away_is_nobodys_last_break() -> None:
    """Later records went on naming a release that no longer stood."""
    text, ledger = recorded(
        ("a1", verdict("unknown")), ("a2", verdict("alpha", FIELD)), ("b3", verdict("beta"))
    )
    assert [str(record.last_break) for record in ledger.standing] == [
        "3.9.0a1", "3.9.0a2", "3.9.0a2",
    ]  # fmt: skip
    text = append(text, "3.9", record_of(ledger, entry("b2", 2, "a2"), verdict("beta")))
    ledger = parse_ledger(parse_toml(text, "ledger.toml"))
    assert [str(record.last_break) for record in ledger.standing] == ["3.9.0a1"] * 3
    following = record_of(ledger, entry("b4", 4), verdict("beta"))
    assert str(following.last_break) == "3.9.0a1"
    parse_ledger(parse_toml(append(text, "3.9", following), "ledger.toml"))
