"""Verification: whatever was changed in a release, by one byte, is found."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import lzma
import random
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from elpython.core.report import SILENT
from elpython.prepare.tree import base_repository
from elpython.release.errors import BadManifestError, NoTrustError, SigningError
from elpython.release.manifest import load, parse
from elpython.release.rebuild import reproduce
from elpython.release.sign import check_signature, sign
from elpython.release.trust import Trust, read_signers
from elpython.release.verify import release_of, verify
from release_sample import Sample, make_key, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.release.checks import Verified

POSITIONS = 400


def checked(folder: Path, sample: Sample) -> Verified:
    return verify(folder, sample.trust)


def problems(found: Verified) -> str:
    return "\n".join(problem for check in found.checks for problem in check.problems)


def rewrite(folder: Path, sample: Sample, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest and sign it anew, as only who has the key can."""
    data = read_manifest(folder)
    change(data)
    (folder / "release.json").write_text(json.dumps(data))
    (folder / "release.json.sig").write_bytes(sign(folder / "release.json", sample.key))


def test_a_good_release_is_good(released: Sample) -> None:
    found = checked(released.folder, released)
    assert found.good
    assert found.signature.signer == "release@example.org"
    assert (found.version, found.variant) == ("3.11.2.27.01.0", "elpython")


def test_any_changed_byte_is_found(copied: Path, released: Sample) -> None:
    """Several hundred positions over all files, every file among them, each bit pattern its own."""
    chance = random.Random(20270126)
    files = sorted(path for path in copied.rglob("*") if path.is_file())
    weights = [path.stat().st_size for path in files]
    tries = [(path, chance.randrange(path.stat().st_size)) for path in files for _ in range(3)]
    # The whole signature, byte by byte: its armour forgives much.
    signature = copied / "release.json.sig"
    tries += [(signature, at) for at in range(signature.stat().st_size)]
    while len(tries) < POSITIONS + signature.stat().st_size:
        path = chance.choices(files, weights)[0]
        tries.append((path, chance.randrange(path.stat().st_size)))
    missed = []
    for path, position in tries:
        data = bytearray(path.read_bytes())
        before = data[position]
        data[position] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        if caught_by_nothing(copied, released, path):
            missed.append((path.name, position))
        data[position] = before
        path.write_bytes(data)
    assert missed == []
    assert checked(copied, released).good


def test_a_signature_of_another_version_is_refused(copied: Path, released: Sample) -> None:
    """The version is not signed, and ssh-keygen reads version 0 as it reads 1."""
    path = copied / "release.json.sig"
    head, *lines, foot = path.read_text("utf-8").splitlines()
    held = bytearray(base64.b64decode("".join(lines)))
    assert held[:10] == b"SSHSIG\0\0\0\1"
    held[9] = 0
    text = base64.b64encode(held).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    path.write_text("\n".join([head, *lines, foot, ""]))
    assert "file is damaged" in problems(checked(copied, released))


def caught_by_nothing(folder: Path, sample: Sample, path: Path) -> bool:
    """Return whether a spoiled release passes; dear checks are run only where cheap ones do."""
    manifest = folder / "release.json"
    if path.name.startswith("release.json"):
        signature = folder / "release.json.sig"
        if not check_signature(
            manifest.read_bytes(), signature.read_bytes(), read_signers(sample.signers)
        ).good:
            return False
    return checked(folder, sample).good


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "patches" / "series").unlink(), "patches/series: is missing"),
        (lambda folder: (folder / "more.txt").write_text("x"), "the manifest does not know it"),
        (lambda folder: (folder / "release.json.sig").unlink(), "there is no signature"),
        (lambda folder: (folder / "NOTES.md").write_text(""), "NOTES.md: is not what was signed"),
        (lambda folder: (folder / "release.json.sig").write_text("x"), "file is damaged"),
        (lambda folder: (folder / "release.json").write_text("{"), "not made over this manifest"),
        (
            lambda folder: [(folder / "NOTES.md").unlink(), (folder / "NOTES.md").symlink_to("x")],
            "NOTES.md: is missing",
        ),
    ],
)
def test_what_is_spoiled_is_told(
    copied: Path, released: Sample, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(copied)
    found = checked(copied, released)
    assert not found.good
    assert says in problems(found)


def test_another_key_does_not_count(copied: Path, released: Sample, tmp_path: Path) -> None:
    make_key(tmp_path / "other", "release@example.org")
    signature = sign(copied / "release.json", tmp_path / "other")
    (copied / "release.json.sig").write_bytes(signature)
    found = checked(copied, released)
    assert "the allowed signers do not list its key" in problems(found)
    with pytest.raises(NoTrustError, match="nobody is named"):
        verify(copied, Trust(signers=None))


def test_a_signature_for_another_purpose_does_not_count(copied: Path, released: Sample) -> None:
    file = copied / "release.json"
    words = ["ssh-keygen", "-Y", "sign", "-n", "git", "-f", str(released.key)]
    done = subprocess.run(words, input=file.read_bytes(), capture_output=True, check=True)
    (copied / "release.json.sig").write_bytes(done.stdout)
    assert not checked(copied, released).good


def test_an_absent_list_of_signers_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="no such file of allowed signers"):
        read_signers(tmp_path / "none")


