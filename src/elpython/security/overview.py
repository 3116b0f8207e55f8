"""The page about the branches: what each has, fixes, refuses, and what proves it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.markdown import markdown_text
from elpython.define.change import KINDS
from elpython.define.features import provided, short_cpython, short_release
from elpython.define.recorded import read_records
from elpython.define.refused import read_refusals
from elpython.define.vulnerability import AFFECTED, FIXED, REFUSED, UNKNOWN
from elpython.define.vulnerability import STATES as RECORD_STATES
from elpython.prepare.series import read_lock
from elpython.security.touched import AS_BASE, BROKEN, STATES
from elpython.security.touched_record import read_touched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elpython.define.branch import Branch
    from elpython.define.pending import Pending
    from elpython.define.recorded import Recorded
    from elpython.define.refused import Refusal
    from elpython.define.vulnerability import Record, Vulnerability
    from elpython.security.touched_record import TouchedRecord

__all__ = ["Overview", "overview", "page"]

_HEAD = """\
# The branches

Made by `elpython branch list --markdown`; a change to a branch changes it. What stands behind each
word: [branch files](reference/branch-files.md); what may become a change:
[the policy](reference/policy.md).
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """A branch in numbers, and what they count.

    Attributes:
        branch: the branch.
        kinds: kind -> number of changes.
        vulnerabilities: state -> those of the vulnerability record, oldest id first.
        features: number of features that it provides.
        refused: what it refuses.
        evidence: change -> what was recorded of its tests, where its content is still the same.
        stale: changes whose recorded evidence is for other content.
        touched: how upstream's tests of the touched modules went; None where nobody recorded it.
    """

    branch: Branch
    kinds: Counter[str]
    vulnerabilities: dict[str, tuple[Vulnerability, ...]]
    features: int
    refused: tuple[Refusal, ...]
    evidence: dict[str, Recorded]
    stale: tuple[str, ...]
    touched: TouchedRecord | None = None


def overview(branch: Branch, record: Record) -> Overview:
    """Gather what there is to say of a branch.

    Args:
        branch: the branch.
        record: the vulnerability record.

    Raises:
        BadBranchError: its `refused.toml`, `evidence.json` or `touched.json` has problems.
    """
    locked = read_lock(branch)
    known = read_records(branch)
    ids = [change.id for change in branch.series]
    fresh = {
        name: known[name]
        for name in ids
        if name in known and known[name].patch_id == locked.get(name)
    }
    return Overview(
        branch=branch,
        kinds=Counter(change.kind for change in branch.series),
        vulnerabilities={
            state: tuple(
                item
                for item in record.vulnerabilities
                if not item.withdrawn and item.standing(branch.name).state == state
            )
            for state in RECORD_STATES
        },
        features=len(provided(branch)),
        refused=read_refusals(branch.folder),
        evidence=fresh,
        stale=tuple(name for name in ids if name in known and name not in fresh),
        touched=read_touched(branch),
    )


def _row(*cells: object) -> str:
    return "| " + " | ".join(markdown_text(str(cell)) for cell in cells) + " |"


def _table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield _row(*headers)
    yield _row(*("---" for _ in headers))
    for row in rows:
        yield _row(*row)


def _numbers(found: Sequence[Overview]) -> Iterator[str]:
    headers = [
        "branch",
        "base",
        "changes",
        *KINDS,
        "vulnerabilities fixed",
        "open",
        "declined",
        "features",
        "refused",
    ]
    headers += ["proven", "touched"]
    rows = []
    for item in found:
        proven = sum(each.proven for each in item.evidence.values())
        rows.append(
            [
                f"EL {item.branch.name}",
                item.branch.base,
                len(item.branch.series),
                *(item.kinds[kind] for kind in KINDS),
                *(len(item.vulnerabilities[state]) for state in (FIXED, AFFECTED, REFUSED)),
                item.features,
                len(item.refused),
                f"{proven} of {len(item.evidence)}" if item.evidence else "-",
                _good_files(item.touched),
            ]
        )
    yield "## In numbers\n"
    yield from _table(headers, rows)
    yield (
        "\n`proven`: changes whose own tests fail on the bare base and pass on the branch, of those"
        " that bring tests\n(`elpython fix test BRANCH --show-regression`). `touched`: upstream's"
        " test files of all modules that the changes touch, and\nhow many show nothing worse than"
        " the bare base (`elpython fix test BRANCH --touched`)."
    )


def _good_files(record: TouchedRecord | None) -> str:
    if record is None:
        return "-"
    return f"{len(record.files) - record.counts[BROKEN]} of {len(record.files)}"


