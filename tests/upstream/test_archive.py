"""Archives nobody vouches for: what leaves the folder is refused before anything is written."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.core.errors import BadArchiveError
from elpython.upstream.archive import read_members, safe_path, unpack


def write(path: Path, members: list[tuple[str, str | None, bytes]]) -> Path:
    """Write a tar of (name, link target or None, type)."""
    with tarfile.open(path, "w") as stream:
        for name, target, kind in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.linkname = target or ""
            data = b"content" if kind == tarfile.REGTYPE else b""
            member.size = len(data)
            stream.addfile(member, io.BytesIO(data))
    return path


FILE, LINK, HARD = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("top/../../evil", None, FILE)], "leaves the tree"),
        ([("/etc/evil", None, FILE)], "leaves the tree"),
        ([("top/a\\b", None, FILE)], "leaves the tree"),
        ([("top/.git/config", None, FILE)], "leaves the tree"),
        ([("top/.GIT/config", None, FILE)], "leaves the tree"),
        ([("top/link", "/etc/passwd", LINK)], "points out of the tree"),
        ([("top/link", "../../evil", LINK)], "points out of the tree"),
        ([("top/link", "../../evil", HARD)], "points out of the tree"),
        ([("top/dir", "sub", LINK), ("top/dir/file", None, FILE)], "goes through the link"),
        ([("top/device", None, tarfile.CHRTYPE)], "special file"),
        ([("top/pipe", None, tarfile.FIFOTYPE)], "special file"),
    ],
)
def test_members_that_leave_are_refused(
    tmp_path: Path, members: list[tuple[str, str | None, bytes]], reason: str
) -> None:
    good = [("top/good", None, FILE)]
    archive = write(tmp_path / "a.tar", good + members)
    with pytest.raises(BadArchiveError, match=reason):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar"]


def test_ordinary_members(tmp_path: Path) -> None:
    archive = write(
        tmp_path / "a.tar",
        [("./top/file", None, FILE), ("top/sub/link", "../file", LINK), ("top/d", None, b"5")],
    )
    unpack(archive, tmp_path / "out")
    assert (tmp_path / "out" / "file").read_bytes() == b"content"
    assert (tmp_path / "out" / "sub" / "link").read_bytes() == b"content"
    assert (tmp_path / "out" / "d").is_dir()
    assert read_members(archive, lambda name: name.endswith("file")) == {"./top/file": b"content"}


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8b\x08\x00broken"])
def test_no_archive(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    with pytest.raises(BadArchiveError, match="no whole tar archive"):
        unpack(path, tmp_path / "out")


def test_a_cut_archive(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", [("top/file", None, FILE)] * 20)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(BadArchiveError):
        unpack(path, tmp_path / "out")


@given(st.lists(st.sampled_from(["a", "..", ".", "", "b", ".git", "~"]), min_size=1))
def test_safe_paths_stay_below(parts: list[str]) -> None:
    name = "/".join(parts)
    try:
        path = safe_path(name)
    except BadArchiveError:
        return
    assert (Path("/root") / path).resolve().is_relative_to("/root")
