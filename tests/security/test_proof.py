"""Nothing is told as fixed that tests and recorded evidence do not show as fixed: the attacks."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from elpython.cli import cli
from elpython.core.errors import BadBranchError
from elpython.define.vulnerability_read import read_record
from elpython.prepare.series import write_lock
from elpython.security.proof import standing_problems, tree_problems
from examples import REPOSITORY, Example, diff, real_tree

if TYPE_CHECKING:
    from elpython.core.store import Store
    from elpython.prepare.tree import Tree

TODAY = dt.date(2026, 11, 30)
OLD = "class EggsTests:\n    def test_old(self):\n        pass\n"
NEW = OLD + "\n    def test_new(self):\n        pass\n"
BEFORE = {"Lib/eggs.py": "VALUE = 1\n"}
AFTER = {"Lib/eggs.py": "VALUE = 2\n", "Lib/test/test_eggs.py": NEW}
OURS = """\
def test_both(base311, el311): pass
def test_branch_alone(el311): pass
class TestAll:
    def test_inner(self, base): pass
"""
ROW = """\
title = "A flaw"
product = "cpython"
public = 2026-10-01
recorded = 2026-11-21
severity = "unrated"
sources = ["Misc/NEWS 3.13.16"]

[branch."3.11"]
state = "fixed"
since = 2026-11-21
change = "one"
"""
EVIDENCE = {
    "change": "one", "base": "fails", "branch": "passes", "ran": 1, "measured": "2026-11-21",
    "patch_id": "",
}  # fmt: skip


class Lab:
    """A branch whose one change fixes CVE-2026-1000, with its lock and evidence."""

    def __init__(self, example: Example) -> None:
        self.example = example
        example.add(
            "one",
            diff(BEFORE, AFTER),
            kind="security",
            toml='\n[upstream]\ncves = ["CVE-2026-1000"]\n',
        )
        (example.root / "tests").mkdir()
        (example.root / "tests" / "test_ours.py").write_text(OURS)
        self.row('tests = ["test.test_eggs.EggsTests.test_new"]\n')

    def lock(self) -> str:
        tree = self.example.prepare()
        write_lock(self.example.load(), tree)
        return tree.commits[0].patch_id

    def row(self, more: str) -> None:
        place = self.example.branches / "vulnerabilities"
        place.mkdir(exist_ok=True)
        (place / "CVE-2026-1000.toml").write_text(ROW + more)
        (place / "record.toml").write_text("checked = 2026-11-21\n")

    def evidence(self, **other: object) -> None:
        path = self.example.folder / "evidence.json"
        path.write_text(json.dumps([EVIDENCE | other]))

    def problems(self) -> list[str]:
        branches = [self.example.load()]
        return standing_problems(self.example.branches, branches, today=TODAY)

    def in_tree(self) -> list[str]:
        tree = self.example.prepare()
        return tree_problems(read_record(self.example.branches), self.example.load(), tree)


@pytest.fixture
def lab(example: Example) -> Lab:
    return Lab(example)


def test_tests_and_evidence_show_a_fix(lab: Lab) -> None:
    lab.evidence(patch_id=lab.lock())
    assert lab.problems() == []
    assert lab.in_tree() == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"base": "passes"}, "'passes' on the base and 'passes' on the branch"),
        ({"base": "skipped", "branch": "skipped"}, "show no fix"),
        ({"branch": "fails"}, "show no fix"),
        ({"patch_id": "0" * 40}, "of another content"),
        ({"change": "other"}, "nothing shows that they fail without one"),
        ({"measured": "2026-12-24"}, "measured: 2026-12-24 is in the future"),
        ({"measured": "1970-01-01"}, "before 1990-01-01"),
        ({"measured": "yesterday"}, "is no day"),
        ({"ran": 0}, "no test ran"),
    ],
)
def test_other_evidence_shows_nothing(lab: Lab, other: dict[str, object], told: str) -> None:
    lab.evidence(**({"patch_id": lab.lock()} | other))
    assert any(told in line for line in lab.problems())


def test_without_evidence_nothing_is_shown(lab: Lab) -> None:
    found = lab.problems()
    assert "nothing shows that they fail without one" in found[0]
    assert "elpython fix test 3.11 one --show-regression --record" in found[0]


def test_tests_that_show_a_fix_are_not_kept_quiet(lab: Lab) -> None:
    lab.row('untested = "it takes a machine of another kind"\n')
    assert lab.problems() == []
    lab.evidence()
    assert any("untested: one has tests that fail" in line for line in lab.problems())


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("watch-rules.toml", "since = 2099-01-01\n", "is later than the last check, 2026-11-21"),
        ("watch-rules.toml", "since = 2025-01-01\n", ""),
        ("3.11/touched.json", '{"measured": "2099-01-01"}', "measured: 2099-01-01 is in the fut"),
        ("3.11/touched.json", '{"measured": "soon"}', "measured: 'soon' is no day"),
        ("3.11/touched.json", '{"measured": "2026-11-21"}', ""),
        ("3.11/touched.json", "[", "touched.json"),
    ],
)
def test_days_beside_the_record_are_held(lab: Lab, name: str, text: str, told: str) -> None:
    lab.evidence()
    text = text.replace("}", ', "files": [], "patch_ids": {}}')
    (lab.example.branches / name).write_text(text)
    found = lab.problems()
    assert any(told in line for line in found) if told else found == []


def test_no_change_was_last_touched_in_the_future(lab: Lab) -> None:
    lab.evidence()
    path = lab.example.folder / "changes" / "one.toml"
    path.write_text(f"{path.read_text()}\n[dep3]\nlast-update = 2099-01-01\n")
    assert any("last-update: 2099-01-01 is in the future" in line for line in lab.problems())


def test_damaged_evidence_is_told(lab: Lab) -> None:
    (lab.example.folder / "evidence.json").write_text("[{]")
    assert any("is no recorded evidence" in line for line in lab.problems())


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("test.test_spam.SpamTests.test_new", "is in no file that change one touches"),
        ("test.test_eggsx.EggsTests.test_new", "is in no file that change one touches"),
        ("tests/test_ours.py::test_no_such", "has no test_no_such"),
        ("tests/test_none.py::test_x", "there is no such file"),
        ("tests/test_ours.py::test_branch_alone", "does not run on a base"),
        ("tests/test_ours.py::TestAll::test_no", "has no TestAll::test_no"),
        ("tests/test_ours.py::TestAll", "has no TestAll"),
    ],
)
def test_a_test_that_is_none_of_its_own_is_told(lab: Lab, test: str, told: str) -> None:
    lab.evidence()
    lab.row(f'tests = ["{test}"]\n')
    assert any(told in line for line in lab.problems())


@pytest.mark.parametrize("text", ["def (", "\0", "x = '\\xff"])
def test_a_test_that_cannot_be_read_is_told(lab: Lab, text: str) -> None:
    lab.row('tests = ["tests/test_ours.py::test_both"]\n')
    (lab.example.root / "tests" / "test_ours.py").write_text(text)
    assert any("tests/test_ours.py cannot be read" in line for line in lab.problems())


@pytest.mark.parametrize(
    "test", ["tests/test_ours.py::test_both", "tests/test_ours.py::TestAll::test_inner"]
)
def test_a_test_of_ours_that_runs_on_both_shows_a_fix(lab: Lab, test: str) -> None:
    lab.row(f'tests = ["{test}"]\n')
    assert lab.problems() == []


def test_a_wheel_that_has_no_tests_of_ours_reads_its_record(lab: Lab) -> None:
    lab.row('tests = ["tests/test_ours.py::test_both"]\n')
    (lab.example.root / "tests" / "test_ours.py").unlink()
    (lab.example.root / "tests").rmdir()
    assert lab.problems() == []


@pytest.mark.parametrize("name", ["test_gone", "test_old_x", "test_ne"])
def test_a_method_that_is_not_there_is_told(lab: Lab, name: str) -> None:
    lab.row(f'tests = ["test.test_eggs.EggsTests.{name}"]\n')
    assert any(f"EggsTests.{name}" in line for line in lab.in_tree())


def test_a_test_that_the_change_leaves_alone_is_told(example: Example) -> None:
    """The file is the change's, the method is the base's: it passes there."""
    example.add("before", diff({}, {"Lib/test/test_eggs.py": OLD}))
    example.add(
        "one",
        diff({"Lib/test/test_eggs.py": OLD}, {"Lib/test/test_eggs.py": NEW}),
        kind="security",
        toml='\n[upstream]\ncves = ["CVE-2026-1000"]\n',
    )
    place = example.branches / "vulnerabilities"
    place.mkdir()
    (place / "record.toml").write_text("checked = 2026-11-21\n")
    for name, bad in (("test_old", True), ("test_new", False)):
        row = f'{ROW}tests = ["test.test_eggs.EggsTests.{name}"]\n'
        (place / "CVE-2026-1000.toml").write_text(row)
        found = tree_problems(read_record(example.branches), example.load(), example.prepare())
        assert bool(found) == bad


@pytest.mark.parametrize(("name", "bad"), [("test_old", False), ("test_gone", True)])
def test_of_a_file_that_is_altered_as_a_whole_the_method_is_there(
    example: Example, name: str, *, bad: bool
) -> None:
    """Code that any of its tests may use makes all of them the change's own: those that exist."""
    example.add("before", diff({}, {"Lib/test/test_eggs.py": OLD}))
    example.add(
        "one",
        diff({"Lib/test/test_eggs.py": OLD}, {"Lib/test/test_eggs.py": f"HELP = 1\n\n\n{OLD}"}),
        kind="security",
        toml='\n[upstream]\ncves = ["CVE-2026-1000"]\n',
    )
    place = example.branches / "vulnerabilities"
    place.mkdir()
    (place / "record.toml").write_text("checked = 2026-11-21\n")
    (place / "CVE-2026-1000.toml").write_text(f'{ROW}tests = ["test.test_eggs.EggsTests.{name}"]\n')
    found = tree_problems(read_record(example.branches), example.load(), example.prepare())
    told = f"branch.3.11.tests: there is no test test.test_eggs.EggsTests.{name}"
    assert [line.endswith(told) for line in found] == [True] * bad


