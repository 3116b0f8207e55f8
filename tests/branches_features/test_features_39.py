"""Each feature of 3.9 from a later CPython: absent on the base, there on EL Python."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elpython.branch import load_branch
from elpython.process import clean_env, run
from examples import real_build

if TYPE_CHECKING:
    from elpython.store import Store

BRANCHES = Path(__file__).parents[2] / "branches"

# Asks an interpreter: how a program detects the feature, and what it does.
ASK = """
import json, sys
answers = {}
for feature, code in json.load(sys.stdin).items():
    names = {}
    try:
        exec(code["detect"], names)
    except (ImportError, AttributeError, TypeError) as error:
        answers[feature] = "absent"
        continue
    try:
        answers[feature] = "works" if eval(code["behaviour"], names) is True else "wrong"
    except Exception as error:
        answers[feature] = repr(error)
json.dump(answers, sys.stdout)
"""

FEATURES: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("features_39.toml").read_text("utf-8")
)


@pytest.fixture(scope="module")
def answers(real_store: Store) -> dict[str, dict[str, str]]:
    """What both interpreters, the branch's and its bare base's, say about every feature."""

    def ask(*, bare: bool) -> dict[str, str]:
        python = real_build(real_store, "3.9", bare=bare).python
        done = run([python, "-I", "-c", ASK], input_text=json.dumps(FEATURES), env=clean_env())
        found: Any = json.loads(done.stdout)
        return dict(found)

    return {"base": ask(bare=True), "branch": ask(bare=False)}


def test_every_feature_is_in_the_table() -> None:
    """What a change promises to provide is shown here."""
    series = load_branch(BRANCHES, "3.9").series
    own = [change for change in series if change.kind == "feature" and not change.core]
    provided = {name for change in own for name in change.provides}
    assert provided == FEATURES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("feature", FEATURES)
def test_feature(answers: dict[str, dict[str, str]], feature: str) -> None:
    assert (answers["base"][feature], answers["branch"][feature]) == ("absent", "works")
