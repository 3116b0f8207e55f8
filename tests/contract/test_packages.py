"""Packages as a side: what they hold is laid out safely; a missing version is told."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tarfile
from typing import TYPE_CHECKING

import pytest

from elpython.contract.packages import is_packages, packaged
from elpython.contract.unpack import Member, cpio_members, lay_out, tar_members
from elpython.core.errors import BadArchiveError, ElpythonError, UnknownNameError, UsageError
from elpython.core.process import run as run_program

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.contract.subject import Run

FILE, LINK, FOLDER = stat.S_IFREG | 0o644, stat.S_IFLNK, stat.S_IFDIR | 0o755


def _file(name: str, text: bytes = b"x", mode: int = FILE) -> Member:
    return Member(name=name, mode=mode, data=io.BytesIO(text), size=len(text))


def _linked(name: str, target: str, *, hard: bool = False) -> Member:
    return Member(name=name, mode=FILE if hard else LINK, target=target, hard=hard)


ATTACKS = {
    "a path upwards": [_file("./../out")],
    "a path upwards inside": [_file("usr/../../out")],
    "a link upwards": [_linked("usr/lib", "../../out")],
    "a link upwards from the root": [_linked("usr/lib", "/../out")],
    "through a link": [
        Member(name="usr", mode=FOLDER), _linked("usr/a", "b/../.."), _linked("usr/b", "../.."),
    ],
    "up behind a link": [_linked("usr/b", "."), _linked("usr/a", "b/../..")],
    "a hard link out": [_linked("usr/passwd", "../../etc/passwd", hard=True)],
    "a hard link to a link": [_linked("a", "b"), _linked("c", "a", hard=True)],
    "a device": [Member(name="dev", mode=stat.S_IFCHR | 0o666)],
    "a pipe": [Member(name="pipe", mode=stat.S_IFIFO | 0o666)],
    "cut": [Member(name="a", mode=FILE, data=io.BytesIO(b"12"), size=3)],
    "too much": [Member(name="a", mode=FILE, data=io.BytesIO(b""), size=1 << 40)],
    "a null": [_file("a\0b")],
}  # fmt: skip


@pytest.mark.parametrize("case", ATTACKS)
def test_nothing_leaves_the_folder(tmp_path: Path, case: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    members = ATTACKS[case]
    for member in members:
        if member.data is not None:
            member.data.seek(0)
    with pytest.raises(BadArchiveError):
        lay_out(members, root)
    assert sorted(tmp_path.iterdir()) == [root]


def test_a_link_on_the_machine_is_not_followed(tmp_path: Path) -> None:
    """A package that was laid out before may have left a link; a later one does not go through."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "usr").symlink_to(tmp_path)
    with pytest.raises(BadArchiveError, match="by a link"):
        lay_out([_file("usr/x")], root)
    assert not (tmp_path / "x").exists()


def test_what_a_package_holds_is_laid_out(tmp_path: Path) -> None:
    lay_out(
        [
            Member(name="./", mode=FOLDER),
            Member(name="./usr/bin", mode=FOLDER),
            _file("./usr/bin/tool", b"one", stat.S_IFREG | 0o6777),
            _file("/usr/bin/tool", b"two", stat.S_IFREG | 0o4755),
            _linked("./usr/bin/again", "./usr/bin/tool", hard=True),
            _linked("./usr/lib/site.py", "/etc/python3.11/site.py"),
            _file("./etc/python3.11/site.py", b"here"),
            _linked("./lib64", "usr/lib"),
        ],
        tmp_path,
    )
    tool = tmp_path / "usr/bin/tool"
    assert tool.read_bytes() == b"two"
    assert stat.S_IMODE(tool.stat().st_mode) == 0o755
    assert (tmp_path / "usr/bin/again").samefile(tool)
    assert (tmp_path / "usr/lib/site.py").read_bytes() == b"here"
    assert tool.stat().st_uid == os.getuid()


def test_of_packages_for_debugging_only_debug_information_is_taken(tmp_path: Path) -> None:
    members = [_file("usr/bin/python3.11d"), _file("usr/lib/debug/.build-id/aa/b.debug")]
    lay_out(members, tmp_path, below="usr/lib/debug")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["b.debug"]


def test_devices_in_an_archive_are_refused() -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        device = tarfile.TarInfo("dev/null")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    made.seek(0)
    with tarfile.open(fileobj=made) as archive, pytest.raises(BadArchiveError, match="device"):
        list(tar_members(archive))


