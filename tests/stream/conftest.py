"""Real git repositories and real C libraries, made by the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import ElpythonError
from elpython.define.branch import load_branch
from elpython.prepare.tree import TreeRequest, prepare
from elpython.stream.news import NewsRelease, parse_merged
from examples import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.core.store import Store

    EntryPath = Callable[..., str]
    Library = Callable[..., tuple[Path, Path]]

ENTRY = "Misc/NEWS.d/next/{section}/2026-01-01-00-00-{number:02}.gh-issue-{issue}.{nonce}.rst"


class Repository:
    """A git repository with a clock of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.minute = 0
        path.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        stamp = f"2026-01-01T{self.minute // 60:02}:{self.minute % 60:02}:00Z"
        env |= {
            "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp,
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
        }  # fmt: skip
        done = subprocess.run(
            ["git", "-C", self.path, *words], env=env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        place = self.path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def commit(self, message: str, files: dict[str, str | None] | None = None) -> str:
        """Commit files (None removes one) and return the hash."""
        self.minute += 1
        for path, text in (files or {}).items():
            if text is None:
                (self.path / path).unlink()
            else:
                self.write(path, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def entry(
    number: int = 1, *, section: str = "C_API", issue: int = 135151, nonce: str = "Ab1"
) -> str:
    """The path of a NEWS entry."""
    return ENTRY.format(section=section, number=number, issue=issue, nonce=nonce)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """A repository with one commit, tagged `base`."""
    made = Repository(tmp_path / "repo")
    made.commit("Start", {"Include/object.h": "struct a;\n", "README": "x\n"})
    made.git("tag", "base")
    return made


@pytest.fixture
def entry_path() -> EntryPath:
    return entry


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Compile C source and header text to a shared library; give it and its header folder."""
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc")

    def build(name: str, header: str, source: str, *flags: str) -> tuple[Path, Path]:
        folder = tmp_path / name
        headers = folder / "Include"
        headers.mkdir(parents=True)
        (headers / "Python.h").write_text(header)
        (folder / "lib.c").write_text('#include "Python.h"\n' + source)
        out = folder / "libpython.so"
        subprocess.run(
            ["gcc", "-g", "-shared", "-fPIC", "-I", headers, *flags, folder / "lib.c", "-o", out],
            check=True,
        )
        return out, headers

    return build


@pytest.fixture(scope="session")
def real_news(real_store: Store) -> list[NewsRelease]:
    """Misc/NEWS of CPython 3.13.5, from the bare base in the store."""
    folder = REPOSITORY / "branches"
    request = TreeRequest(branches=folder, branch=load_branch(folder, "3.13"), length=0)
    try:
        tree = prepare(real_store, request)
    except ElpythonError as error:
        pytest.skip(f"the 3.13 source cannot be had: {error}")
    return parse_merged((tree.folder / "Misc" / "NEWS").read_text("utf-8"))
