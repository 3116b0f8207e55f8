"""The interpreters that the tests find on this machine, and probes run in them."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE.parent / "src"
OLDEST, NEWEST = (3, 9), (3, 15)


@functools.lru_cache(maxsize=1)
def found() -> dict[tuple[int, int], str]:
    """Return one interpreter for each version from 3.9 to 3.15, newest last.

    pyenv's are taken (``PYENV_ROOT`` or ``pyenv root``), then what ``PATH`` has.
    """
    here: dict[tuple[int, int], str] = {}
    for folder in sorted(_pyenv().glob("versions/3.*")):
        version = re.match(r"3\.(\d+)\.\d+\Z", folder.name)
        if version and (folder / "bin/python").exists():
            here[3, int(version[1])] = str(folder / "bin/python")
    for minor in range(OLDEST[1], NEWEST[1] + 1):
        path = shutil.which(f"python3.{minor}")
        if path and "shims" not in path:
            here.setdefault((3, minor), path)
    here.setdefault((sys.version_info[0], sys.version_info[1]), sys.executable)
    return {version: here[version] for version in sorted(here) if OLDEST <= version <= NEWEST}


def _pyenv() -> Path:
    root = os.environ.get("PYENV_ROOT")
    if not root and shutil.which("pyenv"):
        answer = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False)
        root = answer.stdout.strip()
    return Path(root or Path.home() / ".pyenv")


def facts() -> list[dict[str, object]]:
    """Return the rows of the removal facts, with their probes."""
    rows: list[dict[str, object]] = json.loads((HERE / "data/facts.json").read_text("utf-8"))
    return rows


def answers(
    python: str,
    probes: list[tuple[str, str]],
    *,
    version: tuple[int, ...] | None,
    enable: tuple[str, ...] = (),
    packages: tuple[str, ...] = (),
    undo: bool = False,
) -> dict[str, dict[str, str | None]]:
    """Run probes in an interpreter; return its answers and what it could not restore.

    Args:
        python: the interpreter.
        probes: pairs of a key and code.
        version: the minimum version to set; None: without minpython.
        enable: behaviours to switch on by name as well.
        packages: the packages that see it; the probes belong to none of them.
        undo: restore everything and take it back before the probes run.
    """
    asked = {
        "version": version,
        "enable": enable,
        "packages": packages,
        "undo": undo,
        "probes": probes,
        "path": [str(SOURCES)],
    }
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [python, "-W", "ignore", str(HERE / "probe_runner.py")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        env=environment,
    )
    told: dict[str, dict[str, str | None]] = json.loads(done.stdout)
    return told
