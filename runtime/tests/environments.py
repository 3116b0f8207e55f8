"""The interpreters on this machine, each in a fresh environment with the sources installed."""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import interpreters

SOURCES = Path(__file__).resolve().parents[1] / "src"
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
REQUIRED = ("3.9", "3.10", "3.11", "3.12", "3.13")


def found() -> dict[str, str]:
    """Return an interpreter for each version there is."""
    return {f"{version[0]}.{version[1]}": path for version, path in interpreters.found().items()}


def wanted() -> list[str]:
    """Return the versions to test on: those that CI has, and whatever else there is."""
    return [version for version in VERSIONS if version in REQUIRED or version in found()]


_base = tempfile.TemporaryDirectory(prefix="minpython-tests-")


@cache
def environment(version: str) -> str:
    """Return the Python of an environment in which minpython starts as when installed."""
    return made(found()[version], Path(_base.name, version))


def made(python: str, folder: Path, *, start: bool = True) -> str:
    """Return the Python of a new environment, made with ``python``, in which minpython starts.

    Without ``start`` there is no minpython in it.
    """
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    if not start:
        return str(folder / "bin" / "python")
    (packages,) = folder.glob("lib/python*/site-packages")
    text = (SOURCES / "minpython.pth").read_text(encoding="utf-8")
    (packages / "minpython.pth").write_text(f"{SOURCES}\n{text}", encoding="utf-8")
    return str(folder / "bin" / "python")


def run(
    python: str,
    *arguments: str,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run ``python`` with a clean environment; with ``check``, its failure shows its output."""
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "MINPYTHON", "COV"))
    }
    clean.update(env or {})
    done = subprocess.run(
        [python, *arguments],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done
