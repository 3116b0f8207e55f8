"""Roll-back data: what the candidate writes by default, the base reads."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.compare import tables
from elpython.contract.model import Findings
from elpython.contract.probe import ask

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run

__all__ = ["check"]


def check(pair: Pair, run: Run) -> Findings:
    """Let both write; compare the formats; let the base read both."""
    del run
    with tempfile.TemporaryDirectory(prefix="elpython-roll-back-") as name:
        written, read = [], []
        for subject in pair.both():
            folder = Path(name) / subject.role
            folder.mkdir()
            request = {"do": "write", "folder": str(folder)}
            written.append(ask(subject.python, "roll_back", request))
            request = {"do": "read", "folder": str(folder)}
            read.append(ask(pair.base.python, "roll_back", request))
    old, new = ({f"format.{k}": v for k, v in table.items()} for table in written)
    found = tables(old, new, "default format", harmless=False)
    old, new = ({f"read.{k}": v for k, v in table.items()} for table in read)
    found += tables(old, new, "what the base reads", harmless=False)
    return Findings(checked=len(written[0]) + len(read[0]), differences=tuple(found))
