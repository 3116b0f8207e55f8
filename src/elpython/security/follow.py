"""Follow what a branch has taken: which later entries of upstream's NEWS come back to a change.

An entry comes back to a change when it is later than the release that the change's code came from,
and names its issue, the feature that it provides, or a function that its code touches together with
that function's module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from packaging.version import Version

from elpython.define.code import ReleaseCode
from elpython.define.followups import NEW, NOT_NEEDED, REFUSED, TAKEN, FollowUp, FollowUps
from elpython.define.vulnerability import AFFECTED, FIXED, UNKNOWN
from elpython.upstream.feeds.rules import digest_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.define.refused import Refusal
    from elpython.define.vulnerability import Vulnerability
    from elpython.upstream.news import NewsEntry

__all__ = ["Known", "Touched", "Upstream", "follow", "merged"]

_CVE = re.compile(r"(?:CVE[- ]|:cve:`)(\d{4}-\d{4,})")
_MENTIONED = re.compile(r":(gh|issue):`(\d+)`|\b(gh|bpo)-(?:issue-)?(\d+)")
# Sections that say nothing about what a library or interpreter does on Linux.
_ELSEWHERE = frozenset({"Documentation", "Tests", "Windows", "macOS", "IDLE", "Tools/Demos", "iOS",
                        "Android", "WASI"})  # fmt: skip
_FOLLOWED = frozenset({"security", "feature", "bugfix"})
_SHORT = 4
_TEXT = 160


@dataclass(frozen=True, kw_only=True, slots=True)
class Upstream:
    """What upstream's NEWS tells.

    Attributes:
        entries: every entry once, with the earliest release that has it.
        dates: release -> the day on which it was released.
    """

    entries: tuple[NewsEntry, ...]
    dates: Mapping[str, dt.date]

    def later(self, release: str, than: str) -> bool:
        """Return whether a release came after another one; by their days where both are known.

        A release of an older series may be the younger one: 3.13.3 came after 3.14.0a5.
        """
        one, other = self.dates.get(release), self.dates.get(than)
        if one is not None and other is not None:
            return one > other
        return Version(release) > Version(than)


@dataclass(frozen=True, kw_only=True, slots=True)
class Touched:
    """A function or class that a change's code touches.

    Attributes:
        module: the module as NEWS would name it, `zipfile`.
        name: the function or class.
    """

    module: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a branch has decided.

    Attributes:
        own: issue and text digest of each entry of its base's NEWS.
        refusals: what it refuses.
        by_news: digest of an entry -> vulnerability that the record has of it.
        touched: change -> what its code touches.
    """

    own: frozenset[str]
    refusals: Sequence[Refusal] = ()
    by_news: Mapping[str, Vulnerability] = field(default_factory=dict)
    touched: Mapping[str, Sequence[Touched]] = field(default_factory=dict)


def origin(change: Change, branch: Branch) -> str:
    """Return the release that a change's code came from; what is older cannot come back to it."""
    releases = [name for name in (change.first_in, *change.first_in_of.values()) if name]
    if isinstance(change.code, ReleaseCode):
        releases.append(change.code.version)
    return max(releases, key=Version, default=branch.base)


def _issues(entry: NewsEntry) -> set[str]:
    found = {entry.issue} if entry.issue else set()
    for role, number, kind, other in _MENTIONED.findall(entry.text):
        prefix = {"gh": "gh", "issue": "bpo", "bpo": "bpo"}[role or kind]
        found.add(f"{prefix}-{number or other}")
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """An entry, and what is asked of it again and again."""

    entry: NewsEntry
    digest: str
    lower: str
    issues: frozenset[str]
    first: bool


def _says(read: _Read, dotted: str) -> bool:
    """Return whether an entry names a feature, in any case: NEWS has `asyncio.Timeout`."""
    bare = re.sub(r"\(.*", "", dotted).lower()
    # Most entries do not even have the letters: regular expressions are for the few that do.
    if bare not in read.lower:
        return False
    # A bare name such as `zip` is a word of English too: only what is marked up counts.
    shape = rf"(?<![\w.]){re.escape(bare)}(?!\w)" if "." in bare else f"`{re.escape(bare)}`"
    return re.search(shape, read.lower) is not None


