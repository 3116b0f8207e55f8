"""The content-addressed store: every product under the hash of all that went into it.

A product is a folder `<root>/<kind>/<key>`. It is made in a temporary folder beside its place and
renamed when whole, under a lock, so that no half product is ever taken for a whole one and two
runs never make the same product twice at once.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import DiskFullError, FileAccessError, StoreError
from elpython.core.process import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Store", "disk_errors", "file_digest", "key_of", "write_atomic"]

_NAME = re.compile(r"[a-z0-9][a-z0-9.+_-]*")


def key_of(parts: object, *, length: int = 32) -> str:
    """Return the key of a product: sha256 over canonical JSON of all that goes into it.

    Args:
        parts: JSON-able value; mappings are order-free.
        length: hex digits to keep (32: 128 bits).
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def file_digest(path: Path) -> str:
    """Return the sha256 of a file as 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def disk_errors(where: Path) -> Iterator[None]:
    """Turn the system's errors of writing into ours: disk full, no permission, read-only."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFullError(
                "no space left on the disk",
                where=str(where),
                todo="free some space and run again: finished products are kept, half ones removed",
            ) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise StoreError(
                f"cannot be written: {error.strerror}",
                where=str(error.filename or where),
                todo="set ELPYTHON_STORE to a folder that you may write",
            ) from error
        raise


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: temporary file beside it, flushed, then renamed.

    Raises:
        DiskFullError: no space left; the old content stays.
        StoreError: the folder may not be written.
        FileAccessError: what is there is a folder or a device, which a rename would replace.
    """
    if path.exists() and not path.is_file():
        raise FileAccessError("is no regular file, and cannot be written as one", where=str(path))
    # Not the process alone: threads share it, and each container of a shared folder is process 1.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    with disk_errors(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def default_root() -> Path:
    """Return the store's folder: `ELPYTHON_STORE`, else the user's cache folder."""
    named = os.environ.get("ELPYTHON_STORE")
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs

    return platformdirs.user_cache_path("elpython")


@dataclass(frozen=True, slots=True)
class Store:
    """A store at a root folder; making one touches nothing on disk."""

    root: Path

    @classmethod
    def default(cls) -> Store:
        """Return the user's store (`ELPYTHON_STORE`, else the user's cache folder)."""
        return cls(default_root())

    def path(self, kind: str, key: str) -> Path:
        """Return the place of a product, whether it is there or not."""
        for name in (kind, key):
            if not _NAME.fullmatch(name):
                raise StoreError(f"{name!r} is no name for a product", where=str(self.root))
        return self.root / kind / key

    def find(self, kind: str, key: str) -> Path | None:
        """Return a finished product's folder, or None; its time is then that of its last use."""
        path = self.path(kind, key)
        if not path.is_dir():
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return path

    @contextlib.contextmanager
    def lock(self, kind: str, key: str) -> Iterator[None]:
        """Hold a product's lock; another run that wants the same product waits."""
        from filelock import FileLock

        path = self.root / "locks" / f"{kind}-{key}.lock"
        with disk_errors(self.root):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def scratch(self, kind: str, key: str) -> Path:
        """Return the folder in which a product is made: next to its place, a rename is enough.

        It is emptied first: what lies there was left by a run that was stopped.
        """
        path = self.path(kind, key).with_name(f".making-{key}")
        with disk_errors(path):
            remove_tree(path)
            path.mkdir(parents=True)
        return path

    def product(self, kind: str, key: str, make: Callable[[Path], None]) -> Path:
        """Return a product's folder; make it first when it is not there.

        Args:
            kind: what it is, for example `tree`.
            key: `key_of` all that goes into it.
            make: fills the folder that it is given; what it raises leaves no product behind.

        Raises:
            DiskFullError: no space left; nothing half made remains.
        """
        found = self.find(kind, key)
        if found is not None:
            return found
        with self.lock(kind, key):
            found = self.find(kind, key)
            if found is not None:
                return found
            scratch = self.scratch(kind, key)
            try:
                with disk_errors(scratch):
                    make(scratch)
                    final = self.path(kind, key)
                    scratch.rename(final)
            finally:
                remove_tree(scratch)
            return final

    def drop(self, kind: str, key: str) -> None:
        """Remove a product: renamed away first, so that none sees it half removed."""
        with self.lock(kind, key):
            path = self.path(kind, key)
            gone = path.with_name(f".dropping-{key}")
            remove_tree(gone)
            with contextlib.suppress(FileNotFoundError):
                path.rename(gone)
            remove_tree(gone)


def remove_tree(path: Path) -> None:
    """Remove a folder, also one whose own folders are read-only; nothing there is fine."""
    if not path.exists() and not path.is_symlink():
        return

    def allow(function: Callable[[str], object], name: str, _error: object) -> None:
        parent = Path(name).parent
        parent.chmod(0o700)
        with contextlib.suppress(OSError):
            Path(name).chmod(0o700)
        function(name)

    try:
        shutil.rmtree(path, onerror=allow)
    except RecursionError:
        # Deeper than this Python goes (a test of deep trees that was stopped).
        run(["rm", "-rf", "--", path])
