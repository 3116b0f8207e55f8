"""A branch's statements as OpenVEX 0.2.0, with identifiers that scanners match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elpython.core.store import key_of
from elpython.define.vulnerability import AFFECTED, FIXED, NOT_AFFECTED, REFUSED, UNKNOWN
from elpython.security.products import products_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Record, Vulnerability

__all__ = ["openvex", "versioned"]

_STATUS = {
    FIXED: "fixed",
    NOT_AFFECTED: "not_affected",
    AFFECTED: "affected",
    REFUSED: "affected",
    UNKNOWN: "under_investigation",
}


def _products(branch: Branch) -> list[dict[str, Any]]:
    return [
        {
            "@id": item.purl,
            "identifiers": {"purl": item.purl} | ({"cpe23": item.cpe} if item.cpe else {}),
        }
        for item in products_of(branch)
    ]


def _statement(item: Vulnerability, branch: Branch) -> dict[str, Any]:
    standing = item.standing(branch.name)
    vulnerability: dict[str, Any] = {"name": item.id, "description": item.title}
    if item.aliases:
        vulnerability["aliases"] = list(item.aliases)
    notes = standing.reason
    if item.severity != "unrated":
        notes += f". Severity: {item.severity} ({item.severity_by})"
    statement: dict[str, Any] = {
        "vulnerability": vulnerability,
        "products": _products(branch),
        "status": _STATUS[standing.state],
        "timestamp": f"{standing.since.isoformat()}T00:00:00Z",
        "status_notes": notes,
    }
    if standing.state == NOT_AFFECTED:
        statement["justification"] = standing.justification
        statement["impact_statement"] = standing.because
    if standing.state in {AFFECTED, REFUSED}:
        statement["action_statement"] = standing.mitigation or standing.because
    return statement


def openvex(branch: Branch, record: Record, *, when: str) -> dict[str, Any]:
    """Return a branch's record as an OpenVEX document of version 1.

    Args:
        branch: the branch.
        record: the vulnerability record.
        when: RFC 3339 time of the document.
    """
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": f"https://openvex.dev/docs/public/elpython-{branch.version}",
        "author": "The EL Python project",
        "role": "Document Creator",
        "timestamp": when,
        "version": 1,
        "tooling": "elpython fix status --vex",
        "statements": [
            _statement(item, branch) for item in record.vulnerabilities if not item.withdrawn
        ],
    }


def versioned(document: dict[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a document with the version that follows from what was published before.

    The same statements keep version and time; other ones raise the version by one.
    """
    if before is None:
        return document
    if key_of(before.get("statements")) == key_of(document["statements"]):
        return dict(before)
    number = int(before.get("version", 0)) + 1
    return document | {
        "version": number,
        "timestamp": before.get("timestamp", document["timestamp"]),
        "last_updated": document["timestamp"],
    }