def _joins(read: _Read, change: Change, touched: Sequence[Touched]) -> str:
    """Return what joins a later entry to a change; empty for nothing."""
    shared = read.issues & set(change.issues)
    if shared:
        return f"names {min(shared)}"
    if read.entry.section in _ELSEWHERE:
        return ""
    for name in change.provides:
        if len(name) > _SHORT and _says(read, name):
            return f"names {name}"
    if change.kind != "security":
        return ""
    for item in touched:
        if item.name.lower() in read.lower and item.module.lower() in read.lower:
            both = _word(item.module, read.entry.text) and _word(item.name, read.entry.text)
            if both:
                return f"names {item.module} and {item.name}, which it touches"
    return ""


def _word(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def _decided(read: _Read, change: Change, branch: Branch, known: Known) -> tuple[str, str]:
    """Return state and reason, by what is known without a person."""
    entry, digest = read.entry, read.digest
    if digest in known.own:
        return NOT_NEEDED, "the base has it"
    if read.first and entry.issue in change.issues:
        return TAKEN, change.id
    cves = {f"CVE-{number}" for number in _CVE.findall(entry.text)}
    for other in branch.series:
        same = entry.issue and entry.issue in other.issues and other.id != change.id
        if same or cves & set(other.cves):
            return TAKEN, other.id
    for refusal in known.refusals:
        if entry.issue in refusal.issues or cves & set(refusal.cves):
            return REFUSED, f"{refusal.id}: {refusal.reason}"
    vulnerability = known.by_news.get(digest)
    if vulnerability is not None:
        standing = vulnerability.standing(branch.name)
        if standing.state == FIXED:
            return TAKEN, standing.change
        if standing.state not in {AFFECTED, UNKNOWN}:
            state = REFUSED if standing.state == REFUSED else NOT_NEEDED
            return state, f"{vulnerability.id}: {standing.because}"
    return NEW, ""


def follow(branch: Branch, upstream: Upstream, known: Known) -> list[FollowUp]:
    """Return every later entry that comes back to a change of a branch, in the series' order.

    Args:
        branch: the branch.
        upstream: what NEWS tells.
        known: what the branch has decided.
    """
    found = []
    # The first that speaks of an issue is its fix; what comes later is a fix to that.
    first: dict[str, NewsEntry] = {}
    for entry in upstream.entries:
        known_first = first.setdefault(entry.issue, entry)
        if upstream.later(known_first.release, entry.release):
            first[entry.issue] = entry
    reads = [
        _Read(
            entry=entry, digest=digest_of(entry.text), lower=entry.text.lower(),
            issues=frozenset(_issues(entry)), first=first.get(entry.issue) == entry,
        )
        for entry in upstream.entries
    ]  # fmt: skip
    for change in branch.series:
        if change.kind not in _FOLLOWED or change.core:
            continue
        since = origin(change, branch)
        own = {
            read.digest
            for read in reads
            if read.entry.issue in change.issues and not upstream.later(read.entry.release, since)
        }
        touched = known.touched.get(change.id, ())
        for read in reads:
            entry = read.entry
            how = _joins(read, change, touched)
            # The entries that are the change itself are told again in other series.
            if not how or read.digest in own or not upstream.later(entry.release, since):
                continue
            state, reason = _decided(read, change, branch, known)
            found.append(
                FollowUp(
                    branch=branch.name, change=change.id, news=read.digest, issue=entry.issue,
                    release=entry.release, state=state, reason=reason, how=how,
                    text=entry.text[:_TEXT],
                )
            )  # fmt: skip
    return found


def merged(
    old: FollowUps, found: Iterable[FollowUp], looked: Sequence[str], today: dt.date
) -> FollowUps:
    """Return the new record: what a person decided stays decided.

    Args:
        old: the record as it is.
        found: what was found now.
        looked: what was read.
        today: the day.
    """
    decided = {item.key: item for item in old.items if item.state in {REFUSED, NOT_NEEDED, TAKEN}}

    def kept(item: FollowUp) -> FollowUp:
        before = decided.get(item.key)
        if item.state != NEW or before is None or not before.reason:
            return item
        return replace(item, state=before.state, reason=before.reason)

    return FollowUps(checked=today, looked=tuple(looked), items=tuple(kept(item) for item in found))


def module_of(path: str) -> str:
    """Return the module that NEWS would name for a file of the tree; empty for none."""
    place = PurePosixPath(path)
    parts = place.parts
    if parts[0] == "Lib" and "test" not in parts:
        return place.stem if len(parts) == 2 else parts[1]
    if parts[0] == "Modules":
        stem = place.stem if len(parts) == 2 else parts[1]
        return re.sub(r"^_+|module$", "", stem)
    return ""
