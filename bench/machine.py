"""The interpreters of this machine, and how the benchmarks run programs."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

BUILD_TIMEOUT = 300


class Machine:
    """The interpreters found and the folder in which things are kept."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.pythons = dict(find_pythons())
        self.newest = max(self.pythons, key=version_key)

    def version_of(self, python: Path) -> str:
        """Return the minor version of an interpreter found."""
        return next(version for version, path in self.pythons.items() if path == python)

    def python(self, version: str) -> Path | None:
        """Return the interpreter of a version such as ``3.8``."""
        return self.pythons.get(version)


def version_key(text: str) -> tuple[int, ...]:
    """Return a sortable key for ``3.10``."""
    return tuple(int(part) for part in text.split("."))


def find_pythons() -> Iterator[tuple[str, Path]]:
    """Find released CPythons on the PATH and under pyenv, one for each minor version."""
    roots = [os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")]
    if shutil.which("pyenv"):
        roots.append(run(["pyenv", "root"]).stdout.strip())
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for path in sorted(Path(folder).glob("python3.*")):
            if re.fullmatch(r"python3\.\d+", path.name) and "shims" not in path.parts:
                yield path.name[6:], path
    for root in filter(None, roots):
        for path in sorted(Path(root).glob("versions/3.*/bin/python")):
            found = re.match(r"3\.\d+(?=\.\d+$)", path.parent.parent.name)
            if found:
                yield found[0], path


def run(
    command: list[str],
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    timeout: int = BUILD_TIMEOUT,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; a timeout is a failure with code 124."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    try:
        return subprocess.run(
            command,
            cwd=cwd,
            env=base | (env or {}),
            timeout=timeout,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        output = error.stdout.decode(errors="replace") if isinstance(error.stdout, bytes) else ""
        return subprocess.CompletedProcess(command, 124, f"{output}\ntimeout after {timeout} s")


def last_line(text: str) -> str:
    """Return the line that tells most of a failure."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [ln for ln in lines if re.match(r"[\w.]*(Error|Exception|Interface|Exit)\b", ln)]
    return (errors or lines or ["no output"])[-1][:200]
