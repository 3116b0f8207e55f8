"""Propose changes from a Debian source package: its patches that are backports, grouped by fix."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadArchiveError
from elpython.core.ids import CVE
from elpython.define.code import DistroCode
from elpython.prepare.patches import touched_paths
from elpython.upstream.archive import read_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from elpython.define.branch import Branch

__all__ = ["PatchInfo", "Proposal", "left_out", "propose", "read_packaging", "taken_by"]

_CVE = re.compile(CVE)
_ISSUE = re.compile(r"\b(gh|bpo)-(\d{4,6})\b", re.IGNORECASE)
_PULL = re.compile(r"\(GH-\d+\)|\bGH-\d+\b")
_CHERRY = re.compile(r"cherry picked from commit ([0-9a-f]{7,40})")
_UPSTREAM = re.compile(r"github\.com/[\w.-]+/cpython/(?:commit|pull)/([0-9a-f]{7,40})?")
_GIT = re.compile(r"^From [0-9a-f]{40} ", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchInfo:
    """A patch of a source package, and what its header tells.

    Attributes:
        name: its name in `debian/patches/series`.
        sha256: of the file.
        title: its subject, without prefixes, branch marks and issue numbers.
        author: who wrote it.
        cves: from its name, then from its header.
        issues: `gh-...` and `bpo-...`, the subject's first.
        commits: upstream commits that it was picked from.
        origin: DEP-3 `Origin`, when there is one.
        paths: the files that it touches.
        backport: whether upstream wrote it; otherwise it is packaging.
    """

    name: str
    sha256: str
    title: str
    author: str
    cves: tuple[str, ...]
    issues: tuple[str, ...]
    commits: tuple[str, ...]
    origin: str
    paths: tuple[str, ...]
    backport: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A change that could be made of one patch or of several that are one fix."""

    id: str
    title: str
    kind: str
    patches: tuple[PatchInfo, ...]
    cves: tuple[str, ...]
    issues: tuple[str, ...]
    commits: tuple[str, ...]
    first_in: str
    tests: tuple[str, ...]


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _title(subject: str, name: str) -> str:
    text = re.sub(r"^(\[[^\]]*\]\s*)+", "", subject)
    text = re.sub(r"(\s*\((GH|gh|#)-?\d+\))+\s*$", "", text)
    text = re.sub(r"^(\[?3\.\d+\]?:?\s*)?((gh|bpo|GH)-\d+[:,]?\s*(CVE-[\d-]+:?\s*)?)+", "", text)
    text = re.sub(r"^CVE-[\d-]+:?\s*", "", text)
    text = text.partition("(cherry picked")[0]
    text = re.sub(r"(\s*\((GH|gh|#)-?\d+\))+", "", " ".join(text.split())).strip(" .-…")
    text = text or re.sub(r"^\d+-|\.(patch|diff)$", "", name)
    return text if len(text) <= 100 else text[:97].rsplit(" ", 1)[0] + "..."


def _read(name: str, data: bytes) -> PatchInfo:
    text = data.decode("utf-8", "replace")
    head = re.split(r"^(?:diff --git |--- |Index: )", text, maxsplit=1, flags=re.MULTILINE)[0]
    letter = email.message_from_string(
        re.sub(r"\AFrom [0-9a-f]{40} .*\n", "", head.lstrip()), policy=email.policy.default
    )
    # Several mails in one file: each has a subject; the first is the fix's own.
    subject = str(letter.get("Subject") or letter.get("Description") or "").partition("\n")[0]
    if not subject:
        titled = re.search(r"^\s*(?:\[[\d.]+\] )?((?:gh|bpo)-\d+: .+)$", head, re.MULTILINE)
        subject = titled[1] if titled else ""
    origin = str(letter.get("Origin") or "")
    issues = [
        f"{kind.lower()}-{number}"
        for part in (subject, name, head)
        for kind, number in _ISSUE.findall(part)
        # GH-12345 in capitals is a pull request.
        if f"GH-{number}" not in part or f"gh-{number}" in part
    ]
    cves = [*_CVE.findall(name), *_CVE.findall(head)]
    commits = [*_CHERRY.findall(head), *filter(None, _UPSTREAM.findall(origin))]
    upstream = bool(_UPSTREAM.search(origin) or commits)
    picked = bool(_GIT.search(text)) and bool(_ISSUE.search(subject))
    author = str(letter.get("From") or letter.get("Author") or "").replace('"', "")
    try:
        paths = touched_paths(data)
    except BadArchiveError:
        paths = []
    code = [path for path in paths if not path.startswith(("Doc/", "debian/"))]
    backport = bool(code) and "vendor" not in origin and (upstream or picked or bool(cves))
    return PatchInfo(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        title=_title(subject, name),
        author=author,
        cves=_unique(cves),
        issues=_unique(issues),
        commits=_unique(commits),
        origin=origin,
        paths=tuple(paths),
        backport=backport,
    )


