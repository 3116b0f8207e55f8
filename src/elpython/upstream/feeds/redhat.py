"""Red Hat: the list of a package's CVEs, and their CSAF/VEX documents where an id is new."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from elpython.upstream.feeds.model import FeedError, Notice
from elpython.upstream.feeds.osv_format import day
from elpython.upstream.feeds.products import OTHER, of_package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.upstream.feeds.copies import Asker
    from elpython.upstream.feeds.rules import Rules

__all__ = ["ask", "read_csaf"]

_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_WORDS = {"critical": "critical", "important": "high", "moderate": "medium", "low": "low"}
_TITLE = 160


def _listed(body: bytes) -> bytes:
    data = json.loads(body)
    if not isinstance(data, list):
        raise FeedError("is no list of CVEs")
    rows = [
        {"id": item["CVE"], "day": str(item.get("public_date", "")),
         "severity": str(item.get("severity", "")),
         "title": str(item.get("bugzilla_description", ""))[:_TITLE]}
        for item in data if _CVE.fullmatch(item["CVE"])
    ]  # fmt: skip
    return json.dumps(rows).encode()


def read_csaf(body: bytes) -> dict[str, Any]:
    """Return what is used of a CSAF 2.0 document: id, title, severity, score, products, status.

    Raises:
        FeedError: it is none, or of another version.
    """
    data = json.loads(body)
    document = data["document"]
    if str(document.get("csaf_version")) != "2.0":
        raise FeedError(f"is of CSAF version {document.get('csaf_version')!r}, and 2.0 is known")
    item = data["vulnerabilities"][0]
    scores = [score["cvss_v3"] for score in item.get("scores", []) if "cvss_v3" in score]
    return {
        "id": item["cve"],
        "title": str(item.get("title") or document.get("title", ""))[:_TITLE],
        "severity": str(document.get("aggregate_severity", {}).get("text", "")),
        "score": str(scores[0].get("vectorString", "")) if scores else "",
        "fixed": bool(item.get("product_status", {}).get("fixed")),
        "products": sorted(set(_names(data.get("product_tree", {})))),
    }


def _names(branch: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """Yield the package names of a product tree, as its purls have them."""
    if depth > 20:
        raise FeedError("nests its products without end")
    product = branch.get("product", {})
    purl = str(product.get("product_identification_helper", {}).get("purl", ""))
    match = re.match(r"pkg:rpm/(?:[^/@?]+/)?([^/@?]+)", purl)
    if match:
        yield match[1]
    for child in branch.get("branches", []):
        yield from _names(child, depth + 1)


def ask(asker: Asker, _rules: Rules) -> list[Notice]:
    """Ask for the list of each package of the option `packages`; documents only of what it names.

    The option `documents` is the address of a document, with {year} and {cve} in it.
    """
    notices: dict[str, Notice] = {}
    for package in asker.feed.options.get("packages", ()):
        product = of_package("Red Hat", package)
        body = asker.get(asker.feed.url.replace("{package}", package), _listed)
        for row in json.loads(body):
            notices[row["id"]] = Notice(
                feed=asker.feed.name,
                id=row["id"],
                where=f"Red Hat, {package}",
                title=row["title"],
                products=() if product == OTHER else (product,),
                public=day(row["day"]),
                severity=_WORDS.get(row["severity"].lower(), ""),
                score=_score(asker, row["id"], row["day"]),
            )
    return list(notices.values())


def _score(asker: Asker, cve: str, mark: str) -> str:
    documents = (asker.feed.options.get("documents") or ("",))[0]
    if not documents:
        return ""
    url = documents.replace("{year}", cve.split("-")[1]).replace("{cve}", cve.lower())
    try:
        body = asker.once(url, lambda text: json.dumps(read_csaf(text)).encode(), mark=mark)
    except FeedError as error:
        asker.problems.append(str(error))
        return ""
    return str(json.loads(body)["score"])
