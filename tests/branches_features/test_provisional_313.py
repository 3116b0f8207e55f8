"""A provisional feature of 3.13 tells so once, where it is used, if the branch wants it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from elpython.core.process import run
from elpython.define.branch import load_branch
from elpython.define.features import provided
from examples import real_build
from features_table import BRANCHES, read_table

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

FEATURES = read_table("features_313.toml")
BRANCH = load_branch(BRANCHES, "3.13")
# Those whose code says so; since CPython 3.14 is out, the table says that they no longer are.
PROVISIONAL = sorted(
    name for change in BRANCH.series if change.provisional for name in change.provides
)

# Each feature is used twice; a table of its own stands for the one that the branch carries.
TELL = """
import json, sys, warnings
from _elpython import ProvisionalFeatureWarning, features
asked = json.load(sys.stdin)
features.FILE = asked["table"]
told = {}
for feature, code in asked["features"].items():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _time in range(2):
            names = {}
            exec(compile(code["detect"], "<user>", "exec"), names)
            assert eval(compile(code["behaviour"], "<user>", "eval"), names) is True, feature
    told[feature] = [
        [str(item.message), item.filename]
        for item in caught if item.category is ProvisionalFeatureWarning
    ]
json.dump(told, sys.stdout)
"""


def tell(
    store: Store, folder: Path, *, warns: bool, released: bool = False
) -> dict[str, list[list[str]]]:
    """Return what each provisional feature says when it is used, with a file where that was."""
    python = real_build(store, "3.13").python
    table = folder / f"features-{warns}.json"
    features = [{"name": name, "provisional": False} for name in PROVISIONAL if released]
    table.write_text(json.dumps({"features": features, "provisional-warning": warns}))
    asked = {
        "table": str(table),
        "features": {name: FEATURES[name] for name in PROVISIONAL},
    }
    done = run([python, "-I", "-c", TELL], input_text=json.dumps(asked), cwd=folder)
    found: dict[str, list[list[str]]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def told(real_store: Store, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """What the features say where the branch wants it."""
    return tell(real_store, tmp_path_factory.mktemp("told"), warns=True)


@pytest.mark.slow
@pytest.mark.parametrize("feature", PROVISIONAL)
def test_it_warns_once_where_it_is_used(told: dict[str, list[list[str]]], feature: str) -> None:
    own = [where for message, where in told[feature] if message.startswith(f"{feature} ")]
    assert own == ["<user>"]


@pytest.mark.slow
def test_nothing_is_said_of_what_cpython_has_released(real_store: Store, tmp_path: Path) -> None:
    said = tell(real_store, tmp_path, warns=True, released=True)
    assert said == {name: [] for name in PROVISIONAL}


def test_what_cpython_3_14_has_is_no_longer_provisional() -> None:
    assert [item.name for item in provided(BRANCH) if item.provisional] == []


@pytest.mark.slow
def test_nothing_is_said_where_the_branch_does_not_want_it(
    real_store: Store, tmp_path: Path
) -> None:
    assert tell(real_store, tmp_path, warns=False) == {name: [] for name in PROVISIONAL}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        # CPython 3.14 has released it.
        (["-W", "error"], "import uuid; uuid.uuid7(); uuid.uuid7()", ""),
        (["-W", "ignore"], "import uuid; uuid.uuid7()", ""),
        (["-W", "error"], "import uuid, heapq, operator, functools, fractions, pathlib", ""),
        (["-W", "error"], "import uuid; uuid.uuid4()", ""),
    ],
    ids=["as it comes", "ignored", "imported", "not provisional"],
)
def test_what_a_user_sees(real_store: Store, options: list[str], code: str, says: str) -> None:
    """The real branch says so by default; importing a module with such features says nothing."""
    python = real_build(real_store, "3.13").python
    done = run([python, "-I", *options, "-c", code])
    if says:
        assert done.stderr.count("ProvisionalFeatureWarning") == 1
        assert done.stderr.startswith(says)
    else:
        assert done.stderr == ""


def test_the_branch_says_so() -> None:
    assert load_branch(BRANCHES, "3.13").provisional_warning
    assert PROVISIONAL
