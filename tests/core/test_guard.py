"""What we started ends with us, whatever ends us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_CODE = """
from elpython.core.process import run
run(["sh", "-c", "sleep 300 & echo $! > child; sleep 1; echo $$ > leader; wait"])
"""


def is_running(number: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_programs_end_with_us(tmp_path: Path, ending: signal.Signals) -> None:
    ours = subprocess.Popen([sys.executable, "-c", _CODE], cwd=tmp_path)
    files = [tmp_path / "child", tmp_path / "leader"]
    for _ in range(1000):
        if all(file.is_file() and file.read_text().strip() for file in files):
            break
        time.sleep(0.02)
    numbers = [int(file.read_text()) for file in files]
    assert all(is_running(number) for number in numbers)
    os.kill(ours.pid, ending)
    ours.wait()
    for _ in range(1000):
        if not any(is_running(number) for number in numbers):
            break
        time.sleep(0.02)
    assert not any(is_running(number) for number in numbers)
