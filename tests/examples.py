"""Examples that tests are made of: a small base, branches on it, and the machine's real Pythons."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.build.build import Build, build
from elpython.build.request import BuildRequest, profile_named
from elpython.core.machine import check, way_out
from elpython.core.process import run
from elpython.define.branch import Branch, load_branch
from elpython.prepare.tree import Tree, TreeRequest, prepare

if TYPE_CHECKING:
    from elpython.core.store import Store

REPOSITORY = Path(__file__).parents[1]

BASE_FILES = {
    "Lib/spam.py": "def first():\n    return 1\n\n\ndef second():\n    return 2\n",
    "Lib/eggs.py": "VALUE = 1\n",
    "Misc/NEWS": "What's New\n\n*Release date: 2023-02-07*\n",
    "Include/patchlevel.h": '#define PY_VERSION      "3.11.2"\n',
    "configure": "#!/bin/sh\nexit 0\n",
}


def make_archive(path: Path, files: dict[str, str], top: str = "Python-3.11.2") -> str:
    """Write a small release archive; return its sha256."""
    with tarfile.open(path, "w:gz") as stream:
        for name, text in files.items():
            member = tarfile.TarInfo(f"{top}/{name}")
            data = text.encode()
            member.size, member.mtime = len(data), 1675728000
            member.mode = 0o755 if name == "configure" else 0o644
            stream.addfile(member, io.BytesIO(data))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def diff(files: dict[str, str], changed: dict[str, str]) -> str:
    """Return the `git diff` between two sets of files."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in (("a", files), ("b", changed)):
            (root / name).mkdir()
            for path, text in content.items():
                target = root / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        words = ["git", "diff", "--no-index", "--no-prefix", "a", "b"]
        return subprocess.run(words, cwd=root, capture_output=True, text=True, check=False).stdout


@dataclass
class Example:
    """A `branches` folder on a small base, to be filled by a test."""

    root: Path
    store: Store
    series: list[str] = field(default_factory=list)
    sha256: str = ""

    @property
    def branches(self) -> Path:
        return self.root / "branches"

    @property
    def folder(self) -> Path:
        return self.branches / "3.11"

    def write(self, **extra: object) -> None:
        """Write branch.toml for the present series."""
        lines = {
            "base": '"3.11.2"', "el": '"27.01.0"', "lts": "true",
            "upstream-end-of-life": "2027-10-31", "end-of-life": "2033-01-31",
            "series": str(self.series).replace("'", '"'),
        } | {key.replace("_", "-"): value for key, value in extra.items()}  # fmt: skip
        text = "".join(f"{key} = {value}\n" for key, value in lines.items() if value is not None)
        text += (
            '\n[[source]]\nprovider = "local"\n'
            f'file = "{self.root / "base.tar.gz"}"\nsha256 = "{self.sha256}"\n'
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "branch.toml").write_text(text)

    def add(
        self,
        name: str,
        patch: str | None,
        *,
        toml: str = "",
        core: bool = False,
        kind: str = "bugfix",
    ) -> Path:
        """Add a change to the series; its code is a patch unless `toml` says otherwise.

        Returns the change's file; its patch stands beside it.
        """
        folder = self.branches / "core" if core else self.folder / "changes"
        folder.mkdir(parents=True, exist_ok=True)
        text = f'title = "Change {name}"\nkind = "{kind}"\n'
        if patch is not None:
            (folder / f"{name}.patch").write_text(patch, newline="")
            text += f'\n[source]\nprovider = "patch"\npatch = {{ default = "{name}.patch" }}\n'
        path = folder / f"{name}.toml"
        path.write_text(text + toml)
        self.series.append(name)
        self.write()
        return path

    def load(self) -> Branch:
        return load_branch(self.branches, "3.11")

    def prepare(self, length: int | None = None) -> Tree:
        request = TreeRequest(branches=self.branches, branch=self.load(), length=length)
        return prepare(self.store, request)


def _missing() -> str:
    missing = [item.need for item in check("build") if not item.met and item.need.required]
    return way_out(*[need.id for need in missing]) if missing else ""


def real_tree(store: Store, name: str, *, bare: bool = False) -> Tree:
    """Prepare a real branch."""
    folder = REPOSITORY / "branches"
    branch = load_branch(folder, name)
    request = TreeRequest(branches=folder, branch=branch, length=0 if bare else None)
    return prepare(store, request)


def real_build(store: Store, name: str, *, bare: bool = False) -> Build:
    """Build a real branch with the quick profile; from the store when it is there."""
    if _missing():
        pytest.skip(f"a build needs packages first: {_missing()}")
    tree = real_tree(store, name, bare=bare)
    settings = load_branch(REPOSITORY / "branches", name).build
    return build(store, BuildRequest(tree=tree, settings=settings, profile=profile_named("quick")))


def find_interpreters() -> dict[str, Path]:
    """Find real CPythons: those that pyenv keeps, and those on PATH; series -> executable."""
    found: dict[str, Path] = {}
    roots = [os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")]
    for root in filter(None, roots):
        for path in sorted(Path(root).glob("versions/3.*/bin/python")):
            series = ".".join(path.parts[-3].split(".")[:2])
            found.setdefault(series, path)
    for minor in range(6, 16):
        program = shutil.which(f"python3.{minor}")
        # A shim of pyenv answers only for versions that are switched on.
        if program and "shims" not in program:
            found.setdefault(f"3.{minor}", Path(program))
    return found


def link_upstream_tests(python: Path, package: Path) -> None:
    """Put an interpreter's own test runner into a `test` package that has only test files."""
    probe = run([python, "-c", "import test.libregrtest as t; print(t.__file__)"], check=False)
    if probe.returncode != 0:
        pytest.skip(f"{python} comes without upstream's tests")
    theirs = Path(probe.stdout.strip()).parents[1]
    package.mkdir(parents=True, exist_ok=True)
    for name in ("__init__.py", "__main__.py", "libregrtest", "support"):
        (package / name).unlink(missing_ok=True)
        (package / name).symlink_to(theirs / name)
