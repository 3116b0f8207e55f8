"""Debian's security tracker: one large JSON of every CVE of every source package."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from elpython.upstream.feeds.model import FeedError, Notice
from elpython.upstream.feeds.products import OTHER, of_package

if TYPE_CHECKING:
    from elpython.upstream.feeds.copies import Asker
    from elpython.upstream.feeds.rules import Rules

__all__ = ["ask"]

_ID = re.compile(r"(?:CVE-\d{4}-\d{4,}|TEMP-\d+-[0-9A-F]+)")
_TITLE = 160


def _ours(body: bytes) -> bytes:
    """Keep the packages that are ours: a few hundred rows of some ten thousands."""
    data = json.loads(body)
    if not isinstance(data, dict) or not data:
        raise FeedError("is no tracker data: no object of packages")
    kept = {}
    for package, rows in data.items():
        if not isinstance(rows, dict):
            raise FeedError(f"is no tracker data: {str(package)[:40]} is no object")
        if of_package("Debian", package) != OTHER:
            kept[package] = {name: _row(row) for name, row in rows.items() if _ID.fullmatch(name)}
    if not kept:
        raise FeedError("knows none of our packages: is it the tracker's data?")
    return json.dumps(kept).encode()


def _row(row: dict[str, Any]) -> dict[str, Any]:
    releases = row["releases"]
    return {
        "description": str(row.get("description", ""))[:_TITLE],
        "fixed": {
            name: str(item["fixed_version"])
            for name, item in releases.items()
            if item.get("status") == "resolved" and item.get("fixed_version")
        },
        "urgency": sorted({str(item.get("urgency", "")) for item in releases.values()}),
    }


def ask(asker: Asker, _rules: Rules) -> list[Notice]:
    """Ask for the tracker's data."""
    data = json.loads(asker.get(asker.feed.url, _ours))
    return [
        Notice(
            feed=asker.feed.name,
            id=name,
            where=f"Debian security tracker, {package}",
            title=row["description"],
            products=(of_package("Debian", package),),
            severity=_severity(row["urgency"]),
            patch=", ".join(f"{package} {fixed}" for fixed in sorted(set(row["fixed"].values()))),
            # Version 0 is the tracker's word for "this suite never had it".
            withdrawn=row["description"].startswith(("REJECTED", "** REJECT")),
        )
        for package, rows in data.items()
        for name, row in rows.items()
    ]


def _severity(urgencies: list[str]) -> str:
    for word in ("high", "medium", "low"):
        if any(item.rstrip("*") == word for item in urgencies):
            return word
    return ""
