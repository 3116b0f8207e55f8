"""The pre-merge check on the history of this project itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def git(*words: str, at: Path = REPOSITORY) -> str:
    author = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org"}
    author |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org"}
    done = subprocess.run(
        ["git", *words], cwd=at, check=True, capture_output=True, text=True, env=os.environ | author
    )
    return done.stdout.strip()


def check(repository: Path, base: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    words = [sys.executable, "-m", "elpython", "stream", "check", "--repo", str(repository)]
    done = subprocess.run(
        [*words, "--base", base, "--head", "HEAD", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a clone of this repository and its oldest commit."""
    if not shutil.which("git") or not (REPOSITORY / ".git").exists():
        pytest.skip("this copy of the project is no git repository")
    clone = tmp_path_factory.mktemp("own") / "clone"
    git("clone", "--quiet", "--no-hardlinks", str(REPOSITORY), str(clone))
    return clone, git("rev-list", "--max-parents=0", "HEAD", at=clone).splitlines()[-1]


def test_our_own_history_is_clean(history: tuple[Path, str]) -> None:
    clone, first = history
    code, answer = check(clone, first)
    assert code == 0, answer
    assert not answer["findings"]


def test_a_forgotten_marker_is_found_on_top_of_our_own_history(history: tuple[Path, str]) -> None:
    clone, first = history
    folder = clone / "Misc" / "NEWS.d" / "next" / "C_API"
    folder.mkdir(parents=True)
    name = "2026-11-21-12-00-00.gh-issue-1.AbCdEf.rst"
    (folder / name).write_text("(CPython ABI break) A field moved.\n", "utf-8")
    git("add", "Misc", at=clone)
    git("commit", "--quiet", "-m", "gh-1: Move a field", at=clone)
    code, answer = check(clone, first)
    assert code == 1
    assert any("marker" in json.dumps(finding) for finding in answer["findings"])
