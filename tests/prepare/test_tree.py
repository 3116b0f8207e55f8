"""Trees: the base as a commit, then one commit per change; the same everywhere, whole or absent."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import (
    BadArchiveError,
    BadBranchError,
    ChangeConflictError,
    DigestMismatchError,
    ElpythonError,
    UsageError,
)
from elpython.core.store import Store
from elpython.define.branch import load_branch
from elpython.prepare.series import export_series, moved_changes, read_lock, write_lock
from elpython.prepare.tree import TreeRequest, check_redistributor, copy_tree, prepare
from examples import BASE_FILES, REPOSITORY, Example, diff, make_archive, real_tree

if TYPE_CHECKING:
    from pathlib import Path

SPAM = BASE_FILES["Lib/spam.py"]
ONE = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})
TWO = diff(
    {"Lib/spam.py": SPAM.replace("return 1", "return 10")},
    {"Lib/spam.py": SPAM.replace("return 1", "return 100")},
)
NEW = diff({}, {"Lib/new.py": "NEW = 1\n"})


def git(folder: Path, *words: str) -> str:
    argv = ["git", "-C", str(folder), *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def test_history_reads_like_releases(example: Example) -> None:
    example.add(
        "one",
        ONE,
        toml='\n[upstream]\nissues = ["gh-7"]\nfirst-in = "3.12.0"\ncves = ["CVE-2024-1234"]\n',
    )
    example.add("two", TWO)
    tree = example.prepare()
    assert git(tree.folder, "log", "--reverse", "--format=%s").splitlines() == [
        "CPython 3.11.2", "Change one", "Change two",
    ]  # fmt: skip
    body = git(tree.folder, "show", "-s", "--format=%b", tree.commits[0].commit)
    for trailer in (
        "EL-Change: one", "EL-Kind: bugfix", "Upstream-Issue: gh-7", "Upstream-First-In: 3.12.0",
        "CVE: CVE-2024-1234",
    ):  # fmt: skip
        assert trailer in body
    assert git(tree.folder, "show", "-s", "--format=%ad", "--date=short").strip() == "2023-02-07"
    assert git(tree.folder, "status", "--porcelain") == ""
    assert "return 100" in (tree.folder / "Lib" / "spam.py").read_text()


def test_commit_ids_are_the_same_everywhere(example: Example, tmp_path: Path) -> None:
    example.add("one", ONE)
    first = example.prepare()
    example.store = Store(tmp_path / "another")
    second = example.prepare()
    assert first.folder != second.folder
    assert (first.head, first.commits) == (second.head, second.commits)


def test_an_unchanged_tree_is_not_prepared_again(example: Example) -> None:
    example.add("one", ONE)
    before = example.prepare().folder.stat().st_mtime_ns
    assert example.prepare().folder.stat().st_mtime_ns == before


def test_every_prefix_applies(example: Example) -> None:
    for name, patch in (("one", ONE), ("two", TWO), ("new", NEW)):
        example.add(name, patch)
    heads = [example.prepare(length).head for length in range(4)]
    assert len(set(heads)) == 4
    whole = example.prepare()
    assert heads[1:] == [item.commit for item in whole.commits]


def test_a_conflict_tells_all(example: Example) -> None:
    """Branch, change, file, the rejected hunk, and the earlier change that touched those lines."""
    example.add("one", ONE)
    example.add("wrong", ONE)
    with pytest.raises(ChangeConflictError) as caught:
        example.prepare()
    text = str(caught.value)
    for part in (
        "branch 3.11, change wrong", "rejected in Lib/spam.py", "-    return 1", "+    return 10",
        "touched before by: one",
    ):  # fmt: skip
        assert part in text
    trees = example.store.root / "trees"
    assert not trees.exists() or list(trees.iterdir()) == []


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        (NEW.replace("b/Lib/new.py", "b/../../evil.py"), "leaves the tree"),
        (NEW.replace("b/Lib/new.py", "/tmp/evil.py"), "leaves the tree"),
        (ONE.replace("\n", "\r\n"), "CRLF"),
        (NEW.replace("100644", "120000"), "symbolic link"),
        ("no patch at all\n", "is no patch"),
    ],
)
def test_bad_patches_write_nothing(example: Example, patch: str, reason: str) -> None:
    example.add("bad", patch)
    with pytest.raises(BadArchiveError, match=reason):
        example.prepare()
    assert not list(example.root.rglob("evil.py"))


def test_bad_archive_members_write_nothing(example: Example) -> None:
    files = {**BASE_FILES, "../../evil": "x"}
    example.sha256 = make_archive(example.root / "base.tar.gz", files)
    example.write()
    with pytest.raises(BadArchiveError, match="leaves the tree"):
        example.prepare()
    assert not list(example.root.rglob("evil"))


def test_files_are_laid_over_the_tree(example: Example) -> None:
    path = example.add(
        "laid",
        None,
        toml='\n[source]\nprovider = "files"\nfolders = { "laid/files" = "Lib/laid" }\n'
        'leave-out = ["*.md"]\n',
    )
    folder = path.with_suffix("")
    for name in ("files/a.py", "files/sub/b.py", "files/README.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x = 1\n")
    tree = example.prepare()
    laid = sorted(str(p.relative_to(tree.folder)) for p in (tree.folder / "Lib/laid").rglob("*.py"))
    assert laid == ["Lib/laid/a.py", "Lib/laid/sub/b.py"]
    assert not (tree.folder / "Lib/laid/README.md").exists()
    (folder / "files" / "a.py").write_text("x = 2\n")
    assert example.prepare().head != tree.head


def test_files_may_not_leave_the_tree(example: Example) -> None:
    example.add(
        "laid",
        None,
        toml='\n[source]\nprovider = "files"\nfolders = { "../../.." = "../x" }\n',
    )
    with pytest.raises(BadBranchError, match="leaves the tree"):
        example.load()


def release(example: Example, parts: str, files: dict[str, str]) -> None:
    """Add a change that takes parts out of a later release."""
    sha256 = make_archive(example.root / "later.tar.gz", files, "Python-3.12.0")
    (example.branches / "sources.toml").write_text(
        f'[[release."3.12.0".source]]\nprovider = "local"\n'
        f'file = "{example.root / "later.tar.gz"}"\nsha256 = "{sha256}"\n'
    )
    digest = hashlib.sha256()
    for line in parts.splitlines():
        if line.startswith("path"):
            name = line.split('"')[1]
            digest.update(f"{name}\n".encode() + files[name].encode())
    example.add(
        "taken",
        None,
        toml=f'\n[source]\nprovider = "release"\nversion = "3.12.0"\n'
        f'sha256 = "{digest.hexdigest()}"\n{parts}',
    )


def test_code_of_a_later_release(example: Example) -> None:
    later = {
        "Lib/fresh.py": "FRESH = 1\n",
        "Lib/spam.py": SPAM.replace("return 2", "return 22") + "\n\ndef third():\n    return 3\n",
        "Lib/eggs.py": "VALUE = 1\nMORE = 2\n",
    }
    example.add("one", ONE)
    release(
        example,
        '[[source.parts]]\npath = "Lib/fresh.py"\n'
        '[[source.parts]]\npath = "Lib/spam.py"\nmode = "merge"\n'
        '[[source.parts]]\npath = "Lib/eggs.py"\nmode = "definitions"\nnames = ["MORE"]\n',
        later,
    )
    tree = example.prepare()
    assert (tree.folder / "Lib/fresh.py").read_text() == "FRESH = 1\n"
    merged = (tree.folder / "Lib/spam.py").read_text()
    assert "return 10\n" in merged
    assert "return 22\n" in merged
    assert "def third" in merged
    assert "MORE = 2" in (tree.folder / "Lib/eggs.py").read_text()


def test_a_merge_that_conflicts_is_refused(example: Example) -> None:
    example.add("one", ONE)
    part = '[[source.parts]]\npath = "Lib/spam.py"\nmode = "merge"\n'
    release(example, part, {"Lib/spam.py": SPAM.replace("return 1", "return 5")})
    with pytest.raises(ChangeConflictError, match=r"leaves 1 conflict"):
        example.prepare()


def test_moved_content_of_a_release_is_refused(example: Example) -> None:
    release(example, '[[source.parts]]\npath = "Lib/eggs.py"\n', {"Lib/eggs.py": "V = 2\n"})
    path = example.folder / "changes" / "taken.toml"
    text = path.read_text()
    wrong = text.replace(text.split('sha256 = "')[1][:64], "0" * 64)
    path.write_text(wrong)
    with pytest.raises(DigestMismatchError, match="pinned is 0000"):
        example.prepare()


def test_a_commit_of_a_clone(example: Example) -> None:
    clone = example.root / "clone"
    clone.mkdir()
    (clone / "Lib").mkdir()
    (clone / "Lib/eggs.py").write_text("VALUE = 1\n")
    (clone / "NEWS").write_text("old\n")
    git(clone, "init", "-q")
    git(clone, "config", "user.email", "someone@example.org")
    git(clone, "config", "user.name", "Someone")
    git(clone, "add", ".")
    git(clone, "commit", "-qm", "base")
    (clone / "Lib/eggs.py").write_text("VALUE = 7\n")
    (clone / "NEWS").write_text("new\n")
    git(clone, "commit", "-qam", "fix")
    commit = git(clone, "rev-parse", "HEAD").strip()
    words = ["diff-tree", "-p", "--binary", "--full-index", "--no-commit-id", commit]
    digest = hashlib.sha256(git(clone, *words).encode()).hexdigest()
    toml = (
        f'\n[source]\nprovider = "commit"\ncommit = "{commit}"\nrepository = "{clone}"\n'
        f'sha256 = "{digest}"\nleave-out = ["NEWS"]\n'
    )
    example.add("fix", None, toml=toml)
    assert (example.prepare().folder / "Lib/eggs.py").read_text() == "VALUE = 7\n"
    path = example.folder / "changes" / "fix.toml"
    path.write_text(path.read_text().replace(digest, "0" * 64))
    with pytest.raises(DigestMismatchError):
        example.prepare()


def test_placeholders_take_the_branch_values(example: Example) -> None:
    patch = diff(
        {}, {"v.h": "@EL_VERSION@ @EL_MAJOR@ @EL_MINOR@ @EL_LEVEL@ @EL_SERIAL@ @EL_VARIANT@\n"}
    )
    path = example.add("values", patch)
    path.write_text(path.read_text() + "substitute = true\n")
    assert (example.prepare().folder / "v.h").read_text() == "27.01.0 27 1 FINAL 0 elpython\n"
    example.write(el='"27.07.1rc2"')
    request = TreeRequest(branches=example.branches, branch=example.load(), redistributor="acme")
    tree = prepare(example.store, request)
    assert (tree.folder / "v.h").read_text() == "27.07.1rc2 27 7 GAMMA 2 elpython-acme\n"


@pytest.mark.parametrize("name", ["Acme", "a b", "-a", "a--b", "a/b", "é", "1a", "a" * 41, "a."])
def test_redistributor_names_are_checked(name: str) -> None:
    with pytest.raises(UsageError):
        check_redistributor(name)


def test_export_is_a_quilt_series(example: Example, tmp_path: Path) -> None:
    """Applying the exported series to the base gives the tree's own files."""
    example.add("one", ONE)
    example.add("new", NEW)
    tree = example.prepare()
    out = tmp_path / "series"
    paths = export_series(tree, example.load(), out)
    assert (out / "series").read_text().split() == [path.name for path in paths]
    assert "Description: Change one" in paths[0].read_text()
    assert "From 0000000000000000000000000000000000000000" in paths[0].read_text()
    again = tmp_path / "again"
    subprocess.run(["git", "clone", "-q", str(tree.folder), str(again)], check=True)
    git(again, "checkout", "-q", tree.base_commit)
    for path in paths:
        subprocess.run(["patch", "-p1", "-s", "-i", str(path)], cwd=again, check=True)
    git(again, "add", "-A")
    assert git(again, "diff", "--cached", tree.head) == ""
    with pytest.raises(UsageError, match="not empty"):
        export_series(tree, example.load(), out)