def read_packaging(tar: Path) -> list[PatchInfo]:
    """Read the patches of a `debian.tar` archive, in the order of their series.

    Raises:
        BadArchiveError: the archive has no `debian/patches/series`.
    """
    members = read_members(tar, lambda name: "debian/patches/" in name)
    files = {name.partition("debian/patches/")[2]: data for name, data in members.items()}
    if "series" not in files:
        raise BadArchiveError("has no debian/patches/series", where=str(tar))
    lines = files["series"].decode("utf-8").splitlines()
    names = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    return [_read(name, files[name]) for name in names if name in files]


def left_out(patches: Sequence[PatchInfo]) -> list[PatchInfo]:
    """Return the patches that are packaging, not backports."""
    return [patch for patch in patches if not patch.backport]


def _cves(patch: PatchInfo, cves_of: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the CVE ids of a patch: those that it names, else those of its first issue."""
    named = _CVE.findall(patch.name)
    told = [cve for issue in patch.issues[:1] for cve in cves_of.get(issue, ())]
    return _unique(named or patch.cves or told)


def _stem(patch: PatchInfo, cves: Sequence[str]) -> str:
    """Return what patches of one fix have in common: the CVE, or the first issue."""
    if cves:
        return cves[0]
    if patch.issues:
        return patch.issues[0]
    return re.sub(r"\.(patch|diff)$", "", patch.name)


def _groups(
    patches: Sequence[PatchInfo], cves_of: Mapping[str, Sequence[str]]
) -> dict[str, list[PatchInfo]]:
    groups: dict[str, list[PatchInfo]] = {}
    for patch in patches:
        groups.setdefault(_stem(patch, _cves(patch, cves_of)), []).append(patch)
    return groups


def taken_by(proposal: Proposal, branch: Branch) -> str:
    """Return the change of a branch that has a proposal already; empty where there is none.

    A change has it that pins one of its patches, or that names one of its CVEs; a proposal without
    a CVE is compared by its issues. The name of a file says nothing.
    """
    digests = {patch.sha256 for patch in proposal.patches}
    for change in branch.series:
        pinned = change.code.patches if isinstance(change.code, DistroCode) else ()
        if digests & {patch.sha256 for patch in pinned}:
            return change.id
    for change in branch.series:
        if set(proposal.cves) & set(change.cves):
            return change.id
    for change in branch.series:
        if not proposal.cves and set(proposal.issues) & set(change.issues):
            return change.id
    return ""


def propose(
    patches: Sequence[PatchInfo],
    *,
    first_in: Mapping[str, str],
    cves_of: Mapping[str, Sequence[str]],
) -> list[Proposal]:
    """Propose a change for each fix.

    Args:
        patches: of one package, in order; packaging is left out.
        first_in: issue -> first upstream release (`news.first_releases`).
        cves_of: issue -> CVE ids that advisories give it.
    """
    proposals = []
    wanted = [patch for patch in patches if patch.backport]
    for stem, group in _groups(wanted, cves_of).items():
        issues = _unique(issue for patch in group for issue in patch.issues)
        cves = _unique(cve for patch in group for cve in _cves(patch, cves_of))
        releases = [first_in[issue] for issue in issues if issue in first_in]
        tests = _unique(
            match[1]
            for patch in group
            for path in patch.paths
            if (match := re.match(r"Lib/test/(?:\w+/)*?(test_\w+)(?:\.py|/)", path))
        )
        proposals.append(
            Proposal(
                id=stem,
                title=group[0].title,
                kind="security" if cves else "bugfix",
                patches=tuple(group),
                cves=cves,
                issues=issues[:4],
                commits=_unique(commit for patch in group for commit in patch.commits),
                first_in=releases[0] if releases else "",
                tests=tests,
            )
        )
    return proposals
