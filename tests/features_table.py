"""Ask interpreters for the features of a table: how they are detected, and what they do."""

from __future__ import annotations

import json
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.core.process import clean_env, run
from elpython.define.branch import load_branch
from examples import real_build

if TYPE_CHECKING:
    from elpython.core.store import Store

BRANCHES = Path(__file__).parents[1] / "branches"

# `detect` is what a program does to find out; `behaviour` an expression that is True with it.
ASK = """
import json, sys
answers = {}
for feature, code in json.load(sys.stdin).items():
    names = {}
    try:
        exec(code["detect"], names)
    except (ImportError, AttributeError, NameError, TypeError, SyntaxError) as error:
        answers[feature] = "absent"
        continue
    try:
        answers[feature] = "works" if eval(code["behaviour"], names) is True else "wrong"
    except Exception as error:
        answers[feature] = repr(error)
json.dump(answers, sys.stdout)
"""

Table = dict[str, dict[str, str]]


def read_table(name: str) -> Table:
    """Read a table out of `tests/branches_features`."""
    return tomllib.loads((Path(__file__).parent / "branches_features" / name).read_text("utf-8"))


def ask(store: Store, branch: str, table: Table, *, bare: bool) -> dict[str, str]:
    """Return what a branch, or its bare base, says about every feature of a table."""
    python = real_build(store, branch, bare=bare).python
    with tempfile.TemporaryDirectory() as folder:
        env = {**clean_env(), "TMPDIR": folder}
        done = run([python, "-I", "-c", ASK], input_text=json.dumps(table), env=env)
    found: Any = json.loads(done.stdout)
    return dict(found)


def ask_both(store: Store, branch: str, table: Table) -> dict[str, dict[str, str]]:
    """Return what the branch and its bare base say about every feature."""
    return {
        "base": ask(store, branch, table, bare=True),
        "branch": ask(store, branch, table, bare=False),
    }


def promised(branch: str) -> set[str]:
    """Return what a branch's own features provide."""
    series = load_branch(BRANCHES, branch).series
    own = [change for change in series if change.kind == "feature" and not change.core]
    return {name for change in own for name in change.provides}
