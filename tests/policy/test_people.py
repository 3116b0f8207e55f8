"""Approvals and agreements are read from the history, and held against who takes part."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.define.branch import load_all
from elpython.policy.check import look_around
from elpython.policy.model import FINDING, REMARK, NoHistoryError
from policy_lab import APPROVED, PEOPLE, TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from policy_lab import Lab

BO = "Approved-by: Bo Brown <bo@one.example>\n"
CY = "Approved-by: Cy Clark <cy@two.example>\n"
DI = "Approved-by: di@two.example\n"
ED = "Approved-by: Ed Early <ed@three.example>\n"
ANN = "Approved-by: Ann Author <ann@home.example>\n"
SIGNED = "CLA: Ann Author <ann@one.example>\n"


@pytest.mark.parametrize(
    ("trailers", "said"),
    [
        (SIGNED, "0 of 2 approvals"),
        (SIGNED + CY, "1 of 2 approvals"),
        (SIGNED + BO, "0 of 1 approvals from another organisation"),
        (SIGNED + CY + CY, "1 of 2 approvals"),
        (SIGNED + CY + ANN, "Ann Author approved what is their own"),
        (SIGNED + CY + ED, "Ed Early approved it, but may not approve"),
        (SIGNED + CY + "Approved-by: X <x@y.example>\n", "x@y.example approved it, but takes no"),
        (SIGNED + CY + "Approved-by: Di Dean\n", "1 of 2 approvals"),
        (BO + CY, "no CLA mark for its author ann@one.example"),
        (BO + CY + "CLA: Bo Brown <bo@one.example>\n", "no CLA mark for its author ann@"),
    ],
)
def test_what_is_missing_is_told(lab: Lab, trailers: str, said: str) -> None:
    lab.add("3.11/two")
    commit = lab.commit(trailers)
    found = [item for item in lab.told() if item.level == FINDING]
    assert {item.change for item in found} == {"two"}
    assert said in " ".join(item.message for item in found)
    assert all(commit[:12] in item.message for item in found)
    assert all("trailer" in item.remedy or "sign" in item.remedy for item in found)


@pytest.mark.parametrize(
    "trailers", [SIGNED + BO + CY, SIGNED + CY + DI, "CLA: ann@home.example\n" + BO + DI]
)
def test_enough_is_enough(lab: Lab, trailers: str) -> None:
    """Another address of the same person counts as that person."""
    lab.add("3.11/two")
    lab.commit(trailers)
    assert lab.findings() == []


def test_an_unknown_author_is_told(lab: Lab) -> None:
    lab.add("3.11/two")
    lab.commit(BO + CY + "CLA: Fay Far <fay@far.example>\n", author="Fay Far <fay@far.example>")
    messages = " ".join(item.message for item in lab.told())
    assert "the organisation of its author fay@far.example is not known" in messages
    assert "fay@far.example is marked, but has not signed" in messages


def test_who_signed_later_is_told(lab: Lab) -> None:
    lab.add("3.11/two")
    trailers = BO + CY + "CLA: Ed Early <ed@three.example>\n"
    lab.commit(trailers, author="Ed Early <ed@three.example>")
    (said,) = lab.told()
    assert (said.rule, said.level) == ("cla", FINDING)
    assert "signed only on 2026-11-21" in said.message


def test_a_later_edit_needs_approvals_too(lab: Lab) -> None:
    lab.add("3.9/one", top='description = "told better"')
    lab.commit(SIGNED)
    assert lab.findings() == [("approvals", "3.9", "one")]


def test_a_merge_speaks_for_what_it_brings(lab: Lab) -> None:
    """Approvals stand in the merge commit, as a forge writes them."""
    lab.git("checkout", "-q", "-b", "topic")
    lab.add("3.11/two")
    lab.commit("")
    lab.add("3.11/two", top='description = "told better"')
    lab.commit("")
    lab.git("checkout", "-q", "main")
    lab.git("merge", "-q", "--no-ff", "topic", "-m", f"Merge topic\n{APPROVED}")
    assert lab.findings() == []


def test_a_merge_does_not_speak_for_others(lab: Lab) -> None:
    lab.git("checkout", "-q", "-b", "topic")
    lab.add("3.11/two")
    lab.commit("")
    lab.git("checkout", "-q", "main")
    lab.git("merge", "-q", "--no-ff", "topic", "-m", "Merge topic")
    (lab.root / "README").write_text("new")
    lab.commit(APPROVED)
    assert ("approvals", "3.11", "two") in lab.findings()


def test_what_merging_altered_needs_approvals(lab: Lab) -> None:
    """A change that differs from both sides of a merge was written by who merged."""
    lab.git("checkout", "-q", "-b", "topic")
    lab.add("3.11/two")
    lab.commit(APPROVED)
    lab.git("checkout", "-q", "main")
    (lab.root / "README").write_text("new")
    lab.commit("")
    lab.git("merge", "-q", "--no-ff", "--no-commit", "topic")
    lab.add("3.11/two", top='description = "smuggled in"')
    lab.git("add", "--all")
    lab.git("commit", "-q", "-m", "Merge topic", author="Cy Clark <cy@two.example>")
    assert ("approvals", "3.11", "two") in lab.findings()


def test_a_pull_request_is_one_unit(lab: Lab) -> None:
    """With --base: only what it touches, approved by an empty commit at its end."""
    base = lab.git("rev-parse", "HEAD").strip()
    lab.git("checkout", "-q", "-b", "topic")
    lab.add("3.11/two", upstream="")
    lab.add("3.11/three")
    lab.commit("")
    assert {item[0] for item in lab.findings(base)} == {
        "upstream-first", "upstream-issue", "approvals", "cla",
    }  # fmt: skip
    lab.add("3.11/two")
    lab.commit("")
    lab.commit(APPROVED)
    assert lab.findings(base) == []
    assert lab.findings(lab.git("rev-parse", "HEAD").strip()) == []


def test_a_pull_request_answers_for_what_is_not_committed_yet(lab: Lab) -> None:
    base = lab.git("rev-parse", "HEAD").strip()
    lab.add("3.11/two")
    assert lab.findings(base) == [("approvals", "3.11", "two")]


def test_while_the_project_is_set_up_it_is_a_remark(lab: Lab) -> None:
    lab.branches.joinpath("maintainers.toml").write_text("bootstrap = true\n")
    lab.add("3.11/two")
    lab.commit("")
    told = lab.told()
    assert {(item.level, item.message) for item in told} == {(REMARK, "not approved: bootstrap")}


def test_a_shallow_clone_is_told(lab: Lab, tmp_path: Path) -> None:
    (lab.root / "README").write_text("new")
    lab.commit()
    clone = tmp_path / "clone"
    argv = ["git", "clone", "-q", "--depth", "1", f"file://{lab.root}", str(clone)]
    subprocess.run(argv, check=True, capture_output=True)
    lab.root = clone
    assert any("shallow" in item.message for item in lab.told())


@pytest.mark.parametrize("revision", ["no-such-branch", "--output=/tmp/x", "HEAD~99", ""])
def test_a_revision_that_is_not_there(lab: Lab, revision: str) -> None:
    if not revision:
        assert lab.findings(revision) == []
        return
    with pytest.raises(NoHistoryError):
        lab.told(revision)


def test_without_a_repository_nothing_can_be_read(lab: Lab, tmp_path: Path) -> None:
    (lab.root / ".git").rename(tmp_path / "elsewhere")
    found, _problems = load_all(lab.branches)
    with pytest.raises(NoHistoryError, match="in no git repository"):
        look_around(lab.branches, found, today=TODAY)


def test_a_users_configuration_alters_nothing(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colours, signatures and path quoting of the user's own git leave the answer as it is."""
    config = tmp_path / "gitconfig"
    config.write_text(
        "[color]\nui = always\n[log]\nshowSignature = true\ndate = relative\n"
        "[diff]\nnoprefix = true\nrenames = copies\n[core]\nquotePath = true\npager = false\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    lab.add("3.11/two")
    base = lab.git("rev-parse", "HEAD").strip()
    lab.commit(SIGNED + CY)
    assert lab.findings() == [("approvals", "3.11", "two")]
    assert lab.findings(base) == [("approvals", "3.11", "two")]


def test_an_empty_repository_has_nobody(lab: Lab) -> None:
    shutil.rmtree(lab.root / ".git")
    lab.git("init", "-q")
    assert lab.findings() == [("approvals", "3.9", "one")]


def test_people_have_problems_told_at_once(lab: Lab) -> None:
    text = PEOPLE.replace('organisation = "Three"', 'organization = "Three"')
    text = text.replace('"cy@two.example"', '"bo@one.example"').replace("di@two", "di at two")
    lab.branches.joinpath("maintainers.toml").write_text(text)
    with pytest.raises(Exception, match="problem") as caught:
        lab.told()
    for told in ("did you mean 'organisation'", "belongs to two", "not of the form ada@"):
        assert told in str(caught.value)