def _features(item: Overview) -> Iterator[str]:
    rows = [
        [
            f"`{each.name}`",
            short_cpython(each.first_in) or "none",
            short_release(each.since) + (" provisional" if each.provisional else ""),
            each.change,
        ]
        for each in provided(item.branch)
    ]
    if rows:
        yield f"\n### Features: {len(rows)}\n"
        yield from _table(["feature", "CPython", "since", "change"], rows)


def _refusals(item: Overview) -> Iterator[str]:
    rows = []
    for each in item.refused:
        asked = [*(f"PEP {pep}" for pep in each.peps), *each.issues, *each.cves]
        rows.append([each.title, ", ".join(asked), each.needs, each.reason])
    if rows:
        yield f"\n### Refused: {len(rows)}\n"
        yield from _table(["what", "asked as", "needs", "reason"], rows)


def _evidence(item: Overview) -> Iterator[str]:
    rows = [
        [each.change, each.ran, each.base, each.branch, "yes" if each.proven else "no"]
        for each in item.evidence.values()
    ]
    if not rows:
        return
    days = sorted({each.measured for each in item.evidence.values()})
    yield f"\n### Evidence, of {' and '.join([days[0], *days[1:][-1:]])}\n"
    yield from _table(["change", "tests", "base", "EL Python", "proven"], rows)
    without = [
        change.id
        for change in item.branch.series
        if change.kind in {"security", "bugfix"}
        and change.id not in item.evidence
        and change.id not in item.stale
    ]
    if without:
        yield f"\nFixes without tests of their own: {', '.join(without)}."
    if item.stale:
        yield f"\nChanged since their evidence was recorded: {', '.join(item.stale)}."


def _touched(item: Overview) -> Iterator[str]:
    record = item.touched
    if record is None:
        return
    told = ", ".join(f"{record.counts[state]} {state}" for state in STATES if record.counts[state])
    yield f"\n### Upstream's tests of the touched modules, of {record.measured}\n"
    yield f"{len(record.files)} test files: {told}. {record.ran} tests ran."
    rows = [
        [each.test, each.state, ", ".join(each.broken) or "the file as a whole"]
        for each in record.files
        if each.state in {AS_BASE, BROKEN}
    ]
    if rows:
        yield ""
        yield from _table(["file", "result", "tests that fail"], rows)
    if moved := record.moved(item.branch):
        yield f"\nChanged since: {', '.join(moved)}."


def _vulnerabilities(item: Overview) -> Iterator[str]:
    """Yield what the record says: a list of what is fixed, and a row for each that is not."""
    name = item.branch.name
    fixed = item.vulnerabilities[FIXED]
    if fixed:
        yield f"\n### Vulnerabilities fixed: {len(fixed)}\n\n{', '.join(v.id for v in fixed)}."
    rows = [
        [each.id, state, each.severity, each.public, each.title, each.standing(name).because]
        for state in (AFFECTED, REFUSED, UNKNOWN)
        for each in item.vulnerabilities[state]
    ]
    if rows:
        yield f"\n### Vulnerabilities not fixed: {len(rows)}\n"
        yield from _table(["id", "state", "severity", "public", "what", "because"], rows)


def _pending(found: Sequence[Pending]) -> Iterator[str]:
    """Yield what is written, but was never prepared on its base."""
    if not found:
        return
    yield "\n## Pending\n"
    yield (
        "Written, linted and tried on a substitute for the base, but not open: nothing prepares,\n"
        "builds or releases these until `elpython branch lock` has opened them where their base\n"
        "can be had ([Open a branch](how-to/open-a-branch.md)). They carry core changes alone,\n"
        "and no fix of their own; nobody has looked at their vulnerabilities.\n"
    )
    headers = ["branch", "base", "core changes", "tried on", "not seen", "why it waits", "next"]
    rows = [
        [
            f"EL {item.branch.name}",
            item.branch.base,
            f"{len(item.branch.series)}, left out {len(item.left_out)}",
            item.tried,
            ", ".join(item.unseen),
            item.because,
            item.standing,
        ]
        for item in found
    ]
    yield from _table(headers, rows)
    left = [
        [f"EL {item.branch.name}", change, why]
        for item in found
        for change, why in item.left_out.items()
    ]
    if left:
        yield ""
        yield from _table(["branch", "left out", "because"], left)


def page(found: Sequence[Overview], pending: Sequence[Pending] = ()) -> str:
    """Return the page as Markdown: the open branches, and those that are pending."""
    lines = [_HEAD, *_numbers(found), *_pending(pending)]
    for item in found:
        branch = item.branch
        lines.append(
            f"\n## EL {branch.name}\n\nOn CPython {branch.base}, release {branch.el}; kept until "
            f"{branch.el_end} (upstream: {branch.upstream_end})."
        )
        lines += _vulnerabilities(item)
        for part in (_features, _refusals, _evidence, _touched):
            lines += part(item)
    return "\n".join(lines) + "\n"