def test_the_commands_refuse_what_nothing_shows(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lint, status and every document for others: none of them tells it as fixed."""
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(lab.example.branches))
    told = "nothing shows that they fail without one"
    to = str(lab.example.root / "out")
    asked = (["branch", "lint", "--no-content"], ["fix", "status", "3.11"])
    for words in asked:
        done = CliRunner().invoke(cli, words, standalone_mode=False)
        assert done.return_value == 1
        assert told in done.output
    for words in (["fix", "status", "3.11", "--vex"], ["fix", "advisories", "--to", to]):
        done = CliRunner().invoke(cli, words, standalone_mode=False)
        assert isinstance(done.exception, BadBranchError)
        assert told in str(done.exception)


@pytest.mark.parametrize(
    ("product", "told"),
    [
        ("cpython", ""),
        ("libexpat", "change one touches nothing of libexpat (Modules/expat, "),
        ("pip", "change one touches nothing of pip (Lib/ensurepip)"),
    ],
)
def test_a_fix_of_what_is_bundled_touches_it(lab: Lab, product: str, told: str) -> None:
    """Its trackers share no issue with CPython's: the place in the tree has to agree."""
    lab.evidence(patch_id=lab.lock())
    row = ROW.replace('"cpython"', f'"{product}"') + 'tests = ["test.test_eggs.EggsTests.test_new"]'
    (lab.example.branches / "vulnerabilities" / "CVE-2026-1000.toml").write_text(row)
    found = lab.problems()
    assert any(told in line for line in found) if told else found == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["3.9", "3.11", "3.13"])
def test_every_test_that_the_real_record_names_is_its_changes_own(
    real_store: Store, name: str
) -> None:
    from elpython.define.branch import load_branch

    folder = REPOSITORY / "branches"
    tree: Tree = real_tree(real_store, name)
    assert tree_problems(read_record(folder), load_branch(folder, name), tree) == []
