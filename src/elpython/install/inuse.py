"""Find the running programs that use a prefix, as `/proc` tells it (proc(5): exe, maps)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["User", "users_of"]

_PROC = Path("/proc")
_DELETED = " (deleted)"


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A running program that uses a prefix.

    Attributes:
        pid: its process id.
        command: its command line, shortened.
        file: the file of the prefix that it has open as program or library.
    """

    pid: int
    command: str
    file: str


def _command(process: Path) -> str:
    words = (process / "cmdline").read_bytes().split(b"\0")
    text = " ".join(word.decode("utf-8", "replace") for word in words if word)
    return text if len(text) <= 100 else f"{text[:97]}..."


def _mapped(process: Path) -> Iterator[str]:
    yield os.readlink(process / "exe")  # noqa: PTH115 - a name, also of a file that is gone
    for line in (process / "maps").read_text("utf-8", "surrogateescape").splitlines():
        _, slash, rest = line.partition("/")
        if slash:
            yield f"/{rest}"


def users_of(prefix: Path, *, proc: Path = _PROC) -> tuple[list[User], int]:
    """Return the programs that run from a prefix, and how many could not be looked at.

    A program uses it when its executable lies there (that of a virtual environment leads there) or
    when it has mapped a library of it.

    Args:
        prefix: the real path.
        proc: where the system tells of its processes.
    """
    found: list[User] = []
    hidden = 0
    below = f"{prefix}/"
    numbers = [path for path in proc.iterdir() if path.name.isdigit()] if proc.is_dir() else []
    for process in sorted(numbers, key=lambda path: int(path.name)):
        try:
            name = next((name for name in _mapped(process) if name.startswith(below)), "")
            if name:
                pid = int(process.name)
                file = name.removesuffix(_DELETED)
                command = _command(process)
                if pid == os.getpid():
                    command = f"this very command ({command})"
                found.append(User(pid=pid, command=command, file=file))
        except PermissionError:
            hidden += 1
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile, or is a thread of the kernel
    return found, hidden
