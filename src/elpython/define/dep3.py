"""Export a change's metadata as a DEP-3 header (Debian's patch tagging guidelines)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elpython.define.change import Change

__all__ = ["dep3_header"]


def dep3_header(change: Change) -> str:
    """Return a change's DEP-3 header (Debian Enhancement Proposal 3, patch tagging guidelines)."""
    lines = [f"Description: {change.title}"]
    lines += [f" {line}" if line else " ." for line in change.description.splitlines()]
    lines += [f"Author: {change.author}"] if change.author else []
    origin = change.origin or (f"backport, {change.commits[0]}" if change.commits else "vendor")
    lines.append(f"Origin: {origin}")
    tracker = {
        "gh": "https://github.com/python/cpython/issues/",
        "bpo": "https://bugs.python.org/issue",
    }
    for issue in change.issues:
        kind, _, number = issue.partition("-")
        lines.append(f"Bug: {tracker[kind]}{number}")
    lines += [f"Bug-CVE: {cve}" for cve in change.cves]
    lines += [f"Bug: {bug}" for bug in change.bugs]
    lines.append(f"Forwarded: {change.forwarded or 'not-needed'}")
    applied = change.applied_upstream or change.first_in
    lines += [f"Applied-Upstream: {applied}"] if applied else []
    lines += [f"Last-Update: {change.last_update.isoformat()}"] if change.last_update else []
    return "\n".join(lines) + "\n"
