"""CPython's `Misc/NEWS` in blurb's merged form: which release first had the fix of an issue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["NewsEntry", "first_releases", "parse_news", "read_news"]

_RELEASE = re.compile(
    r"What's New in Python (?P<version>\S+)"
    r"(?: (?P<stage>alpha|beta|release candidate|final) ?(?P<serial>\d*))?\??"
)
_SHORT = {"alpha": "a", "beta": "b", "release candidate": "rc", "final": ""}


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsEntry:
    """One entry of NEWS.

    Attributes:
        release: PEP 440 version of the release that has it, `3.13.0a1`.
        section: `Security`, `Library`, ...
        issue: `gh-121650` or `bpo-44022`.
        text: the entry without its issue, one line.
    """

    release: str
    section: str
    issue: str
    text: str


def _version(match: re.Match[str]) -> str | None:
    text, stage = match["version"], match["stage"]
    if stage:
        text += _SHORT[stage] + match["serial"]
    # Old files write 3.6.0rc1 and the like themselves.
    return text if re.fullmatch(r"\d+\.\d+(\.\d+)?((a|b|rc)\d+)?", text) else None


def read_news(path: Path) -> list[NewsEntry]:
    """Read the merged NEWS of a release's source.

    Args:
        path: `Misc/NEWS`.
    """
    return parse_news(path.read_text("utf-8", "replace"))


def parse_news(text: str) -> list[NewsEntry]:
    """Return the entries of a merged NEWS, in its order."""
    found: list[NewsEntry] = []
    release, section = "", ""
    lines = text.splitlines()
    entry: list[str] = []
    issue = ""

    def close() -> None:
        if entry and release:
            text = " ".join(" ".join(entry).split())
            found.append(NewsEntry(release=release, section=section, issue=issue, text=text))
        entry.clear()

    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        heading = _RELEASE.match(line)
        if heading:
            close()
            release = _version(heading) or ""
        elif following and set(following) == {"-"} and line.strip():
            close()
            section = line.strip()
        elif line.startswith("- "):
            close()
            match = re.match(r"- (gh-issue|gh|bpo|Issue #)-?(\d+)(?:, [^:]*)?: ?(.*)", line)
            issue = ""
            text = line[2:]
            if match:
                issue = f"{'gh' if match[1].startswith('gh') else 'bpo'}-{match[2]}"
                text = match[3]
            entry.append(text)
        elif entry and line.startswith("  "):
            entry.append(line.strip())
    close()
    return found


def first_releases(entries: Iterable[NewsEntry]) -> dict[str, str]:
    """Return for each issue the first release that has an entry of it, in version order."""
    first: dict[str, str] = {}
    for entry in entries:
        if not entry.issue:
            continue
        known = first.get(entry.issue)
        if known is None or Version(entry.release) < Version(known):
            first[entry.issue] = entry.release
    return first
