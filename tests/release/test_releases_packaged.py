"""Three releases of one branch, 27.01, 27.01.1 and 27.07: index, packages, upgrade, roll-back."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elpython.core.store import file_digest
from elpython.release.package import Package, build_deb, build_rpm, write
from elpython.release.repository.apt import publish_debs
from elpython.release.repository.dnf import Update, publish_rpms
from elpython.release.verify import admitted, verify
from examples import diff
from index_keepers import Keepers, record
from package_managers import WHO, Dnf, keyring, need
from release_sample import Sample, make_sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
VERSIONS = ("3.11.2.27.01.0", "3.11.2.27.01.1", "3.11.2.27.07.0")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with keyring(tmp_path_factory.mktemp("g")) as who:
        yield who


def _next(sample: Sample, el: str, change: str, kind: str) -> None:
    """Add a change, and release it under the next number."""
    example = sample.example
    fix = diff({}, {f"Lib/{change}.py": f"VALUE = {el!r}\n"})
    example.add(change, fix, kind=kind, toml="\n[dep3]\nlast-update = 2026-11-30\n")
    example.write(el=f'"{el}"', first='"27.01.0"')
    sample.lock()
    sample.commit(f"Make {el}")
    sample.release(security=kind == "security")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A branch with three releases, each made by the whole pipeline."""
    sample = make_sample(tmp_path_factory.mktemp("three"))
    sample.release()
    _next(sample, "27.01.1", "hole", "security")
    _next(sample, "27.07.0", "more", "feature")
    return sample


def folder_of(sample: Sample, version: str) -> Path:
    return sample.out / f"elpython-{version}"


def packages(sample: Sample, kind: str, to: Path) -> dict[str, Path]:
    """Build the package of each release from its verified archive."""
    build, suffix = {"debian": (build_deb, ".deb"), "rpm": (build_rpm, ".rpm")}[kind]
    found = {}
    for version in VERSIONS:
        with admitted(folder_of(sample, version), sample.trust) as received:
            item = Package(received=received, maintainer=WHO)
            write(item, kind, to / version)
            made = build(item, to / version / kind)
        found[version] = next(
            path for path in made if path.suffix == suffix and ".src." not in path.name
        )
    return found


def test_the_index_follows_the_releases_of_a_branch(three: Sample, tmp_path: Path) -> None:
    """Each supersedes the one before it; a revoked one makes way for that before it."""
    keepers = Keepers(tmp_path)
    keepers.begin()
    rows = record()
    now = dt.datetime.now(tz=dt.UTC)
    for version in VERSIONS:
        manifest = folder_of(three, version) / "release.json"
        rows = rows.with_release(version, file_digest(manifest), now)
        keepers.put(rows)
        index = keepers.read()
        assert index.records["3.11"].current == (version,)
        trust = replace(three.trust, index=index)
        assert verify(folder_of(three, version), trust).good
    old = verify(folder_of(three, VERSIONS[0]), trust)
    assert f"superseded by {VERSIONS[1]}" in old.checks[0].problems[0]
    assert verify(folder_of(three, VERSIONS[0]), replace(trust, allow_downgrade=True)).good


@pytest.mark.skipif(not shutil.which("rpmbuild"), reason="needs rpmbuild")
def test_dnf_upgrades_through_three_releases_and_goes_back(
    three: Sample, tmp_path: Path, key: str
) -> None:
    need("rpmbuild", "createrepo_c", "modifyrepo_c", "dnf")
    rpms = packages(three, "rpm", tmp_path / "rpms")
    repository = tmp_path / "dnf"
    dnf: Dnf | None = None
    for number, version in enumerate(VERSIONS):
        cves = ("CVE-2026-4519",) if number == 1 else ()
        now = dt.datetime.now(tz=dt.UTC)
        update = Update(name=f"EL-{version}", version=version, issued=now, cves=cves, publisher=WHO)
        publish_rpms([rpms[version]], repository, key, update)
        if dnf is None:
            dnf = Dnf(tmp_path / "client", repository)
            done = dnf("install", "elpython-3.11", "--setopt=install_weak_deps=0")
        else:
            done = dnf("--refresh", "upgrade", *(["--security"] if cves else []))
        assert done.returncode == 0, done.stdout + done.stderr
        assert _told(dnf.root / "install") == version
    for version in reversed(VERSIONS[:-1]):
        done = dnf("downgrade", "elpython-3.11")
        assert _told(dnf.root / "install") == version, done.stdout + done.stderr


def _told(root: Path) -> str:
    """Return which release the interpreter below a root says it is."""
    python = root / "opt" / "elpython-3.11" / "bin" / "python3.11"
    told = subprocess.run([python], capture_output=True, text=True, check=True).stdout
    return next(version for version in VERSIONS if f'"{version[-7:]}"' in told)


def test_apt_upgrades_through_three_releases_and_goes_back_in_a_fresh_debian(
    three: Sample, tmp_path: Path, key: str
) -> None:
    """A debootstrap root: installed, upgraded and put back by its own apt and dpkg."""
    need("debootstrap", "chroot", "dpkg-buildpackage")
    if os.geteuid() != 0:
        pytest.skip("only root can make a Debian root")
    root = tmp_path / "debian"
    words = ["debootstrap", "--variant=minbase", "bookworm", str(root)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"debootstrap: {done.stdout.splitlines()[-1:]}")
    debs = packages(three, "debian", tmp_path / "debs")
    repository = tmp_path / "apt"

    def inside(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["chroot", str(root), *argv], capture_output=True, text=True, check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                 "DEBIAN_FRONTEND": "noninteractive"},
        )  # fmt: skip

    def version() -> str:
        words = ["dpkg-query", "-W", "-f", "${Version}", "elpython-3.11"]
        told = inside(*words).stdout.removesuffix("-1")
        assert _told(root) == told
        return told

    line = "deb [signed-by=/srv/apt/elpython.asc] file:/srv/apt elpython main\n"
    with (root / "etc" / "apt" / "sources.list").open("a") as stream:
        stream.write(line)
    for number, released in enumerate(VERSIONS):
        publish_debs([debs[released]], repository, key)
        shutil.rmtree(root / "srv" / "apt", ignore_errors=True)
        shutil.copytree(repository, root / "srv" / "apt")
        assert inside("apt-get", "update").returncode == 0
        words = ["upgrade"] if number else ["install", "elpython-3.11"]
        done = inside("apt-get", *words, "-y")
        assert done.returncode == 0, done.stdout + done.stderr
        assert version() == released
    for earlier in reversed(VERSIONS[:-1]):
        words = ["install", "-y", "--allow-downgrades", f"elpython-3.11={earlier}-1"]
        assert inside("apt-get", *words).returncode == 0
        assert version() == earlier