def test_a_swapped_patch_order_is_found_though_signed(copied: Path, released: Sample) -> None:
    def swap(data: dict[str, object]) -> None:
        series = data["series"]
        assert isinstance(series, list)
        series[0], series[1] = series[1], series[0]

    rewrite(copied, released, swap)
    assert "not the order of the manifest" in problems(checked(copied, released))


def test_an_archive_of_another_release_is_found_though_signed(
    copied: Path, released: Sample
) -> None:
    def lie(data: dict[str, Any]) -> None:
        data["version"] = "3.11.2.27.07.0"
        data["archive"]["top"] = "elpython-3.11.2.27.07.0"
        for item in data["files"]:
            if ".tar." in item["name"]:
                (copied / item["name"]).rename(copied / item["name"].replace("27.01", "27.07"))
                item["name"] = item["name"].replace("27.01", "27.07")

    rewrite(copied, released, lie)
    assert "lies outside of elpython-3.11.2.27.07.0" in problems(checked(copied, released))


def test_an_archive_is_made_again_from_base_and_patches(released: Sample, tmp_path: Path) -> None:
    store = released.example.store
    manifest = load(released.folder / "release.json")
    base = base_repository(store, "3.11.2", manifest.base, lambda _line: None)

    def again(folder: Path) -> tuple[str, ...]:
        return reproduce(folder, manifest, base, SILENT).problems

    assert again(released.folder) == ()
    copy = shutil.copytree(released.folder, tmp_path / "copy")
    path = next((copy / "patches").glob("0002-*"))
    path.write_text(path.read_text().replace("return 10", "return 11"))
    assert "give the tree" in again(copy)[0] or "does not apply" in again(copy)[0]


@pytest.mark.parametrize("name", ["", "release.json", "elpython-3.11.2.27.01.0.tar.xz"])
def test_a_release_is_found_by_any_of_its_files(released: Sample, name: str) -> None:
    assert release_of(released.folder / name) == released.folder


def test_a_file_without_a_manifest_is_no_release(tmp_path: Path) -> None:
    (tmp_path / "a.tar.xz").write_text("x")
    with pytest.raises(BadManifestError, match=r"no release\.json beside it"):
        release_of(tmp_path / "a.tar.xz")
    with pytest.raises(BadManifestError, match="no such file"):
        release_of(tmp_path / "b.tar.xz")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": "3.11"}, "version"),
        ({"format": 9}, "format 9"),
        ({"variant": "pypy"}, "variant"),
        ({"files": [{"name": "../x", "sha256": "0" * 64}]}, "leaves the tree"),
        ({"files": [{"name": "/etc/x", "sha256": "0" * 64}]}, "leaves the tree"),
        ({"files": [{"name": "release.json", "sha256": "0" * 64}]}, "may not stand here"),
        ({"files": [{"name": "a", "sha256": "zz"}]}, "64 hex digits"),
        ({"archive": 3}, "archive: must be a table"),
        ({"tree": {"id": "x"}}, "tree.id"),
    ],
)
def test_a_bad_manifest_is_refused_with_the_key(
    released: Sample, change: dict[str, object], says: str
) -> None:
    data = read_manifest(released.folder) | change
    with pytest.raises(BadManifestError) as caught:
        parse(json.dumps(data).encode())
    assert says in str(caught.value)


def tricky(member: tarfile.TarInfo, data: bytes = b"") -> Callable[[bytes], bytes]:
    """Return a function that puts one more member into a tar."""

    def spoil(tar: bytes) -> bytes:
        stream = io.BytesIO(tar)
        with tarfile.open(fileobj=stream, mode="a") as out:
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
        return stream.getvalue()

    return spoil


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


TOP = "elpython-3.11.2.27.01.0"
TRICKS = {
    "above": (tricky(tarfile.TarInfo("../evil"), b"x"), "leaves the tree"),
    "absolute": (tricky(tarfile.TarInfo("/tmp/evil"), b"x"), "leaves the tree"),
    "git": (tricky(tarfile.TarInfo(f"{TOP}/.git/hooks/x"), b"x"), "leaves the tree"),
    "link out": (
        tricky(special(f"{TOP}/out", tarfile.SYMTYPE, "../../etc")),
        "points out of the tree",
    ),
    "device": (tricky(special(f"{TOP}/null", tarfile.CHRTYPE)), "special file"),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_path_tricks_are_found_though_signed(
    copied: Path, released: Sample, tmp_path: Path, trick: str
) -> None:
    spoil, says = TRICKS[trick]
    packers = {"tar.xz": lzma.compress, "tar.gz": gzip.compress}
    with lzma.open(copied / f"{TOP}.tar.xz") as stream:
        tar = spoil(stream.read())
    for form, pack in packers.items():
        (copied / f"{TOP}.{form}").write_bytes(pack(tar))

    def bless(data: dict[str, Any]) -> None:
        data["archive"]["tar_sha256"] = hashlib.sha256(tar).hexdigest()
        for item in data["files"]:
            data_of = (copied / item["name"]).read_bytes()
            item["sha256"], item["size"] = hashlib.sha256(data_of).hexdigest(), len(data_of)

    rewrite(copied, released, bless)
    found = checked(copied, released)
    assert not found.good
    assert says in problems(found)
    assert not (tmp_path / "evil").exists()
