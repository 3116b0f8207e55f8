"""Exchange two folders in one step.

Linux does it with `renameat2` and `RENAME_EXCHANGE` (renameat2(2), kernel 3.15; ext4, XFS, btrfs,
tmpfs and overlayfs know it, NFS does not). Elsewhere two renames do it, and between the two of
them the folder is away: the journal says how to go on from there.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
import tempfile
from pathlib import Path

__all__ = ["TRIAL", "can_exchange", "exchange", "flush"]

TRIAL = ".exchange-"

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def _renameat2(one: Path, other: Path) -> int:
    """Exchange two names; give 0, or the number of the system's error."""
    library = ctypes.CDLL(None, use_errno=True)
    function = getattr(library, "renameat2", None)
    if function is None:
        return errno.ENOSYS
    done = function(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return 0 if done == 0 else ctypes.get_errno()


def can_exchange(folder: Path) -> bool:
    """Return whether two folders below this one can be exchanged in one step."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory(prefix=TRIAL, dir=folder) as name:
        pair = [Path(name) / "1", Path(name) / "2"]
        for path in pair:
            path.mkdir()
        return _renameat2(*pair) == 0


def exchange(one: Path, other: Path) -> None:
    """Exchange two folders of one file system in one step.

    Raises:
        OSError: the system refuses; nothing has changed.
    """
    number = _renameat2(one, other)
    if number:
        raise OSError(number, os.strerror(number), str(one), None, str(other))


def flush(folder: Path) -> None:
    """Bring everything of a folder's file system to the disk, so that a crash finds it whole."""
    library = ctypes.CDLL(None, use_errno=True)
    function = getattr(library, "syncfs", None)
    if function is None:
        os.sync()
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if function(handle) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(handle)
