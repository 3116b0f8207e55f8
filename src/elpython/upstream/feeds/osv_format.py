"""One advisory in OSV's format (schema 1.x), read into a notice."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from elpython.core.strict_json import load_json
from elpython.upstream.feeds.model import FeedError, Notice
from elpython.upstream.feeds.products import of_package, of_repository

__all__ = ["day", "issues_in", "notice_of", "read_notice", "severity_of"]

_ID = re.compile(r"(?=.{1,80}\Z)[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9:._]+)+")
_LIMIT = 200


def day(text: object) -> dt.date | None:
    """Return the date that an RFC 3339 time begins with; None for anything else."""
    try:
        return dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def severity_of(score: float) -> str:
    """Return the word that CVSS 3 has for a base score."""
    for least, word in ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low")):
        if score >= least:
            return word
    return ""


def issues_in(text: str) -> tuple[str, ...]:
    """Return the CPython issues that a text links to."""
    found = [f"gh-{number}" for number in re.findall(r"python/cpython/issues/(\d{1,9})", text)]
    found += [f"bpo-{number}" for number in re.findall(r"bugs\.python\.org/issue(\d{1,9})", text)]
    return tuple(dict.fromkeys(found))


def _ids(data: dict[str, Any], key: str) -> tuple[str, ...]:
    values = data.get(key) or []
    if not isinstance(values, list):
        raise FeedError(f"{key} is no list")
    return tuple(item for item in values if isinstance(item, str) and _ID.fullmatch(item))


def _products(affected: list[dict[str, Any]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for item in affected:
        package = item.get("package") or {}
        if package:
            found[of_package(str(package.get("ecosystem", "")), str(package.get("name", "")))] = (
                None
            )
        for span in item.get("ranges") or []:
            if span.get("type") == "GIT" and not package:
                found[of_repository(str(span.get("repo", "")))] = None
    return tuple(found)


def _linked(links: str) -> tuple[str, ...]:
    """Return the products whose repositories are linked to, for what names no package."""
    found = re.findall(r"https?://(?:github|gitlab)\.com/[\w.-]+/[\w.-]+", links)
    return tuple(dict.fromkeys(of_repository(url) for url in found))


def _fixes(affected: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    commits, versions = [], []
    for item in affected:
        for span in item.get("ranges") or []:
            for event in span.get("events") or []:
                fixed = str(event.get("fixed", ""))
                if span.get("type") == "GIT" and re.fullmatch(r"[0-9a-f]{40}", fixed):
                    commits.append(fixed)
                elif fixed and re.fullmatch(r"[0-9][\w.+~:-]{0,60}", fixed):
                    versions.append(fixed)
    return commits, versions


def _severity(data: dict[str, Any]) -> tuple[str, str]:
    """Return the severity's word and the CVSS vector."""
    special = data.get("database_specific") or {}
    word = str(special.get("severity", "") if isinstance(special, dict) else "").lower()
    word = {"moderate": "medium", "important": "high"}.get(word, word)
    scores = [str(item.get("score", "")) for item in data.get("severity") or []]
    vectors = [item for item in scores if re.fullmatch(r"CVSS:[34]\.\d/[A-Z0-9:/.]{1,300}", item)]
    known = {"critical", "high", "medium", "low"}
    return word if word in known else "", vectors[0] if vectors else ""


def notice_of(data: object, feed: str) -> Notice:
    """Read an advisory that was parsed already.

    Raises:
        FeedError: it is none, or of a schema that this cannot read.
    """
    if not isinstance(data, dict) or not _ID.fullmatch(str(data.get("id", ""))):
        raise FeedError("is no advisory in OSV's format: id is missing")
    schema = str(data.get("schema_version", "1"))
    if schema.partition(".")[0] != "1":
        raise FeedError(f"has schema version {schema[:20]}, and 1 is known")
    affected = data.get("affected") or []
    references = data.get("references") or []
    if not all(isinstance(item, dict) for item in [*affected, *references]):
        raise FeedError("affected or references are no lists of objects")
    commits, versions = _fixes(affected)
    links = " ".join(str(item.get("url", "")) for item in references)
    commits += re.findall(r"python/cpython/commit/([0-9a-f]{40})", links)
    listed = [str(version) for item in affected for version in item.get("versions") or []]
    word, vector = _severity(data)
    title = str(data.get("summary") or data.get("details") or "")
    return Notice(
        feed=feed,
        id=data["id"],
        where=f"OSV {data['id']}",
        title=" ".join(title.split())[:_LIMIT],
        products=_products(affected) or _linked(links),
        aliases=_ids(data, "aliases"),
        upstream=_ids(data, "upstream"),
        related=_ids(data, "related"),
        issues=issues_in(links),
        commits=tuple(dict.fromkeys(commits)),
        affected=tuple(item.removeprefix("v") for item in listed),
        fixed_in=tuple(dict.fromkeys(versions)),
        public=day(data.get("published")),
        severity=word,
        score=vector,
        withdrawn=bool(data.get("withdrawn")) or _rejected(title),
    )


def _rejected(title: str) -> bool:
    return bool(re.match(r"\W*(REJECT(ED)?\b|Rejected reason)", title))


def read_notice(body: bytes, feed: str) -> Notice:
    """Read an advisory from its bytes.

    Raises:
        FeedError: no JSON, or no advisory.
    """
    try:
        return notice_of(load_json(body), feed)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"is no JSON: {str(error)[:100]}") from error
