"""Addresses of what a change names: upstream's issues and commits, CVEs, PEPs."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["Link", "link_of", "links_of"]

Link = tuple[str, str]  # address, text

_FORMS = (
    (re.compile(r"(?:gh-|#)(\d+)"), "https://github.com/python/cpython/issues/{}", "{}"),
    (re.compile(r"bpo-(\d+)"), "https://bugs.python.org/issue{}", "{}"),
    (re.compile(r"(CVE-\d{4}-\d{4,})"), "https://www.cve.org/CVERecord?id={}", "{}"),
    (re.compile(r"(GHSA(?:-[0-9a-z]{4}){3})"), "https://github.com/advisories/{}", "{}"),
)
_COMMIT = re.compile(r"[0-9a-f]{7,40}")


def link_of(name: str) -> Link | None:
    """Return the address for an issue, a CVE, an advisory or a commit; None for other words."""
    for pattern, address, _ in _FORMS:
        found = pattern.fullmatch(name)
        if found:
            return address.format(found[1]), name
    if _COMMIT.fullmatch(name) and not name.isdigit():
        return f"https://github.com/python/cpython/commit/{name}", name[:10]
    return None


def links_of(change: dict[str, Any]) -> list[Link]:
    """Return the links of a change as `elpython branch show` tells it, each once."""
    names = [str(change.get("id", ""))]
    for key in ("cves", "issues", "commits", "bugs"):
        values = change.get(key) or ()
        names += [str(value) for value in values] if isinstance(values, (list, tuple)) else []
    found = [link for name in names if (link := link_of(name)) is not None]
    found += [
        (f"https://peps.python.org/pep-{int(number):04}/", f"PEP {number}")
        for number in change.get("pep") or ()
        if str(number).isdigit()
    ]
    return list(dict.fromkeys(found))
