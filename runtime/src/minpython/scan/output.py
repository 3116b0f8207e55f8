"""Print the findings: as text, as JSON, as SARIF."""

from __future__ import annotations

from typing import Any

from minpython import __version__
from minpython.scan.finding import HIGH, Fact, Finding, Window
from minpython.scan.remedy import Remedies, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.scan.files import Scanned

SCHEMA = "minpython-scan/1"
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {HIGH: "error"}


def as_text(scanned: Scanned, remedies: Remedies, window: Window) -> str:
    """Return one line for each finding and a summary."""
    lines = [_line(finding, remedies) for finding in scanned.findings]
    lines += [f"{failure.path}: not read: {failure.reason}" for failure in scanned.failures]
    sure = sum(finding.confidence == HIGH for finding in scanned.findings)
    python = ".".join(map(str, window.target))
    lines.append(
        f"{scanned.files} files, {scanned.lines} lines: {sure} uses of what Python {python} does "
        f"not have, {len(scanned.findings) - sure} more that may be some"
    )
    return "\n".join(lines) + "\n"


def _line(finding: Finding, remedies: Remedies) -> str:
    fact, remedy = finding.fact, remedies.of(finding.fact)
    maybe = "" if finding.confidence == HIGH else f" ({finding.confidence} confidence)"
    restored = f"restored by {remedy.behaviour}" if remedy.behaviour else remedy.reason
    instead = f"; instead: {remedy.instead}" if remedy.instead else ""
    return (
        f"{finding.path}:{finding.line}:{finding.column}: {fact.name}: gone or changed in "
        f"{fact.removed_in}{maybe}; {restored}{instead}"
    )


def as_data(scanned: Scanned, remedies: Remedies, window: Window) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "schema": SCHEMA,
        "min_version": ".".join(map(str, window.minimum)),
        "target_version": ".".join(map(str, window.target)),
        "files": scanned.files,
        "lines": scanned.lines,
        "findings": [_finding(finding, remedies) for finding in scanned.findings],
        "not_read": [failure._asdict() for failure in scanned.failures],
    }


def _finding(finding: Finding, remedies: Remedies) -> dict[str, Any]:
    fact, remedy = finding.fact, remedies.of(finding.fact)
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "text": finding.text,
        "rule": rule(fact),
        "kind": fact.kind,
        "what": fact.name,
        "removed_in": fact.removed_in,
        "confidence": finding.confidence,
        "restored_by": remedy.behaviour,
        "not_restored": remedy.reason or None,
        "instead": remedy.instead,
    }


def as_sarif(scanned: Scanned, remedies: Remedies) -> dict[str, Any]:
    """Return a SARIF 2.1.0 log (OASIS standard) of one run."""
    facts = {rule(finding.fact): finding.fact for finding in scanned.findings}
    names = sorted(facts)
    return {
        "$schema": _SARIF,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "minpython",
                        "version": __version__,
                        "rules": [_rule(name, facts[name], remedies) for name in names],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, names) for finding in scanned.findings],
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            _notification(failure.path, failure.reason)
                            for failure in scanned.failures
                        ],
                    }
                ],
            }
        ],
    }


def _rule(name: str, fact: Fact, remedies: Remedies) -> dict[str, Any]:
    remedy = remedies.of(fact)
    restored = f"Restored by {remedy.behaviour}." if remedy.behaviour else remedy.reason
    return {
        "id": name,
        "shortDescription": {"text": f"{fact.name} is gone or changed in Python {fact.removed_in}"},
        "help": {"text": f"{restored} Instead: {remedy.instead or 'see the What is New page'}"},
        "properties": {"removedIn": fact.removed_in, "restoredBy": remedy.behaviour},
    }


def _result(finding: Finding, names: list[str]) -> dict[str, Any]:
    name = rule(finding.fact)
    fact = finding.fact
    return {
        "ruleId": name,
        "ruleIndex": names.index(name),
        "level": _LEVELS.get(finding.confidence, "note"),
        "message": {"text": f"{fact.name} is gone or changed in Python {fact.removed_in}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": finding.path.replace("\\", "/")},
                    "region": {
                        "startLine": finding.line,
                        "startColumn": finding.column,
                        "snippet": {"text": finding.text},
                    },
                }
            }
        ],
        "properties": {"confidence": finding.confidence},
    }


def _notification(path: str, reason: str) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": {"text": reason},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": path}}}],
    }
