"""Replace a file's content in one step: a reader sees the old content or the new one."""

from __future__ import annotations

import os
import stat
import tempfile

from minpython.scan.finding import Failure


def write(path: str, before: bytes, after: bytes) -> Failure | None:
    """Replace a file's content; its mode and owner stay, and a link leads where it led.

    Args:
        path: the file.
        before: what it holds, as far as is known.
        after: what it is to hold.

    Returns:
        Why it was not written; ``None`` when it was.
    """
    place = os.path.realpath(path)
    try:
        facts = os.stat(place)
        if not facts.st_mode & stat.S_IWUSR or not os.access(place, os.W_OK):
            return Failure(path, "it is read-only")
        with open(place, "rb") as file:
            if file.read() != before:
                return Failure(path, "it changed meanwhile")
        _replace(place, after, facts)
    except OSError as error:
        return Failure(path, error.strerror or str(error))
    return None


def _replace(place: str, content: bytes, facts: os.stat_result) -> None:
    """Write a file beside another one and put it in its place."""
    handle, beside = tempfile.mkstemp(prefix=".minpython-", dir=os.path.dirname(place))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, stat.S_IMODE(facts.st_mode))
        if hasattr(os, "chown") and (facts.st_uid, facts.st_gid) != (os.getuid(), os.getgid()):
            os.chown(beside, facts.st_uid, facts.st_gid)
        os.replace(beside, place)
    except BaseException:
        os.unlink(beside)
        raise
