"""The pre-merge check on real git histories: right, missing, misplaced, reverted, amended."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.stream.check import StreamReport, check_range, check_staged
from elpython.stream.history import GitHistoryError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stream.conftest import EntryPath, Repository

MARKED = "(CPython ABI break) Add the field ``ob_example`` to :c:type:`PyObject`.\n"
PLAIN = "Add the field ``ob_example`` to :c:type:`PyObject`.\n"


def check(repo: Repository, base: str = "base") -> StreamReport:
    return check_range(repo.path, base, "HEAD")


def rules(report: StreamReport) -> list[str]:
    return [item.rule for item in report.findings]


def test_both_markers_and_an_unmarked_commit_are_fine(
    repo: Repository, entry_path: EntryPath
) -> None:
    sha = repo.commit("(ABI break) gh-135151: Add ob_example", {entry_path(): MARKED})
    repo.commit("gh-135152: Fix a crash", {entry_path(2, section="Library"): "Fix a crash.\n"})
    report = check(repo)
    assert rules(report) == []
    assert [item.commit for item in report.breaks] == [sha]
    assert report.breaks[0].issues == ("gh-135151",)


@pytest.mark.parametrize("section", ["C_API", "C API", "Core_and_Builtins", "Tools-Demos"])
def test_both_spellings_of_a_section_folder(
    repo: Repository, entry_path: EntryPath, section: str
) -> None:
    repo.commit("(ABI break) gh-135151: x", {entry_path(section=section): MARKED})
    assert rules(check(repo)) == []


@pytest.mark.parametrize("prefix", ["[3.13] ", "[3.13] [3.14] "])
def test_a_cherry_pick_prefix_is_taken_off(
    repo: Repository, entry_path: EntryPath, prefix: str
) -> None:
    repo.commit(f"{prefix}(ABI break) gh-135151: x (GH-2)", {entry_path(): MARKED})
    report = check(repo)
    assert (rules(report), len(report.breaks)) == ([], 1)


BROKEN = [
    ("(ABI break) gh-1: x", PLAIN, ["marker-pair-news"]),
    ("(ABI break) gh-1: x", None, ["marker-pair-news"]),
    ("gh-1: x", MARKED, ["marker-pair-commit"]),
    ("(abi break) gh-1: x", MARKED, ["marker-near-commit", "marker-pair-commit"]),
    ("gh-1: x (ABI break)", MARKED, ["marker-near-commit", "marker-pair-commit"]),
    ("(ABI break) gh-1: x", "(ABI break) Add it.\n", ["marker-near-news", "marker-pair-news"]),
    ("(ABI break) gh-1: x", "Add it. (CPython ABI break)\n",
     ["marker-near-news", "marker-pair-news"]),
    ("gh-1: x\n\n(ABI break) in the body", PLAIN, ["marker-in-body"]),
]  # fmt: skip


@pytest.mark.parametrize(("message", "news", "wanted"), BROKEN)
def test_each_broken_pair_is_found(
    repo: Repository, entry_path: EntryPath, message: str, news: str | None, wanted: list[str]
) -> None:
    sha = repo.commit(message, {entry_path(): news} if news else {"README": "y\n"})
    report = check(repo)
    assert rules(report) == wanted
    assert {item.commit for item in report.findings} == {sha}


def test_all_findings_come_at_once_with_file_and_line(
    repo: Repository, entry_path: EntryPath
) -> None:
    repo.commit("(ABI break) gh-1: x", {entry_path(1): "..\n\n" + PLAIN})
    repo.commit("gh-2: y", {entry_path(2): MARKED})
    repo.commit("gh-3: z", {entry_path(3, section="C_APl"): "An ``open literal.\n"})
    report = check(repo)
    assert rules(report) == [
        "marker-pair-news", "marker-pair-commit", "news-entry", "news-entry",
    ]  # fmt: skip
    assert report.findings[0].path == entry_path(1)
    assert report.findings[0].line == 3
    assert "did you mean 'C_API'" in report.findings[2].message
    assert "not closed" in report.findings[3].message


def test_a_forgotten_marker_added_later_carries_both(
    repo: Repository, entry_path: EntryPath
) -> None:
    """PEP 605: the commit that adds a forgotten NEWS marker has the commit marker too."""
    repo.commit("gh-135151: Add ob_example", {entry_path(): PLAIN})
    repo.commit("gh-135151: Say that it breaks", {entry_path(): MARKED})
    assert rules(check(repo)) == ["marker-pair-commit"]
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.commit("(ABI break) gh-135151: Say that it breaks", {entry_path(): MARKED})
    report = check(repo)
    assert (rules(report), len(report.breaks)) == ([], 1)


def test_a_half_marked_commit_is_healed_by_a_later_one(
    repo: Repository, entry_path: EntryPath
) -> None:
    repo.commit("(ABI break) gh-135151: Add ob_example", {entry_path(): PLAIN})
    repo.commit("(ABI break) gh-135151: Mark the entry", {entry_path(): MARKED})
    report = check(repo)
    assert rules(report) == ["marker-healed"]
    assert report.findings[0].level == "note"


def test_an_amended_commit_is_judged_by_what_it_is_now(
    repo: Repository, entry_path: EntryPath
) -> None:
    repo.commit("gh-135151: Add ob_example", {entry_path(): MARKED})
    assert rules(check(repo)) == ["marker-pair-commit"]
    repo.git("commit", "-q", "--amend", "-m", "(ABI break) gh-135151: Add ob_example")
    assert rules(check(repo)) == []


def test_a_revert_cancels_a_break(repo: Repository, entry_path: EntryPath) -> None:
    repo.commit("(ABI break) gh-135151: Add ob_example", {entry_path(): MARKED})
    repo.git("revert", "--no-edit", "HEAD")
    report = check(repo)
    assert (rules(report), report.breaks) == ([], ())


def test_a_revert_of_a_revert_brings_it_back(repo: Repository, entry_path: EntryPath) -> None:
    sha = repo.commit("(ABI break) gh-135151: Add ob_example", {entry_path(): MARKED})
    repo.git("revert", "--no-edit", "HEAD")
    repo.git("revert", "--no-edit", "HEAD")
    report = check(repo)
    assert [item.commit for item in report.breaks] == [sha]


def test_a_revert_that_keeps_the_entry_is_found(repo: Repository, entry_path: EntryPath) -> None:
    sha = repo.commit("(ABI break) gh-135151: x", {entry_path(): MARKED})
    repo.commit(f'Revert "(ABI break) gh-135151: x"\n\nThis reverts commit {sha}.')
    report = check(repo)
    assert rules(report) == ["revert-keeps-entry"]
    assert report.breaks == ()


def test_a_revert_of_a_shipped_break_is_a_break(repo: Repository, entry_path: EntryPath) -> None:
    """3.9.4 took back the break that 3.9.3 had shipped: wheels of 3.9.3 broke a second time."""
    sha = repo.commit("(ABI break) gh-135151: x", {entry_path(): MARKED})
    repo.git("tag", "shipped")
    repo.git("revert", "--no-edit", sha)
    report = check(repo, "shipped")
    assert rules(report) == ["revert-shipped-break"]
    assert report.breaks[0].shipped_revert
    repo.git("reset", "-q", "--hard", "shipped")
    repo.commit(
        f'(ABI break) Revert "(ABI break) gh-135151: x"\n\nThis reverts commit {sha}.',
        {entry_path(2): "(CPython ABI break) Take ``ob_example`` back.\n"},
    )
    report = check(repo, "shipped")
    assert (rules(report), len(report.breaks)) == ([], 1)


def test_a_merge_brings_its_commits_and_carries_no_marker(
    repo: Repository, entry_path: EntryPath
) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("(ABI break) gh-135151: x", {entry_path(): MARKED})
    repo.git("checkout", "-q", "main")
    repo.commit("gh-2: y", {"README": "y\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "(ABI break) Merge side", "side")
    report = check(repo)
    assert rules(report) == ["marker-on-merge"]
    assert len(report.breaks) == 1


def test_a_moved_entry_is_no_new_one(repo: Repository, entry_path: EntryPath) -> None:
    repo.commit("(ABI break) gh-135151: x", {entry_path(): MARKED})
    repo.git("tag", "marked")
    repo.commit(
        "Move an entry",
        {entry_path(): None, entry_path(section="Core_and_Builtins"): MARKED},
    )
    assert rules(check(repo, "marked")) == []


def test_merged_news_counts_too(repo: Repository) -> None:
    item = "- gh-135151: (CPython ABI break) Add a field.\n"
    repo.commit("Add a field", {"Misc/NEWS": item})
    assert rules(check(repo)) == ["marker-pair-commit"]
    repo.git("commit", "-q", "--amend", "-m", "(ABI break) Add a field")
    assert rules(check(repo)) == []


@pytest.mark.parametrize(
    ("message", "path", "wanted"),
    [
        ("gh-1: x", "Include/object.h", ["news-skipped"]),
        ("gh-1: x", "Include/cpython/object.h", ["news-skipped"]),
        ("gh-1: x", "Include/internal/pycore_a.h", []),
        ("gh-1: x\n\nSkip-News: a comment only", "Include/object.h", []),
        ("gh-1: x\n\nSkip-News:", "Include/object.h", ["news-skipped"]),
        ("(ABI break) gh-1: x\n\nSkip-News: hidden", "Include/object.h", ["marker-pair-news"]),
        ("gh-1: x", "Lib/os.py", []),
    ],
)
def test_the_rule_for_a_commit_that_skips_news(
    repo: Repository, message: str, path: str, wanted: list[str]
) -> None:
    repo.commit(message, {path: "int changed;\n"})
    assert rules(check(repo)) == wanted


def test_an_empty_range_says_so(repo: Repository) -> None:
    report = check(repo, "HEAD")
    assert (report.commits, rules(report)) == (0, ["empty-range"])


def test_wrong_ranges_are_told_clearly(repo: Repository, tmp_path: Path) -> None:
    repo.commit("x")
    with pytest.raises(GitHistoryError, match="wrong way round"):
        check_range(repo.path, "HEAD", "base")
    with pytest.raises(GitHistoryError, match="no revision 'nowhere'"):
        check_range(repo.path, "nowhere", "HEAD")
    with pytest.raises(GitHistoryError, match="no revision '--all'"):
        check_range(repo.path, "--all", "HEAD")
    with pytest.raises(GitHistoryError, match="no git repository"):
        check_range(tmp_path, "base", "HEAD")
    with pytest.raises(GitHistoryError, match="no such folder"):
        check_range(tmp_path / "none", "base", "HEAD")
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("y")
    with pytest.raises(GitHistoryError, match="no common history"):
        check_range(repo.path, "main", "HEAD")


def test_a_shallow_clone_is_told_how_to_deepen(repo: Repository, tmp_path: Path) -> None:
    for number in range(5):
        repo.commit(f"gh-{number}: x", {"README": f"{number}\n"})
    target = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "3", f"file://{repo.path}", target], check=True
    )
    old = repo.git("rev-parse", "HEAD~4")
    with pytest.raises(GitHistoryError, match="shallow clone") as caught:
        check_range(target, old, "HEAD")
    assert "--unshallow" in str(caught.value)
    assert check_range(target, "HEAD~2", "HEAD").commits == 2
    subprocess.run(["git", "-C", target, "fetch", "-q", "--unshallow"], check=True)
    assert check_range(target, old, "HEAD").commits == 4


def test_a_range_that_a_shallow_clone_cuts_is_refused(repo: Repository, tmp_path: Path) -> None:
    """Base and head are both there, but history in between is missing on one side."""
    repo.git("checkout", "-q", "-b", "side")
    for number in range(6):
        repo.commit(f"gh-{number}: x", {"a": f"{number}\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("m", {"b": "1\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    target = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "3", f"file://{repo.path}", target], check=True
    )
    with pytest.raises(GitHistoryError, match=r"cut off|shallow"):
        check_range(target, "HEAD^1", "HEAD")


def test_staged_changes_are_checked_with_their_message(
    repo: Repository, entry_path: EntryPath
) -> None:
    repo.write(entry_path(), MARKED)
    repo.git("add", "-A")
    assert rules(check_staged(repo.path, "gh-1: x\n# (ABI break) comment\n")) == [
        "marker-pair-commit"
    ]
    assert rules(check_staged(repo.path, "(ABI break) gh-1: x\n")) == []
    repo.commit("(ABI break) gh-1: x")
    assert rules(check_staged(repo.path, "(ABI break) gh-1: x, better words\n")) == []
    repo.write("README", "z\n")
    repo.git("add", "-A")
    assert rules(check_staged(repo.path, "gh-2: y\n")) == []


def test_the_first_commit_of_a_repository(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / "a").write_text("a")
    subprocess.run(["git", "-C", folder, "add", "-A"], check=True)
    assert rules(check_staged(folder, "(ABI break) x")) == ["marker-pair-news"]
    shutil.rmtree(folder)


def test_odd_bytes_in_paths_messages_and_entries(repo: Repository, entry_path: EntryPath) -> None:
    repo.write(entry_path(), "")
    (repo.path / entry_path()).write_bytes(b"(CPython ABI break) caf\xe9 \x01\x02\n")
    repo.write("Misc/a\tb \u00e9.txt", "x")
    repo.commit("(ABI break) gh-1: \x01 caf\u00e9 :100644")
    report = check(repo)
    assert (rules(report), len(report.breaks)) == ([], 1)
