"""Keep what is tried in: bubblewrap where there is one, a time limit everywhere."""

from __future__ import annotations

import shutil
from functools import cache
from typing import TYPE_CHECKING

from elpython.core.process import run as run_program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["contained", "kept_in"]


@cache
def kept_in() -> bool:
    """Whether bubblewrap is installed and may make namespaces here."""
    if shutil.which("bwrap") is None:
        return False
    words = ["bwrap", "--ro-bind", "/", "/", "--unshare-net", "--unshare-pid", "true"]
    return run_program(words, check=False, timeout=20).returncode == 0


def contained(words: Sequence[str | Path], writable: Sequence[Path]) -> list[str | Path]:
    """Return a command that sees everything read-only but some folders, without a network.

    Without bubblewrap the command itself; `kept_in` tells which.
    """
    if not kept_in():
        return list(words)
    start: list[str | Path] = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for folder in writable:
        start += ["--bind", folder, folder]
    return [*start, "--unshare-net", "--unshare-pid", "--die-with-parent", *words]
