"""Hold what a feed tells against the vulnerability record; propose where the record is silent.

Nothing is decided by an issue's number alone: an id is known by its name in the record, an entry of
NEWS by its digest. Where neither is there, a commit, a version range or a change is proposed to a
person, and the state stays unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from elpython.define.vulnerability import CVE
from elpython.upstream.feeds.products import OTHER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Record, Vulnerability
    from elpython.upstream.feeds.model import Notice

__all__ = [
    "KNOWN",
    "NEW",
    "OTHER_PRODUCT",
    "WITHDRAWN",
    "Index",
    "Match",
    "match",
    "names_of",
    "proposal",
]

KNOWN, NEW, OTHER_PRODUCT, WITHDRAWN = "known", "new", "other product", "withdrawn"

# Advisories of distributions: each covers vulnerabilities that have ids of their own.
_DISTRIBUTION = re.compile(
    r"(DSA|DLA|DTSA|ELA|USN|LSN|RHSA|RHBA|RHEA|ALSA|ALBA|RLSA|ELSA|GLSA|MGASA|OESA|ALAS\w*|FEDORA|"
    r"SUSE(-\w+)?|openSUSE(-\w+)?|SSA|ASA)-\S+"
)
# A distribution's record of a CVE: DEBIAN-CVE-2026-1, UBUNTU-CVE-2026-1, ALPINE-CVE-2026-1.
_CVE_OF = re.compile(rf"(?:[A-Z]+-)?({CVE})")
_LEAST_COMMIT = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """What the record knows of one notice.

    Attributes:
        notice: the notice.
        state: `known`, `new`, `other product` or `withdrawn`.
        names: the ids that the notice is about.
        known: the vulnerabilities of the record among them.
        missing: the ids that the record lacks.
        remarks: what a person should look at: merged, reused or withdrawn ids.
    """

    notice: Notice
    state: str
    names: tuple[str, ...]
    known: tuple[Vulnerability, ...] = ()
    missing: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def _cves(ids: Iterable[str]) -> list[str]:
    return [found[1] for name in ids if (found := _CVE_OF.fullmatch(name))]


def names_of(notice: Notice) -> tuple[str, ...]:
    """Return the ids of the vulnerabilities that a notice is about.

    Those are the CVE ids among its own id, its aliases and what it was derived from; of a
    distribution's advisory also the related ones, where it names no others. A related id of any
    other notice is another vulnerability. Without a CVE id it is the notice's own id.
    """
    found = _cves([notice.id, *notice.aliases, *notice.upstream])
    if not found and _DISTRIBUTION.fullmatch(notice.id):
        found = _cves(notice.related)
    return tuple(dict.fromkeys(found)) or (notice.id,)


@dataclass(frozen=True, slots=True)
class Index:
    """The record, as it is looked up.

    Attributes:
        by_name: id or alias -> vulnerability.
        by_news: digest of an entry -> vulnerability.
        dismissed: digests of entries that are no vulnerability.
        by_issue: issue -> ids; for hints alone.
    """

    by_name: Mapping[str, Vulnerability]
    by_news: Mapping[str, Vulnerability]
    dismissed: Mapping[str, str]
    by_issue: Mapping[str, list[str]]

    @classmethod
    def of(cls, record: Record) -> Index:
        """Return the index of a record."""
        by_issue: dict[str, list[str]] = {}
        for item in record.vulnerabilities:
            for issue in item.issues:
                by_issue.setdefault(issue, []).append(item.id)
        return cls(record.by_name(), record.by_news(), record.dismissed, by_issue)


def match(notice: Notice, index: Index) -> Match:
    """Return what the record knows of a notice."""
    names = names_of(notice)
    by_name = index.by_name
    if notice.products and set(notice.products) == {OTHER}:
        other = f"{notice.id} names another product in {notice.feed}: reused?"
        remarks = (other,) if notice.id in by_name else ()
        return Match(notice=notice, state=OTHER_PRODUCT, names=names, remarks=remarks)
    if notice.digest and names == (notice.id,) and not re.fullmatch(CVE, notice.id):
        return _entry(notice, index)
    known = {by_name[name].id: by_name[name] for name in names if name in by_name}
    if not any(_CVE_OF.fullmatch(name) for name in names):
        known |= {by_name[name].id: by_name[name] for name in notice.aliases if name in by_name}
        missing = () if known else names
    else:
        missing = tuple(name for name in names if name not in by_name)
    if notice.withdrawn:
        told = [f"{name} is withdrawn there; the record still has it" for name in known]
        return Match(notice=notice, state=WITHDRAWN, names=names, known=tuple(known.values()),
                     remarks=tuple(told))  # fmt: skip
    return Match(
        notice=notice,
        state=NEW if missing else KNOWN,
        names=names,
        known=tuple(known.values()),
        missing=missing,
        remarks=tuple(_remarks(notice, known, missing)),
    )


def _entry(notice: Notice, index: Index) -> Match:
    """Match an entry of NEWS or a changelog that names no CVE: by its text, never by its issue."""
    item = index.by_news.get(notice.digest)
    # A digest is of an entry's beginning: under an issue of its own it is another entry.
    if item is not None and not _another(item, notice):
        return Match(notice=notice, state=KNOWN, names=(notice.id,), known=(item,))
    if item is None and notice.digest in index.dismissed:
        return Match(notice=notice, state=KNOWN, names=(notice.id,))
    same = [name for issue in notice.issues for name in index.by_issue.get(issue, ())]
    hint = f"the record has {', '.join(same[:5])} of the same issue: a follow-up?" if same else ""
    return Match(
        notice=notice,
        state=NEW,
        names=(notice.id,),
        missing=(notice.id,),
        remarks=(hint,) if hint else (),
    )


def _another(item: Vulnerability, notice: Notice) -> bool:
    issues = {item.id, *item.issues, *item.aliases}
    return bool(item.issues and notice.issues) and not issues & set(notice.issues)


def _remarks(
    notice: Notice, known: Mapping[str, Vulnerability], missing: Sequence[str]
) -> Iterable[str]:
    alone = not _DISTRIBUTION.fullmatch(notice.id)
    if alone and len(known) + len(missing) > 1:
        yield f"{notice.id} puts {', '.join([*known, *missing])} together: merged, or one too many?"
    for item in known.values():
        if item.withdrawn:
            yield f"{item.id} is withdrawn in the record, and not there"
        products = set(notice.products) - {OTHER}
        # What CPython bundles is told under its name too.
        if not alone or not products or products & {item.product, "cpython"}:
            continue
        if not (set(item.issues) & set(notice.issues) or set(item.commits) & set(notice.commits)):
            yield (
                f"{item.id} is about {', '.join(sorted(products))} there, and about "
                f"{item.product} in the record: reused?"
            )


def proposal(notice: Notice, branch: Branch, name: str = "") -> str:
    """Return what speaks for a state of an unknown vulnerability on a branch; a person decides.

    Args:
        notice: the notice.
        branch: the branch.
        name: the one of its ids that is unknown; all of them if omitted.
    """
    names = {name} if name else set(names_of(notice))
    for change in branch.series:
        if set(change.cves) & names:
            return f"change {change.id} names it"
    for change in branch.series:
        shared = [own for own in change.commits for other in notice.commits if _same(own, other)]
        if shared:
            return f"change {change.id} has its commit {shared[0][:12]}"
    told = _range(notice, branch.base)
    hints = [
        change.id
        for change in branch.series
        if change.issues and set(change.issues) & set(notice.issues)
    ]
    hint = f"same issue as {', '.join(hints[:3])}, which decides nothing" if hints else ""
    return "; ".join(filter(None, [told, hint])) or "nothing tells"


def _same(one: str, other: str) -> bool:
    least = min(len(one), len(other))
    return least >= _LEAST_COMMIT and one[:least] == other[:least]


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _range(notice: Notice, base: str) -> str:
    """Return what the versions that a notice names say of a base."""
    own = Version(base)
    if base in notice.affected:
        return f"it names {base} as affected"
    fixes = [item for text in notice.fixed_in if (item := _version(text)) is not None]
    ours = [item for item in fixes if item.release[:2] == own.release[:2]]
    if ours:
        least = min(ours)
        return f"fixed in {least}: base {base} {'has it' if own >= least else 'lacks it'}"
    newer = [item for item in fixes if item.release[:2] > own.release[:2]]
    if newer and "cpython" in notice.products:
        return f"fixed in {min(newer)}, later than base {base}"
    return ""
