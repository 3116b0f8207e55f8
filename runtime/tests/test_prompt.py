"""The prompt under 3.6: old source, what was entered before, errors, and its ends."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pty = pytest.importorskip("pty")
LINES = [
    "def f(async): return async\n",
    "\n",
    "f(4)\n",
    "async = 3\n",
    "print('see', async, _)\n",
    "1/0\n",
]


def session(python: str, lines: list[str], folder: Path) -> tuple[str, int]:
    """Enter lines at an interpreter's prompt; return what the terminal shows and the exit code.

    A line is entered at a prompt that was shown after the line before it. What is entered while
    the terminal passes from its own editing to the interpreter's is lost, an end of file most
    of all: where nothing comes for two seconds, the last line is entered again, as a person would.

    """
    env = {"TERM": "dumb", "PATH": os.environ["PATH"], "HOME": str(folder)}
    env |= {"PYTHONMINVERSION": "3.6", "PYTHON_HISTORY": os.devnull}
    process, terminal = pty.fork()
    if process == 0:
        os.execve(python, [python], env)
    shown = fresh = b""
    waiting, entered = list(lines), ""
    latest = time.monotonic() + 60
    while time.monotonic() < latest:
        if not select.select([terminal], [], [], 2)[0]:
            os.write(terminal, entered.encode())
            continue
        try:
            more = os.read(terminal, 1000)
        except OSError:
            break
        if not more:
            break
        shown += more
        fresh += more
        if waiting and fresh.rstrip(b" ").endswith((b">>>", b"...")):
            entered, fresh = waiting.pop(0), b""
            os.write(terminal, entered.encode())
    else:
        os.kill(process, signal.SIGKILL)
    os.close(terminal)
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


@pytest.mark.parametrize(
    ("end", "code"), [("raise SystemExit(5)\n", 5), ("exit()\n", 0), ("\x04", 0)]
)
def test_the_prompt_takes_old_source(end: str, code: int, python: str, tmp_path: Path) -> None:
    """Definitions, names, the last value and errors are there; it ends as it was asked to."""
    if sys.platform == "win32":
        pytest.skip("a terminal of its own is made in another way there")
    shown, ended = session(python, [*LINES, end], tmp_path)
    assert "see 3 4" in shown, shown
    assert "SyntaxError" not in shown
    assert 'File "<stdin>", line 1, in <module>' in shown
    assert "builtin_hooks" not in shown
    assert ended == code, shown
