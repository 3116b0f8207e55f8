"""A vulnerability as a CSAF 2.0 document of the profile VEX, one for all branches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from elpython.define.vulnerability import AFFECTED, CVE, FIXED, NOT_AFFECTED, REFUSED, UNKNOWN
from elpython.security.products import products_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Vulnerability

__all__ = ["csaf_document", "csaf_name", "publisher"]

_STATUS = {
    FIXED: "fixed",
    AFFECTED: "known_affected",
    REFUSED: "known_affected",
    NOT_AFFECTED: "known_not_affected",
    UNKNOWN: "under_investigation",
}


def publisher(home: str) -> dict[str, str]:
    """Return who publishes, as CSAF wants it."""
    return {"category": "vendor", "name": "The EL Python project", "namespace": home}


def csaf_name(item: Vulnerability) -> str:
    """Return a document's file name: its tracking id as the standard writes it in names."""
    return re.sub(r"[^+\-a-z0-9]+", "_", f"elpython-{item.id}".lower()) + ".json"


def _products(branches: Sequence[Branch]) -> list[dict[str, Any]]:
    """Return the tree of products, vendor, name and version, as readers of CSAF expect it."""
    names: dict[str, list[dict[str, Any]]] = {}
    for branch in branches:
        for product in products_of(branch):
            helper = {"purl": product.purl} | ({"cpe": product.cpe} if product.cpe else {})
            leaf = {
                "product_id": product.id,
                "name": product.name,
                "product_identification_helper": helper,
            }
            name, _, version = product.purl.rpartition("@")
            entry = {"category": "product_version", "name": version, "product": leaf}
            names.setdefault(name, []).append(entry)
    products = [
        {"category": "product_name", "name": name.rpartition("/")[2], "branches": versions}
        for name, versions in names.items()
    ]
    return [{"category": "vendor", "name": "The EL Python project", "branches": products}]


def _ids(branch: Branch) -> list[str]:
    return [product.id for product in products_of(branch)]


def _vulnerability(item: Vulnerability, branches: Sequence[Branch]) -> dict[str, Any]:
    status: dict[str, list[str]] = {}
    flags, remedies, threats = [], [], []
    for branch in branches:
        standing = item.standing(branch.name)
        about = {"product_ids": _ids(branch), "date": f"{standing.since.isoformat()}T00:00:00Z"}
        status.setdefault(_STATUS[standing.state], []).extend(_ids(branch))
        if standing.state == NOT_AFFECTED:
            flags.append({"label": standing.justification} | about)
            threats.append({"category": "impact", "details": standing.because} | about)
        elif standing.state == FIXED:
            text = f"EL Python {branch.version} has the change {standing.change}."
            remedies.append({"category": "vendor_fix", "details": text} | about)
        elif standing.mitigation:
            remedies.append({"category": "mitigation", "details": standing.mitigation} | about)
        elif standing.state in {AFFECTED, REFUSED}:
            kind = "no_fix_planned" if standing.state == REFUSED else "none_available"
            remedies.append({"category": kind, "details": standing.because} | about)
    found: dict[str, Any] = {
        "title": item.title,
        "notes": [{"category": "description", "text": item.title + "."}],
        "product_status": status,
    }
    if re.fullmatch(CVE, item.id):
        found["cve"] = item.id
    else:
        found["ids"] = [{"system_name": "CPython issues", "text": item.id}]
    told = {"flags": flags, "remediations": remedies, "threats": threats}
    found |= {key: values for key, values in told.items() if values}
    if re.match(r"CVSS:3\.[01]/", item.score):
        from elpython.security.advise.cvss import base_score

        vector, affected = item.score, [name for names in status.values() for name in names]
        found["scores"] = [{"cvss_v3": base_score(vector), "products": affected}]
    return found


def csaf_document(
    item: Vulnerability, branches: Sequence[Branch], *, when: str, home: str
) -> dict[str, Any]:
    """Return a vulnerability's document, version 1.

    Args:
        item: the vulnerability.
        branches: all branches.
        when: RFC 3339 time.
        home: address of who publishes.
    """
    document: dict[str, Any] = {
        "category": "csaf_vex",
        "csaf_version": "2.0",
        "distribution": {"tlp": {"label": "WHITE", "url": "https://www.first.org/tlp/"}},
        "lang": "en",
        "publisher": publisher(home),
        "title": f"{item.id}: {item.title}",
        "tracking": {
            "id": f"ELPYTHON-{item.id}",
            "status": "final",
            "version": "1",
            "initial_release_date": when,
            "current_release_date": when,
            "generator": {"engine": {"name": "elpython"}},
            "revision_history": [{"date": when, "number": "1", "summary": "First version"}],
        },
    }
    if item.severity != "unrated":
        document["aggregate_severity"] = {"text": item.severity}
    return {
        "document": document,
        "product_tree": {"branches": _products(branches)},
        "vulnerabilities": [_vulnerability(item, branches)],
    }
