"""Evidence is kept beside its branch, and the page about the branches is the command's."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadBranchError
from elpython.define.branch import branch_names, load_all, load_branch
from elpython.define.pending import load_pending
from elpython.define.recorded import read_records
from elpython.define.vulnerability import Record, Standing, Vulnerability
from elpython.define.vulnerability_read import read_record
from elpython.prepare.series import write_lock
from elpython.security.evidence import Evidence, TestOutcome, own_tests
from elpython.security.overview import overview, page
from elpython.security.record import record, recorded
from elpython.security.touched import FileResult, plan
from elpython.security.touched_record import read_touched, record_touched, touched_record
from examples import BASE_FILES, REPOSITORY, diff, real_tree

if TYPE_CHECKING:
    from elpython.core.store import Store
    from examples import Example

SPAM = BASE_FILES["Lib/spam.py"]
PATCH = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})
DAY = dt.date(2024, 1, 1)
FIXED_BY_NEW = Standing(state="fixed", since=DAY, change="new", untested="x")
OPEN = Standing(state="affected", since=DAY, because="in work")
KNOWN = Record(
    checked=DAY,
    vulnerabilities=tuple(
        Vulnerability(
            id=name, title="A flaw", product="cpython", public=DAY, recorded=DAY,
            severity="low", severity_by="x", branches={"3.11": standing},
        )
        for name, standing in (
            ("CVE-2024-2000", FIXED_BY_NEW), ("CVE-2024-10000", FIXED_BY_NEW),
            ("CVE-2024-30000", OPEN),
        )
    ),
)  # fmt: skip
UPSTREAM = '\n[upstream]\nfirst-in = "3.12.0"\ncves = ["CVE-2024-10000", "CVE-2024-2000"]\n'


def _evidence(change: str, base: str = "fails") -> Evidence:
    return Evidence(
        change=change,
        tests=("test.test_spam",),
        base=TestOutcome(state=base),
        branch=TestOutcome(state="passes", ran=3),
    )


def _filled(example: Example) -> dict[str, str]:
    """A branch with a fix, a feature and a refusal; gives the changes' patch ids."""
    example.add("fix", PATCH, toml=UPSTREAM, kind="security")
    path = example.add(
        "new", diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "VALUE = 2\n"}), kind="feature"
    )
    path.write_text('provides = ["spam.eggs"]\n' + path.read_text())
    example.folder.joinpath("refused.toml").write_text(
        '[[refused]]\nid = "goto"\ntitle = "goto | label"\npeps = ["9999"]\n'
        'needs = "new opcode"\nreason = "It jumps."\n'
    )
    tree = example.prepare()
    write_lock(example.load(), tree)
    return {item.change: item.patch_id for item in tree.commits}


def test_recorded_evidence_comes_back(example: Example) -> None:
    ids = _filled(example)
    branch = example.load()
    record(branch, recorded([_evidence("new")], measured="2026-11-20", patch_ids=ids))
    record(branch, recorded([_evidence("fix")], measured="2026-11-21", patch_ids=ids))
    record(branch, recorded([_evidence("new", "passes")], measured="2026-11-21", patch_ids=ids))
    found = read_records(branch)
    assert list(found) == ["fix", "new"]
    assert [(item.measured, item.proven, item.ran) for item in found.values()] == [
        ("2026-11-21", True, 3), ("2026-11-21", False, 3),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["{", "[1]", '[{"change": "fix"}]', "{}x"])
def test_a_broken_record_is_told(example: Example, text: str) -> None:
    example.folder.joinpath("evidence.json").write_text(text)
    with pytest.raises(BadBranchError, match="is no recorded evidence"):
        read_records(example.load())


def test_what_never_ran_on_the_base_is_no_evidence() -> None:
    alone = Evidence(change="x", tests=(), base=None, branch=TestOutcome(state="passes"))
    assert recorded([alone], measured="2026-11-21", patch_ids={}) == []


