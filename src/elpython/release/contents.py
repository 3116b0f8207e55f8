"""Look into an archive that nobody vouches for yet, without writing any of its members.

What counts is decided by one rule: the tar must be, byte for byte, the one that `write_tar` makes
of the files that it holds. Then every program that unpacks it finds the same files; links out of
the tree, devices, second members of a name and whatever else a tar can carry have no place in it.
"""

from __future__ import annotations

import hashlib
import lzma
import re
import tarfile
import unicodedata
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from elpython.core.errors import BadArchiveError
from elpython.core.store import disk_errors
from elpython.release.archive import blob_id, folders_of, write_members
from elpython.upstream.archive import CarefulInfo, check_link, safe_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Contents", "Limits", "contents", "git_tree", "unpacked"]

_CHUNK = 1 << 20
_XZ_MEMORY = 1 << 28
_HEADERS = ("Python/elpython_version.h", "Include/patchlevel.h")
_HEADER_SIZE = 1 << 16
_GZIP = 31  # zlib: the largest window, and gzip's header
_KINDS = (tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How large an archive may be before it is taken for an attack.

    Attributes:
        tar: bytes of the tar (CPython's has 120 million).
        members: how many (CPython's has 5,000).
    """

    tar: int = 1 << 30
    members: int = 100_000


DEFAULT = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What an archive holds.

    Attributes:
        tree: id of the git tree of its files.
        members: how many files it has.
        defines: `#define` name -> value of the headers that tell the versions.
    """

    tree: str
    members: int
    defines: Mapping[str, str]


class _Hashing:
    """A file to write to that keeps nothing but the digest."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size


def _xz(stream: IO[bytes]) -> Iterator[bytes]:
    packer = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    while not packer.eof:
        data = stream.read(_CHUNK) if packer.needs_input else b""
        if packer.needs_input and not data:
            raise EOFError("it ends in the middle")
        yield packer.decompress(data, _CHUNK)
    if packer.unused_data or stream.read(1):
        raise EOFError("something follows after its end")


def _gzip(stream: IO[bytes]) -> Iterator[bytes]:
    packer = zlib.decompressobj(_GZIP)
    while not packer.eof:
        data = packer.unconsumed_tail or stream.read(_CHUNK)
        if not data:
            raise EOFError("it ends in the middle")
        yield packer.decompress(data, _CHUNK)
    if packer.unused_data or stream.read(1):
        raise EOFError("something follows after its end")


def unpacked(path: Path, target: Path, limits: Limits = DEFAULT) -> str:
    """Write what a compressed archive holds; return its sha256.

    Args:
        path: a `.tar.xz` or `.tar.gz`: one stream of that form, and nothing after it.
        target: gets the tar.
        limits: how large that may become.

    Raises:
        BadArchiveError: it is neither xz nor gzip, damaged, has something after its end, or is
            larger than the limit.
        DiskFullError: no space left.
    """
    digest = hashlib.sha256()
    size = 0
    unpack = _xz if path.name.endswith(".xz") else _gzip
    try:
        with path.open("rb") as stream, target.open("wb") as out:
            for chunk in unpack(stream):
                size += len(chunk)
                if size > limits.tar:
                    raise BadArchiveError(
                        f"unpacks to more than {limits.tar >> 20} MiB", where=str(path)
                    )
                digest.update(chunk)
                with disk_errors(target):
                    out.write(chunk)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise BadArchiveError(f"cannot be unpacked: {error}", where=str(path)) from error
    return digest.hexdigest()


def contents(tar: Path, sha256: str, *, top: str, epoch: int, limits: Limits = DEFAULT) -> Contents:
    """Read what a release's tar holds; nothing of it is written.

    Args:
        tar: from `unpacked`.
        sha256: its digest.
        top: the one folder that it may unpack to.
        epoch: time that every member must have, seconds since 1970.
        limits: how much it may hold.

    Raises:
        BadArchiveError: it is not the tar that a release's files make; tells the members.
    """
    try:
        with tarfile.open(tar, "r:", tarinfo=CarefulInfo) as source:
            members, folders = _members(source, top, limits)
            listing = {path: _listed(source, item) for path, item in members.items()}
            sink = _Hashing()
            write_members(
                source,
                members,
                listing,
                cast("IO[bytes]", sink),
                top=top,
                epoch=epoch,
            )
            if folders - {""} != folders_of(list(listing)) or sink.digest.hexdigest() != sha256:
                raise BadArchiveError(
                    "is not written as a release's archive is: other times, owners, modes, order "
                    "or further data"
                )
            defines = _defines(source, members)
    except (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError) as error:
        raise BadArchiveError(f"is no whole tar archive: {error}", where=tar.name) from error
    return Contents(tree=git_tree(listing), members=len(listing), defines=defines)


def _members(
    source: tarfile.TarFile, top: str, limits: Limits
) -> tuple[dict[str, tarfile.TarInfo], set[str]]:
    """Return the files below the top folder, and the folders; refuse every other kind of member."""
    problems: list[str] = []
    files: dict[str, tarfile.TarInfo] = {}
    folders: set[str] = set()
    folded: dict[str, str] = {}
    size = 0
    for number, member in enumerate(source):
        size += member.size
        if number >= limits.members or size > limits.tar:
            raise BadArchiveError(
                f"holds more than {limits.members} members or {limits.tar >> 20} MiB"
            )
        path = _below(member, top, problems)
        if path is None:
            continue
        key = unicodedata.normalize("NFC", path).casefold()
        if key in folded:
            problems.append(f"{member.name!r} and {folded[key]!r} are one name on some systems")
        folded[key] = member.name
        if member.isdir():
            folders.add(path)
        else:
            files[path] = member
    if problems:
        raise BadArchiveError(f"{len(problems)} bad member(s)", details=tuple(problems[:20]))
    return files, folders


def _below(member: tarfile.TarInfo, top: str, problems: list[str]) -> str | None:
    """Return a member's path below the top folder; None, and a problem, when it has no place."""
    try:
        path = safe_path(member.name)
        if member.type not in _KINDS or member.sparse is not None:
            raise BadArchiveError(f"{member.name!r} is a hard link, device or other special file")
        if member.issym():
            check_link(member)
    except BadArchiveError as error:
        problems.append(error.what)
        return None
    if path.parts[0] != top:
        problems.append(f"{member.name!r} lies outside of {top}")
        return None
    return "/".join(path.parts[1:])


def _content(source: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.issym():
        return member.linkname.encode("utf-8", "surrogateescape")
    stream = source.extractfile(member)
    return stream.read() if stream else b""


def _listed(source: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[str, str]:
    file = "100755" if member.mode & 0o100 else "100644"
    mode = "120000" if member.issym() else file
    return mode, blob_id(_content(source, member))


def _defines(source: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in _HEADERS:
        member = members.get(path)
        if member is None or member.issym() or member.size > _HEADER_SIZE:
            continue
        text = _content(source, member).decode("utf-8", "replace")
        for name, value in re.findall(r'^#define\s+(\w+)\s+"([^"\n]*)"', text, re.MULTILINE):
            found.setdefault(name, value)
    return found


def git_tree(listing: Mapping[str, tuple[str, str]]) -> str:
    """Return the id of the git tree that holds files.

    Args:
        listing: path -> mode and blob id.
    """
    below: dict[str, dict[str, tuple[str, str]]] = {}
    entries: list[tuple[bytes, bytes]] = []
    for path, (mode, blob) in listing.items():
        first, _, rest = path.partition("/")
        if rest:
            below.setdefault(first, {})[rest] = (mode, blob)
            continue
        name = first.encode("utf-8", "surrogateescape")
        entries.append((name, mode.encode() + b" " + name + b"\0" + bytes.fromhex(blob)))
    for folder, inside in below.items():
        name = folder.encode("utf-8", "surrogateescape")
        # git orders a folder as if its name ended with a slash.
        entries.append((name + b"/", b"40000 " + name + b"\0" + bytes.fromhex(git_tree(inside))))
    data = b"".join(entry for _, entry in sorted(entries))
    return hashlib.sha1(b"tree %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()
