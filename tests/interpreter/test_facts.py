"""Interpreters are asked for their facts; what is none, is broken or hangs gives a clear error."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadInterpreterError
from elpython.interpreter.facts import facts_of, locate
from examples import find_interpreters

if TYPE_CHECKING:
    from pathlib import Path

REAL = find_interpreters()


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("series", sorted(REAL, key=lambda name: int(name[2:])))
def test_every_real_interpreter_answers(series: str) -> None:
    facts = facts_of(REAL[series])
    assert facts.release.startswith(f"{series}.")
    assert facts.markers["python_version"] == series
    assert facts.implementation["version"] == list(facts.version_info)
    words = [str(REAL[series]), "-c", "import importlib.util as u; print(u.MAGIC_NUMBER.hex())"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    assert facts.magic == said


def test_the_machine_has_old_and_new_interpreters() -> None:
    if not REAL:
        pytest.skip("no other interpreter is on this machine")
    assert facts_of(sys.executable).release == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo hello", "its answer makes no sense"),
        ("exit 3", "ended with code 3"),
        ("kill -SEGV $$", "ended with signal 11"),
        ("echo; echo --elpython-facts--; echo '[1'", "its answer makes no sense"),
    ],
)
def test_what_is_no_python(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BadInterpreterError, match=reason):
        facts_of(script(tmp_path / "python", text))


def test_one_that_hangs_is_stopped(tmp_path: Path) -> None:
    path = script(tmp_path / "python", "sleep 60")
    before = time.monotonic()
    with pytest.raises(BadInterpreterError, match=r"gave no answer within 0\.5 s"):
        facts_of(path, seconds=0.5)
    assert time.monotonic() - before < 30


def test_paths_that_hold_none(tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path / "absent", "no such file or program"),
        (tmp_path, "holds no bin/python"),
        ("no-such-python-here", "no such file or program"),
    ):
        with pytest.raises(BadInterpreterError, match=reason):
            locate(path)
    plain = tmp_path / "plain.txt"
    plain.write_text("text")
    with pytest.raises(BadInterpreterError, match="cannot be started"):
        facts_of(plain)


def test_a_broken_one_says_what_is_broken(tmp_path: Path) -> None:
    """An interpreter whose sysconfig is broken: named in the message, no traceback."""
    code = (
        "import sys; sys.argv = sys.argv[2:]; import sysconfig\n"
        "def fail(*a): raise OSError('gone')\n"
        "sysconfig.get_config_vars = fail\n"
        "exec(compile(open(sys.argv[0]).read(), sys.argv[0], 'exec'),"
        " {'__name__': '__main__', '__file__': sys.argv[0]})\n"
    )
    (tmp_path / "run.py").write_text(code)
    path = script(tmp_path / "python", f'exec {sys.executable} {tmp_path / "run.py"} "$@"')
    with pytest.raises(BadInterpreterError, match="is a broken Python") as caught:
        facts_of(path)
    assert caught.value.details == ("sysconfig: OSError: gone",)


def test_a_folder_named_like_a_module_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "platform.py").write_text("raise SystemExit('wrong')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert facts_of(sys.executable).platform["python_implementation"] == "CPython"


def test_a_virtual_environment_is_a_python(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "v")], check=True)
    facts = facts_of(tmp_path / "v")
    assert facts.prefix == str(tmp_path / "v")
    assert facts.base_prefix != facts.prefix
