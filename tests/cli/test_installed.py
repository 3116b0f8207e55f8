"""The toolchain from its wheel, outside of any checkout: its own branches, every command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not (REPOSITORY / "setup.py").is_file(), reason="needs a checkout to make the wheel of"
)

# Runs every command with --help, and those of the list as they are, in one process.
DRIVER = """
import contextlib, io, json, sys
import click
from elpython.cli import _run, cli

def leaves(command, words, context):
    if not isinstance(command, click.Group):
        yield words
        return
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        yield from leaves(below, [*words, name], click.Context(below, parent=context))

def answer(argv):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = _run(argv)
    return [argv, code, out.getvalue()]

helps = [[*words, "--help"] for words in leaves(cli, [], click.Context(cli))]
print(json.dumps([answer(argv) for argv in helps + json.loads(sys.argv[1])]))
"""

# Commands that read the branches, with the exit code that they answer with.
READING: list[tuple[list[str], int]] = [
    (["--version"], 0),
    (["branch", "list"], 0),
    (["branch", "show", "3.11"], 0),
    (["branch", "lint", "--no-content"], 0),
    (["branch", "toggles"], 0),
    (["branch", "toggles", "3.11"], 0),
    (["branch", "policy", "explain"], 0),
    (["branch", "lock", "3.11"], 11),
    (["branch", "new", "3.12", "--base", "3.12.0", "--archive", "none"], 11),
    (["build", "2.7"], 12),
    (["info", "identity", sys.executable], 0),
    (["project", "features", "--feature", "itertools.batched"], 0),
    (["project", "needs", "app.py"], 0),
    (["project", "matrix", "app.py"], 0),
    (["project", "wheel", "index", "index"], 0),
    (["fix", "status", "3.11", "--osv", "osv"], 11),
    (["versions", "next"], 0),
    (["doctor"], 0),
]


def installed(folder: Path) -> Mapping[str, str]:
    """Make the wheel of a copy of this checkout and install it; the environment that finds it."""
    source = folder / "source"
    ignore = shutil.ignore_patterns(
        ".venv", ".git", "__pycache__", "*.egg-info", "build", "tests", "docs", ".*_cache"
    )
    shutil.copytree(REPOSITORY, source, ignore=ignore, symlinks=True)
    shutil.copytree(REPOSITORY / "src" / "elpython" / "build", source / "src/elpython/build",
                    dirs_exist_ok=True)  # fmt: skip
    shutil.copytree(REPOSITORY / "src/elpython/cli/build", source / "src/elpython/cli/build",
                    dirs_exist_ok=True)  # fmt: skip
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    plain = ["--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "wheel", *plain, "-w", folder, source], check=True)
    wheel = next(folder.glob("elpython-*.whl"))
    target = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", target, wheel], check=True)
    shutil.rmtree(source)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ELPYTHON")}
    return kept | {"PYTHONPATH": str(target), "ELPYTHON_STORE": str(folder / "store")}


@pytest.mark.slow
def test_every_command_answers_outside_of_a_checkout(tmp_path: Path) -> None:
    env = installed(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "app.py").write_text("import tomllib\nfrom itertools import batched\n")
    (empty / "osv").mkdir()
    asked = [argv for argv, _ in READING]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(asked)],
        cwd=empty, env=env, text=True, capture_output=True, check=True,
    )  # fmt: skip
    answers = json.loads(done.stdout)
    wrong = [answer for answer in answers if answer[0][-1] == "--help" and answer[1] != 0]
    assert wrong == []
    said = {" ".join(argv): (code, text) for argv, code, text in answers}
    for argv, code in READING:
        name = " ".join(argv)
        if name == "doctor":
            assert "no branches folder" not in said[name][1]
            continue
        assert said[name][0] == code, said[name][1]
    assert "(came with the toolchain)" in said["--version"][1]
    assert str(tmp_path) in said["--version"][1]
    assert "27.01" in said["project features --feature itertools.batched"][1]
    assert "clone of EL Python" in said["branch lock 3.11"][1]
    assert sorted(path.name for path in (empty / "index").iterdir())


def test_what_is_named_goes_before_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ELPYTHON_BRANCHES, then the checkout around the current folder, then the toolchain's own."""
    from elpython.define import folder

    named, around, own = (tmp_path / name / "branches" for name in ("named", "around", "own"))
    for place in (named, around, own):
        (place / "core").mkdir(parents=True)
    monkeypatch.setattr(folder, "_PACKAGED", own)
    monkeypatch.setattr(folder, "_CHECKOUT", tmp_path / "none")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ELPYTHON_BRANCHES", raising=False)
    assert folder.branches_folder() == own
    assert "came with the toolchain" in folder.data_line()
    monkeypatch.chdir(around.parent)
    assert folder.branches_folder() == around
    monkeypatch.setenv("ELPYTHON_BRANCHES", str(named))
    assert folder.branches_folder() == named
    assert "ELPYTHON_BRANCHES" in folder.data_line()
