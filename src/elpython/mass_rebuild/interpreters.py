"""Ask an interpreter who it is and which wheels suit it."""

from __future__ import annotations

import shutil
from pathlib import Path

from elpython.core.errors import BadInterpreterError, ElpythonError
from elpython.core.process import run
from elpython.core.strict_json import load_json
from elpython.mass_rebuild.model import Interpreter

__all__ = ["ask", "find", "wheel_tags"]

_QUESTION = """
import json, platform, sys, sysconfig
print(json.dumps({"path": sys.executable, "version": platform.python_version(),
 "soabi": sysconfig.get_config_var("SOABI") or "", "prefix": sys.base_prefix}))
"""


def find(name: str) -> Path:
    """Return the path of an interpreter named by path, by program (`python3.13`) or by `3.13`.

    Raises:
        BadInterpreterError: there is none.
    """
    if "/" in name:
        path = Path(name).expanduser()
        if path.is_file():
            return path.absolute()
        raise BadInterpreterError("is not there", where=name)
    program = f"python{name}" if name[:1].isdigit() else name
    for candidate in _candidates(program):
        try:
            ask(candidate)
        except BadInterpreterError:
            continue
        return candidate
    raise BadInterpreterError(
        f"there is no {program} on PATH or under pyenv", todo="give the path of its executable"
    )


def _candidates(program: str) -> list[Path]:
    import os

    found = [Path(path)] if (path := shutil.which(program)) else []
    root = os.environ.get("PYENV_ROOT", "")
    versions = Path(root or Path.home() / ".pyenv") / "versions"
    return found + sorted(versions.glob(f"*/bin/{program}"), reverse=True)


def ask(path: Path) -> Interpreter:
    """Return what an interpreter says of itself.

    Raises:
        BadInterpreterError: it does not run or does not answer.
    """
    try:
        done = run([path, "-I", "-c", _QUESTION], timeout=60)
        data = load_json(done.stdout)
        return Interpreter(
            path=str(data["path"] or path),
            version=str(data["version"]),
            soabi=str(data["soabi"]),
            prefix=str(data["prefix"]),
        )
    except (ElpythonError, ValueError, KeyError) as error:
        raise BadInterpreterError(f"does not answer: {error}", where=str(path)) from error


def wheel_tags(interpreter: Interpreter) -> tuple[str, ...]:
    """Return the tags of wheels that suit an interpreter on this machine, best first (PEP 425)."""
    from packaging import tags

    major, minor = (int(part) for part in interpreter.short.split("."))
    platforms = list(tags.platform_tags())
    own = tags.cpython_tags((major, minor), platforms=platforms)
    plain = tags.compatible_tags((major, minor), f"cp{major}{minor}", platforms)
    return tuple(str(tag) for tag in (*own, *plain))
