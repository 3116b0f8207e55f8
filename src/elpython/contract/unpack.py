"""Unpack packages safely: nothing leaves the folder, nobody owns it, no device is made."""

from __future__ import annotations

import os
import stat
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from elpython.core.errors import BadArchiveError
from elpython.core.process import require, run
from elpython.upstream.archive import CarefulInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Member", "cpio_members", "lay_out", "members_of", "tar_members"]

_SECONDS = 600.0
_MOST_BYTES = 4_000_000_000
_HEADER = 110
# Fields of a member's head (cpio's "new" form): each eight hexadecimal digits after the magic.
_INODE, _MODE, _LINKS, _SIZE, _NAME = 0, 1, 4, 6, 11


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One thing in a package.

    Attributes:
        name: its path, as the package has it.
        mode: type and permissions.
        target: where a symbolic link leads, or what a hard link names.
        hard: whether it is a hard link to `target`.
        data: a file's content, to be read before the next member is asked for.
        size: bytes of the content.
    """

    name: str
    mode: int
    target: str = ""
    hard: bool = False
    data: BinaryIO | None = None
    size: int = 0


@contextmanager
def members_of(package: Path) -> Iterator[Iterator[Member]]:
    """Yield the members of a `.deb` or `.rpm`.

    Raises:
        MissingProgramError: no `dpkg-deb`, or no `rpm2cpio`.
        ProgramFailedError: it is no such package.
    """
    rpm = package.suffix == ".rpm"
    program = require("rpm2cpio" if rpm else "dpkg-deb")
    words = [] if rpm else ["--fsys-tarfile"]
    with tempfile.TemporaryDirectory(prefix="elpython-package-") as name:
        payload = Path(name) / "payload"
        # Only a shell writes a program's bytes to a file; no word of ours is read by it.
        line = 'to="$1"; shift; exec "$@" > "$to"'
        run(["sh", "-c", line, "sh", payload, program, *words, package], timeout=_SECONDS)
        if rpm:
            with payload.open("rb") as stream:
                yield cpio_members(stream)
        else:
            with tarfile.open(payload, tarinfo=CarefulInfo) as archive:
                yield tar_members(archive)


def tar_members(archive: tarfile.TarFile) -> Iterator[Member]:
    """Yield a tar archive's members.

    Raises:
        BadArchiveError: a device, a pipe, or what else is no file, folder or link.
    """
    for item in archive:
        if item.isdir():
            yield Member(name=item.name, mode=stat.S_IFDIR | item.mode)
        elif item.issym():
            yield Member(name=item.name, mode=stat.S_IFLNK, target=item.linkname)
        elif item.islnk():
            yield Member(name=item.name, mode=stat.S_IFREG, target=item.linkname, hard=True)
        elif item.isfile():
            data = archive.extractfile(item)
            yield Member(
                name=item.name, mode=stat.S_IFREG | item.mode, size=item.size,
                data=data,  # type: ignore[arg-type]
            )  # fmt: skip
        else:
            raise BadArchiveError(f"holds a device or a pipe: {item.name}")


def cpio_members(stream: BinaryIO) -> Iterator[Member]:
    """Yield a cpio archive's members; of files with several names the content comes last.

    Raises:
        BadArchiveError: another form of cpio, or it is cut.
    """
    waiting: dict[int, list[str]] = {}
    while True:
        head = stream.read(_HEADER)
        if len(head) < _HEADER or head[:6] not in {b"070701", b"070702"}:
            raise BadArchiveError("its cpio archive is cut, or of a form that is not read")
        fields = [int(head[at : at + 8], 16) for at in range(6, _HEADER, 8)]
        name = stream.read(fields[_NAME]).rstrip(b"\0").decode("utf-8", "surrogateescape")
        stream.read(-(_HEADER + fields[_NAME]) % 4)
        if name == "TRAILER!!!":
            return
        start, size, mode = stream.tell(), fields[_SIZE], fields[_MODE]
        if stat.S_ISREG(mode) and fields[_LINKS] > 1 and size == 0:
            waiting.setdefault(fields[_INODE], []).append(name)
        elif stat.S_ISLNK(mode):
            target = stream.read(size).decode("utf-8", "surrogateescape")
            yield Member(name=name, mode=mode, target=target)
        else:
            yield Member(name=name, mode=mode, data=stream, size=size)
            for other in waiting.pop(fields[_INODE], ()):
                yield Member(name=other, mode=mode, target=name, hard=True)
        stream.seek(start + size + -size % 4)


def lay_out(members: Iterable[Member], root: Path, *, below: str = "") -> None:
    """Write members below a folder; owners, set-id bits and rights to write for all are dropped.

    A link that leads to the package's own root (`/etc/python3.11/...`) leads to this one.

    Args:
        members: read one after the other.
        root: the folder.
        below: only what lies below this folder of the package.

    Raises:
        BadArchiveError: a member or a link that leads out, a device, or too much.
    """
    root = root.resolve()
    written = 0
    for member in members:
        path = _inside(member.name, root)
        if path == root or not path.is_relative_to(root / below):
            continue
        if stat.S_ISDIR(member.mode) and not member.hard:
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or path.exists():
            path.unlink()
        if stat.S_ISLNK(member.mode):
            path.symlink_to(_link(member, path, root))
        elif member.hard:
            _hard_link(member, path, root)
        elif stat.S_ISREG(member.mode) and member.data is not None:
            written += member.size
            if written > _MOST_BYTES:
                raise BadArchiveError("holds too much", where=member.name)
            _copy(member.data, member, path)
        else:
            raise BadArchiveError("is a device or a pipe", where=member.name)


def _parts(name: str, member: str) -> list[str]:
    parts = [part for part in PurePosixPath(name).parts if part not in {"/", "//", "."}]
    if ".." in parts or "\0" in name:
        raise BadArchiveError("leads out of the package's folder", where=member)
    return parts


def _inside(name: str, root: Path) -> Path:
    """Return where a member goes; a link on the way must not lead out."""
    path = root.joinpath(*_parts(name, name))
    if path != root and not path.parent.resolve().is_relative_to(root):
        raise BadArchiveError("leads out of the package's folder by a link", where=name)
    return path


def _link(member: Member, path: Path, root: Path) -> str:
    target = member.target
    if target.startswith("/"):
        inside = root.joinpath(*_parts(target, member.name))
        return os.path.relpath(inside, path.parent)
    meant = Path(os.path.normpath(path.parent / target))
    # `a/..` is not here where `a` is a link: a way up stands in front alone.
    parts = [part for part in PurePosixPath(target).parts if part != "."]
    down = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    if not meant.is_relative_to(root) or ".." in parts[down:]:
        raise BadArchiveError(f"leads out of the package's folder: {target}", where=member.name)
    return target


def _hard_link(member: Member, path: Path, root: Path) -> None:
    source = _inside(member.target, root)
    if source.is_symlink() or not source.is_file():
        raise BadArchiveError(f"is linked to what is no file: {member.target}", where=member.name)
    os.link(source, path)


def _copy(data: BinaryIO, member: Member, path: Path) -> None:
    left = member.size
    with path.open("wb") as target:
        while left:
            part = data.read(min(left, 1 << 20))
            if not part:
                raise BadArchiveError("is cut", where=member.name)
            target.write(part)
            left -= len(part)
    path.chmod((member.mode & 0o755) | 0o600)
