"""Evidence that was recorded: what each change's own tests showed on base and branch, and when.

It stands beside the branch, `branches/3.11/evidence.json`, and each entry names the change's patch
id as `series.lock` has it: evidence for other content than the present is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.errors import BadBranchError
from elpython.core.strict_json import load_json

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.define.branch import Branch

__all__ = ["Recorded", "evidence_file", "read_records"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What a change's own tests showed.

    Attributes:
        change: its id.
        base: on the bare base: `fails`, `hangs`, `crashes`, `passes` or `skipped`.
        branch: on the branch.
        ran: how many tests ran on the branch.
        measured: the day, `2026-11-21`.
        patch_id: of the change's content, as in `series.lock`.
    """

    change: str
    base: str
    branch: str
    ran: int
    measured: str
    patch_id: str

    @property
    def proven(self) -> bool:
        """Whether the tests fail on the base and pass on the branch."""
        return self.base in {"fails", "hangs", "crashes"} and self.branch == "passes"


def evidence_file(branch: Branch) -> Path:
    """Return where a branch's evidence is recorded."""
    return branch.folder / "evidence.json"


def _read_one(row: dict[str, Any]) -> Recorded:
    return Recorded(
        change=str(row["change"]),
        base=str(row["base"]),
        branch=str(row["branch"]),
        ran=int(row["ran"]),
        measured=str(row["measured"]),
        patch_id=str(row["patch_id"]),
    )


def read_records(branch: Branch) -> dict[str, Recorded]:
    """Return a branch's recorded evidence by change; empty where there is none.

    Raises:
        BadBranchError: the file is not what `elpython fix test --record` writes.
    """
    path = evidence_file(branch)
    if not path.is_file():
        return {}
    try:
        rows = load_json(path.read_text("utf-8"))
        found = [_read_one(row) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise BadBranchError(
            f"is no recorded evidence: {error!r}",
            where=f"branches/{branch.name}/{path.name}",
            todo=f"make it anew: elpython fix test {branch.name} --show-regression --record",
        ) from error
    return {item.change: item for item in found}
