"""Every way to start a program, minpython installed or asked for: nothing is eaten."""

from __future__ import annotations

import os
import subprocess
import threading
import zipfile
from typing import TYPE_CHECKING

import environments
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASKED: dict[str, dict[str, str]] = {
    "installed": {},
    "3.6": {"PYTHONMINVERSION": "3.6"},
    "3.8": {"PYTHONMINVERSION": "3.8"},
    "a package": {"PYTHONMINVERSION": "3.6:nosuchpackage"},
}
# Longer than what any reader takes at once, so that a tail alone would run.
LONG = "total = 0\n" + "total += 1  # a line of some length, so that the file gets long\n" * 3000
SCRIPT = LONG + "print(total)\n"


def _shell(python: str, command: str, folder: Path, env: dict[str, str]) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**clean, **env, "PY": python},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


COMMANDS = {
    "a pipe at /dev/stdin": 'cat script.py | "$PY" /dev/stdin',
    "a pipe at /dev/fd/0": 'cat script.py | "$PY" /dev/fd/0',
    "a pipe at /proc/self/fd/0": 'cat script.py | "$PY" /proc/self/fd/0',
    "a pipe as -": 'cat script.py | "$PY" -',
    "a pipe without a name": 'cat script.py | "$PY"',
    "a file at /dev/stdin": '"$PY" /dev/stdin < script.py',
    "a file without a name": '"$PY" < script.py',
    "a process substitution": '"$PY" <(cat script.py)',
    "a link to standard input": 'ln -s /dev/stdin link.py; cat script.py | "$PY" link.py',
    "a descriptor of a file": '"$PY" /dev/fd/7 7< script.py',
    "a FIFO": 'mkfifo fifo; cat script.py > fifo & "$PY" fifo',
    "a file": '"$PY" script.py',
    "a linked file": 'ln -s script.py link.py; "$PY" link.py',
    "a command": '"$PY" -c "$(sed \'s/  #.*//\' script.py)"',
    "a module": '"$PY" -m script',
    "a file whose descriptor 0 is closed": '"$PY" script.py <&-',
    "under minpython, a pipe": 'cat script.py | "$PY" -m minpython /dev/stdin',
    "under minpython, a FIFO": 'mkfifo fifo; cat script.py > fifo & "$PY" -m minpython fifo',
    "under minpython, a file": '"$PY" -m minpython script.py',
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_script_arrives_whole(outer: str, tmp_path: Path, command: str) -> None:
    for asked, env in ASKED.items():
        folder = tmp_path / asked.replace(" ", "")
        folder.mkdir()
        (folder / "script.py").write_text(SCRIPT)
        assert _shell(outer, COMMANDS[command], folder, env) == "3000\n", asked


def test_a_here_document_and_what_the_program_reads_after_it(python: str, tmp_path: Path) -> None:
    command = "\"$PY\" /dev/stdin <<'END'\nimport sys\nprint(len(sys.stdin.read()))\nEND\n"
    for asked, env in ASKED.items():
        assert _shell(python, command, tmp_path, env) == "0\n", asked
    (tmp_path / "script.py").write_text("import sys; print(sys.stdin.read())")
    command = 'printf "line\\nrest" | { read first; "$PY" script.py; }'
    for asked, env in ASKED.items():
        assert _shell(python, command, tmp_path, env) == "rest\n", asked


def _archive(folder: Path) -> str:
    with zipfile.ZipFile(folder / "app.pyz", "w") as archive:
        archive.writestr("__main__.py", "import inner\nprint(inner.value)\n")
        archive.writestr("inner.py", "value = 2\n")
    return "app.pyz"


def _with_a_shebang(folder: Path) -> str:
    data = (folder / _archive(folder)).read_bytes()
    (folder / "app").write_bytes(b"#!/usr/bin/env python3\n# a line\n" + data)
    return "app"


def _after_a_script(folder: Path) -> str:
    data = (folder / _archive(folder)).read_bytes()
    (folder / "app.sh").write_bytes(b"#!/bin/sh\nexec python3 async $0\n" * 300 + data)
    return "app.sh"


def _folder(folder: Path) -> str:
    (folder / "app").mkdir()
    (folder / "app" / "__main__.py").write_text("print(2)\n")
    return "app"


def _byte_code(folder: Path) -> str:
    (folder / "code.py").write_text("print(2)\n")
    return "code.pyc"


def _byte_code_of_another_name(folder: Path) -> str:
    (folder / "code.py").write_text("print(2)\n")
    return "code.bin"


KINDS: dict[str, Callable[[Path], str]] = {
    "an archive": _archive,
    "an archive with a shebang": _with_a_shebang,
    "an archive after a shell script": _after_a_script,
    "a folder": _folder,
    "byte code": _byte_code,
    "byte code of another name": _byte_code_of_another_name,
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_text_runs(python: str, tmp_path: Path, kind: str) -> None:
    name = KINDS[kind](tmp_path)
    if name.startswith("code."):
        compiled = f"import py_compile; py_compile.compile('code.py', {name!r})"
        environments.run(python, "-c", compiled, cwd=tmp_path)
    for asked, env in ASKED.items():
        for options in ((), ("-m", "minpython")):
            done = environments.run(python, *options, name, cwd=tmp_path, env=env, check=False)
            assert done.stdout + done.stderr == "2\n", (asked, options)


def test_the_writer_of_a_pipe_meets_one_reader_only(newest: str, tmp_path: Path) -> None:
    """A reader that opens and closes a FIFO before the interpreter ends the writer with SIGPIPE."""
    os.mkfifo(tmp_path / "fifo")
    failures: list[OSError] = []

    def write() -> None:
        try:
            with (tmp_path / "fifo").open("w") as file:
                file.write(SCRIPT)
        except OSError as error:
            failures.append(error)

    for env in ASKED.values():
        writer = threading.Thread(target=write)
        writer.start()
        done = environments.run(newest, "fifo", cwd=tmp_path, env=env)
        writer.join(60)
        assert (done.stdout, failures) == ("3000\n", [])


def test_a_shared_place_in_a_file_stays(newest: str, tmp_path: Path) -> None:
    """The next reader of a descriptor goes on where the one before has stopped."""
    (tmp_path / "script.py").write_text("print(2)\n")
    (tmp_path / "data").write_text("first\nsecond\n")
    command = '{ read line; "$PY" script.py; read line; echo $line; } < data'
    for env in ASKED.values():
        assert _shell(newest, command, tmp_path, env) == "2\nsecond\n"


def test_times_of_files_stay(newest: str, tmp_path: Path) -> None:
    for name in ("script.py", "data"):
        (tmp_path / name).write_text("print(2)\n")
        os.utime(tmp_path / name, ns=(10**18, 10**18))
    before = (tmp_path / "data").stat()
    for env in ASKED.values():
        environments.run(newest, "script.py", "data", cwd=tmp_path, env=env)
    after = (tmp_path / "data").stat()
    assert (before.st_atime_ns, before.st_mtime_ns) == (after.st_atime_ns, after.st_mtime_ns)
    assert (tmp_path / "script.py").stat().st_mtime_ns == 10**18
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "script.py"]


OLD = "def call(async=1):\n    return async + 1\nprint(call(), __name__)\n"
USE = "use Python 3.6;\n" + OLD
OLD_COMMANDS = {
    "a command": '"$PY" -c "$(cat old.py)"',
    "a command in one word with an option": '"$PY" -Wignore -Bc "$(cat old.py)"',
    "standard input": '"$PY" < old.py',
    "a pipe": 'cat old.py | "$PY"',
    "a pipe as -": 'cat old.py | "$PY" -',
    "a file": '"$PY" old.py',
    "a module": '"$PY" -m old',
    "a here document": "\"$PY\" <<'END'\n" + OLD + "END",
}


@pytest.mark.parametrize("command", OLD_COMMANDS)
def test_old_syntax_on_every_way_in(outer: str, tmp_path: Path, command: str) -> None:
    (tmp_path / "old.py").write_text(OLD)
    env = {"PYTHONMINVERSION": "3.6"}
    assert _shell(outer, OLD_COMMANDS[command], tmp_path, env) == "2 __main__\n"


def test_what_an_old_command_ends_with(outer: str, tmp_path: Path) -> None:
    env = {"PYTHONMINVERSION": "3.6"}
    for command, code in (
        ("async = 3; raise SystemExit(4)", 4),
        ("async = 3; import sys; sys.exit()", 0),
        ("async = 3; 1 / 0", 1),
        ("async = (", 1),
    ):
        done = environments.run(outer, "-c", command, cwd=tmp_path, env=env, check=False)
        assert done.returncode == code, done
        assert "minpython" not in done.stderr
        assert ("ZeroDivisionError" in done.stderr) == ("/ 0" in command)
        assert ("SyntaxError" in done.stderr) == (command == "async = (")


USE_COMMANDS = {
    "a file": '"$PY" use.py',
    "a module": '"$PY" -m use',
    "under pdb": '"$PY" -m pdb -c continue use.py </dev/null 2>&1 | sed -n 1p',
    "under cProfile": '"$PY" -m cProfile use.py | sed -n 1p',
    "under trace": '"$PY" -m trace --count -C counts use.py | sed -n 1p',
    "under runpy": '"$PY" -m runpy use',
    "in an archive": '"$PY" app.pyz',
}


@pytest.mark.parametrize("command", USE_COMMANDS)
def test_files_that_ask_for_themselves(outer: str, tmp_path: Path, command: str) -> None:
    (tmp_path / "use.py").write_text(USE)
    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as archive:
        archive.writestr("__main__.py", USE)
    assert _shell(outer, USE_COMMANDS[command], tmp_path, {}) == "2 __main__\n"


def test_standard_input_of_an_embedding_program_stays(newest: str, tmp_path: Path) -> None:
    """Subinterpreters start like programs, without arguments."""
    (tmp_path / "script.py").write_text(
        "import sys\n"
        "try:\n    import _interpreters as module\n"
        "except ImportError:\n    import _xxsubinterpreters as module\n"
        "number = module.create()\nmodule.run_string(number, 'import sys; sys.argv')\n"
        "print(len(sys.stdin.read()))\n"
    )
    command = 'head -c 20000 /dev/zero | "$PY" -W ignore script.py'
    assert _shell(newest, command, tmp_path, {"PYTHONMINVERSION": "3.6"}) == "20000\n"