def test_the_page_counts_and_tells(example: Example) -> None:
    ids = _filled(example)
    record(example.load(), recorded([_evidence("fix")], measured="2026-11-21", patch_ids=ids))
    text = page([overview(example.load(), KNOWN)])
    assert (
        "| EL 3.11 | 3.11.2 | 2 | 0 | 1 | 0 | 1 | 0 | 0 | 2 | 1 | 0 | 1 | 1 | 1 of 1 | - |" in text
    )
    assert "CVE-2024-2000, CVE-2024-10000." in text
    assert "| CVE-2024-30000 | affected | low | 2024-01-01 | A flaw | in work |" in text
    assert "| `spam.eggs` | none | 27.01 | new |" in text
    assert "| goto \\| label | PEP 9999 | new opcode | It jumps. |" in text
    assert "| fix | 3 | fails | passes | yes |" in text


def test_evidence_for_other_content_is_told_apart(example: Example) -> None:
    _filled(example)
    ids = {"fix": "0" * 40}
    record(example.load(), recorded([_evidence("fix")], measured="2026-11-21", patch_ids=ids))
    found = overview(example.load(), KNOWN)
    assert (found.evidence, found.stale) == ({}, ("fix",))


def _files(*states: str) -> list[FileResult]:
    outcome = TestOutcome(state="fails", ran=5, skipped=1, broken=("test.test_a.T.test_b",))
    return [
        FileResult(module=f"test_{number}", changes=("fix",), state=state, branch=outcome)
        for number, state in enumerate(states)
    ]


def test_touched_modules_come_back_and_are_told(example: Example) -> None:
    ids = _filled(example)
    branch = example.load()
    results = _files("passes", "as the base", "broken", "skipped")
    made = touched_record(results, measured="2026-11-21", patch_ids=ids)
    record_touched(branch, made)
    assert read_touched(branch) == made
    text = page([overview(branch, KNOWN)])
    assert "| - | 3 of 4 |" in text
    assert "4 test files: 1 passes, 1 skipped, 1 as the base, 1 broken. 16 tests ran." in text
    assert "| test_1 | as the base | test.test_a.T.test_b |" in text
    assert "Changed since" not in text


def test_touched_modules_of_other_content_are_told_apart(example: Example) -> None:
    ids = _filled(example)
    branch = example.load()
    ids |= {"new": "0" * 40, "gone": "1" * 40}
    made = touched_record(_files("passes"), measured="2026-11-21", patch_ids=ids)
    record_touched(branch, made)
    assert made.moved(branch) == ("new", "gone")
    assert "Changed since: new, gone." in page([overview(branch, KNOWN)])


@pytest.mark.parametrize("text", ["{", "[]", '{"measured": "x"}', '{"files": [1]}'])
def test_a_broken_touched_record_is_told(example: Example, text: str) -> None:
    example.folder.joinpath("touched.json").write_text(text)
    with pytest.raises(BadBranchError, match="is no record of touched modules"):
        read_touched(example.load())


def test_our_own_page_is_what_the_command_prints() -> None:
    """After a change to a branch: elpython branch list --markdown > docs/branches.md."""
    branches, problems = load_all(REPOSITORY / "branches")
    pending, more = load_pending(REPOSITORY / "branches")
    assert problems + more == []
    record = read_record(REPOSITORY / "branches")
    made = page([overview(branch, record) for branch in branches], pending)
    assert (REPOSITORY / "docs" / "branches.md").read_text("utf-8") == made


def test_our_own_evidence_is_good() -> None:
    """No recorded test of ours fails on the branch."""
    for path in (REPOSITORY / "branches").glob("*/evidence.json"):
        rows = json.loads(path.read_text("utf-8"))
        assert [row["change"] for row in rows if row["branch"] not in {"passes", "skipped"}] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", branch_names(REPOSITORY / "branches"))
def test_our_own_evidence_is_whole(real_store: Store, name: str) -> None:
    """Each fix that brings tests is recorded with its present content, and so are all modules.

    After a change to a branch: elpython fix test BRANCH --show-regression --record, and --touched.
    """
    branch = load_branch(REPOSITORY / "branches", name)
    tree = real_tree(real_store, name)
    known = overview(branch, KNOWN)
    fixes = [change.id for change in branch.series if change.kind in {"security", "bugfix"}]
    assert [fix for fix in fixes if own_tests(tree, fix) and fix not in known.evidence] == []
    assert known.touched is not None
    made = plan(tree, branch)
    assert made.without == ()
    assert [item.test for item in known.touched.files] == [item.module for item in made.files]
    assert known.touched.counts["broken"] == 0
