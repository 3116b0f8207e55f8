"""Take a copy of a release that nobody else can change, and check it while it is copied.

Whatever happens to the release's own folder afterwards, what is unpacked and built is what was
checked.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from elpython.core.store import disk_errors
from elpython.release.manifest import BUNDLE, MANIFEST, SIGNATURE
from elpython.release.trust import refuse_foreign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.release.manifest import Manifest

__all__ = ["copy_files", "open_plain", "private_folder", "read_small", "spare_files"]

_CHUNK = 1 << 20
_SMALL = 1 << 26


@contextlib.contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """Yield a new folder that nobody else can change or exchange; it goes away afterwards.

    Raises:
        NoTrustError: the folder for temporary files is one in which others may rename ours.
    """
    parent = Path(tempfile.gettempdir()).resolve()
    refuse_foreign(parent, "temporary files could be exchanged", "set TMPDIR to a folder of yours")
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as name:
        yield Path(name)


def open_plain(path: Path) -> IO[bytes] | None:
    """Open a regular file; None for a link, a pipe, a device, or when it is missing."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        stream = os.fdopen(os.open(path, flags), "rb")
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        return stream
    stream.close()
    return None


def read_small(path: Path) -> bytes | None:
    """Return what a file holds, at most 64 MiB and a byte of it; None when it is no file."""
    stream = open_plain(path)
    if stream is None:
        return None
    with stream:
        return stream.read(_SMALL + 1)


def _copy(source: IO[bytes], target: Path, size: int) -> tuple[str, int]:
    """Copy at most a byte more than a size; return the digest and the size of what was copied."""
    digest = hashlib.sha256()
    left = size + 1
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            while left and (chunk := source.read(min(_CHUNK, left))):
                digest.update(chunk)
                out.write(chunk)
                left -= len(chunk)
    return digest.hexdigest(), size + 1 - left


def copy_files(folder: Path, manifest: Manifest, target: Path) -> list[str]:
    """Copy the files that a manifest lists, and compare them with it; return what differs.

    Args:
        folder: the release's; nothing in it is trusted.
        manifest: tells digests and sizes.
        target: a folder that nobody else can write to.
    """
    problems = []
    for name, digest in manifest.files.items():
        stream = open_plain(folder / name)
        if stream is None:
            problems.append(f"{name}: is missing")
            continue
        with stream:
            found, size = _copy(stream, target / name, manifest.sizes[name])
        if size > manifest.sizes[name]:
            problems.append(f"{name}: is not what was signed (larger than it)")
        elif found != digest:
            problems.append(f"{name}: is not what was signed (sha256 {found[:16]}...)")
    return problems + spare_files(folder, manifest)


def spare_files(folder: Path, manifest: Manifest) -> list[str]:
    """Return a problem for each file of a folder that the manifest does not list."""
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    spare = sorted(there - manifest.files.keys() - {MANIFEST, SIGNATURE, BUNDLE})
    # A name may hold what a terminal would obey.
    shown = [name if name.isprintable() else ascii(name) for name in spare]
    return [f"{name}: the manifest does not know it" for name in shown]
