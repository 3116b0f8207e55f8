"""Repositories: real apt and dnf install from them, upgrade, go back, and refuse what is forged."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import UsageError
from elpython.release.errors import SigningError
from elpython.release.repository.apt import publish_debs
from elpython.release.repository.dnf import publish_rpms
from package_managers import FIRST, NOW, SECOND, Apt, Dnf, deb, keyring, rpm, update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with keyring(tmp_path_factory.mktemp("g")) as who:
        yield who


@pytest.fixture
def repository(tmp_path: Path, key: str) -> Path:
    root = tmp_path / "apt"
    publish_debs([deb(tmp_path, FIRST)], root, key)
    return root


def test_apt_takes_it_and_sees_the_next_release(repository: Path, tmp_path: Path, key: str) -> None:
    apt = Apt(tmp_path / "client", repository)
    assert apt("update").returncode == 0
    done = apt("--simulate", "install", "elpython-3.11")
    assert f"Inst elpython-3.11 ({FIRST}-1 EL Python:elpython [all])" in done.stdout
    publish_debs([deb(tmp_path, SECOND)], repository, key)
    assert apt("update").returncode == 0
    assert f"({SECOND}-1" in apt("--simulate", "install", "elpython-3.11").stdout
    assert f"({FIRST}-1" in apt("--simulate", "install", f"elpython-3.11={FIRST}-1").stdout
    done = apt("download", "elpython-3.11")
    assert done.returncode == 0, done.stderr
    got = next(apt.root.glob("*.deb"))
    assert got.read_bytes() == (tmp_path / got.name).read_bytes()


FORGED = {
    "no signature": lambda root: [
        (root / "dists/elpython" / name).unlink() for name in ("InRelease", "Release.gpg")
    ],
    "another release": lambda root: (root / "dists/elpython/InRelease").write_text(
        (root / "dists/elpython/InRelease").read_text().replace("EL Python", "Evil")
    ),
    "another index": lambda root: [
        path.write_bytes(b"x" * path.stat().st_size)
        for path in (root / "dists").rglob("*")
        if path.is_file() and "binary-" in str(path)
    ],
}


@pytest.mark.parametrize("forgery", FORGED)
def test_apt_refuses_what_was_forged(repository: Path, tmp_path: Path, forgery: str) -> None:
    FORGED[forgery](repository)
    done = Apt(tmp_path / "client", repository)("update")
    assert done.returncode != 0, done.stdout + done.stderr


def test_apt_refuses_another_package_under_the_name(repository: Path, tmp_path: Path) -> None:
    apt = Apt(tmp_path / "client", repository)
    assert apt("update").returncode == 0
    path = next((repository / "pool" / "main").glob("*.deb"))
    path.write_bytes(b"x" * path.stat().st_size)
    done = apt("download", "elpython-3.11")
    assert done.returncode != 0
    assert "Hash Sum mismatch" in done.stderr + done.stdout


def test_apt_refuses_a_stale_repository(tmp_path: Path, key: str) -> None:
    root = tmp_path / "apt"
    publish_debs([deb(tmp_path, FIRST)], root, key, days=7, now=NOW - dt.timedelta(days=20))
    done = Apt(tmp_path / "client", root)("update")
    assert done.returncode != 0
    assert "expired" in done.stderr
    publish_debs([], root, key)
    assert Apt(tmp_path / "again", root)("update").returncode == 0


def test_a_client_in_the_middle_finds_its_index_by_hash(
    repository: Path, tmp_path: Path, key: str
) -> None:
    folder = repository / "dists/elpython/main/binary-all/by-hash/SHA256"
    before = {path.name for path in folder.iterdir()}
    publish_debs([deb(tmp_path, SECOND)], repository, key)
    assert before < {path.name for path in folder.iterdir()}
    for number in range(6):
        publish_debs([deb(tmp_path, f"3.11.2.27.02.{number}")], repository, key)
    assert len(list(folder.iterdir())) <= 9


def test_a_key_that_is_not_there_signs_nothing(tmp_path: Path, key: str) -> None:
    assert key
    with pytest.raises(SigningError, match="gpg cannot sign"):
        publish_debs([deb(tmp_path, FIRST)], tmp_path / "apt", "nobody@acme.example")
    assert not (tmp_path / "apt" / "dists" / "elpython" / "InRelease").exists()


def test_a_version_is_published_once(repository: Path, tmp_path: Path, key: str) -> None:
    path = tmp_path / f"elpython-3.11_{FIRST}-1_all.deb"
    publish_debs([path], repository, key)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(UsageError, match="published already, with other content"):
        publish_debs([path], repository, key)


def test_dnf_upgrades_by_advisory_and_goes_back(tmp_path: Path, key: str) -> None:
    root = tmp_path / "dnf"
    publish_rpms([rpm(tmp_path, FIRST)], root, key, update(FIRST))
    dnf = Dnf(tmp_path / "client", root)
    done = dnf("install", "elpython-3.11")
    assert done.returncode == 0, done.stdout + done.stderr
    version = dnf.root / "install" / "opt" / "elpython-3.11" / "version"
    assert version.read_text().strip() == FIRST
    publish_rpms([rpm(tmp_path, SECOND)], root, key, update(SECOND, "CVE-2026-4519"))
    told = dnf("--refresh", "updateinfo", "list", "--with-cve").stdout
    assert "CVE-2026-4519" in told
    done = dnf("upgrade", "--security")
    assert version.read_text().strip() == SECOND, done.stdout + done.stderr
    done = dnf("downgrade", "elpython-3.11")
    assert version.read_text().strip() == FIRST, done.stdout + done.stderr


def test_dnf_refuses_metadata_that_was_forged(tmp_path: Path, key: str) -> None:
    root = tmp_path / "dnf"
    publish_rpms([rpm(tmp_path, FIRST)], root, key)
    path = root / "repodata" / "repomd.xml"
    path.write_text(path.read_text().replace("<revision>", "<revision>1"))
    done = Dnf(tmp_path / "client", root)("install", "elpython-3.11")
    assert done.returncode != 0
    assert "GPG" in done.stdout + done.stderr or "signature" in done.stdout + done.stderr
