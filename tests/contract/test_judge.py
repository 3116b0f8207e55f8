"""Verdicts: what findings and declarations make together."""

from __future__ import annotations

import pytest

from elpython.contract.check import Rules, judge
from elpython.contract.declarations import parse_all
from elpython.contract.model import (
    ContractReport,
    Difference,
    Kind,
    PromiseFindings,
    PromiseOutcome,
    State,
    Verdict,
)

GONE = Difference(kind=Kind.REMOVED, key="a.b", old="x")
NEW = Difference(kind=Kind.ADDED, key="a.c", new="y", harmless=True)


@pytest.mark.parametrize(
    ("findings", "declared", "strict", "verdict"),
    [
        (PromiseFindings(checked=3), [], False, Verdict.KEPT),
        (PromiseFindings(differences=(GONE,)), [], False, Verdict.BROKEN),
        (PromiseFindings(differences=(GONE,)), ["api:-a.b"], False, Verdict.DECLARED),
        (PromiseFindings(differences=(GONE,)), ["api:-a"], False, Verdict.DECLARED),
        (PromiseFindings(differences=(GONE,)), ["api:a.b"], False, Verdict.BROKEN),
        (PromiseFindings(differences=(NEW,)), [], False, Verdict.KEPT),
        (PromiseFindings(differences=(NEW,)), [], True, Verdict.BROKEN),
        (PromiseFindings(differences=(NEW,)), ["api:+a.c"], True, Verdict.DECLARED),
        (PromiseFindings(), ["api:+a.c"], False, Verdict.BROKEN),
        (PromiseFindings(partial=True), ["api:+a.c"], False, Verdict.KEPT),
        (PromiseFindings(gaps=("no network",)), ["api:+a.c"], False, Verdict.NOT_CHECKED),
        (PromiseFindings(gaps=("no network",), differences=(GONE,)), [], False, Verdict.BROKEN),
        (PromiseFindings(differences=(GONE,)), ["abi:-a.b"], False, Verdict.BROKEN),
    ],
)
def test_verdict(
    findings: PromiseFindings,
    declared: list[str],
    strict: bool,  # noqa: FBT001
    verdict: Verdict,
) -> None:
    declarations = parse_all([(text, "change") for text in declared])
    rules = Rules(declarations=declarations, declare_additions=strict)
    assert judge("api", findings, rules).verdict is verdict


def test_a_declaration_without_a_match_is_named() -> None:
    rules = Rules(declarations=parse_all([("api:+a.c", "my-change")]))
    outcome = judge("api", PromiseFindings(), rules)
    assert "my-change declares api:+a.c" in outcome.judged[0].difference.what
    assert outcome.count(State.BROKEN) == 1


def test_findings_survive_the_store() -> None:
    findings = PromiseFindings(
        checked=2, differences=(GONE, NEW), gaps=("g",), notes=("n",), partial=True
    )
    assert PromiseFindings.from_json(findings.to_json()) == findings


def test_the_headline_names_what_was_not_looked_at() -> None:
    gone = PromiseOutcome(
        promise="abi", verdict=Verdict.NOT_CHECKED, judged=(), checked=1, gaps=("no debug data",),
        notes=(), seconds=0.0, remembered=False,
    )  # fmt: skip
    few = ContractReport(
        base="", candidate="", outcomes=(gone,), seconds=0.0, skipped=("behaviour",)
    )
    text = "The contract is not broken; not checked: abi, behaviour (skipped)."
    assert few.headline == text
    many = ContractReport(
        base="", candidate="", outcomes=(), seconds=0.0, skipped=("a", "b", "c", "d", "e")
    )
    assert many.headline.endswith("; not checked: 5 promises that were skipped.")
    assert ContractReport(base="", candidate="", outcomes=(), seconds=0.0).headline == (
        "The contract is not broken."
    )
