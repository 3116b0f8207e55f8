"""An installed Python, known by the facts that it tells about itself."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elpython.core.errors import (
    BadInterpreterError,
    MissingProgramError,
    ProgramTimeoutError,
)
from elpython.core.process import clean_env, run
from elpython.core.strict_json import load_json

__all__ = ["PROBES", "Interpreter", "ask", "facts_of", "locate"]

PROBES = Path(__file__).parent / "probes"
_MARK = "\n--elpython-facts--\n"
_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """The facts of an interpreter.

    Attributes:
        path: the executable as it was named.
        executable: what it calls itself (`sys.executable`).
        version: `sys.version`.
        version_info: its five fields.
        hexversion: `sys.hexversion`.
        implementation: every plain attribute of `sys.implementation`; `version` as five fields.
        markers: PEP 508 markers.
        platform: what the `platform` module says.
        sysconfig: `vars`, `paths`, `platform`.
        magic: magic number of pyc files in hex.
        prefix, base_prefix: as in `sys`.
        abiflags: as in `sys`.
    """

    path: Path
    executable: str
    version: str
    version_info: tuple[int, int, int, str, int]
    hexversion: int
    implementation: dict[str, Any]
    markers: dict[str, str]
    platform: dict[str, Any]
    sysconfig: dict[str, Any]
    magic: str
    prefix: str
    base_prefix: str
    abiflags: str

    @property
    def release(self) -> str:
        """`3.11.2`, with `a1`, `b1` or `rc1` for a pre-release."""
        major, minor, micro, level, serial = self.version_info
        short = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(level)
        return f"{major}.{minor}.{micro}" + (f"{short}{serial}" if short else "")


def locate(name: str | Path) -> Path:
    """Find an interpreter: a path, a program on PATH, or a prefix or virtual environment folder.

    Raises:
        BadInterpreterError: there is none.
    """
    text = os.fspath(name)
    path = Path(text).expanduser()
    if path.is_dir():
        for program in sorted((path / "bin").glob("python*")):
            if os.access(program, os.X_OK) and not program.name.endswith("config"):
                return program.absolute()
        raise BadInterpreterError("holds no bin/python", where=text)
    if path.exists() and ("/" in text or path.is_file()):
        return path.absolute()
    found = shutil.which(text) if "/" not in text else None
    if found is None:
        raise BadInterpreterError("there is no such file or program", where=text)
    return Path(found)


def ask(
    python: Path,
    script: Path,
    *arguments: str,
    flags: tuple[str, ...] = ("-I",),
    env: dict[str, str] | None = None,
    seconds: float = _SECONDS,
    input_text: str | None = None,
) -> str:
    """Run a stand-alone script in an interpreter; return its standard output.

    Args:
        python: the executable.
        script: a stdlib-only script.
        arguments: passed on to the script.
        flags: interpreter options; by default isolated from the environment and the user's site.
        env: environment; `clean_env()` when None.
        seconds: time limit.
        input_text: standard input.

    Raises:
        BadInterpreterError: it cannot be started, hangs, crashes or answers nothing.
    """
    try:
        done = run(
            [python, *flags, script, *arguments],
            env=clean_env() if env is None else env,
            timeout=seconds,
            check=False,
            input_text=input_text,
        )
    except ProgramTimeoutError as error:
        raise BadInterpreterError(
            f"gave no answer within {seconds:g} s and was stopped", where=str(python)
        ) from error
    except MissingProgramError as error:
        raise BadInterpreterError(error.what, where=str(python)) from error
    if done.returncode != 0:
        told = (done.stderr or done.stdout).strip().splitlines()[-5:]
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"code {done.returncode}"
        raise BadInterpreterError(
            f"is no working Python (it ended with {how})",
            where=str(python),
            details=tuple(told),
        )
    return done.stdout


def facts_of(python: str | Path, *, seconds: float = _SECONDS) -> Interpreter:
    """Ask an interpreter for its facts.

    Args:
        python: path, program name, prefix or virtual environment.
        seconds: time limit.

    Raises:
        BadInterpreterError: it is no Python, is broken, or hangs.
    """
    path = locate(python)
    output = ask(path, PROBES / "facts.py", seconds=seconds)
    _, mark, text = output.rpartition(_MARK)
    try:
        data = load_json(text)
    except ValueError as error:
        raise BadInterpreterError(
            "is no Python: its answer makes no sense", where=str(path)
        ) from error
    broken = {
        name: value for name, value in data.items() if isinstance(value, dict) and "error" in value
    }
    if not mark or broken:
        details = tuple(f"{name}: {value['error']}" for name, value in broken.items())
        raise BadInterpreterError("is a broken Python", where=str(path), details=details)
    major, minor, micro, level, serial = data["version_info"]
    return Interpreter(
        path=path,
        executable=data["executable"],
        version=data["version"],
        version_info=(major, minor, micro, level, serial),
        hexversion=data["hexversion"],
        implementation=data["implementation"],
        markers=data["markers"],
        platform=data["platform"],
        sysconfig=data["sysconfig"],
        magic=data["magic"],
        prefix=data["prefix"],
        base_prefix=data["base_prefix"],
        abiflags=data["abiflags"],
    )
