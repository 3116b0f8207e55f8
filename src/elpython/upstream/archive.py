"""Unpack archives that nobody vouches for: nothing outside the folder, no owners, no devices."""

from __future__ import annotations

import errno
import gzip
import lzma
import shutil
import stat
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from elpython.core.errors import BadArchiveError
from elpython.core.store import disk_errors
from elpython.core.text import hides

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CarefulInfo", "check_link", "read_members", "safe_path", "unpack"]

_EXTENSIONS = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)
# CPython's own need 200 bytes. `tarfile` reads them by expressions that take quadratic time.
_EXTENSION = 1 << 13
_CHUNK = 1 << 20
_PART, _PATH, _DEPTH = 255, 1024, 64
# What a file system says of names that the archive, not the machine, is to blame for.
_NAMES = frozenset(
    {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EILSEQ}
)

# What `tarfile` and the decompressors raise for an archive that is damaged or made to hurt.
_DAMAGED = (
    tarfile.TarError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    ValueError,
    OverflowError,
    RecursionError,
)


class CarefulInfo(tarfile.TarInfo):
    """A member's header, refused before `tarfile` would loop, recurse or wait over it.

    Give it to `tarfile.open` as `tarinfo`.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> CarefulInfo:
        """Return the member of a header's 512 bytes.

        Raises:
            BadArchiveError: a negative size, or an extension that is far too large.
            tarfile.HeaderError: it is no header.
        """
        found = super().frombuf(buf, encoding, errors)
        if found.size < 0 or (found.type in _EXTENSIONS and found.size > _EXTENSION):
            raise BadArchiveError(f"the header of {found.name[:60]!r} has a size of {found.size}")
        return found


def safe_path(name: str) -> PurePosixPath:
    """Return a member's path when it stays below the folder that it is unpacked to.

    Raises:
        BadArchiveError: it is absolute, has `..`, a backslash or characters that terminals hide,
            is far too long, or lies below `.git`.
    """
    path = PurePosixPath(name)
    bad = (
        not name
        or path.is_absolute()
        or ".." in path.parts
        or "\\" in name
        or "\n" in name
        or _odd(name)
        or ".git" in (part.lower() for part in path.parts)
    )
    if bad:
        raise BadArchiveError(f"the path {name[:200]!r} leaves the tree or is not allowed in one")
    if (
        len(name) > _PATH
        or len(path.parts) > _DEPTH
        or any(len(part.encode("utf-8", "surrogateescape")) > _PART for part in path.parts)
    ):
        raise BadArchiveError(f"the path {name[:60]!r}... is too long")
    return path


def _odd(name: str) -> bool:
    """Return whether a name would show as another; bytes that are no UTF-8 may stand in one."""
    return hides("".join(char for char in name if not "\udc80" <= char <= "\udcff"))


def check_link(member: tarfile.TarInfo) -> None:
    """Raise BadArchiveError when a link of an archive points out of the tree.

    A `..` behind a name counts as out of the tree: where it leads depends on other links.
    """
    target = PurePosixPath(member.linkname)
    if not member.linkname or hides(member.linkname):
        raise BadArchiveError(f"the link {member.name!r} leads to {member.linkname!r}")
    base = PurePosixPath(member.name).parent if member.issym() else PurePosixPath()
    ups = len([part for part in target.parts if part == ".."])
    detour = ".." in target.parts[ups:]
    if target.is_absolute() or detour or ups > len(base.parts):
        raise BadArchiveError(f"the link {member.name!r} points out of the tree: {member.linkname}")


def _members(archive: tarfile.TarFile, strip: int) -> Iterator[tuple[tarfile.TarInfo, Path]]:
    problems: list[str] = []
    wanted: list[tuple[tarfile.TarInfo, Path]] = []
    links: set[PurePosixPath] = set()
    seen: set[PurePosixPath] = set()
    above: set[PurePosixPath] = set()
    for member in archive:
        try:
            path = safe_path(member.name.removeprefix("./").rstrip("/") or ".")
            if member.issym() or member.islnk():
                check_link(member)
                links.add(path)
            elif not (member.isfile() or member.isdir()):
                raise BadArchiveError(f"{member.name!r} is a device or another special file")
            if not member.isdir():
                if path in seen:
                    raise BadArchiveError(f"{member.name!r} is there twice")
                seen.add(path)
            above.update(path.parents)
            _check_place(path, seen, links, above)
        except BadArchiveError as error:
            problems.append(error.what)
            continue
        parts = path.parts[strip:]
        if parts:
            wanted.append((member, Path(*parts)))
    if problems:
        raise BadArchiveError(
            f"refused, nothing was written: {len(problems)} bad member(s)",
            details=tuple(problems[:20]),
            todo="take the archive from its publisher again",
        )
    yield from wanted


def _check_place(
    path: PurePosixPath,
    seen: set[PurePosixPath],
    links: set[PurePosixPath],
    above: set[PurePosixPath],
) -> None:
    """Refuse a member below another that is no folder, before or after it.

    Args:
        path: the member's.
        seen: every file and link so far, this member included.
        links: the links among them.
        above: every folder that a member lies in so far.
    """
    for parent in path.parents:
        if parent in links:
            raise BadArchiveError(f"{str(path)!r} goes through the link {str(parent)!r}")
        if parent in seen:
            raise BadArchiveError(f"{str(path)!r} lies below the file {str(parent)!r}")
    if path in seen and path in above:
        raise BadArchiveError(f"{str(path)!r} is a file, and others lie below it")


def unpack(
    archive: Path, folder: Path, *, strip: int = 1, keep: Callable[[Path], bool] | None = None
) -> None:
    """Unpack a tar archive of any compression.

    Every member is checked before the first is written; owners and times are not taken over.

    Args:
        archive: the file.
        folder: where to; made when it is not there.
        strip: leading path parts to take off.
        keep: says which paths (after stripping) to unpack; None: all.

    Raises:
        BadArchiveError: a member leaves the folder, or the file is no archive; nothing is written.
        DiskFullError: no space left.
    """
    try:
        with (
            tarfile.open(archive, tarinfo=CarefulInfo) as stream,
            disk_errors(folder),
        ):
            members = list(_members(stream, strip))
            _check_end(stream)
            folder.mkdir(parents=True, exist_ok=True)
            for member, path in members:
                if keep is None or keep(path):
                    _write(stream, member, folder / path)
    except _DAMAGED as error:
        raise BadArchiveError(f"is no whole tar archive: {error}", where=str(archive)) from error
    except OSError as error:
        if error.errno not in _NAMES:
            raise
        raise BadArchiveError(
            f"its names do not fit each other, or this file system: {error.strerror}",
            where=str(archive),
        ) from error
    except BadArchiveError as error:
        error.where = str(archive)
        raise


def _check_end(stream: tarfile.TarFile) -> None:
    """Refuse data behind the last member: `tarfile` stops there, other programs go on."""
    held = stream.fileobj
    if held is None:
        return
    held.seek(stream.offset)
    while chunk := held.read(_CHUNK):
        if chunk.strip(b"\0"):
            raise BadArchiveError(
                "something follows after its last member, which programs read differently",
                todo="take the archive from its publisher again",
            )


def _write(stream: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if member.issym():
        target.symlink_to(member.linkname)
        return
    content = stream.extractfile(member)
    if content is None:
        raise BadArchiveError(f"{member.name!r} cannot be read")
    with content, target.open("wb") as out:
        shutil.copyfileobj(content, out)
    target.chmod(0o755 if member.mode & stat.S_IXUSR else 0o644)


def read_members(archive: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Read members of a tar archive into memory.

    Args:
        archive: the file.
        wanted: says for a member's name whether to read it.

    Raises:
        BadArchiveError: the file is no archive.
    """
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(archive, tarinfo=CarefulInfo) as stream:
            for member in stream:
                if member.isfile() and wanted(member.name):
                    content = stream.extractfile(member)
                    found[member.name] = content.read() if content else b""
    except _DAMAGED as error:
        raise BadArchiveError(f"is no whole tar archive: {error}", where=str(archive)) from error
    return found
