"""The command line: quick help, clear errors, machine output."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from elpython import cli
from elpython.cli.lazy import LazyGroup
from elpython.cli.table import COMMANDS, ELSEWHERE, GROUPS, SECTIONS
from elpython.core.errors import ElpythonError
from examples import BASE_FILES, Example, diff

if TYPE_CHECKING:
    from elpython.cli.lazy import Rows

SPAM = BASE_FILES["Lib/spam.py"]
ONE = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})


def elpython(
    *words: str, example: Example | None = None, extra: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    import os

    env = {**os.environ, **(extra or {})}
    if example is not None:
        env |= {
            "ELPYTHON_BRANCHES": str(example.branches),
            "ELPYTHON_STORE": str(example.store.root),
        }
    argv = [sys.executable, "-m", "elpython", *words]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("rows", [COMMANDS, *GROUPS.values()], ids=["elpython", *GROUPS])
def test_the_table_is_sorted_and_every_command_is_there(rows: Rows) -> None:
    assert list(rows) == sorted(rows)
    group = LazyGroup()
    group.rows = rows
    context = click.Context(group)
    for name in rows:
        command = group.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.help


def test_every_command_stands_under_one_heading() -> None:
    assert sorted(name for _, names in SECTIONS for name in names) == sorted(COMMANDS)


def test_every_near_miss_leads_to_a_command() -> None:
    for meant in ELSEWHERE.values():
        for words in meant:
            group, _, name = words.partition(" ")
            assert group in COMMANDS
            assert not name or name in GROUPS[group]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from elpython.cli import cli\n"
        "try: cli.main(['--help'], standalone_mode=False)\n"
        "finally: print(sorted(m for m in sys.modules if m.split('.')[0] in\n"
        "    {'rich', 'jinja2', 'httpx', 'packaging', 'matplotlib', 'griffe', 'tomllib'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for name in COMMANDS:
        assert f"  {name} " in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["brnch"], 12, "did you mean 'branch'?"),
        (["branch", "lsit"], 12, "there is no command 'branch lsit'"),
        (["needs"], 12, "did you mean 'elpython project needs'?"),
        (["rebuild"], 12, "did you mean 'elpython mass-rebuild' or 'elpython stream rebuild'?"),
        (["branch", "import"], 12, "see elpython branch --help"),
        (["import"], 12, "did you mean 'elpython fix import'?"),
        (["build", "3.12"], 12, "there is no branch '3.12'"),
        (["build", "3.11", "--profile", "quik"], 12, "did you mean 'quick'?"),
        (["info", "identity", "/nowhere/python"], 20, "no such file or program"),
        (["info", "identity", "3.11"], 20, "run: elpython build 3.11"),
        (["versions", "parse", "3.11"], 13, "is no EL version"),
        (["versions", "next", "--on", "tomorrow"], 11, "--on: 'tomorrow' is no date"),
        (
            ["branch", "prepare", "3.11", "--redistributor", "A b"],
            11,
            "cannot be a redistributor's name",
        ),
        (["build"], 2, "Missing argument"),
    ],
)
def test_mistakes_get_a_clear_error(
    example: Example, words: list[str], code: int, message: str
) -> None:
    done = elpython(*words, example=example)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_bug_shows_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(**_arguments: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(cli.cli, "main", bug)
    with pytest.raises(RuntimeError, match="a bug"):
        cli.main([])


@pytest.mark.parametrize(
    ("error", "code"),
    [(ElpythonError("x"), 10), (KeyboardInterrupt(), 130), (OSError(28, "full"), 25)],
)
def test_exit_codes(monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int) -> None:
    def fail(**_arguments: object) -> None:
        raise error

    monkeypatch.setattr(cli.cli, "main", fail)
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == code


def test_a_reader_that_leaves_is_no_error() -> None:
    line = f"{sys.executable} -m elpython --help | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1] in {"0", "141"}


def test_branches_show_and_lint(example: Example) -> None:
    example.add("one", ONE, toml='\n[upstream]\nissues = ["gh-7"]\n')
    listed = json.loads(elpython("branch", "list", "--json", example=example).stdout)
    assert [(row["branch"], row["changes"]) for row in listed] == [("3.11", 1)]
    shown = elpython("branch", "show", "3.11", example=example)
    assert "gh-7" in shown.stdout
    assert elpython("branch", "show", "3.11", "--change", "one", example=example).stdout.startswith(
        "Descr"
    )
    linted = elpython("branch", "lint", example=example)
    assert linted.returncode == 1
    assert "series.lock: is missing" in linted.stdout
    assert elpython("branch", "lock", example=example).returncode == 0
    assert elpython("branch", "lint", example=example).returncode == 0
    data = json.loads(elpython("branch", "lint", "--json", example=example).stdout)
    assert data == {"branches": ["3.11"], "pending": [], "problems": []}


def test_prepare_and_export(example: Example, tmp_path: Path) -> None:
    example.add("one", ONE)
    done = elpython("branch", "prepare", "3.11", "--to", str(tmp_path / "tree"), example=example)
    assert "EL Python 3.11.2.27.01.0: 1 change(s)" in done.stdout
    assert "return 10" in (tmp_path / "tree" / "Lib" / "spam.py").read_text()
    again = elpython("branch", "prepare", "3.11", "--to", str(tmp_path / "tree"), example=example)
    assert again.returncode == 11
    done = elpython("branch", "export", "3.11", "--series", str(tmp_path / "out"), example=example)
    assert done.returncode == 0
    assert (tmp_path / "out" / "series").read_text() == "0001-Change-one.patch\n"


def test_identity_and_versions() -> None:
    data = json.loads(elpython("info", "identity", sys.executable, "--json").stdout)
    assert data["identity"]["kind"] == "CPython"
    said = elpython("versions", "sort", "3.11.2.27.07.0", "3.11.2.27.01.0", "3.9.2.30.01.0").stdout
    assert said.split() == ["3.9.2.30.01.0", "3.11.2.27.01.0", "3.11.2.27.07.0"]
    data = json.loads(elpython("versions", "next", "--on", "2026-11-21", "--json").stdout)
    assert data == {"version": "27.01.0", "due": "2027-01-26", "days": 66}


def test_doctor_names_packages_and_says_no(tmp_path: Path) -> None:
    """On a PATH with nothing but this Python everything that builds need is missing."""
    said = elpython("doctor", "--json", extra={"PATH": str(tmp_path), "CC": "no-compiler"})
    assert said.returncode == 1
    data = json.loads(said.stdout)
    missing = {row["need"] for row in data["needs"] if row["required"] and not row["met"]}
    assert {"compiler", "make", "openssl", "ffi"} <= missing
    assert not any(row["met"] for row in data["needs"] if row["need"] in {"tk", "ndbm"})
    assert all(row["package"] in data["install"] for row in data["needs"] if row["need"] in missing)


@pytest.mark.parametrize(
    "words", [["branch", "prepare", "3.11"], ["branch", "lock"], ["branch", "lint"]]
)
def test_ctrl_c_says_so_and_the_next_run_goes_on(example: Example, words: list[str]) -> None:
    """SIGINT while git works: exit code 130, one line, no half product; then a whole one."""
    import os
    import signal
    import time

    example.add("one", ONE)
    slow = example.root / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\ntouch $0.started\nexec sleep 30\n")
    slow.chmod(0o755)
    env = dict(os.environ)
    env |= {
        "ELPYTHON_BRANCHES": str(example.branches),
        "ELPYTHON_STORE": str(example.store.root),
        "PATH": f"{slow.parent}:{env['PATH']}",
    }
    argv = [sys.executable, "-m", "elpython", *words]
    with subprocess.Popen(argv, env=env, stderr=subprocess.PIPE, text=True) as child:
        for _ in range(400):
            if Path(f"{slow}.started").exists():
                break
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
    assert (child.returncode, "stopped by the user" in said) == (130, True), said
    assert "Traceback" not in said
    assert elpython("branch", "prepare", "3.11", example=example).returncode == 0


def test_the_next_command_removes_what_a_killed_run_left(example: Example) -> None:
    """Whichever command it is; what a living run makes is left alone."""
    dead = example.store.root / "builds" / ".making-dead"
    living = example.store.root / "builds" / ".making-living"
    for folder in (dead, living):
        folder.mkdir(parents=True)
        (folder / "half").write_text("half")
    with example.store.lock("builds", "living"):
        said = elpython("branch", "list", example=example)
    assert (said.returncode, dead.exists(), living.exists()) == (0, False, True)
    assert "left by a run that was killed" in said.stderr


def test_quiet_shows_no_progress(example: Example) -> None:
    example.add("one", ONE)
    loud = elpython("branch", "prepare", "3.11", example=example)
    assert " of " in loud.stderr
    example.add("two", ONE.replace("return 10", "return 11").replace("return 1\n", "return 10\n"))
    quiet = elpython("--quiet", "branch", "prepare", "3.11", example=example)
    assert quiet.stderr == ""
    assert loud.returncode == quiet.returncode == 0, quiet.stdout


def test_the_store_is_shown_and_pruned(example: Example) -> None:
    example.store.product("trees", "one", lambda folder: (folder / "file").write_bytes(b"x" * 9))
    assert "trees" in elpython("store", example=example).stdout
    said = elpython("store", "prune", "--unused", "0", example=example).stdout
    assert "trees/one" in said
    assert "removed 1 product(s)" in said
    assert not example.store.path("trees", "one").exists()
    wrong = elpython("store", "prune", "--kind", "tree", example=example)
    assert wrong.returncode == 12


@pytest.mark.parametrize("title", ["short", "a title that goes on " * 9])
def test_the_demo_fits_a_hundred_columns(title: str, capsys: pytest.CaptureFixture[str]) -> None:
    from elpython.cli.info import demo
    from elpython.security.shown import Shown

    shown = Shown(title=title, base="fails", said="AssertionError: " + "long " * 40,
                  branch="passes", error="", change="x")  # fmt: skip
    rows = [("identity", "EL Python 3.11.2.27.01.0"), ("stands for", "CPython 3.11.2: same tags")]
    home = str(Path.home() / ".cache/elpython/builds" / ("0" * 32) / "python/bin/python3.11")
    demo._print_identity("3.11", [*rows, ("interpreter", home)])
    demo._print([shown], "3.11.2", demo.at_home(home))
    assert all(len(line) <= 100 for line in capsys.readouterr().out.splitlines())
