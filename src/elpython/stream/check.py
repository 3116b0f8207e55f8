"""The pre-merge check: every rule over a range of commits, all findings at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from elpython.stream.findings import StreamFinding, finding
from elpython.stream.freeze_check import freeze_findings
from elpython.stream.history import Commit, open_repository, read_range, resolve, staged
from elpython.stream.ledger_check import ledger_findings
from elpython.stream.markers import COMMIT_MARKER, NEWS_MARKER
from elpython.stream.marks import Break, Marked, breaks, read_marks, shipped_break
from elpython.stream.stable import stable_findings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["StreamReport", "check_range", "check_staged"]

# Headers that extensions include; `Include/internal` is not public.
_PUBLIC_HEADERS = ("Include/*.h", "Include/cpython/*.h")
_SKIP_NEWS = re.compile(r"^Skip-News:[ \t]*\S", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamReport:
    """What the check of a range found.

    Attributes:
        base, head: full hashes; head is empty for what is staged.
        commits: how many were looked at.
        findings: all of them, in the order of the commits.
        breaks: the ABI breaks that stand at the end of the range.
    """

    base: str
    head: str
    commits: int
    findings: tuple[StreamFinding, ...]
    breaks: tuple[Break, ...]


def check_range(folder: Path, base: str, head: str) -> StreamReport:
    """Check the commits of `base..head`.

    Raises:
        GitHistoryError: no repository, a missing revision, a shallow clone, a range that is the
            wrong way round.
    """
    repo = open_repository(folder)
    commits = read_range(repo, base, head)
    marked = read_marks(repo, commits)
    first, last = resolve(repo, base), resolve(repo, head)
    found = _marker_findings(repo, marked)
    found += stable_findings(repo, first, last)
    found += ledger_findings(repo, first, last, commits)
    standing = breaks(repo, marked)
    found += freeze_findings(repo, first, last, marked, standing)
    if not commits:
        found.append(finding("empty-range", f"{base} and {head} are the same commit"))
    return StreamReport(
        base=first,
        head=last,
        commits=len(commits),
        findings=tuple(found),
        breaks=tuple(standing),
    )


def check_staged(folder: Path, message: str, *, index: str = "") -> StreamReport:
    """Check what is about to be committed (a commit-msg hook).

    Args:
        folder: the repository.
        message: the commit message.
        index: the index file that git uses for this commit; empty for the usual one.
    """
    repo = open_repository(folder)
    commit = staged(repo, message, index=index)
    marked = read_marks(repo, [commit])
    found = _marker_findings(repo, marked)
    return StreamReport(
        base="",
        head="",
        commits=1,
        findings=tuple(found),
        breaks=tuple(breaks(repo, marked)),
    )


def _marker_findings(repo: Path, marked: Sequence[Marked]) -> list[StreamFinding]:
    standing = {item.commit for item in breaks(repo, marked)}
    gone = {path for item in marked for path in item.removed}
    by_sha = {item.commit.sha: item for item in marked}
    found = []
    for place, item in enumerate(marked):
        own = _entry_findings(item) + _near_findings(item)
        if item.commit.is_merge:
            own += _merge_findings(item)
        elif item.reverts and item.reverts in by_sha:
            own += _revert_findings(item, by_sha[item.reverts], gone)
        else:
            own += _pair_findings(item, marked[place + 1 :], standing)
            own += _shipped_findings(repo, item)
            own += _skip_findings(item)
        found += [_at(one, item.commit) for one in own]
    return found


def _at(one: StreamFinding, commit: Commit) -> StreamFinding:
    return replace(one, commit=commit.sha, summary=commit.summary)


def _entry_findings(item: Marked) -> list[StreamFinding]:
    return [
        finding("news-entry", what, path=file.path, line=line)
        for file in item.files
        for line, what in file.problems
    ]


def _near_findings(item: Marked) -> list[StreamFinding]:
    found = []
    if item.mark.near:
        what = f"{item.mark.near!r} does not count: {item.mark.problem}"
        found.append(_softer(finding("marker-near-commit", what), item.mark.near))
    for news in item.news:
        if news.mark.near:
            what = f"{news.mark.near!r} does not count: {news.mark.problem}"
            one = finding("marker-near-news", what, path=news.path, line=news.entry.line)
            found.append(_softer(one, news.mark.near))
    body = item.commit.body
    if not item.mark.marked and not item.reverts:
        found += [
            finding("marker-in-body", f"{marker!r} stands in the body")
            for marker in (COMMIT_MARKER, NEWS_MARKER)
            if any(line.startswith(marker) for line in body.splitlines())
        ]
    return found


def _softer(one: StreamFinding, near: str) -> StreamFinding:
    """Words without brackets may be plain talk about the ABI: a warning, not an error."""
    return one if near[:1] in "([{<" else replace(one, level="warning")


def _merge_findings(item: Marked) -> list[StreamFinding]:
    if not item.mark.marked:
        return []
    return [finding("marker-on-merge", "the marker stands on a merge commit")]


def _pair_findings(
    item: Marked, later: Sequence[Marked], standing: set[str]
) -> list[StreamFinding]:
    if item.mark.marked and not item.news_marks:
        healer = _healer(item, later)
        if healer:
            what = f"its NEWS marker came in {healer.commit.sha[:12]}"
            return [finding("marker-healed", what)]
        if item.commit.sha not in standing and item.commit.sha:
            return []
        what = (
            f"the summary begins with {COMMIT_MARKER!r}, no NEWS entry of it with {NEWS_MARKER!r}"
        )
        files = [file for file in item.files if file.entries]
        if files:
            line = files[0].entries[0].line
            return [finding("marker-pair-news", what, path=files[0].path, line=line)]
        return [finding("marker-pair-news", what + ": the commit has no NEWS entry at all")]
    if item.news_marks and not item.mark.marked:
        news = item.news_marks[0]
        what = f"its NEWS entry begins with {NEWS_MARKER!r}, the summary not with {COMMIT_MARKER!r}"
        return [finding("marker-pair-commit", what, path=news.path, line=news.entry.line)]
    return []


def _healer(item: Marked, later: Sequence[Marked]) -> Marked | None:
    """Find the later commit that carries both markers for the same entry or issue."""
    paths = {file.path for file in item.files}
    issues = {entry.issue for file in item.files for entry in file.entries if entry.issue}
    issues |= {
        f"{kind}-{number}" for kind, number in re.findall(r"\b(gh|bpo)-(\d+)", item.commit.summary)
    }
    for other in later:
        if other.mark.marked and any(
            news.path in paths or news.entry.issue in issues for news in other.news_marks
        ):
            return other
    return None


def _revert_findings(item: Marked, target: Marked, gone: set[str]) -> list[StreamFinding]:
    kept = [news for news in target.news_marks if news.path not in gone]
    if not (target.mark.marked or target.news_marks) or item.news_marks:
        return []
    return [
        finding(
            "revert-keeps-entry",
            f"{target.commit.sha[:12]} is reverted, its entry stays",
            path=news.path,
            line=news.entry.line,
        )
        for news in kept
    ]


def _shipped_findings(repo: Path, item: Marked) -> list[StreamFinding]:
    if not item.reverts or item.mark.marked or not shipped_break(repo, item.reverts):
        return []
    what = f"it reverts the ABI break {item.reverts[:12]}, which came before this range"
    return [finding("revert-shipped-break", what)]


def _skip_findings(item: Marked) -> list[StreamFinding]:
    if item.mark.marked or item.files or _SKIP_NEWS.search(item.commit.message):
        return []
    return [
        finding("news-skipped", f"{change.path} changed, no NEWS entry came with it",
                path=change.path, line=1)
        for change in item.commit.changes
        if any(_matches(change.path, pattern) for pattern in _PUBLIC_HEADERS)
    ][:1]  # fmt: skip


def _matches(path: str, pattern: str) -> bool:
    """Match without `*` crossing a folder."""
    return path.count("/") == pattern.count("/") and fnmatch(path, pattern)
