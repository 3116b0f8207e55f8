"""Join a branch with security advisories in OSV format: fixed, not affected, open or unknown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError, UsageError
from elpython.core.toml import Reader, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.upstream.news import Entry

__all__ = [
    "Advisory",
    "Finding",
    "Override",
    "join",
    "openvex",
    "read_advisories",
    "read_overrides",
]

FIXED, NOT_AFFECTED, OPEN, UNKNOWN = "fixed", "not affected", "open", "unknown"
STATES = (FIXED, NOT_AFFECTED, OPEN, UNKNOWN)

_CVE = re.compile(r"CVE-\d{4}-\d{4,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Advisory:
    """An advisory.

    Attributes:
        id: its own id, `PSF-2024-6`.
        cves: CVE ids among its aliases.
        issues: CPython issues among its references, `gh-121227`.
        commits: the commits that fixed it upstream.
        published: date of publication, `2024-06-27`.
    """

    id: str
    cves: tuple[str, ...]
    issues: tuple[str, ...]
    commits: tuple[str, ...]
    published: str

    @property
    def name(self) -> str:
        """The CVE id, or its own where it has none."""
        return self.cves[0] if self.cves else self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """A decision made by hand, with its reason.

    Attributes:
        cve: the CVE id or advisory id.
        state: `not affected` or `open`, or `fixed` for what the base has without saying so.
        reason: why.
        justification: OpenVEX's word for `not affected`.
    """

    cve: str
    state: str
    reason: str
    justification: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What a branch has to say of one CVE.

    Attributes:
        cve: the CVE id, or the advisory's where it has none.
        state: one of `STATES`.
        because: the change, the release or the reason that decided.
        change: id of the change that fixes it; empty otherwise.
        advisory: the advisory's id; empty for what only a distribution's patch knows.
        justification: OpenVEX's word for `not affected`.
    """

    cve: str
    state: str
    because: str
    change: str = ""
    advisory: str = ""
    justification: str = ""


def _advisory(path: Path, problems: list[str]) -> Advisory | None:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        problems.append(f"{path.name}: is no JSON: {error}")
        return None
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        problems.append(f"{path.name}: id: is missing: no advisory in OSV format")
        return None
    if data.get("withdrawn"):
        return None
    urls = [str(item.get("url", "")) for item in data.get("references", [])]
    issues = [f"gh-{n}" for url in urls for n in re.findall(r"/cpython/issues/(\d+)", url)]
    issues += [f"bpo-{n}" for url in urls for n in re.findall(r"bugs\.python\.org/issue(\d+)", url)]
    commits = [
        event["fixed"]
        for affected in data.get("affected", [])
        for span in affected.get("ranges", [])
        for event in span.get("events", [])
        if "fixed" in event
    ]
    aliases = [data["id"], *data.get("aliases", [])]
    return Advisory(
        id=data["id"],
        cves=tuple(name for name in aliases if _CVE.fullmatch(name)),
        issues=tuple(dict.fromkeys(issues)),
        commits=tuple(dict.fromkeys(commits)),
        published=str(data.get("published", ""))[:10],
    )


def read_advisories(folder: Path) -> list[Advisory]:
    """Read every advisory of a folder (`*.json`, OSV format), oldest first.

    Raises:
        UsageError: there is none, or a file is no advisory; names every such file.
    """
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    problems: list[str] = []
    found = [item for path in paths if (item := _advisory(path, problems)) is not None]
    if not paths:
        raise UsageError("holds no advisories (*.json in OSV format)", where=str(folder))
    if problems:
        raise UsageError(f"{len(problems)} bad file(s)", where=str(folder), details=tuple(problems))
    return sorted(found, key=lambda item: (item.published, item.id))


def read_overrides(path: Path, name: str) -> dict[str, Override]:
    """Read a branch's decisions, `cve.toml`: an array of tables `decision`.

    Raises:
        BadBranchError: every problem with its key.
    """
    if not path.is_file():
        return {}
    problems: list[str] = []
    reader = Reader(read_toml(path, problems, name=name), problems, file=name)
    found: dict[str, Override] = {}
    for table in reader.tables("decision", need=True):
        names = table.words("cves", pattern=r"(CVE-\d{4}-\d{4,}|PSF-\d{4}-\d+)", like="CVE-2024-1")
        state = table.choice("state", (FIXED, NOT_AFFECTED, OPEN))
        reason = table.text("reason")
        justification = table.text("justification", "")
        table.done()
        for cve in names:
            if cve in found:
                table.problem("cves", f"{cve} is decided twice")
            found[cve] = Override(cve=cve, state=state, reason=reason, justification=justification)
    reader.done()
    if problems:
        raise BadBranchError("has problems", where=name, details=tuple(problems))
    return found


def _base_fixes(news: Iterable[Entry]) -> dict[str, str]:
    """Give CVE id or issue -> release of the base's own history that fixed it."""
    found: dict[str, str] = {}
    for entry in news:
        for cve in _CVE.findall(entry.text):
            found.setdefault(cve, entry.release)
        if entry.issue:
            found.setdefault(entry.issue, entry.release)
    return found


