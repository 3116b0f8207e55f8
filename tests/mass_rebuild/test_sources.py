"""Archives that nobody vouches for: what is taken and what is refused."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from elpython.mass_rebuild.errors import BadSourceError
from elpython.mass_rebuild.sources import build_system, check_identity, unpack

if TYPE_CHECKING:
    from pathlib import Path


def tar_of(path: Path, *members: tarfile.TarInfo | tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as bundle:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                bundle.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                bundle.addfile(info, io.BytesIO(member[1]))
    return path


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


GOOD = ("p-1/a.py", b"x")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([GOOD, ("../evil", b"x")], "leaves its folder"),
        ([GOOD, ("/etc/evil", b"x")], "leaves its folder"),
        ([GOOD, ("p-1/../../evil", b"x")], "leaves its folder"),
        ([GOOD, ("other/a", b"x")], "one folder at the top"),
        ([GOOD, special("p-1/l", tarfile.SYMTYPE, "/etc/passwd")], "link that leaves"),
        ([GOOD, special("p-1/l", tarfile.SYMTYPE, "../../x")], "link that leaves"),
        ([GOOD, special("p-1/l", tarfile.LNKTYPE, "../x")], "link that leaves"),
        ([GOOD, special("p-1/dev", tarfile.CHRTYPE)], "device"),
        ([GOOD, special("p-1/fifo", tarfile.FIFOTYPE)], "device"),
        ([GOOD, ("p-1/big", b"0" * 2_000_000)], "unpacks to more"),
    ],
)
def test_hostile_tars_are_refused(
    tmp_path: Path, members: list[tarfile.TarInfo | tuple[str, bytes]], message: str
) -> None:
    path = tar_of(tmp_path / "p-1.tar.gz", *members)
    with pytest.raises(BadSourceError, match=message):
        unpack(path, tmp_path / "in" / "side", limit_mb=1)
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "in" / "evil").exists()


def test_good_archives_are_unpacked(tmp_path: Path) -> None:
    inner = special("p-1/link.py", tarfile.SYMTYPE, "a.py")
    path = tar_of(tmp_path / "p-1.tar.gz", GOOD, inner)
    assert (unpack(path, tmp_path / "tar") / "link.py").read_text() == "x"
    with zipfile.ZipFile(tmp_path / "p-1.zip", "w") as bundle:
        bundle.writestr("p-1/a.py", "x")
    assert unpack(tmp_path / "p-1.zip", tmp_path / "zip").name == "p-1"


@pytest.mark.parametrize("name", ["p-1.tar.gz", "p-1.zip"])
def test_garbage_is_no_archive(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"garbage")
    with pytest.raises(BadSourceError, match="cannot be unpacked"):
        unpack(tmp_path / name, tmp_path / "x")


@pytest.mark.parametrize(
    ("files", "requires", "backend"),
    [
        ({}, ("setuptools>=40.8.0",), "setuptools.build_meta:__legacy__"),
        (
            {"setup.py": "from setuptools import setup\nsetup(setup_requires=['cffi>=1'])\n"},
            ("setuptools>=40.8.0", "cffi>=1"),
            "setuptools.build_meta:__legacy__",
        ),
        (
            {"setup.cfg": "[options]\nsetup_requires =\n  pbr\n  wheel\n"},
            ("setuptools>=40.8.0", "pbr", "wheel"),
            "setuptools.build_meta:__legacy__",
        ),
        ({"setup.py": "setup(setup_requires=computed())"}, ("setuptools>=40.8.0",), None),
        ({"setup.py": "print 'Python 2'"}, ("setuptools>=40.8.0",), None),
        (
            {"pyproject.toml": "[build-system]\nrequires=['a']\nbuild-backend='a.x'\n"},
            ("a",),
            "a.x",
        ),
        ({"pyproject.toml": "[tool.x]\ny = 1\n"}, ("setuptools>=40.8.0",), None),
    ],
)
def test_build_system(
    tmp_path: Path, files: dict[str, str], requires: tuple[str, ...], backend: str | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = build_system(tmp_path)
    assert found.requires == requires
    assert backend is None or found.backend == backend


@pytest.mark.parametrize("text", ["[build-system\n", "[build-system]\nrequires = 'x'\n"])
def test_a_broken_pyproject_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(BadSourceError, match=r"pyproject\.toml"):
        build_system(tmp_path)


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ("Name: My_Pkg\nVersion: 1.0.0\n", None),
        ("Name: my-pkg\nVersion: 1.0\n", None),
        ("Name: other\nVersion: 1.0\n", "its name is other"),
        ("Name: my-pkg\nVersion: 2.0\n", "its version is 2.0"),
        ("Name: my-pkg\nVersion: junk\n", "its version is junk"),
    ],
)
def test_identity(tmp_path: Path, info: str, message: str | None) -> None:
    (tmp_path / "PKG-INFO").write_text(info)
    if message is None:
        check_identity(tmp_path, "my-pkg", "1.0")
    else:
        with pytest.raises(BadSourceError, match=message):
            check_identity(tmp_path, "my-pkg", "1.0")
