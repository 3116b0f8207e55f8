"""What performance changes touch answers as on the base: some 20,000 answers, line by line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.examples import real_build

if TYPE_CHECKING:
    from elpython.core.store import Store

PROGRAM = Path(__file__).parents[1] / "data" / "same_results.py"


@pytest.mark.slow
@pytest.mark.parametrize("branch", ["3.9", "3.11", "3.13"])
def test_branch_and_base_answer_alike(real_store: Store, branch: str) -> None:
    said = []
    for bare in (True, False):
        python = real_build(real_store, branch, bare=bare).python
        done = subprocess.run(
            [python, "-s", PROGRAM],
            # Sets have one order.
            env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        said.append(done.stdout.splitlines())
    base, mine = said
    assert len(base) > 20_000
    assert [(a, b) for a, b in zip(base, mine, strict=False) if a != b] == []
    assert len(base) == len(mine)
