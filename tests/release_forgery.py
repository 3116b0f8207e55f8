"""Forged releases: poisoned archives, consistent in all that their makers control."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.store import Store
from elpython.prepare.git import Git
from elpython.release.archive import make_archive
from elpython.release.sign import sign
from examples import make_archive as make_base
from release_sample import CONFIGURE, FILES, Sample, make_key, read_manifest, settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.release.checks import Verified

Change = "Callable[[dict[str, Any]], None]"
TOP = "elpython-3.11.2.27.01.0"


@dataclass
class Forgery:
    """A copy of a release that an attacker changes."""

    sample: Sample
    root: Path

    @property
    def folder(self) -> Path:
        return self.root / TOP

    @property
    def marker(self) -> Path:
        """The file that poisoned code writes when it is run."""
        return self.root / "poisoned"

    @property
    def poison(self) -> str:
        return CONFIGURE.replace("#!/bin/sh\n", f"#!/bin/sh\ntouch {self.marker}\n")

    def manifest(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the manifest, and leave its signature as it is."""
        data = read_manifest(self.folder)
        change(data)
        (self.folder / "release.json").write_text(json.dumps(data, indent=2) + "\n")

    def bless(self) -> None:
        """Have the manifest tell the digests and sizes that the files have now."""

        def change(data: dict[str, Any]) -> None:
            for item in data["files"]:
                content = (self.folder / item["name"]).read_bytes()
                item["sha256"], item["size"] = hashlib.sha256(content).hexdigest(), len(content)

        self.manifest(change)

    def sign(self, who: str = "attacker", namespace: str = "elpython-release") -> None:
        """Sign with the attacker's own key, or with the maintainer's, which was stolen."""
        key = self.sample.key
        if who == "attacker":
            key = self.root / "attacker"
            if not key.exists():
                make_key(key, "release@example.org")
        signature = self.folder / "release.json.sig"
        if namespace == "elpython-release":
            signature.write_bytes(sign(self.folder / "release.json", key))
            return
        words = ["ssh-keygen", "-Y", "sign", "-n", namespace, "-f", str(key)]
        data = (self.folder / "release.json").read_bytes()
        done = subprocess.run(words, input=data, capture_output=True, check=True)
        signature.write_bytes(done.stdout)

    def tree(self, files: dict[str, str], base: str = "") -> None:
        """Put a tree with changed files into the archives, as a release writes them.

        Args:
            files: path -> content.
            base: folder of a git repository to take instead of the sample's own tree.
        """
        work = self.root / "work"
        source = base or self.sample.example.prepare().folder
        subprocess.run(["git", "clone", "-q", str(source), str(work)], check=True)
        git = Git(work)
        git.settle()
        for path, text in files.items():
            (work / path).write_text(text)
        git.commit("Poison\n", "2026-11-21")
        epoch = read_manifest(self.folder)["archive"]["epoch"]
        made = make_archive(Store(self.root / "store"), work, "HEAD", top=TOP, epoch=epoch)

        def change(data: dict[str, Any]) -> None:
            data["tree"]["id"] = git("rev-parse", "HEAD^{tree}").strip()
            data["archive"]["tar_sha256"] = made.tar_sha256

        for form in ("tar.xz", "tar.gz"):
            shutil.copyfile(made.path(form), self.folder / f"{TOP}.{form}")
        self.manifest(change)
        self.bless()

    def tar(self, spoil: Callable[[bytes], bytes]) -> None:
        """Change the bytes of the tar, and have everything agree on them."""
        with lzma.open(self.folder / f"{TOP}.tar.xz") as stream:
            tar = spoil(stream.read())
        (self.folder / f"{TOP}.tar.xz").write_bytes(lzma.compress(tar))
        (self.folder / f"{TOP}.tar.gz").write_bytes(gzip.compress(tar))

        def change(data: dict[str, Any]) -> None:
            data["archive"]["tar_sha256"] = hashlib.sha256(tar).hexdigest()

        self.manifest(change)
        self.bless()

    def backdoored_base(self) -> tuple[Path, str]:
        """Write a base with a back door; return its archive and digest."""
        path = self.root / "base.tar.gz"
        make_base(path, FILES | {"configure": self.poison})
        return path, settle(path)


def forgery(sample: Sample, root: Path) -> Forgery:
    """Copy a release, to be forged."""
    shutil.copytree(sample.folder, root / TOP)
    return Forgery(sample=sample, root=root)


def told(found: Verified) -> str:
    """Return all problems that a verification found."""
    return "\n".join(problem for check in found.checks for problem in check.problems)


def special(name: str, kind: bytes, target: str = "", **more: int) -> tarfile.TarInfo:
    """Return a member of a tar, not yet in one."""
    member = tarfile.TarInfo(f"{TOP}/{name}" if not name.startswith(("/", "..")) else name)
    member.type, member.linkname = kind, target
    for key, value in more.items():
        setattr(member, key, value)
    return member


def more(*members: tarfile.TarInfo, data: bytes = b"") -> Callable[[bytes], bytes]:
    """Return a function that puts more members into a tar."""

    def spoil(tar: bytes) -> bytes:
        stream = io.BytesIO(tar)
        with tarfile.open(fileobj=stream, mode="a", format=tarfile.PAX_FORMAT) as out:
            for member in members:
                member.size = len(data) if member.isfile() else 0
                out.addfile(member, io.BytesIO(data))
        return stream.getvalue()

    return spoil


def rewritten(change: Callable[[tarfile.TarInfo], None]) -> Callable[[bytes], bytes]:
    """Write every member again, changed."""

    def spoil(tar: bytes) -> bytes:
        stream = io.BytesIO()
        with (
            tarfile.open(fileobj=io.BytesIO(tar)) as source,
            tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as out,
        ):
            for member in source:
                content = source.extractfile(member) if member.isfile() else None
                change(member)
                out.addfile(member, content)
        return stream.getvalue()

    return spoil
