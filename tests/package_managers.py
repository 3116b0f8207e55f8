"""Real package managers with lists, settings and trust of their own, and small packages."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from elpython.release.repository.dnf import Update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHO = "Acme <python@acme.example>"
NOW = dt.datetime.now(tz=dt.UTC)
FIRST, SECOND = "3.11.2.27.01.0", "3.11.2.27.01.1"
SPEC = """\
Name: elpython-3.11
Version: {version}
Release: 1
Summary: EL Python
License: PSF-2.0
BuildArch: noarch
%description
EL Python
%install
mkdir -p %{{buildroot}}/opt/elpython-3.11
echo {version} > %{{buildroot}}/opt/elpython-3.11/version
%files
/opt/elpython-3.11
"""


def need(*programs: str) -> None:
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


@contextmanager
def keyring(home: Path) -> Iterator[str]:
    """A key in a keyring of its own; its address."""
    need("gpg")
    home.chmod(0o700)
    before = os.environ.get("GNUPGHOME")
    os.environ["GNUPGHOME"] = str(home)
    words = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key"]
    subprocess.run([*words, WHO, "ed25519", "sign", "never"], check=True, capture_output=True)
    yield "python@acme.example"
    subprocess.run(["gpgconf", "--kill", "all"], check=False)
    os.environ.pop("GNUPGHOME")
    if before is not None:
        os.environ["GNUPGHOME"] = before


class Apt:
    """Debian's own apt, with lists, settings and trust of its own."""

    def __init__(self, root: Path, repository: Path) -> None:
        need("apt-get")
        self.root = root
        for name in ("lists/partial", "cache/archives/partial", "etc", "parts"):
            (root / name).mkdir(parents=True)
        key_file = repository / "elpython.asc"
        options = f"signed-by={key_file} check-valid-until=yes check-date=yes"
        line = f"deb [{options}] file:{repository} elpython main\n"
        (root / "etc" / "sources.list").write_text(line)
        (root / "status").touch()
        self.repository = repository

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        settings = {
            "Dir::Etc::SourceList": self.root / "etc" / "sources.list",
            "Dir::Etc::SourceParts": self.root / "parts",
            "Dir::State::Lists": self.root / "lists",
            "Dir::State::Status": self.root / "status",
            "Dir::Cache": self.root / "cache",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": self.root / "parts",
            "APT::Sandbox::User": "root",
            "APT::Update::Error-Mode": "any",
            "Acquire::Check-Valid-Until": "true",
            "Acquire::Check-Date": "true",
        }
        options = [item for name, value in settings.items() for item in ("-o", f"{name}={value}")]
        argv = ["apt-get", *options, *words]
        return subprocess.run(
            argv, capture_output=True, text=True, check=False, cwd=self.root,
            env=os.environ | {"LC_ALL": "C"},
        )  # fmt: skip


class Dnf:
    """The real dnf, in an empty root of its own."""

    def __init__(self, root: Path, repository: Path) -> None:
        need("dnf")
        (root / "etc").mkdir(parents=True)
        self.root = root
        config = (
            f"[main]\nreposdir=/nonexistent\ncachedir={root}/cache\n"
            f"[elpython]\nname=EL Python\nbaseurl=file://{repository}\n"
            f"repo_gpgcheck=1\ngpgcheck=0\ngpgkey=file://{repository}/elpython.asc\n"
        )
        (root / "etc" / "dnf.conf").write_text(config)

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        argv = ["dnf", "-y", "-c", str(self.root / "etc" / "dnf.conf"), "--installroot",
                str(self.root / "install"), "--releasever=1", "--setopt=keepcache=0"]  # fmt: skip
        return subprocess.run([*argv, *words], capture_output=True, text=True, check=False)


def deb(folder: Path, version: str) -> Path:
    """A package as ours are, small."""
    need("dpkg-deb")
    root = folder / f"root-{version}"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "opt" / "elpython-3.11").mkdir(parents=True)
    (root / "opt" / "elpython-3.11" / "version").write_text(f"{version}\n")
    (root / "DEBIAN" / "control").write_text(
        f"Package: elpython-3.11\nVersion: {version}-1\nArchitecture: all\nMaintainer: {WHO}\n"
        "Description: EL Python\n It is small.\n .\n Very.\n"
    )
    target = folder / f"elpython-3.11_{version}-1_all.deb"
    words = ["dpkg-deb", "--root-owner-group", "--build", root, target]
    subprocess.run(words, check=True, capture_output=True)
    return target


def rpm(folder: Path, version: str) -> Path:
    need("rpmbuild", "createrepo_c", "modifyrepo_c")
    spec = folder / f"{version}.spec"
    spec.write_text(SPEC.format(version=version))
    words = ["rpmbuild", "-bb", "--define", f"_topdir {folder}/rpmbuild", str(spec)]
    subprocess.run(words, check=True, capture_output=True)
    return next((folder / "rpmbuild").rglob(f"*{version}-1*.rpm"))


def update(version: str, *cves: str) -> Update:
    return Update(name=f"EL-{version}", version=version, issued=NOW, cves=cves, publisher=WHO)
