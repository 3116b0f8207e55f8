"""Completion in real shells: commands, options, branches and their changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from examples import Example

PROGRAM = Path(sys.executable).with_name("elpython")


def completed(words: str, env: dict[str, str]) -> list[str]:
    """Return what click answers a shell that completes the last of these words."""
    parts = words.split(" ")
    env = env | {
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(parts) - 1),
        "_ELPYTHON_COMPLETE": "bash_complete",
    }
    done = subprocess.run([PROGRAM], env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.split()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("elpython bra", ["branch"]),
        ("elpython branch sh", ["show"]),
        ("elpython branch show ", ["3.11"]),
        ("elpython branch lock 3.", ["3.11"]),
        ("elpython fix test 3.11 o", ["one"]),
        ("elpython fix test ../.. o", []),
        ("elpython nonsense sh", []),
        ("elpython contract check --bas", ["--base"]),
    ],
)
def test_what_is_begun_is_completed(example: Example, words: str, found: list[str]) -> None:
    example.add("one", "")
    env = dict(os.environ) | {"ELPYTHON_BRANCHES": str(example.branches)}
    assert [item for item in completed(words, env) if item in found or not found] == found


def test_without_branches_nothing_is_completed_and_nothing_is_told(tmp_path: Path) -> None:
    env = dict(os.environ) | {"ELPYTHON_BRANCHES": str(tmp_path / "none")}
    assert completed("elpython build ", env) == []


@pytest.mark.parametrize(
    ("shell", "code"),
    [
        (
            "bash",
            """eval "$(_ELPYTHON_COMPLETE=bash_source elpython)"; COMP_WORDS=(elpython branch sh)
            COMP_CWORD=2; _elpython_completion elpython; echo "${COMPREPLY[@]}" """,
        ),
        (
            "fish",
            "_ELPYTHON_COMPLETE=fish_source elpython | source; complete -C 'elpython branch sh'",
        ),
        (
            "zsh",
            """autoload -Uz compinit; compinit -D
            eval "$(_ELPYTHON_COMPLETE=zsh_source elpython)"; echo "${_comps[elpython]} show" """,
        ),
    ],
)
def test_each_shell_reads_the_lines_of_the_how_to(shell: str, code: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    env = dict(os.environ) | {"PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([shell, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[-1] == "show" or done.stdout.startswith("show\t")
