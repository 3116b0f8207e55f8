"""The archive: the same bytes wherever and whenever it is made."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from elpython.core.errors import BadArchiveError
from elpython.core.report import Reporter
from elpython.core.store import Store
from elpython.prepare.git import Git
from elpython.release.archive import FORMATS, make_archive, write_tar
from elpython.release.contents import unpacked

EPOCH = 1_700_000_000


def make_tree(folder: Path, order: list[str], umask: int = 0o022) -> Path:
    """Make a repository with a program, a link, a deep folder and a name outside ASCII."""
    files = {
        "configure": "#!/bin/sh\n",
        "Lib/a.py": "a = 1\n",
        "Lib/b/" + "c" * 90 + "/d.py": "d = 1\n",
        "Lib/test/tëst.txt": "x\n",
    }
    before = os.umask(umask)
    try:
        folder.mkdir()
        for name in order or list(files):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], "utf-8")
        (folder / "configure").chmod(0o755)
        (folder / "python").symlink_to("configure")
    finally:
        os.umask(before)
    git = Git(folder)
    git("init", "-q", "-b", "main")
    git.settle()
    git.commit("All\n", "2026-01-01")
    return folder


def digests(store: Path, tree: Path) -> dict[str, str]:
    made = make_archive(Store(store), tree, "HEAD", top="elpython-1", epoch=EPOCH)
    return {form: hashlib.sha256(made.path(form).read_bytes()).hexdigest() for form in FORMATS}


def test_it_is_the_same_from_every_clone(tmp_path: Path) -> None:
    names = ["configure", "Lib/a.py", "Lib/b/" + "c" * 90 + "/d.py", "Lib/test/tëst.txt"]
    first = make_tree(tmp_path / "one", names)
    second = make_tree(tmp_path / "two", names[::-1], umask=0o077)
    assert digests(tmp_path / "s1", first) == digests(tmp_path / "s2", second)


def test_members_are_sorted_and_belong_to_root(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "one", [])
    made = make_archive(Store(tmp_path / "store"), tree, "HEAD", top="elpython-1", epoch=EPOCH)
    with tarfile.open(made.path("tar.xz")) as tar:
        members = tar.getmembers()
    names = [member.name for member in members]
    assert names[0] == "elpython-1"
    assert names == sorted(names, key=lambda name: name.split("/"))
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {
        (0, 0, "root", "root", EPOCH)
    }
    modes = {member.name.rpartition("/")[2]: member.mode for member in members}
    assert (modes["configure"], modes["a.py"], modes["Lib"]) == (0o755, 0o644, 0o755)
    assert made.members == 5


def test_gzip_tells_neither_name_nor_time(tmp_path: Path) -> None:
    made = make_archive(
        Store(tmp_path / "store"), make_tree(tmp_path / "one", []), "HEAD", top="a", epoch=EPOCH
    )
    head = made.path("tar.gz").read_bytes()[:10]
    assert head[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
    with gzip.open(made.path("tar.gz")) as one, lzma.open(made.path("tar.xz")) as two:
        data = one.read()
        assert data == two.read()
    assert hashlib.sha256(data).hexdigest() == made.tar_sha256


def test_it_is_made_once(tmp_path: Path) -> None:
    tree, store = make_tree(tmp_path / "one", []), Store(tmp_path / "store")
    labels: list[str] = []
    for _ in range(2):
        make_archive(
            store, tree, "HEAD", top="a", epoch=EPOCH,
            reporter=Reporter(progress=lambda label, _done, _total: labels.append(label)),
        )  # fmt: skip
    assert labels == ["archive"] * 3


def test_what_is_not_committed_does_not_count(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "one", [])
    before = digests(tmp_path / "s1", tree)
    (tree / "Lib" / "a.py").write_text("a = 2\n")
    (tree / "new").write_text("x")
    assert digests(tmp_path / "s2", tree) == before


@pytest.mark.parametrize(
    ("attributes", "says"),
    [("Lib/a.py export-ignore\n", "not in what git archive"), ("*.py eol=crlf text\n", "other")],
)
def test_attributes_that_alter_the_tree_are_refused(
    tmp_path: Path, attributes: str, says: str
) -> None:
    tree = make_tree(tmp_path / "one", [])
    (tree / ".gitattributes").write_text(attributes)
    Git(tree).commit("Attributes\n", "2026-01-02")
    with pytest.raises(BadArchiveError, match=says):
        write_tar(tree, "HEAD", "a", EPOCH, tmp_path / "a.tar")
    assert not list(tmp_path.glob(".*.raw"))


@pytest.mark.parametrize("cut", [10, 100])
def test_a_cut_archive_is_refused(tmp_path: Path, cut: int) -> None:
    made = make_archive(
        Store(tmp_path / "store"), make_tree(tmp_path / "one", []), "HEAD", top="a", epoch=EPOCH
    )
    for form in FORMATS:
        path = tmp_path / f"cut.{form}"
        path.write_bytes(made.path(form).read_bytes()[:-cut])
        with pytest.raises(BadArchiveError, match="cannot be unpacked"):
            unpacked(path, tmp_path / "tar")


def test_tar_itself_can_unpack_it(tmp_path: Path) -> None:
    made = make_archive(
        Store(tmp_path / "store"), make_tree(tmp_path / "one", []), "HEAD", top="a", epoch=EPOCH
    )
    subprocess.run(["tar", "-C", tmp_path, "-xf", made.path("tar.xz")], check=True)
    assert (tmp_path / "a" / "python").readlink() == Path("configure")
    assert int((tmp_path / "a" / "Lib" / "a.py").stat().st_mtime) == EPOCH
