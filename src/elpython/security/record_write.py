"""Write the vulnerability record: each file whole or not at all, in one form."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from elpython.core.store import write_atomic
from elpython.define.vulnerability import FIXED, Standing, Vulnerability
from elpython.define.vulnerability_read import FOLDER, INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Record

__all__ = ["text_of", "with_changes", "write_checked", "write_vulnerability"]

_CHECKED = re.compile(r"^checked = .*\n", re.MULTILINE)
_FEEDS = re.compile(r"^unasked = \[[^\]]*\]\n|^\[asked\]\n(?:[\w-]+ = .*\n)*", re.MULTILINE)
_UNTESTED = "the fix comes without a test of its own"


def _value(value: str | dt.date | Sequence[str]) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        # JSON's strings are TOML's basic strings, but for DEL.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    words = [_value(item) for item in value]
    if len(words) > 1 and sum(map(len, words)) > 80:
        return "[\n" + "".join(f"    {word},\n" for word in words) + "]"
    return f"[{', '.join(words)}]"


def _lines(pairs: Mapping[str, str | dt.date | Sequence[str] | None]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in pairs.items() if value]


def text_of(item: Vulnerability) -> str:
    """Return a vulnerability's file."""
    lines = _lines(
        {
            "title": item.title,
            "product": item.product,
            "public": item.public,
            "recorded": item.recorded,
            "severity": item.severity,
            "severity-by": item.severity_by,
            "score": item.score,
            "withdrawn": item.withdrawn,
            "aliases": item.aliases,
            "issues": item.issues,
            "commits": item.commits,
            "news": item.news,
            "fixed-in": item.fixed_in,
            "sources": item.sources,
        }
    )
    order = sorted(item.branches, key=lambda name: [int(part) for part in name.split(".")])
    for name in order:
        lines += ["", f'[branch."{name}"]', *_standing(item.branches[name])]
    return "\n".join(lines) + "\n"


def _standing(standing: Standing) -> list[str]:
    return _lines(
        {
            "state": standing.state,
            "since": standing.since,
            "change": standing.change,
            "tests": standing.tests,
            "untested": standing.untested,
            "justification": standing.justification,
            "because": standing.because,
            "mitigation": standing.mitigation,
        }
    )


def write_vulnerability(branches: Path, item: Vulnerability) -> Path:
    """Write a vulnerability's file; return its path.

    Raises:
        DiskFullError: no space left; the old file stays.
    """
    path = branches / FOLDER / f"{item.id}.toml"
    write_atomic(path, text_of(item).encode())
    return path


def write_checked(
    branches: Path, day: dt.date, *, asked: Sequence[str], unasked: Sequence[str]
) -> None:
    """Write down when the feeds were asked and every answer was decided, and who did not answer.

    The rest of the file stays byte for byte.
    """
    path = branches / FOLDER / INDEX
    text = path.read_text("utf-8")
    lines = [*_lines({"checked": day, "unasked": unasked}), "", "[asked]"]
    lines += [f"{feed} = {day}" for feed in asked]
    kept = _CHECKED.sub("", text, count=1)
    kept = _FEEDS.sub("", kept)
    head, _, rest = kept.partition("\n[[dismissed]]")
    new = head.rstrip() + "\n\n" + "\n".join(lines) + "\n"
    write_atomic(path, (new + (f"\n[[dismissed]]{rest}" if rest else "")).encode())


def with_changes(
    record: Record, branch: Branch, tests: Callable[[str], Iterable[str]], today: dt.date
) -> list[Vulnerability]:
    """Return what changes in the record by a branch's changes: what they fix is fixed.

    A change fixes the CVEs that it names, and what is recorded under its own id. What is recorded
    under an issue, since it has no CVE, a security change fixes that names the issue.

    Args:
        record: the record.
        branch: the branch.
        tests: change -> the tests that fail without it.
        today: the day of the decision.
    """
    changed = []
    by_cve = {
        issue: change.id
        for change in branch.series
        if change.kind == "security"
        for issue in change.issues
    }
    by_cve |= {cve: change.id for change in branch.series for cve in change.cves}
    by_cve |= {change.id: change.id for change in branch.series}
    for item in record.vulnerabilities:
        change = by_cve.get(item.id, "")
        old = item.standing(branch.name)
        if not change or (old.state == FIXED and old.change == change):
            continue
        proofs = tuple(tests(change))
        new = Standing(state=FIXED, since=today, change=change, tests=proofs,
                       untested="" if proofs else _UNTESTED)  # fmt: skip
        changed.append(replace(item, branches={**item.branches, branch.name: new}))
    return changed
