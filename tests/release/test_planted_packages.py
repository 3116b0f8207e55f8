"""Who can write on the web server lays something into the repository, and waits for a release."""

from __future__ import annotations

import gzip
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.release.errors import TamperedError
from elpython.release.repository.apt import publish_debs
from elpython.release.repository.dnf import publish_rpms
from package_managers import FIRST, SECOND, WHO, deb, keyring, need, rpm, update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with keyring(tmp_path_factory.mktemp("g")) as who:
        yield who


def evil_deb(folder: Path) -> Path:
    """A package of another name, newer than any."""
    root = folder / "evil"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        f"Package: bash\nVersion: 99\nArchitecture: all\nMaintainer: {WHO}\nDescription: it\n"
    )
    target = folder / "bash_99_all.deb"
    words = ["dpkg-deb", "--root-owner-group", "--build", root, target]
    subprocess.run(words, check=True, capture_output=True)
    return target


def signed_text(root: Path) -> str:
    """What clients believe: the signed file, and the lists that it names."""
    release = root / "dists" / "elpython"
    lists = [path.read_text() for path in sorted(release.rglob("Packages"))]
    return "".join([(release / "InRelease").read_text(), *lists])


def _lay(root: Path, evil: Path) -> None:
    (root / "pool/main/bash_99_all.deb").write_bytes(evil.read_bytes())


def _exchange(root: Path, evil: Path) -> None:
    next((root / "pool/main").glob("elpython*.deb")).write_bytes(evil.read_bytes())


def _link(root: Path, evil: Path) -> None:
    (root / "pool/main/bash_99_all.deb").symlink_to(evil)


def _list(root: Path, _evil: Path) -> None:
    path = root / "dists/elpython/main/binary-all/Packages"
    path.write_text(path.read_text().replace(FIRST, "9.9"))


def _list_too(root: Path, evil: Path) -> None:
    """The package and a list that has it: only the signature does not."""
    _lay(root, evil)
    path = root / "dists/elpython/main/binary-all/Packages"
    path.write_text(path.read_text() + "\nFilename: pool/main/bash_99_all.deb\nSHA256: 0\n")


def _no_signature(root: Path, _evil: Path) -> None:
    path = root / "dists/elpython/InRelease"
    path.write_text(path.read_text().split("\n\n", 1)[1].split("-----BEGIN PGP SIGNATURE")[0])


def _no_release(root: Path, _evil: Path) -> None:
    (root / "dists/elpython/InRelease").unlink()


def _changed(root: Path, _evil: Path) -> None:
    path = root / "dists/elpython/InRelease"
    path.write_text(path.read_text().replace("Suite: elpython", "Suite: elPython"))


PLANTED = [
    _lay, _exchange, _link, _list, _list_too, _no_signature, _no_release, _changed,
]  # fmt: skip


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__.strip("_"))
def test_a_planted_package_is_not_signed_for_apt(
    plant: Callable[[Path, Path], None], tmp_path: Path, key: str
) -> None:
    """It was: whatever lay in the pool went into the next signed list."""
    need("dpkg-deb", "gpg")
    root = tmp_path / "apt"
    publish_debs([deb(tmp_path, FIRST)], root, key)
    plant(root, evil_deb(tmp_path))
    path = root / "dists/elpython/InRelease"
    before = path.read_bytes() if path.exists() else b""
    new = deb(tmp_path, SECOND)
    with pytest.raises(TamperedError):
        publish_debs([new], root, key)
    assert (path.read_bytes() if path.exists() else b"") == before
    assert not (root / "pool/main" / new.name).exists()


def test_lists_of_other_forms_are_not_signed(tmp_path: Path, key: str) -> None:
    """`Release` told the digest of every file whose name begins with `Packages`."""
    need("dpkg-deb", "gpg")
    root = tmp_path / "apt"
    publish_debs([deb(tmp_path, FIRST)], root, key)
    folder = root / "dists/elpython/main"
    (folder / "binary-all" / "Packages.zst").write_text("evil")
    (folder / "binary-amd64").mkdir()
    (folder / "binary-amd64" / "Packages").write_text("Package: bash\n")
    publish_debs([deb(tmp_path, SECOND)], root, key)
    text = (root / "dists/elpython/InRelease").read_text()
    assert "Packages.zst" not in text
    assert "binary-amd64" not in text


