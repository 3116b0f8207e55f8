"""Unpack archives that nobody vouches for: nothing outside the folder, no owners, no devices."""

from __future__ import annotations

import shutil
import stat
import tarfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from elpython.core.errors import BadArchiveError
from elpython.core.store import disk_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["check_link", "read_members", "safe_path", "unpack"]


def safe_path(name: str) -> PurePosixPath:
    """Return a member's path when it stays below the folder that it is unpacked to.

    Raises:
        BadArchiveError: it is absolute, has `..`, a backslash, a NUL or lies below `.git`.
    """
    path = PurePosixPath(name)
    bad = (
        not name
        or path.is_absolute()
        or ".." in path.parts
        or any(char in name for char in ("\\", "\0", "\n"))
        or ".git" in (part.lower() for part in path.parts)
    )
    if bad:
        raise BadArchiveError(f"the path {name!r} leaves the tree or is not allowed in one")
    return path


def check_link(member: tarfile.TarInfo) -> None:
    """Raise BadArchiveError when a link of an archive points out of the tree.

    A `..` behind a name counts as out of the tree: where it leads depends on other links.
    """
    target = PurePosixPath(member.linkname)
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
            through = next((parent for parent in path.parents if parent in links), None)
            if through is not None:
                raise BadArchiveError(f"{member.name!r} goes through the link {str(through)!r}")
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
        with tarfile.open(archive) as stream, disk_errors(folder):
            members = list(_members(stream, strip))
            folder.mkdir(parents=True, exist_ok=True)
            for member, path in members:
                if keep is None or keep(path):
                    _write(stream, member, folder / path)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise BadArchiveError(f"is no whole tar archive: {error}", where=str(archive)) from error
    except BadArchiveError as error:
        error.where = str(archive)
        raise


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
        with tarfile.open(archive) as stream:
            for member in stream:
                if member.isfile() and wanted(member.name):
                    content = stream.extractfile(member)
                    found[member.name] = content.read() if content else b""
    except (tarfile.TarError, EOFError) as error:
        raise BadArchiveError(f"is no whole tar archive: {error}", where=str(archive)) from error
    return found
