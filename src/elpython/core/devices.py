"""What can be read for ever: devices that somebody names as a file."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from elpython.core.errors import FileAccessError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_device", "refuse_device"]

_NULL = os.makedev(1, 3)
_TERMINALS = (4, 5, 136)


def is_device(path: Path) -> bool:
    """Return whether a path is a device that is no file for anybody.

    `/dev/null`, terminals, pipes and FIFOs are read like files; `/dev/zero` and `/dev/full` have no
    end, and a disk is none of ours.

    Raises:
        OSError: it cannot be looked at.
    """
    found = path.stat()
    if stat.S_ISBLK(found.st_mode):
        return True
    other = found.st_rdev != _NULL and os.major(found.st_rdev) not in _TERMINALS
    return stat.S_ISCHR(found.st_mode) and other


def refuse_device(path: Path) -> Path:
    """Return a path that is no device; what is wrong with it otherwise is its reader's to tell.

    Raises:
        FileAccessError: it is a device.
    """
    try:
        device = is_device(path)
    except (OSError, ValueError):
        return path
    if device:
        raise FileAccessError("is a device", where=str(path), todo="name a file")
    return path