def test_a_strangers_signature_does_not_vouch_for_what_is_there(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, key: str
) -> None:
    need("dpkg-deb", "gpg")
    home = tmp_path_factory.mktemp("s")
    root = tmp_path / "apt"
    with keyring(home) as stranger:
        publish_debs([evil_deb(tmp_path)], root, stranger)
    with pytest.raises(TamperedError, match="no key of your keyring"):
        publish_debs([deb(tmp_path, FIRST)], root, key)


def test_a_publication_that_was_interrupted_goes_on(tmp_path: Path, key: str) -> None:
    """The package was taken in, and nothing signed yet."""
    need("dpkg-deb", "gpg")
    root = tmp_path / "apt"
    publish_debs([deb(tmp_path, FIRST)], root, key)
    new = deb(tmp_path, SECOND)
    (root / "pool/main" / new.name).write_bytes(new.read_bytes())
    publish_debs([new], root, key)
    assert f"Version: {SECOND}-1" in signed_text(root)


def _rpm_below(root: Path, new: Path) -> None:
    (root / "more").mkdir()
    (root / "more" / "bash-99-1.noarch.rpm").write_bytes(new.read_bytes())


def _rpm_exchanged(root: Path, new: Path) -> None:
    next((root / "Packages").glob("*.rpm")).write_bytes(new.read_bytes())


def _advisories(root: Path, _new: Path) -> None:
    path = next((root / "repodata").glob("*updateinfo*"))
    path.write_bytes(path.read_bytes()[::-1])


def _primary(root: Path, _new: Path) -> None:
    path = next((root / "repodata").glob("*primary.xml*"))
    path.write_bytes(path.read_bytes()[::-1])


def _repomd(root: Path, _new: Path) -> None:
    path = root / "repodata" / "repomd.xml"
    path.write_text(path.read_text().replace("<revision>", "<revision>1"))


def _unsigned(root: Path, _new: Path) -> None:
    (root / "repodata" / "repomd.xml.asc").unlink()


RPMS = [_rpm_below, _rpm_exchanged, _advisories, _primary, _repomd, _unsigned]


@pytest.fixture(scope="module")
def rpms(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("rpms")
    return [rpm(folder, version) for version in (FIRST, SECOND)]


@pytest.mark.parametrize("plant", RPMS, ids=lambda plant: plant.__name__.strip("_"))
def test_a_planted_package_is_not_signed_for_dnf(
    plant: Callable[[Path, Path], None], tmp_path: Path, key: str, rpms: list[Path]
) -> None:
    root = tmp_path / "dnf"
    publish_rpms(rpms[:1], root, key, update(FIRST, "CVE-2026-4519"))
    plant(root, rpms[1])
    before = {path.name: path.read_bytes() for path in (root / "repodata").glob("repomd*")}
    with pytest.raises(TamperedError):
        publish_rpms(rpms[1:], root, key, update(SECOND))
    assert {path.name: path.read_bytes() for path in (root / "repodata").glob("repomd*")} == before


def test_advisories_come_from_what_was_signed(tmp_path: Path, key: str, rpms: list[Path]) -> None:
    """A file beside the metadata said them, and nobody had signed it."""
    root = tmp_path / "dnf"
    publish_rpms(rpms[:1], root, key, update(FIRST, "CVE-2026-4519"))
    (root / ".updateinfo.xml").write_text("<updates><update><id>evil</id></update></updates>")
    publish_rpms(rpms[1:], root, key, update(SECOND))
    path = next((root / "repodata").glob("*updateinfo.xml.gz"))
    text = gzip.decompress(path.read_bytes()).decode()
    assert "CVE-2026-4519" in text
    assert f"EL-{SECOND}" in text
    assert "evil" not in text