def test_lock_shows_what_moved(example: Example) -> None:
    path = example.add("one", ONE)
    branch, tree = example.load(), example.prepare()
    assert "is missing" in moved_changes(branch, tree)[0]
    write_lock(branch, tree)
    assert moved_changes(branch, tree) == []
    assert set(read_lock(branch)) == {"base", "one"}
    path.with_suffix(".patch").write_text(ONE.replace("return 10", "return 11"))
    moved = moved_changes(example.load(), example.prepare())
    assert len(moved) == 1
    assert "one: content moved" in moved[0]
    example.add("new", NEW)
    assert any(
        "new: is not locked yet" in line
        for line in moved_changes(example.load(), example.prepare())
    )


def test_copy_refuses_a_folder_with_files(example: Example, tmp_path: Path) -> None:
    tree = example.prepare()
    target = tmp_path / "copy"
    copy_tree(tree, target)
    assert git(target, "rev-parse", "HEAD").strip() == tree.head
    with pytest.raises(UsageError, match="not empty"):
        copy_tree(tree, target)


@pytest.mark.parametrize("moment", range(6))
def test_killed_at_any_point_the_next_run_recovers(example: Example, moment: int) -> None:
    """Kill -9 at the n-th program that preparing starts; then an ordinary run."""
    example.add("one", ONE)
    example.add("two", TWO)
    code = (
        "import os, sys; from pathlib import Path\n"
        "import elpython.core.process as process, elpython.prepare.tree as tree\n"
        "import elpython.prepare.git as git\n"
        "from elpython.define.branch import load_branch; from elpython.core.store import Store\n"
        "left, real = int(sys.argv[2]) * 4, process.run\n"
        "def run(*a, **k):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0: os.kill(os.getpid(), 9)\n"
        "    return real(*a, **k)\n"
        "tree.run = git.run = run\n"
        "root = Path(sys.argv[1])\n"
        "request = tree.TreeRequest(branches=root / 'branches',\n"
        "    branch=load_branch(root / 'branches', '3.11'))\n"
        "tree.prepare(Store(root / 'store'), request)\n"
    )
    argv = [sys.executable, "-c", code, str(example.root), str(moment)]
    assert subprocess.run(argv, check=False).returncode == -9
    assert "return 100" in (example.prepare().folder / "Lib/spam.py").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["3.9", "3.11", "3.13"])
def test_real_branches_apply_at_every_prefix(real_store: Store, name: str) -> None:
    """Preparing is one commit a change, so each commit is a prefix that applied."""
    try:
        tree = real_tree(real_store, name)
    except ElpythonError as error:
        pytest.skip(f"no provider gives the source here: {error.what}")
    branch = load_branch(REPOSITORY / "branches", name)
    assert [item.change for item in tree.commits] == [change.id for change in branch.series]
    assert git(tree.folder, "rev-list", "--count", "HEAD").strip() == str(len(branch.series) + 1)
    assert moved_changes(branch, tree) == []