def _cpio(*items: tuple[str, int, bytes, int, int]) -> bytes:
    """Write a cpio archive of the new form: name, mode, content, inode, links."""
    made = b""
    for name, mode, content, inode, links in (*items, ("TRAILER!!!", 0, b"", 0, 1)):
        fields = [inode, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + "".join(f"{value:08x}" for value in fields).encode()
        made += (head + name.encode() + b"\0").ljust(
            -(-(len(head) + len(name) + 1) // 4) * 4, b"\0"
        )
        made += content.ljust(-(-len(content) // 4) * 4, b"\0")
    return made


def test_cpio_archives_are_read(tmp_path: Path) -> None:
    archive = _cpio(
        ("./usr", FOLDER, b"", 1, 2),
        ("./usr/one", FILE, b"", 2, 3),
        ("./usr/two", FILE, b"", 2, 3),
        ("./usr/three", FILE, b"same", 2, 3),
        ("./usr/link", LINK, b"one", 3, 1),
        ("./usr/odd", FILE, b"12345", 4, 1),
    )
    lay_out(cpio_members(io.BytesIO(archive)), tmp_path)
    found = {path.name: path.read_bytes() for path in (tmp_path / "usr").iterdir()}
    assert found == {
        "one": b"same", "two": b"same", "three": b"same", "link": b"same", "odd": b"12345",
    }  # fmt: skip


@pytest.mark.parametrize("archive", [b"", b"070707" + b"0" * 200, _cpio()[:60]])
def test_other_archives_are_refused(archive: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadArchiveError):
        lay_out(cpio_members(io.BytesIO(archive)), tmp_path)


def test_words_that_name_nothing_are_told(run: Run, tmp_path: Path) -> None:
    assert is_packages("deb:python3.11")
    assert is_packages("rpm:x.rpm")
    assert not is_packages("./deb")
    for text in ("deb:", "rpm:", "rpm:nowhere.rpm", f"deb:{tmp_path}/a.deb", f"rpm:{tmp_path}"):
        with pytest.raises(UsageError):
            packaged(text, run.store)


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-cache whose lists have two versions."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "apt-cache"
    program.write_text(
        "#!/bin/sh\n"
        "echo 'python3.11-minimal | 3.11.2-6+deb12u9 | http://mirror suite/main amd64 Packages'\n"
        "echo 'python3.11-minimal | 3.11.2-6+deb12u8 | http://mirror other/main amd64 Packages'\n"
        "echo 'python3.11-minimal | 3.11.2-7 | http://mirror other/main Sources'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest.mark.parametrize("text", ["python3.11=3.11.2-6+deb12u5", "python3.11=3.11.2-7"])
def test_a_version_that_is_not_there_is_told(run: Run, apt: Path, text: str) -> None:
    del apt
    with pytest.raises(UnknownNameError) as caught:
        packaged(f"deb:{text}", run.store)
    assert "there are: 3.11.2-6+deb12u9, 3.11.2-6+deb12u8;" in caught.value.todo


def _tree(folder: Path) -> Path:
    """A root with what looks like an interpreter."""
    (folder / "usr/bin").mkdir(parents=True)
    program = folder / "usr/bin/python3.11"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return folder


def test_a_debian_package_is_unpacked(run: Run, tmp_path: Path) -> None:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("needs dpkg-deb")
    root = _tree(tmp_path / "root")
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(
        "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n"
    )
    run_program(["dpkg-deb", "--root-owner-group", "-b", root, tmp_path / "p.deb"])
    python = packaged(f"deb:{tmp_path / 'p.deb'}", run.store)
    assert python.name == "python3.11"
    assert packaged(f"deb:{tmp_path / 'p.deb'}", run.store) == python
    (tmp_path / "broken.deb").write_bytes((tmp_path / "p.deb").read_bytes()[:300])
    with pytest.raises(BadArchiveError, match="cannot be unpacked"):
        packaged(f"deb:{tmp_path / 'broken.deb'}", run.store)


@pytest.mark.slow
def test_an_rpm_is_unpacked(run: Run, tmp_path: Path) -> None:
    if shutil.which("rpmbuild") is None or shutil.which("rpm2cpio") is None:
        pytest.skip("needs rpmbuild and rpm2cpio")
    spec = tmp_path / "p.spec"
    spec.write_text(
        "Name: p\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\n"
        "AutoReqProv: no\n%description\nx\n%install\nmkdir -p %{buildroot}/usr/bin\n"
        "echo '#!/bin/sh' > %{buildroot}/usr/bin/python3.11\n%files\n/usr/bin/python3.11\n"
    )
    run_program(["rpmbuild", "-bb", "--define", f"_topdir {tmp_path}/rpm", spec])
    (made,) = tmp_path.glob("rpm/RPMS/noarch/*.rpm")
    assert packaged(f"rpm:{made}", run.store).name == "python3.11"
    made.write_bytes(made.read_bytes()[:200])
    with pytest.raises(ElpythonError, match="unpacked"):
        packaged(f"rpm:{made.parent}", run.store)


def test_packages_without_an_interpreter_are_told(run: Run, tmp_path: Path) -> None:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("needs dpkg-deb")
    root = _tree(tmp_path / "root")
    (root / "usr/bin/python3.11").rename(root / "usr/bin/pythonic")
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(
        "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n"
    )
    run_program(["dpkg-deb", "--root-owner-group", "-b", root, tmp_path / "p.deb"])
    with pytest.raises(BadArchiveError, match="hold no interpreter"):
        packaged(f"deb:{tmp_path / 'p.deb'}", run.store)
