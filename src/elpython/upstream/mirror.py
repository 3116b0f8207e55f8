"""A mirror of inputs: files under their sha256, in a folder or behind a plain web server.

`elpython branch mirror` writes one; `--sources` and `ELPYTHON_SOURCES` name one, which is then
asked before everybody else. What it gives is held against its digest like all that is received.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from elpython.core.errors import DigestMismatchError, SourceUnavailableError, UsageError
from elpython.core.store import disk_errors, file_digest
from elpython.upstream.python_org import download

__all__ = ["FOLDER", "PLACE", "from_mirror", "mirror_place"]

PLACE = "ELPYTHON_SOURCES"
# `<place>/by-sha256/<64 hex digits>`: no list has to be read, and any web server serves it.
FOLDER = "by-sha256"


def mirror_place() -> str:
    """Return the mirror that is to be asked; empty for none.

    Raises:
        UsageError: it is neither an address nor a folder.
    """
    place = os.environ.get(PLACE, "")
    if place and not re.match(r"https?://", place) and not Path(place).expanduser().is_dir():
        raise UsageError(
            "there is no such folder", where=f"{PLACE}={place}", todo="elpython branch mirror"
        )
    return place


def from_mirror(sha256: str, target: Path) -> bool:
    """Write a file of the mirror to a path; whether the mirror has it.

    Args:
        sha256: its digest.
        target: where to.

    Raises:
        DigestMismatchError: what it gives has another content; nothing is left of that.
        UsageError: the mirror is neither an address nor a folder.
    """
    place = mirror_place()
    if not place:
        return False
    try:
        if re.match(r"https?://", place):
            download(f"{place.rstrip('/')}/{FOLDER}/{sha256}", target)
        else:
            source = Path(place).expanduser() / FOLDER / sha256
            if not source.is_file():
                return False
            with disk_errors(target):
                shutil.copyfile(source, target)
    except SourceUnavailableError:
        return False
    found = file_digest(target)
    if found != sha256:
        target.unlink()
        raise DigestMismatchError(
            f"sha256 is {found}, not {sha256}", where=f"{place}/{FOLDER}/{sha256}",
            todo="make the mirror anew: elpython branch mirror",
        )  # fmt: skip
    return True
