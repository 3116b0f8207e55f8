from __future__ import annotations

import pytest

from elpython.stream.classify import Override, classify
from elpython.stream.marks import Break
from elpython.stream.measured import Measured, Measurement

FIELD = Measured(kind="type", symbol="PyObject", what="struct _object: 1 data member insertion",
                 file="object.h", line=3, reach=("PyObject_Repr",), tier="headers")  # fmt: skip
PRIVATE = Measured(kind="removed", symbol="_PyX", what="_PyX is gone", excuse="private: x")
NEW = Measured(kind="added", symbol="PyNew", what="PyNew is new")
MARK = Break(
    commit="a" * 40,
    summary="(ABI break) gh-1: Add ob_example to PyObject",
    entries=("(CPython ABI break) Add ``ob_example`` to :c:type:`PyObject`.",),
    paths=("Misc/NEWS.d/next/C_API/x.rst",),
)


def measured(*changes: Measured, known: bool = True) -> Measurement:
    return Measurement(
        changes=changes,
        known=known,
        tier="headers" if known else "symbols only",
        exit_code=4,
        tool="abidiff: 2.2.0",
        notes=() if known else ("libpython.so has no debug info",),
    )


ALPHA, BETA = Override(label="alpha", reason="new installer"), Override(label="beta", reason="moot")

VERDICTS = [
    ((), measured(), None, "beta"),
    ((), measured(NEW, PRIVATE), None, "beta"),
    ((), measured(FIELD), None, "alpha"),
    ((MARK,), measured(), None, "alpha"),
    ((MARK,), measured(FIELD), None, "alpha"),
    ((), measured(known=False), None, "unknown"),
    ((), measured(FIELD, known=False), None, "alpha"),
    ((MARK,), measured(known=False), None, "alpha"),
    ((), None, None, "unknown"),
    ((MARK,), None, None, "alpha"),
    ((), measured(), ALPHA, "alpha"),
    ((MARK,), measured(FIELD), BETA, "beta"),
    ((), measured(known=False), BETA, "beta"),
]


@pytest.mark.parametrize(("marked", "measurement", "override", "wanted"), VERDICTS)
def test_the_verdict(
    marked: tuple[Break, ...],
    measurement: Measurement | None,
    override: Override | None,
    wanted: str,
) -> None:
    found = classify(marked, measurement, override=override)
    assert found.verdict == wanted
    assert found.reasons, "every verdict has a reason on record"
    if override:
        assert any(override.reason in reason for reason in found.reasons)


def test_markers_alone_make_a_beta_only_when_asked() -> None:
    assert classify((), None).verdict == "unknown"
    found = classify((), None, markers_only=True)
    assert (found.verdict, found.tier) == ("beta", "markers only")


def test_where_the_two_agree_there_is_no_mismatch() -> None:
    assert classify((MARK,), measured(FIELD, PRIVATE, NEW)).mismatches == ()


def test_measured_but_unmarked_names_file_and_symbol() -> None:
    other = Measured(kind="function", symbol="PyList_New", what="parameter added",
                     file="list.h", line=9)  # fmt: skip
    (found,) = classify((MARK,), measured(FIELD, other)).mismatches
    assert (found.kind, found.symbol, found.file, found.line) == (
        "measured but unmarked", "PyList_New", "list.h", 9,
    )  # fmt: skip


def test_marked_but_not_measured_names_the_entry() -> None:
    (found,) = classify((MARK,), measured(NEW)).mismatches
    assert found.kind == "marked but not measured"
    assert "PyObject" in found.symbol
    assert found.file == "Misc/NEWS.d/next/C_API/x.rst"


def test_an_excuse_stays_on_record() -> None:
    assert any("excused: _PyX: private" in item for item in classify((), measured(PRIVATE)).reasons)
