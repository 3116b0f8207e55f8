"""`elpython branch policy`, our own data, and data with problems."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.define.refused import NEEDS
from elpython.policy.check import RULES
from elpython.policy.content import added_lines
from elpython.policy.model import BadPolicyError
from elpython.policy.settings import read_policy
from examples import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from policy_lab import Lab

SCHEMAS = REPOSITORY / "docs" / "reference" / "schemas"


def _run(branches: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ) | {"ELPYTHON_BRANCHES": str(branches)}
    argv = [sys.executable, "-m", "elpython", "branch", "policy", *words]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def _valid(name: str, text: str) -> dict[str, object]:
    data = json.loads(text)
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(data)
    return dict(data)


def test_our_own_branches_keep_the_policy() -> None:
    """Remarks alone: nobody has approved anything yet, and nobody is invented."""
    done = _run(REPOSITORY / "branches", "check", "--json")
    data = _valid("branch-policy-check", done.stdout)
    assert (data["findings"], done.returncode) == ([], 0), done.stdout[:3000]


def test_a_finding_is_exit_code_1(lab: Lab) -> None:
    lab.add("3.11/two", upstream="")
    lab.commit()
    done = _run(lab.branches, "check", "--today", "2026-11-21", "--json")
    data = _valid("branch-policy-check", done.stdout)
    assert done.returncode == 1
    assert [item["rule"] for item in data["findings"]] == ["upstream-first", "upstream-issue"]  # type: ignore[attr-defined]
    shown = _run(lab.branches, "check", "--today", "2026-11-21")
    assert "2 change(s), 2 finding(s), 0 remark(s)" in shown.stdout


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["check", "--base", "nowhere"], 101, "git cannot tell"),
        (["explain", "new opcod"], 12, "did you mean 'new opcode'?"),
        (["explain", "upstream-first"], 0, "appeared in CPython first"),
        (["explain", "new opcode"], 0, "alternate implementation"),
        (["explain", "match-statement"], 0, "refused for 3.9: The match statement"),
        (["explain", "PEP 634"], 0, "EL-only tag"),
        (["explain"], 0, "kept-fixes"),
        (["explain"], 0, "explain NAME gives the reason:\n3.9: "),
        (["explain", "zzzz"], 12, "known: PEP 634, approvals, "),
    ],
)
def test_what_the_commands_say(lab: Lab, words: list[str], code: int, told: str) -> None:
    lab.branches.joinpath("3.9", "refused.toml").write_text(
        '[[refused]]\nid = "match-statement"\ntitle = "The match statement"\npeps = ["634"]\n'
        'needs = "new opcode"\nreason = "It compiles to new opcodes."\n'
    )
    done = _run(lab.branches, *words)
    assert done.returncode == code
    assert told in done.stdout + done.stderr


@pytest.mark.parametrize("words", [[], ["new file tag"], ["lts-scope"]])
def test_explanations_keep_to_their_schema(words: list[str]) -> None:
    _valid(
        "branch-policy-explain", _run(REPOSITORY / "branches", "explain", *words, "--json").stdout
    )


def test_every_obstacle_leaves_a_way() -> None:
    policy = read_policy(REPOSITORY / "branches", RULES)
    assert set(policy.obstacles) == set(NEEDS)
    assert all(any(way.open for way in item.ways) for item in policy.obstacles.values())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('id = "lts-scope"', 'id = "lts-scop"', "did you mean 'lts-scope'?"),
        ('id = "lts-scope"', 'id = "cla"', "'cla' is there twice"),
        ('id = "lts-scope"', 'id = "cla"', "does not have lts-scope"),
        ('kinds = ["feature"]', 'kinds = ["features"]', "did you mean 'feature'?"),
        ('until = "27.01.0"', 'until = "27.1"', "is no EL release version"),
        ("'#\\s*define\\s+PYC_MAGIC_NUMBER'", "'(#define'", "is no regular expression"),
        ("needed = 2", 'needed = "2"', "approvals.needed: must be a whole number"),
        ('way = "EL-only tag"', 'way = "EL tag"', "did you mean 'EL-only tag'?"),
        ('needs = "not wanted"', 'needs = "new opcode"', "obstacle: does not have not wanted"),
        ("[approvals]", "[approval]", "approvals: is missing"),
    ],
)
def test_a_policy_with_problems_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (REPOSITORY / "branches" / "policy.toml").read_text()
    assert old in text
    (tmp_path / "policy.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(BadPolicyError) as caught:
        read_policy(tmp_path, RULES)
    assert told in str(caught.value)


def test_added_lines_are_read_with_their_paths() -> None:
    text = (
        "--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,3 @@\n context\n-+++ old\n++++ new\n+two\n"
        "--- /dev/null\n+++ b/y.c\t2026\n@@ -0,0 +1 @@\n+only\n"
    )
    assert list(added_lines(text)) == [("x.c", "+++ new"), ("x.c", "two"), ("y.c", "only")]


_LINES = st.lists(st.sampled_from(["a", "b", "+++ c", "--- d", "@@ -1 +1 @@", ""]), max_size=8)


@given(old=_LINES, new=_LINES, context=st.integers(0, 3))
def test_added_lines_are_those_of_any_diff(old: list[str], new: list[str], context: int) -> None:
    """Content that looks like a header is content; deleted lines are left out."""
    diff = list(difflib.unified_diff(old, new, "a/x", "b/x", n=context, lineterm=""))
    found = list(added_lines("\n".join(diff)))
    assert {path for path, _line in found} <= {"x"}
    steps = difflib.SequenceMatcher(None, old, new).get_opcodes()
    added = [line for kind, *_, low, high in steps if kind != "equal" for line in new[low:high]]
    assert [line for _path, line in found] == added


@pytest.mark.slow
def test_our_own_trees_keep_the_policy(real_store: object) -> None:
    """Every commit of the prepared trees is looked into, wherever its code comes from."""
    assert real_store
    done = _run(REPOSITORY / "branches", "check", "--content")
    assert done.returncode == 0, done.stdout[:3000]
