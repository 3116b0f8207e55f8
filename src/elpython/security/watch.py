"""What a later upstream release has and a branch lacks, read from its `Misc/NEWS`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

from elpython.define.vulnerability import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.define.refused import Refusal
    from elpython.define.vulnerability import Standing
    from elpython.upstream.news import NewsEntry

__all__ = ["NEW", "REFUSED", "TAKEN", "Decisions", "Watched", "counts", "watch"]

TAKEN, REFUSED, NEW = "taken", "refused", "new"
STATES = (TAKEN, REFUSED, NEW)

_CVE = re.compile(r"(?:CVE[- ]|:cve:`)(\d{4}-\d{4,})")
_PEP = re.compile(r":pep:`(?:[^`<]*<)?(\d+)|\bPEP[- ](\d+)")
_MENTIONED = re.compile(r":(gh|issue):`(\d+)`|\b(gh|bpo)-(?:issue-)?(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """An entry of a later release's NEWS that the branch's base has not got.

    Attributes:
        release: PEP 440 version of the release that has it.
        section: `Security`, `Library`, ...
        issue: `gh-121650` or `bpo-44022`; empty where the entry names none.
        state: `taken`, `refused` or `new`.
        because: id of the change that took it, or the reason of the refusal.
        follows: id of a change of the branch whose issue it comes back to: a fix to the fix.
        text: the entry, one line.
    """

    release: str
    section: str
    issue: str
    state: str
    text: str
    because: str = ""
    follows: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decisions:
    """What a branch has decided.

    Attributes:
        changes: its changes.
        refusals: what its `refused.toml` refuses.
        standings: id or alias -> what the vulnerability record says of the branch.
    """

    changes: Sequence[Change]
    refusals: Sequence[Refusal] = ()
    standings: Mapping[str, Standing] | None = None


def _normal(text: str) -> str:
    """Return an entry's text as it is compared: backports rewrap, and alter markup."""
    return re.sub(r"[\W_]+", " ", text).strip().lower()[:60]


def _cves(text: str) -> set[str]:
    return {f"CVE-{number}" for number in _CVE.findall(text)}


def _mentioned(text: str) -> set[str]:
    """Return the issues that an entry's text speaks of."""
    found = set()
    for role, number, kind, other in _MENTIONED.findall(text):
        prefix = {"gh": "gh", "issue": "bpo", "bpo": "bpo"}[role or kind]
        found.add(f"{prefix}-{number or other}")
    return found


def _lacking(base: str, own: Iterable[NewsEntry], newer: Sequence[NewsEntry]) -> list[NewsEntry]:
    """Leave out what the base's own history has.

    An issue with several entries is compared by their texts: one of them may be a later fix.
    """
    own_texts: set[tuple[str, str]] = set()
    own_issues: set[str] = set()
    for entry in own:
        own_texts.add((entry.issue, _normal(entry.text)))
        own_issues.add(entry.issue)
    texts: dict[str, set[str]] = {}
    for entry in newer:
        texts.setdefault(entry.issue, set()).add(_normal(entry.text))
    oldest = Version(base)

    def had(entry: NewsEntry) -> bool:
        if (entry.issue, _normal(entry.text)) in own_texts:
            return True
        return bool(entry.issue) and entry.issue in own_issues and len(texts[entry.issue]) == 1

    return [entry for entry in newer if Version(entry.release) > oldest and not had(entry)]


def _taken_by(
    entry: NewsEntry, changes: Sequence[Change], first: Mapping[str, str]
) -> tuple[Change | None, Change | None]:
    """Return the change that took an entry, and the change that it comes back to.

    The first release that speaks of an issue has the fix itself, as have later ones up to the
    change's own `first-in`; what a still later release says of the same issue is a further fix.
    """
    cves, mentioned = _cves(entry.text), _mentioned(entry.text) - {entry.issue}
    follows: Change | None = None
    for change in changes:
        if entry.issue and entry.issue in change.issues:
            release = Version(entry.release)
            limit = max(Version(first[entry.issue]), Version(change.first_in or "0"))
            if release <= limit:
                return change, None
            follows = follows or change
        elif cves & set(change.cves):
            return change, None
        elif mentioned & set(change.issues):
            follows = follows or change
    return None, follows


def _refused(entry: NewsEntry, decisions: Decisions, *, follow_up: bool) -> str:
    """Return the reason for which an entry is not taken; empty when nobody gave one.

    That a vulnerability is fixed says nothing about a later fix to that fix.
    """
    cves = _cves(entry.text)
    peps = {one or other for one, other in _PEP.findall(entry.text)}
    for refusal in decisions.refusals:
        if (
            entry.issue in refusal.issues
            or cves & set(refusal.cves)
            or {pep.lstrip("0") for pep in peps} & {pep.lstrip("0") for pep in refusal.peps}
        ):
            return f"{refusal.id}: {refusal.reason}"
    for cve in sorted(cves):
        standing = (decisions.standings or {}).get(cve)
        if standing is None or (follow_up and standing.state == "fixed"):
            continue
        if standing.state != UNKNOWN:
            return f"{cve}: {standing.state}: {standing.reason}"
    return ""


def watch(
    branch: Branch,
    decisions: Decisions,
    *,
    own: Iterable[NewsEntry],
    newer: Sequence[NewsEntry],
) -> list[Watched]:
    """Say of each entry of a later release what the branch does about it.

    Args:
        branch: the branch.
        decisions: its changes and what it refuses.
        own: the entries of its base's NEWS.
        newer: those of the later release's.

    Returns:
        What the base lacks: the section Security first, then follow-ups of the branch's changes,
        then the other sections; newest release first in each.
    """
    lacking = _lacking(branch.base, own, newer)
    first: dict[str, str] = {}
    for entry in lacking:
        known = first.get(entry.issue)
        if known is None or Version(entry.release) < Version(known):
            first[entry.issue] = entry.release
    found = []
    for entry in lacking:
        taken, follows = _taken_by(entry, decisions.changes, first)
        reason = "" if taken else _refused(entry, decisions, follow_up=follows is not None)
        found.append(
            Watched(
                release=entry.release,
                section=entry.section,
                issue=entry.issue,
                state=TAKEN if taken else REFUSED if reason else NEW,
                because=taken.id if taken else reason,
                follows=follows.id if follows else "",
                text=entry.text,
            )
        )
    # Sorting is stable: newest first within what the second key puts together.
    found.sort(key=lambda item: Version(item.release), reverse=True)
    found.sort(key=lambda item: (item.section != "Security", not item.follows, item.section))
    return found


def counts(found: Iterable[Watched]) -> dict[str, dict[str, int]]:
    """Count the states by section, Security first."""
    made: dict[str, dict[str, int]] = {}
    for item in sorted(found, key=lambda item: (item.section != "Security", item.section)):
        row = made.setdefault(item.section, dict.fromkeys(STATES, 0))
        row[item.state] += 1
    return made
