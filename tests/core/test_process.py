"""Programs are run, followed, limited in time and stopped with all their children."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from elpython.core.errors import MissingProgramError, ProgramFailedError, ProgramTimeoutError
from elpython.core.process import clean_env, require, run


def test_output_code_and_input() -> None:
    done = run(["sh", "-c", "cat; echo err >&2; exit 3"], input_text="hé\n", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "hé\n", "err\n")


def test_failure_carries_the_end_of_the_output() -> None:
    with pytest.raises(ProgramFailedError) as caught:
        run(["sh", "-c", "seq 1 100; echo the reason >&2; exit 4"])
    assert caught.value.details == ("the reason",)
    assert "exit code 4" in str(caught.value)


def test_bytes_that_are_no_text() -> None:
    assert run(["printf", r"a\xffb"]).stdout == r"a\xffb"
    whole = run(["printf", r"a\xffb"], errors="surrogateescape").stdout
    assert run(["od", "-An", "-tx1"], input_text=whole).stdout.split() == ["61", "ff", "62"]


def test_lines_are_followed_and_logged(tmp_path: Path) -> None:
    lines: list[str] = []
    log = tmp_path / "log"
    run(["sh", "-c", "echo one; echo two >&2"], log=log, on_line=lines.append)
    assert sorted(lines) == ["one", "two"]
    assert sorted(log.read_text().split()) == ["one", "two"]


@pytest.mark.parametrize("logged", [False, True])
def test_time_limit_stops_grandchildren_too(tmp_path: Path, *, logged: bool) -> None:
    mark = tmp_path / "pid"
    script = f"sh -c 'echo $$ > {mark}; exec sleep 60' & wait"
    with pytest.raises(ProgramTimeoutError, match="stopped after"):
        run(["sh", "-c", script], timeout=0.5, log=tmp_path / "log" if logged else None)
    pid = int(mark.read_text())
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return
        time.sleep(0.1)
    pytest.fail("the grandchild lives on")


def test_missing_program_says_what_to_install() -> None:
    with pytest.raises(MissingProgramError, match="install no-such-program-here"):
        require("no-such-program-here")
    with pytest.raises(MissingProgramError, match="build it"):
        require("no-such-program-here", todo="build it")
    with pytest.raises(MissingProgramError):
        run(["no-such-program-here"])
    with pytest.raises(MissingProgramError, match="folder /nowhere"):
        run(["true"], cwd=Path("/nowhere"))


def test_our_own_python_does_not_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/wrong")
    monkeypatch.setenv("GIT_DIR", "/wrong")
    env = clean_env({"EXTRA": "1"})
    assert "PYTHONPATH" not in env
    assert "GIT_DIR" not in env
    assert env["EXTRA"] == "1"


def test_interrupt_stops_the_child(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a run leaves no child behind."""
    mark = tmp_path / "pid"
    code = (
        "from elpython.core.process import run\n"
        f"run(['sh', '-c', 'echo $$ > {mark}; exec sleep 60'])\n"
    )
    import subprocess

    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as child:
        for _ in range(100):
            if mark.exists() and mark.read_text().strip():
                break
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        child.wait(timeout=20)
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
