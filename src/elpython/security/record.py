"""Writing down evidence: what each change's own tests showed on base and branch, and when."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from elpython.core.store import write_atomic
from elpython.define.recorded import Recorded, evidence_file, read_records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.security.evidence import Evidence

__all__ = ["record", "recorded"]


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
    write_atomic(evidence_file(branch), text.encode())
    return evidence_file(branch)
