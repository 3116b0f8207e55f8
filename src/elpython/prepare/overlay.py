"""Files of a tree that are generated out of the branch's own data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from elpython.define.features import features_table
from elpython.define.toggles import read_toggles, table_module

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.define.branch import Branch

__all__ = ["generated_text"]


def generated_text(what: str, folder: Path, branches: Sequence[str], branch: Branch) -> bytes:
    """Return the content of a generated file.

    Args:
        what: one of `define.code.GENERATED`.
        folder: the `branches` folder.
        branches: names of the branches in it.
        branch: the branch that is prepared.

    Raises:
        BadBranchError: the table of toggles has problems.
    """
    if what == "toggles":
        return table_module(read_toggles(folder, branches), branch.name).encode()
    table = features_table(branch) | {"provisional-warning": branch.provisional_warning}
    return (json.dumps(table, indent=1, ensure_ascii=False) + "\n").encode()
