"""Notices out of plain texts: CPython's NEWS, Debian's changelogs, libexpat's list of changes."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from typing import TYPE_CHECKING

from elpython.upstream.feeds.model import FeedError, Notice
from elpython.upstream.feeds.rules import CVE_IN_TEXT, Rules, digest_of
from elpython.upstream.news import parse_news

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.upstream.news import NewsEntry

__all__ = ["from_changelog", "from_expat_changes", "from_news", "release_dates"]

_TITLE = 120
_STANZA = re.compile(
    r"^(?P<package>[a-z0-9][a-z0-9.+-]*) \((?P<version>[^()\s]+)\) (?P<suite>[^;]+);.*\n"
    r"(?P<body>(?:(?: .*)?\n)*?)"
    r" -- .*?<[^>]*>  (?P<date>.*)$",
    re.MULTILINE,
)
_ISSUE = re.compile(r"\b(gh|bpo)-(?:issue-)?(\d{1,9})\b")
_EXPAT_RELEASE = re.compile(
    r"^Release (?P<version>\d[\d.]*) \w+ (?P<day>\w+ \d+ \d{4})", re.MULTILINE
)
_EXPAT_SECURITY = re.compile(
    r"^ +Security fixes:\n(?P<items>.*?)(?=^ {4,8}\w[\w ]+:\n|\Z)", re.MULTILINE | re.DOTALL
)


def cves_in(text: str) -> list[str]:
    """Return the CVE ids of a text, each once."""
    return list(dict.fromkeys(f"CVE-{number}" for number in CVE_IN_TEXT.findall(text)))


def _issues(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{kind}-{number}" for kind, number in _ISSUE.findall(text)))


def release_dates(text: str) -> dict[str, dt.date]:
    """Return release -> day, as the headings of a NEWS tell; a release may tell none."""
    found: dict[str, dt.date] = {}
    words = {"alpha": "a", "beta": "b", "release candidate": "rc", "final": ""}
    heading = re.compile(
        r"^What's New in Python (\S+?)(?: (alpha|beta|release candidate|final) ?(\d*))?\??\n"
        r"=+\n\s*\*Release date: (\d{4}-\d\d-\d\d)\*",
        re.MULTILINE,
    )
    for match in heading.finditer(text):
        name = match[1] + (words[match[2]] + match[3] if match[2] else "")
        found[name] = dt.date.fromisoformat(match[4])
    return found


def from_news(text: str, feed: str, rules: Rules) -> list[Notice]:
    """Return a notice for each entry that the rules pick.

    Raises:
        FeedError: it is no NEWS.
    """
    entries = parse_news(text)
    if not entries:
        raise FeedError("is no NEWS of CPython: it has no entries")
    dates = release_dates(text)
    return [
        notice
        for entry in entries
        if rules.wants(entry.section, entry.text, dates.get(entry.release))
        for notice in _of_entry(entry, feed, dates.get(entry.release))
    ]


def _of_entry(entry: NewsEntry, feed: str, released: dt.date | None) -> Iterator[Notice]:
    """Yield a notice for each CVE that an entry names, else one under its issue."""
    digest = digest_of(entry.text)
    title = entry.text if len(entry.text) <= _TITLE else f"{entry.text[:_TITLE]}..."
    for name in cves_in(entry.text) or [entry.issue or f"news-{digest}"]:
        yield Notice(
            feed=feed,
            id=name,
            where=f"Misc/NEWS {entry.release} {entry.section}",
            title=title,
            products=("cpython",),
            issues=(entry.issue,) if entry.issue else (),
            fixed_in=(entry.release,),
            public=released,
            digest=digest,
        )


def _bullets(body: str) -> list[str]:
    """Return the items of a changelog's stanza, each on one line, nested ones too."""
    items: list[str] = []
    for line in body.splitlines():
        if re.match(r"\s*[*+-]\s", line):
            items.append(line.strip(" *+-"))
        elif items and line.strip():
            items[-1] += f" {line.strip()}"
    return items


def from_changelog(text: str, feed: str, product: str, *, since: dt.date) -> list[Notice]:
    """Return a notice for each CVE, and for each issue of a security upload, of a changelog.

    Args:
        text: a Debian changelog.
        feed: the feed's name.
        product: what the package is, `cpython`.
        since: stanzas before this day count only for the CVEs that they name.

    Raises:
        FeedError: it is no changelog.
    """
    notices: list[Notice] = []
    stanzas = list(_STANZA.finditer(text))
    if not stanzas:
        raise FeedError("is no Debian changelog: it has no entry")
    for match in stanzas:
        when = email.utils.parsedate(match["date"])
        day = dt.date(*when[:3]) if when else None
        where = f"Debian {match['package']} {match['version']}"
        security = "security" in match["suite"] or bool(cves_in(match["body"]))
        for item in _bullets(match["body"]):
            names = cves_in(item)
            if not names and security and (day is None or day >= since):
                names = list(_issues(item))[:1]
            notices += [
                Notice(
                    feed=feed,
                    id=name,
                    where=where,
                    title=item[:_TITLE],
                    products=(product,),
                    issues=_issues(item),
                    public=day,
                    digest="" if name.startswith("CVE-") else digest_of(item),
                    patch=f"{match['package']} {match['version']}",
                )
                for name in names
            ]
    return notices


def from_expat_changes(text: str, feed: str) -> list[Notice]:
    """Return a notice for each CVE of libexpat's list of changes, with the release that fixed it.

    Raises:
        FeedError: it is no list of libexpat's changes.
    """
    parts = list(_EXPAT_RELEASE.finditer(text))
    if not parts:
        raise FeedError("is no list of libexpat's changes: it names no release")
    found: dict[str, Notice] = {}
    for index, match in enumerate(parts):
        end = parts[index + 1].start() if index + 1 < len(parts) else len(text)
        body = text[match.end() : end]
        when = email.utils.parsedate(f"{match['day'].replace(' ', ' ', 1)} 00:00:00")
        for item in _expat_items(body):
            score = re.search(r"CVSS score: ([\d.]+)", item)
            for name in cves_in(item.partition("similar")[0].partition("related to")[0]):
                found[name] = Notice(
                    feed=feed,
                    id=name,
                    where=f"expat Changes {match['version']}",
                    title=item.partition("--")[2].strip()[:_TITLE] or item[:_TITLE],
                    products=("libexpat",),
                    fixed_in=(f"expat-{match['version']}",),
                    public=_day(match["day"]) or (dt.date(*when[:3]) if when else None),
                    severity=_word(score[1]) if score else "",
                )
    return list(found.values())


def _expat_items(body: str) -> list[str]:
    """Return the items of the part `Security fixes`, each on one line."""
    part = _EXPAT_SECURITY.search(body)
    items: list[str] = []
    for line in (part["items"] if part else "").splitlines():
        if re.match(r"\s*(#\d+\s+)+", line) and "CVE" in line:
            items.append(line.strip())
        elif items:
            items[-1] += f" {line.strip()}"
    return items


def _day(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%B %d %Y").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None


def _word(score: str) -> str:
    from elpython.upstream.feeds.osv_format import severity_of

    return severity_of(float(score))