def _decide(
    advisory: Advisory, by_change: Mapping[str, str], base: Mapping[str, str]
) -> Finding | None:
    for name in [*advisory.cves, *advisory.issues]:
        if name in by_change:
            change = by_change[name]
            because = f"change {change}"
            return Finding(
                cve=advisory.name, state=FIXED, because=because, change=change, advisory=advisory.id
            )
    for name in [*advisory.cves, *advisory.issues]:
        if name in base:
            return _in_base(advisory.name, name, base[name], advisory.id)
    return None


def _elsewhere(branch: Branch, others: Iterable[Branch]) -> dict[str, tuple[str, Change]]:
    """Give the CVEs that other branches fix, with where: what is known there is asked here too."""
    return {
        cve: (other.name, change)
        for other in others
        if other.name != branch.name
        for change in other.series
        for cve in change.cves
    }


def join(
    branch: Branch,
    advisories: Iterable[Advisory],
    *,
    news: Iterable[Entry],
    overrides: Mapping[str, Override],
    others: Iterable[Branch] = (),
) -> list[Finding]:
    """Say for every CVE what the branch does about it.

    Args:
        branch: the branch.
        advisories: in OSV format.
        news: the base's own `Misc/NEWS`.
        overrides: decisions made by hand; they win.
        others: the other branches: a CVE that one of them fixes is asked of this one too.

    Returns:
        Advisories in their order, then the CVEs that only changes or decisions know, and those
        that only the other branches do.
    """
    by_change = {cve: change.id for change in branch.series for cve in change.cves}
    by_change |= {
        issue: change.id
        for change in branch.series
        if change.kind == "security"
        for issue in change.issues[:1]
    }
    base = _base_fixes(news)
    found: list[Finding] = []
    for advisory in advisories:
        override = next(
            (overrides[name] for name in [*advisory.cves, advisory.id] if name in overrides), None
        )
        decided = _decide(advisory, by_change, base)
        if override is not None and (decided is None or decided.state != FIXED):
            decided = _decided(advisory.name, override, advisory.id)
        found.append(decided or _unknown(advisory.name, "nothing tells", advisory.id))
    known = {name for advisory in advisories for name in (*advisory.cves, advisory.id)}
    for change in branch.series:
        for cve in change.cves:
            if cve not in known:
                known.add(cve)
                found.append(
                    Finding(cve=cve, state=FIXED, because=f"change {change.id}", change=change.id)
                )
    for cve, override in overrides.items():
        if cve not in known:
            known.add(cve)
            found.append(_decided(cve, override))
    for cve, (name, change) in _elsewhere(branch, others).items():
        if cve not in known:
            known.add(cve)
            found.append(_beyond(cve, name, change, base))
    return found


def _decided(cve: str, override: Override, advisory: str = "") -> Finding:
    return Finding(
        cve=cve,
        state=override.state,
        because=override.reason,
        advisory=advisory,
        justification=override.justification,
    )


def _unknown(cve: str, why: str, advisory: str = "") -> Finding:
    because = f"{why}; decide in cve.toml"
    return Finding(cve=cve, state=UNKNOWN, because=because, advisory=advisory)


def _in_base(cve: str, name: str, release: str, advisory: str = "") -> Finding:
    return Finding(
        cve=cve,
        state=NOT_AFFECTED,
        because=f"the base has the fix since {release} ({name})",
        advisory=advisory,
        justification="vulnerable_code_not_present",
    )


def _beyond(cve: str, where: str, change: Change, base: Mapping[str, str]) -> Finding:
    """Say what the base's own history tells of a CVE that only another branch's change names."""
    if cve in base:
        return _in_base(cve, cve, base[cve])
    if change.issues and all(issue in base for issue in change.issues):
        # NEWS begins with the newest release: the first to be found there completed the fix.
        name = next(issue for issue in base if issue in change.issues)
        return _in_base(cve, name, base[name])
    return _unknown(cve, f"{where} has a fix, {change.id}")


def openvex(branch: Branch, findings: Iterable[Finding], *, when: str) -> dict[str, object]:
    """Give the findings as an OpenVEX 0.2.0 document.

    Args:
        branch: the branch.
        findings: from `join`.
        when: RFC 3339 time of the statement.
    """
    words = {
        FIXED: "fixed",
        NOT_AFFECTED: "not_affected",
        OPEN: "affected",
        UNKNOWN: "under_investigation",
    }
    product = f"pkg:generic/elpython@{branch.version}"
    statements = []
    for finding in findings:
        statement: dict[str, object] = {
            "vulnerability": {"name": finding.cve},
            "products": [{"@id": product}],
            "status": words[finding.state],
            "status_notes": finding.because,
        }
        if finding.state == NOT_AFFECTED:
            statement["justification"] = finding.justification or "vulnerable_code_not_present"
        if finding.state == OPEN:
            statement["action_statement"] = finding.because
        statements.append(statement)
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": f"https://openvex.dev/docs/public/elpython-{branch.version}",
        "author": "The EL Python project",
        "timestamp": when,
        "version": 1,
        "statements": statements,
    }
