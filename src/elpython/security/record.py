"""Evidence that was recorded: what each change's own tests showed on base and branch, and when.

It stands beside the branch, `branches/3.11/evidence.json`, and each entry names the change's patch
id as `series.lock` has it: evidence for other content than the present is told apart.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.errors import BadBranchError
from elpython.core.store import write_atomic
from elpython.core.strict_json import load_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.security.evidence import Evidence

__all__ = ["Recorded", "read_records", "record", "recorded"]


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


def _path(branch: Branch) -> Path:
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
    path = _path(branch)
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


def recorded(
    evidence: Iterable[Evidence], *, measured: str, patch_ids: dict[str, str]
) -> list[Recorded]:
    """Turn evidence into what is recorded of it (only what ran on the base too)."""
    return [
        Recorded(
            change=item.change,
            base=item.base.state,
            branch=item.branch.state,
            ran=item.branch.ran,
            measured=measured,
            patch_id=patch_ids.get(item.change, ""),
        )
        for item in evidence
        if item.base is not None
    ]


def record(branch: Branch, new: Iterable[Recorded]) -> Path:
    """Add evidence to a branch's file; what was known of other changes of the series stays."""
    known = read_records(branch)
    known |= {item.change: item for item in new}
    rows = [asdict(known[change.id]) for change in branch.series if change.id in known]
    text = "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"
    write_atomic(_path(branch), text.encode())
    return _path(branch)
