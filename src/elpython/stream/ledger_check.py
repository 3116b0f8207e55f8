"""The rule of the pre-merge check that a ledger is only added to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.stream.findings import StreamFinding, finding
from elpython.stream.history import blobs, git
from elpython.stream.ledger import FOLDER, parse_ledger
from elpython.stream.tables import BadTableError, parse_toml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.stream.history import Commit

__all__ = ["ledger_findings"]


def ledger_findings(
    repo: Path, base: str, head: str, commits: Sequence[Commit]
) -> list[StreamFinding]:
    """Report ledgers that a range did not only add to.

    Args:
        repo: the repository.
        base: the commit before the range.
        head: its last commit.
        commits: its commits, to see whether a ledger was touched at all.
    """
    touched = {
        change.path
        for commit in commits
        for change in commit.changes
        if change.path.startswith(FOLDER + "/") and change.path.endswith(".toml")
    }
    found = []
    for path in sorted(touched):
        old, new = (_content(repo, rev, path) for rev in (base, head))
        if not new.startswith(old):
            line = _first_difference(old, new)
            found.append(finding("ledger-rewritten", f"{path} changed", path=path, line=line))
            continue
        found += _unreadable(path, new)
    return found


def _content(repo: Path, revision: str, path: str) -> str:
    found = git(repo, "rev-parse", "--verify", "--quiet", f"{revision}:{path}", check=False)
    blob = found.stdout.strip()
    return blobs(repo, [blob])[blob].decode("utf-8", "replace") if blob else ""


def _first_difference(old: str, new: str) -> int:
    pairs = zip(old.splitlines(), new.splitlines(), strict=False)
    for number, (left, right) in enumerate(pairs, 1):
        if left != right:
            return number
    return len(new.splitlines()) + 1


def _unreadable(path: str, text: str) -> list[StreamFinding]:
    try:
        parse_ledger(parse_toml(text, path))
    except BadTableError as error:
        details = error.details or (error.what,)
        return [finding("ledger-rewritten", line, path=path) for line in details]
    return []
