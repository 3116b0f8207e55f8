"""A reference file stands for a base: what it holds is compared, what it lacks is said."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elpython.contract import reference
from elpython.contract.check import Rules, check
from elpython.contract.model import State, Verdict
from elpython.contract.promises import NEEDS_BASE, PROMISES
from elpython.contract.reference import BadReferenceError, is_reference, read_reference, record
from elpython.contract.resolve import resolve
from elpython.contract.stage import staged_python
from elpython.contract.subject import Pair, Subject, load
from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract.mutants.lab import Lab
    from elpython.contract.subject import Run

QUICK = ("identity", "pyc")


@pytest.fixture
def kept(
    subject: Subject, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Subject]:
    """A file of two quick promises, and what is read from it."""
    monkeypatch.setattr(reference, "CHECKED", ("identity",))
    path = tmp_path / "base.ref"
    record(subject, path, run, today="2026-12-01")
    return path, read_reference(path)[0]


def test_the_interpreter_itself_keeps_to_it(
    kept: tuple[Path, Subject], subject: Subject, run: Run
) -> None:
    pair = Pair(base=kept[1], candidate=replace(subject, role="candidate"))
    report = check(pair, run, Rules(), [*QUICK, "speed"])
    verdicts = {item.promise: item.verdict for item in report.outcomes}
    assert verdicts == {
        "identity": Verdict.KEPT, "pyc": Verdict.KEPT, "speed": Verdict.NOT_CHECKED,
    }  # fmt: skip
    assert "not checked: speed" in report.headline
    assert "checked in part: pyc" in report.headline
    assert "2026-12-01" in report.base


def test_what_was_not_recorded_is_not_called_kept(
    kept: tuple[Path, Subject], subject: Subject, run: Run
) -> None:
    pair = Pair(base=kept[1], candidate=replace(subject, role="candidate"))
    report = check(pair, run, Rules(), ["layout", "warnings", "stable-abi"])
    assert {item.verdict for item in report.outcomes} == {Verdict.NOT_CHECKED}
    with pytest.raises(BadReferenceError):
        _ = kept[1].stdlib


def test_the_same_interpreter_gives_the_same_file(
    kept: tuple[Path, Subject], subject: Subject, run: Run, tmp_path: Path
) -> None:
    record(subject, tmp_path / "again.ref", run, today="2026-12-01")
    assert (tmp_path / "again.ref").read_bytes() == kept[0].read_bytes()


def test_a_changed_interpreter_is_told(
    kept: tuple[Path, Subject], subject: Subject, run: Run
) -> None:
    facts = {**subject.facts, "hexversion": 1}
    pair = Pair(base=kept[1], candidate=replace(subject, role="candidate", facts=facts, digest="x"))
    (outcome,) = check(pair, run, Rules(), ["identity"]).outcomes
    broken = [item.difference.key for item in outcome.judged if item.state is State.BROKEN]
    assert broken == ["sys.hexversion"]


def test_other_checks_call_nothing_new(
    kept: tuple[Path, Subject], subject: Subject, run: Run
) -> None:
    """A later toolchain asks for more: what was not recorded then is no addition."""
    facts = {**subject.facts, "markers": {**subject.facts["markers"], "fresh": "1"}}
    new = replace(subject, role="candidate", facts=facts, digest="x")
    old = replace(kept[1], recorded={**(kept[1].recorded or {}), "checks": "earlier"}, digest="y")
    (same,) = check(Pair(base=kept[1], candidate=new), run, Rules(), ["identity"]).outcomes
    (later,) = check(Pair(base=old, candidate=new), run, Rules(), ["identity"]).outcomes
    assert same.verdict is Verdict.BROKEN
    assert later.verdict is Verdict.KEPT
    assert later.partial


def _altered(data: dict[str, Any]) -> bytes:
    data["facts"]["hexversion"] = 1
    return gzip.compress(json.dumps(data).encode())


def _resealed(**values: Any) -> Callable[[dict[str, Any]], bytes]:  # noqa: ANN401
    def make(data: dict[str, Any]) -> bytes:
        data.update(values)
        data["sha256"] = reference._digest(data)
        return gzip.compress(json.dumps(data).encode())

    return make


BAD: dict[str, tuple[Callable[[dict[str, Any]], bytes], str]] = {
    "altered": (_altered, "digest does not match"),
    "no digest": (
        lambda d: json.dumps({k: v for k, v in d.items() if k != "sha256"}).encode(),
        "digest does not match",
    ),
    "other format": (_resealed(format=99), "has format 99"),
    "a text as format": (_resealed(format="1"), "has format '1'"),
    "other kind": (_resealed(kind="needs"), "no reference file"),
    "other machine": (_resealed(machine="s390x"), "recorded on s390x"),
    "no facts": (_resealed(facts={}), "no interpreter's facts"),
    "a text as facts": (_resealed(facts="x"), "no interpreter's facts"),
    "a list as observations": (_resealed(observations=[]), "no interpreter's facts"),
    "a key more": (_resealed(more=1), "digest does not match"),
    "cut": (lambda d: gzip.compress(json.dumps(d).encode())[:-40], "cut or no reference"),
    "bytes changed": (
        lambda d: gzip.compress(json.dumps(d).encode())[:200] + b"x" * 90, "cut or no reference",
    ),
    "a list": (lambda _d: b'["{"]', "no reference file"),
    "half a text": (lambda _d: b'{"kind": ', "cut or no reference"),
    "no text": (lambda _d: b"{\xff", "cut or no reference"),
    "nested": (lambda _d: b'{"a":' * 100_000, "cut or no reference"),
    "empty": (lambda _d: b"", "cut or no reference"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_spoiled_file_is_refused(kept: tuple[Path, Subject], case: str) -> None:
    spoil, says = BAD[case]
    data = json.loads(gzip.decompress(kept[0].read_bytes()))
    kept[0].write_bytes(spoil(data))
    with pytest.raises(BadReferenceError, match=says):
        read_reference(kept[0])


def test_sealed_nonsense_is_a_gap_and_no_traceback(
    kept: tuple[Path, Subject], subject: Subject, run: Run
) -> None:
    held = {"options": 3, "files": [], "symbols": "x", "state": None, "checks": 1}
    wrong = replace(kept[1], recorded=held, digest="nonsense")
    pair = Pair(base=wrong, candidate=replace(subject, role="candidate"))
    report = check(pair, run, Rules(), ["identity", "layout", "stable-abi", "abi"])
    assert {item.verdict for item in report.outcomes} == {Verdict.NOT_CHECKED}


def test_only_a_base_can_be_a_file(kept: tuple[Path, Subject], run: Run) -> None:
    assert is_reference(kept[0])
    assert resolve(str(kept[0]), role="base", store=run.store).subject.recorded is not None
    with pytest.raises(UsageError, match="only a base"):
        resolve(str(kept[0]), role="candidate", store=run.store)
    with pytest.raises(UsageError, match="reference file already"):
        record(kept[1], kept[0], run)


def test_every_promise_is_either_recorded_or_says_why_not() -> None:
    assert set(reference.CHECKED) | set(NEEDS_BASE) == set(PROMISES)


@pytest.mark.slow
def test_mutants_are_caught_without_the_base(lab: Lab, tmp_path: Path) -> None:
    """One mutant a promise, the base known by its file alone."""
    path = tmp_path / "base.ref"
    made = record(lab.base, path, lab.run)
    assert made.promises == reference.CHECKED
    base = read_reference(path)[0]
    copy = lab.copy("for a reference file")
    copy.swap("textwrap.py", "def indent(text, prefix,", "def indent(prefix, text,")
    copy.append("cgitb.py", "import warnings\nwarnings.warn('gone soon', DeprecationWarning)")
    copy.swap("include/listobject.h", "PyAPI_FUNC(int) PyList_Sort(PyObject *);", "")
    copy.swap("include/methodobject.h", "METH_KEYWORDS 0x0002", "METH_KEYWORDS 0x0004")
    copy.swap("random.py", "for i in reversed(range(1, len(x))):", "for i in range(1, len(x)):")
    copy.remove("lib/python3.11/colorsys.py")
    candidate = load(staged_python(copy.root, "3.11"), role="candidate", store=lab.run.store)
    report = check(Pair(base=base, candidate=candidate), lab.run, Rules(), reference.CHECKED)
    broken = {
        item.promise: [j.difference.declaration for j in item.judged if j.state is State.BROKEN]
        for item in report.outcomes
    }
    assert "textwrap.indent" in broken["api"]
    assert "-stdlib/colorsys.py" in broken["layout"]
    assert "start.values-seeds" in broken["process-state"]
    assert "-PyList_Sort" in broken["headers"]
    assert "METH_KEYWORDS" in broken["headers"]
    assert "layout.constant.METH_KEYWORDS" in broken["abi"]
    assert any("cgitb" in name for name in broken["warnings"])
    assert not broken["identity"] + broken["wheels"] + broken["pyc"]
