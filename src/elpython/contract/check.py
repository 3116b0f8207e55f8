"""Run the promises over a pair and judge what they found."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.contract.model import (
    ContractReport,
    Difference,
    Judged,
    Kind,
    PromiseFindings,
    PromiseOutcome,
    State,
    Verdict,
)
from elpython.contract.probe import ProbeError
from elpython.contract.promises import ALONE, NEEDS_BASE, PROMISES, checker
from elpython.contract.subject import code_digest
from elpython.contract.together import together
from elpython.core.errors import DiskFullError, ElpythonError, InterruptedRunError, StoreError
from elpython.core.store import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.contract.declarations import Declaration
    from elpython.contract.subject import Pair, Run

__all__ = ["Rules", "check", "find", "judge"]

_KIND = "contract-findings"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """How findings are judged.

    Attributes:
        declarations: all that the changes declare.
        declare_additions: every addition has to be declared too (true for an EL branch).
    """

    declarations: tuple[Declaration, ...] = ()
    declare_additions: bool = False


def check(pair: Pair, run: Run, rules: Rules, promises: Sequence[str]) -> ContractReport:
    """Check promises and judge them.

    Args:
        pair: the two interpreters.
        run: store, jobs and limits.
        rules: declarations.
        promises: names, in any order.
    """
    started = time.monotonic()
    beside = [name for name in PROMISES if name in promises and name not in ALONE]
    alone = [name for name in PROMISES if name in promises and name in ALONE]
    total = len(beside) + len(alone)
    outcomes: dict[str, PromiseOutcome] = {}

    def one(name: str) -> None:
        findings, seconds, remembered = find(name, pair, run)
        outcomes[name] = judge(name, findings, rules, seconds=seconds, remembered=remembered)
        run.reporter.progress("promises", len(outcomes), total)

    together(one, _long_first(beside), run.jobs)
    for name in alone:
        one(name)
    return ContractReport(
        base=f"{pair.base.name} ({_version(pair.base.facts['version'])})",
        candidate=f"{pair.candidate.name} ({_version(pair.candidate.facts['version'])})",
        outcomes=tuple(outcomes[name] for name in PROMISES if name in outcomes),
        seconds=time.monotonic() - started,
        skipped=tuple(name for name in PROMISES if name not in outcomes),
    )


def _version(text: str) -> str:
    return text.split(" ", 1)[0]


def _long_first(names: list[str]) -> list[str]:
    """Start the long ones first, so that the cores are busy to the end."""
    long = [
        "in-place",
        "process-state",
        "roll-back",
        "extensions",
        "wheels",
        "api",
        "warnings",
        "abi",
    ]
    return [name for name in long if name in names] + [n for n in names if n not in long]


def find(name: str, pair: Pair, run: Run) -> tuple[PromiseFindings, float, bool]:
    """Return a promise's findings, the seconds that they took, and whether they were remembered.

    Findings with gaps are not kept: what was missing may be there the next time.
    """
    options: list[object] = [run.sample, list(run.tests)] if name == "behaviour" else [run.network]
    options += [list(run.part)] if run.part else []
    key = key_of([name, pair.base.digest, pair.candidate.digest, code_digest(), options])
    if run.refreshed is not None:
        run.store.drop(_KIND, key)
    kept = run.store.find(_KIND, key) if run.recorder is None else None
    if pair.base.recorded is not None and name in NEEDS_BASE:
        why = f"a reference file is not enough: {NEEDS_BASE[name]}; give the base itself"
        return PromiseFindings(gaps=(why,)), 0.0, False
    if kept is not None:
        data = json.loads((kept / "findings.json").read_text("utf-8"))
        return PromiseFindings.from_json(data["findings"]), data["seconds"], True
    started = time.monotonic()
    findings = _look(name, pair, run)
    findings = replace(findings, partial=findings.partial or bool(run.part))
    findings = _narrowed(findings, pair)
    seconds = time.monotonic() - started
    # While a reference file is written, what the store has of the pair would hide its observations.
    if not findings.gaps and run.recorder is None:
        data = {"findings": findings.to_json(), "seconds": seconds}

        def fill(folder: Path) -> None:
            (folder / "findings.json").write_text(json.dumps(data), "utf-8")

        run.store.product(_KIND, key, fill)
    return findings, seconds, False


def _narrowed(findings: PromiseFindings, pair: Pair) -> PromiseFindings:
    """Leave out what other checks did not record in a reference file: it only seems to be new."""
    if pair.base.recorded is None or pair.base.recorded.get("checks") == code_digest():
        return findings
    kept = tuple(item for item in findings.differences if item.kind is not Kind.ADDED)
    note = "the reference file was recorded with other checks: additions are not compared"
    return replace(findings, differences=kept, notes=(*findings.notes, note), partial=True)


def _look(name: str, pair: Pair, run: Run) -> PromiseFindings:
    """Run one promise; what stops it becomes a finding or a gap, so that the others go on."""
    try:
        return checker(name)(pair, run)
    except (StoreError, DiskFullError, InterruptedRunError):
        raise
    except ProbeError as error:
        words = "\n".join([error.what, *error.details])
        if error.python.resolve() == pair.base.python.resolve():
            return PromiseFindings(
                gaps=(f"the base itself {error.what}",), notes=tuple(error.details)
            )
        fault = Difference(
            kind=Kind.CHANGED,
            key=f"probe.{error.probe}",
            what=f"the candidate {error.what}",
            old="answers",
            new=words,
        )
        return PromiseFindings(checked=1, differences=(fault,))
    except ElpythonError as error:
        reason = f"{error.where}: {error.what}" if error.where else error.what
        return PromiseFindings(gaps=(f"{reason}; {error.todo}" if error.todo else reason,))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        if pair.base.recorded is None:
            raise
        # Sealed by whoever wrote it, but not what a promise reads.
        what = f"{type(error).__name__}: {error}"
        return PromiseFindings(gaps=(f"what the reference file holds has another form: {what}",))


def judge(
    name: str,
    findings: PromiseFindings,
    rules: Rules,
    *,
    seconds: float = 0.0,
    remembered: bool = False,
) -> PromiseOutcome:
    """Lay the declarations beside the findings and return the verdict.

    A declaration that matches nothing is broken too, unless only a part was looked at.
    """
    own = [item for item in rules.declarations if item.promise == name]
    used: set[Declaration] = set()
    judged = []
    for difference in findings.differences:
        covering = [item for item in own if item.covers(difference)]
        used.update(covering)
        if covering:
            judged.append(
                Judged(difference=difference, state=State.DECLARED, declared_by=covering[0].by)
            )
        else:
            listed = difference.harmless and not rules.declare_additions
            state = State.LISTED if listed else State.BROKEN
            judged.append(Judged(difference=difference, state=state))
    if not findings.gaps and not findings.partial:
        judged += [_unmatched(item) for item in own if item not in used]
    return PromiseOutcome(
        promise=name,
        verdict=_verdict(judged, findings),
        judged=tuple(judged),
        checked=findings.checked,
        gaps=findings.gaps,
        notes=findings.notes,
        seconds=seconds,
        remembered=remembered,
        partial=findings.partial,
    )


def _unmatched(declaration: Declaration) -> Judged:
    difference = Difference(
        kind=Kind.UNMATCHED,
        key=declaration.name,
        what=f"{declaration.by} declares {declaration.text}, but nothing is so",
    )
    return Judged(difference=difference, state=State.BROKEN, declared_by=declaration.by)


def _verdict(judged: list[Judged], findings: PromiseFindings) -> Verdict:
    states = {item.state for item in judged}
    if State.BROKEN in states:
        return Verdict.BROKEN
    if findings.gaps:
        return Verdict.NOT_CHECKED
    return Verdict.DECLARED if State.DECLARED in states else Verdict.KEPT
