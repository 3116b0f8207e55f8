"""The rules of the pre-merge check that hold from the first candidate on."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from elpython.stream.findings import StreamFinding, finding
from elpython.stream.freeze import frozen_since, new_features
from elpython.stream.history import blobs, git

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from elpython.stream.marks import Break, Marked

__all__ = ["freeze_findings"]

_EXCEPTION = re.compile(r"^Freeze-Exception:[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE)
# Where the magic number stands: since 3.14, and before.
_MAGIC_FILES = (
    "Include/internal/pycore_magic_number.h",
    "Lib/importlib/_bootstrap_external.py",
)
_MAGIC = re.compile(r"(?:PYC_MAGIC_NUMBER\s+|^MAGIC_NUMBER = \()(\d+)", re.MULTILINE)


def freeze_findings(
    repo: Path, base: str, head: str, marked: Sequence[Marked], standing: Iterable[Break]
) -> list[StreamFinding]:
    """Report what breaks the freeze in a range that begins at or after a first candidate.

    Args:
        repo: the repository; its tags tell whether the base is frozen.
        base: the commit before the range.
        head: its last commit.
        marked: its commits.
        standing: the marked breaks that stand at its end.
    """
    tags = git(repo, "tag", "--list", "--merged", base, "v*").stdout.split()
    last = frozen_since(tags)
    if last is None:
        return []
    by_sha = {item.commit.sha: item for item in marked}
    found = []
    for one in standing:
        what = f"{last} is out, and this changes the ABI"
        found.append(_at(finding("freeze-abi-break", what), by_sha.get(one.commit)))
    for item in marked:
        entries = ((entry.section, entry.text) for file in item.files for entry in file.entries)
        found += [_at(finding("freeze-feature", text), item) for text in new_features(entries)]
    return found + _magic_findings(repo, base, head, marked)


def _magic_findings(
    repo: Path, base: str, head: str, marked: Sequence[Marked]
) -> list[StreamFinding]:
    found = []
    for path in _MAGIC_FILES:
        old, new = (_magic(repo, revision, path) for revision in (base, head))
        if old and new and old != new:
            touching = [
                item for item in marked if any(one.path == path for one in item.commit.changes)
            ]
            one = finding("freeze-magic", f"it was {old} and is {new}", path=path)
            found.append(_at(one, touching[-1] if touching else None))
    return found


def _magic(repo: Path, revision: str, path: str) -> str:
    """Return the magic number at a revision; empty where the file is not there."""
    found = git(repo, "rev-parse", "--verify", "--quiet", f"{revision}:{path}", check=False)
    blob = found.stdout.strip()
    if found.returncode or not blob:
        return ""
    named = _MAGIC.search(blobs(repo, [blob])[blob].decode("utf-8", "replace"))
    return named[1] if named else ""


def _at(one: StreamFinding, item: Marked | None) -> StreamFinding:
    """Put a finding at its commit; a reason in the commit's message makes it a warning."""
    if item is None:
        return one
    reason = _EXCEPTION.search(item.commit.message)
    if reason:
        softer = finding("freeze-exception", f"{one.message} ({one.rule}): {reason[1].strip()}",
                         path=one.path)  # fmt: skip
        one = replace(softer, line=one.line)
    return replace(one, commit=item.commit.sha, summary=item.commit.summary)
