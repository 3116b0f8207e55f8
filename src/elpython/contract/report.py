"""The report for programs and people: JSON-able data, JUnit XML, one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET  # only written, never read

from elpython.contract.model import State, Verdict
from elpython.contract.promises import summary

if TYPE_CHECKING:
    from elpython.contract.model import ContractReport, Judged, PromiseOutcome

__all__ = ["STATUS", "as_data", "html", "junit"]

# Verdict -> the name of its look in the style sheet.
STATUS = {
    Verdict.KEPT: "good",
    Verdict.BROKEN: "bad",
    Verdict.DECLARED: "noted",
    Verdict.NOT_CHECKED: "unknown",
}
_STATE_STATUS = {State.BROKEN: "bad", State.DECLARED: "noted", State.LISTED: "unknown"}


def as_data(report: ContractReport) -> dict[str, Any]:
    """Return the report as JSON-able data (`docs/reference/schemas/contract-check.schema.json`)."""
    return {
        "base": report.base,
        "candidate": report.candidate,
        "broken": report.broken,
        "answer": report.headline,
        "not_checked": report.not_checked,
        "seconds": round(report.seconds, 3),
        "promises": [
            {
                "promise": outcome.promise,
                "verdict": outcome.verdict.value,
                "checked": outcome.checked,
                "seconds": round(outcome.seconds, 3),
                "remembered": outcome.remembered,
                "partial": outcome.partial,
                "gaps": list(outcome.gaps),
                "notes": list(outcome.notes),
                "differences": [_difference(item) for item in outcome.judged],
            }
            for outcome in report.outcomes
        ],
    }


def _difference(item: Judged) -> dict[str, Any]:
    found = item.difference
    return {
        "kind": found.kind.value,
        "key": found.key,
        "declaration": found.declaration,
        "state": item.state.value,
        "what": found.what,
        "old": found.old,
        "new": found.new,
        "breaks": found.breaks,
        "declared_by": item.declared_by,
        "caused_by": item.caused_by,
    }


def junit(report: ContractReport) -> str:
    """Return the report as JUnit XML: a suite a promise, a case a difference."""
    root = ET.Element("testsuites", name="contract", time=f"{report.seconds:.3f}")
    properties = ET.SubElement(root, "properties")
    ET.SubElement(properties, "property", name="answer", value=_clean(report.headline))
    for outcome in report.outcomes:
        cases = [item for item in outcome.judged if item.state is not State.LISTED]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=outcome.promise,
            tests=str(max(1, len(cases))),
            failures=str(outcome.count(State.BROKEN)),
            skipped=str(int(outcome.verdict is Verdict.NOT_CHECKED)),
            errors="0",
            time=f"{outcome.seconds:.3f}",
        )
        if not cases:
            case = ET.SubElement(suite, "testcase", name=outcome.promise, classname="contract")
            if outcome.verdict is Verdict.NOT_CHECKED:
                ET.SubElement(case, "skipped", message=_clean("; ".join(outcome.gaps)))
        for item in cases:
            found = item.difference
            name = _clean(found.declaration)
            case = ET.SubElement(
                suite, "testcase", name=name, classname=f"contract.{outcome.promise}"
            )
            if item.state is State.BROKEN:
                failure = ET.SubElement(case, "failure", message=_clean(found.what))
                lines = [f"base: {found.old}", f"candidate: {found.new}"]
                lines += [f"brought by the change {item.caused_by}"] if item.caused_by else []
                failure.text = _clean("\n".join(lines))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))


def html(report: ContractReport) -> str:
    """Return the report as one self-contained HTML page."""
    from elpython.core.html import environment

    template = environment("elpython.contract").get_template("contract.html.j2")
    return template.render(
        report=report,
        status=STATUS,
        state_status=_STATE_STATUS,
        summaries={outcome.promise: summary(outcome.promise) for outcome in report.outcomes},
        counts={
            verdict.value: sum(outcome.verdict is verdict for outcome in report.outcomes)
            for verdict in Verdict
        },
        verdict_status={verdict.value: name for verdict, name in STATUS.items()},
        shown=_shown,
        most=_MOST,
    )


# So many stand open to the reader's eye; the rest is folded away behind one line.
_MOST = 200


def _shown(outcome: PromiseOutcome) -> list[Judged]:
    """Return every difference, broken ones first."""
    order = [State.BROKEN, State.DECLARED, State.LISTED]
    return sorted(outcome.judged, key=lambda item: order.index(item.state))
