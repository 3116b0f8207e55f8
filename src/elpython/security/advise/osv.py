"""A vulnerability as an OSV record (schema 1.6), with git ranges and EL versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elpython.core.markdown import markdown_text
from elpython.define.vulnerability import AFFECTED, FIXED, REFUSED, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Vulnerability

__all__ = ["SCHEMA", "concerns", "fixed_version", "osv_id", "osv_record"]

SCHEMA = "1.6.0"
_CPYTHON = "https://github.com/python/cpython"


def osv_id(item: Vulnerability) -> str:
    """Return the id of our advisory: `ELPYTHON-CVE-2026-15806`."""
    return f"ELPYTHON-{item.id}"


def concerns(item: Vulnerability, branches: Sequence[Branch]) -> bool:
    """Return whether a branch has, or had, the vulnerability."""
    states = {item.standing(branch.name).state for branch in branches}
    return not item.withdrawn and bool(states & {FIXED, AFFECTED, REFUSED, UNKNOWN})


def fixed_version(item: Vulnerability, branch: Branch) -> str:
    """Return the EL version that brought the fix; empty where a branch has none."""
    standing = item.standing(branch.name)
    if standing.state != FIXED:
        return ""
    change = branch.change(standing.change)
    return f"{branch.base}.{change.since or branch.first}"


def _affected(item: Vulnerability, branch: Branch) -> dict[str, Any] | None:
    state = item.standing(branch.name).state
    if state not in {FIXED, AFFECTED, REFUSED, UNKNOWN}:
        return None
    fixed = fixed_version(item, branch)
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    entry: dict[str, Any] = {
        "package": {
            "ecosystem": "GIT",
            "name": f"elpython-{branch.name}",
            "purl": "pkg:generic/elpython",
        },
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
        "versions": [] if fixed else [str(branch.version)],
        "database_specific": {"state": state, "base": branch.base},
    }
    return entry


def osv_record(item: Vulnerability, branches: Sequence[Branch], *, modified: str) -> dict[str, Any]:
    """Return a vulnerability as an OSV record.

    Args:
        item: the vulnerability.
        branches: all branches.
        modified: RFC 3339 time of the last change.
    """
    affected = [entry for branch in branches if (entry := _affected(item, branch))]
    if item.commits and item.product == "cpython":
        full = [commit for commit in item.commits if len(commit) == 40]
        events = [{"introduced": "0"}, *({"fixed": commit} for commit in full)]
        if full:
            affected.append({"ranges": [{"type": "GIT", "repo": _CPYTHON, "events": events}]})
    links = [
        {"type": "REPORT", "url": f"{_CPYTHON}/issues/{issue.removeprefix('gh-')}"}
        for issue in item.issues
        if issue.startswith("gh-")
    ]
    record: dict[str, Any] = {
        "schema_version": SCHEMA,
        "id": osv_id(item),
        "modified": modified,
        "published": f"{item.recorded.isoformat()}T00:00:00Z",
        "aliases": [item.id, *item.aliases],
        "summary": item.title,
        "details": _details(item, branches),
        "affected": affected,
        "references": links,
        "database_specific": {"severity": item.severity, "severity_by": item.severity_by},
    }
    if item.score:
        record["severity"] = [{"type": f"CVSS_V{item.score[5]}", "score": item.score}]
    return record


def _details(item: Vulnerability, branches: Sequence[Branch]) -> str:
    """Return what is to be said, as CommonMark, which OSV's `details` are."""
    lines = [f"{markdown_text(item.title)}."]
    for branch in branches:
        standing = item.standing(branch.name)
        lines.append(f"EL {branch.name}: {standing.state}, {markdown_text(standing.reason)}.")
        if standing.mitigation:
            lines.append(f"Meanwhile: {markdown_text(standing.mitigation)}.")
    return "\n".join(lines)
