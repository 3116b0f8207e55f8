"""The marks of a range of commits: which commits break the ABI, and which no longer do.

A revert of a break inside the range cancels it, a revert of that revert brings it back. A revert
of a break that came before the range changes what wheels were built with: it is a break itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from elpython.stream.history import Change, Commit, blobs, git
from elpython.stream.markers import CommitMark, commit_mark, news_mark, reverted_summary
from elpython.stream.news import NewsFile, StreamNewsEntry, is_entry_path, parse_entry_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["Break", "Marked", "breaks", "read_marks"]

MERGED_NEWS = "Misc/NEWS"

_REVERTS = re.compile(r"This reverts (?:commit )?([0-9a-f]{7,40})|reverts commit ([0-9a-f]{7,40})")
_MERGED_ITEM = re.compile(r"- (?:(?:bpo|gh(?:-issue)?)-\d+: ?|Issue #\d+: ?)?(.*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsMark:
    """A NEWS entry that a commit added and what its beginning says."""

    path: str
    entry: StreamNewsEntry
    mark: CommitMark


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """A commit with all that its two markers say.

    Attributes:
        commit: the commit.
        mark: what its summary says.
        news: the NEWS entries that it adds, or whose beginning it changes.
        files: the NEWS files that it adds or changes, as read.
        removed: paths of NEWS files that it removes.
        reverts: full hash of the commit that it reverts; empty for none.
    """

    commit: Commit
    mark: CommitMark
    news: tuple[NewsMark, ...] = ()
    files: tuple[NewsFile, ...] = ()
    removed: tuple[str, ...] = ()
    reverts: str = ""

    @property
    def news_marks(self) -> tuple[NewsMark, ...]:
        """The entries that carry the NEWS marker."""
        return tuple(item for item in self.news if item.mark.marked)


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """One ABI break told by a marker.

    Attributes:
        commit, summary: the commit that carries a marker.
        entries: the text of its marked NEWS entries.
        paths: their files.
        shipped_revert: it takes back a break that came before the range.
    """

    commit: str
    summary: str
    entries: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    shipped_revert: bool = False
    issues: tuple[str, ...] = field(default=())


def read_marks(repo: Path, commits: Iterable[Commit]) -> list[Marked]:
    """Read the markers of some commits, oldest first.

    Raises:
        GitHistoryError: an object of the repository is missing.
    """
    commits = list(commits)
    wanted = [
        blob
        for commit in commits
        for change in commit.changes
        if is_entry_path(change.path) or change.path == MERGED_NEWS
        for blob in (change.old, change.new)
    ]
    contents = blobs(repo, wanted)
    marked = [_read(commit, contents) for commit in commits]
    by_sha = {commit.sha: commit for commit in commits}
    return [replace(item, reverts=_reverted(item.commit, by_sha)) for item in marked]


def _read(commit: Commit, contents: Mapping[str, bytes]) -> Marked:
    news: list[NewsMark] = []
    files = []
    removed = []
    gone = _gone_entries(commit, contents)
    for change in commit.changes:
        if change.path == MERGED_NEWS:
            news += _merged_marks(change, contents)
        if not is_entry_path(change.path):
            continue
        if not change.new:
            removed.append(change.path)
            continue
        read = parse_entry_file(change.path, _text(contents, change.new))
        before = parse_entry_file(change.path, _text(contents, change.old)) if change.old else None
        files.append(read)
        news += _new_marks(read, before, gone)
    return Marked(
        commit=commit,
        mark=commit_mark(commit.summary),
        news=tuple(news),
        files=tuple(files),
        removed=tuple(removed),
    )


def _text(contents: Mapping[str, bytes], blob: str) -> str:
    return contents.get(blob, b"").decode("utf-8", "replace")


def _gone_entries(commit: Commit, contents: Mapping[str, bytes]) -> set[str]:
    """Texts that the commit removes elsewhere: an entry that only moves is not a new one."""
    return {
        entry.text
        for change in commit.changes
        if not change.new and is_entry_path(change.path)
        for entry in parse_entry_file(change.path, _text(contents, change.old)).entries
    }


def _new_marks(read: NewsFile, before: NewsFile | None, gone: set[str]) -> list[NewsMark]:
    old = {news_mark(entry.text) for entry in before.entries} if before else set()
    found = []
    for entry in read.entries:
        mark = news_mark(entry.text)
        if entry.text not in gone and mark not in old:
            found.append(NewsMark(path=read.path, entry=entry, mark=mark))
    return found


def _merged_marks(change: Change, contents: Mapping[str, bytes]) -> list[NewsMark]:
    """Marks in the items that a commit adds to the merged Misc/NEWS, by lines: that file is big."""
    old = set(_text(contents, change.old).splitlines()) if change.old else set()
    found = []
    for number, line in enumerate(_text(contents, change.new).splitlines(), 1):
        item = _MERGED_ITEM.match(line) if line.startswith("- ") and line not in old else None
        if item is None or "abi" not in line.lower():
            continue
        mark = news_mark(item[1])
        if mark.marked or mark.near:
            entry = StreamNewsEntry(section="", issue="", text=item[1], line=number)
            found.append(NewsMark(path=change.path, entry=entry, mark=mark))
    return found


def _reverted(commit: Commit, known: Mapping[str, Commit]) -> str:
    """Return the commit that a revert takes back: by the hash in its body, else by its summary."""
    named = _REVERTS.search(commit.body)
    inner = reverted_summary(commit.summary)
    if named:
        sha = named[1] or named[2]
        return next((full for full in known if full.startswith(sha)), sha)
    if inner:
        same = [sha for sha, other in known.items()
                if other.summary == inner and sha != commit.sha]  # fmt: skip
        return same[-1] if same else ""
    return ""


def shipped_break(repo: Path, sha: str) -> bool:
    """Whether a commit outside the range carries the commit marker."""
    found = git(repo, "log", "-1", "--format=%s", sha, "--", check=False)
    return found.returncode == 0 and commit_mark(found.stdout.strip()).marked


def breaks(repo: Path, marked: Iterable[Marked]) -> list[Break]:
    """Return the ABI breaks of a range that still stand at its end, oldest first."""
    marked = list(marked)
    standing: dict[str, Break] = {}
    cancelled: dict[str, Break] = {}
    takes_back: dict[str, str] = {}
    inside = {item.commit.sha for item in marked}
    for item in marked:
        target = item.reverts
        if target in standing:
            takes_back[item.commit.sha] = target
            cancelled[target] = standing.pop(target)
        elif target in takes_back and takes_back[target] in cancelled:
            original = takes_back.pop(target)
            standing[original] = cancelled.pop(original)
        elif (item.mark.marked or item.news_marks) and not item.commit.is_merge:
            shipped = bool(target) and target not in inside
            standing[item.commit.sha] = _break(item, shipped_revert=shipped)
        elif target and target not in inside and shipped_break(repo, target):
            standing[item.commit.sha] = _break(item, shipped_revert=True)
    return list(standing.values())


def _break(item: Marked, *, shipped_revert: bool) -> Break:
    return Break(
        commit=item.commit.sha,
        summary=item.commit.summary,
        entries=tuple(mark.entry.text for mark in item.news_marks),
        paths=tuple(mark.path for mark in item.news_marks),
        issues=tuple(mark.entry.issue for mark in item.news_marks if mark.entry.issue),
        shipped_revert=shipped_revert,
    )
