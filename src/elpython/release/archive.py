"""The source archive: the same bytes on every machine.

Order, times, owners and modes are fixed; what the tar holds is compared with the tree's own object
ids before it counts. The compressed files depend on the compressors alone: their settings are
fixed and they run on one thread. The tar's digest is kept too, as what stays the same even where
another version of a compressor packs the same bytes differently.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import lzma
import shutil
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from elpython.core.errors import BadArchiveError, ProgramFailedError
from elpython.core.process import run
from elpython.core.report import SILENT
from elpython.core.store import Store, file_digest, key_of
from elpython.prepare.git import FALLBACK_DATE, git_env

if TYPE_CHECKING:
    from elpython.core.report import Reporter

__all__ = [
    "FORMATS",
    "Archive",
    "blob_id",
    "folders_of",
    "make_archive",
    "write_members",
    "write_tar",
]

FORMATS = ("tar.xz", "tar.gz")

_FORMAT = 1
_XZ_PRESET = 6
_GZIP_LEVEL = 9
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """A source archive in both its forms.

    Attributes:
        folder: holds `<top>.tar.xz` and `<top>.tar.gz`.
        top: the one folder that the archive unpacks to.
        epoch: time of every member, seconds since 1970.
        members: how many files it has.
        tar_sha256: digest of the tar before compression.
        sha256: form -> digest of the file.
    """

    folder: Path
    top: str
    epoch: int
    members: int
    tar_sha256: str
    sha256: dict[str, str]

    def path(self, form: str) -> Path:
        """Return the file of a form."""
        return self.folder / f"{self.top}.{form}"


def _git(folder: Path, *words: str | Path) -> str:
    argv: list[str | Path] = ["git", "-C", folder, *words]
    return run(argv, env=git_env(FALLBACK_DATE), errors="surrogateescape").stdout


def _archive(folder: Path, target: Path, treeish: str) -> None:
    try:
        _git(folder, "archive", "--format=tar", "-o", target, treeish)
    except ProgramFailedError as error:
        if any("No space left" in line for line in error.details):
            raise OSError(errno.ENOSPC, "No space left on device", str(target)) from error
        raise


def _listing(folder: Path, treeish: str) -> dict[str, tuple[str, str]]:
    """Return every file of a tree: path -> mode and blob id."""
    found = {}
    for entry in _git(folder, "ls-tree", "-r", "-z", treeish).split("\0"):
        if entry:
            head, _, path = entry.partition("\t")
            mode, _kind, blob = head.split(" ")
            found[path] = (mode, blob)
    return found


def _member(name: str, epoch: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.mtime = epoch
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def folders_of(paths: list[str]) -> set[str]:
    """Return every folder on the way to some files."""
    return {
        str(parent)
        for path in paths
        for parent in Path(path).parents
        if str(parent) not in {".", ""}
    }


def blob_id(data: bytes) -> str:
    """Return the id that git gives to a file's content."""
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


def write_tar(folder: Path, treeish: str, top: str, epoch: int, target: Path) -> int:
    """Write a commit's tree as a tar; return the number of files.

    Args:
        folder: the git repository.
        treeish: commit or tree id.
        top: the folder that everything lies in.
        epoch: time of every member, seconds since 1970.
        target: the file to write.

    Raises:
        BadArchiveError: what git handed out is not what the tree's ids stand for.
    """
    listing = _listing(folder, treeish)
    raw = target.with_name(f".{target.name}.raw")
    try:
        _archive(folder, raw, treeish)
        with tarfile.open(raw) as source, target.open("wb") as out:
            members = {item.name: item for item in source if not item.isdir()}
            if members.keys() != listing.keys():
                missing = sorted(listing.keys() ^ members.keys())
                raise BadArchiveError(
                    f"{len(missing)} file(s) of the tree are not in what git archive gives",
                    where=str(folder),
                    details=tuple(missing[:10]),
                    todo="an export-ignore attribute leaves them out: drop it from the tree",
                )
            write_members(source, members, listing, out, top=top, epoch=epoch)
    finally:
        raw.unlink(missing_ok=True)
    return len(listing)


def write_members(
    source: tarfile.TarFile,
    members: dict[str, tarfile.TarInfo],
    listing: dict[str, tuple[str, str]],
    out: IO[bytes],
    *,
    top: str,
    epoch: int,
) -> None:
    """Write files as a release's tar: order, times, owners and modes are fixed.

    Args:
        source: a tar that has the content.
        members: path -> its member there.
        listing: path -> mode and blob id.
        out: gets the tar.
        top: the folder that everything lies in.
        epoch: time of every member, seconds since 1970.

    Raises:
        BadArchiveError: a member's content is not that of its blob id.
    """
    folders = folders_of(list(listing))
    # Sorted by bytes, so that no locale has a say; a folder comes before what it holds.
    order = sorted(
        listing.keys() | folders, key=lambda name: name.encode("utf-8", "surrogateescape")
    )
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in ["", *order]:
            member = _member(f"{top}/{name}".rstrip("/"), epoch)
            if name == "" or name in folders:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(member)
                continue
            mode, blob = listing[name]
            _write_file(tar, member, source, members[name], mode=mode, blob=blob)


def _write_file(
    tar: tarfile.TarFile,
    member: tarfile.TarInfo,
    source: tarfile.TarFile,
    found: tarfile.TarInfo,
    *,
    mode: str,
    blob: str,
) -> None:
    content = source.extractfile(found) if found.isfile() else None
    data = content.read() if content else found.linkname.encode("utf-8", "surrogateescape")
    if blob_id(data) != blob:
        raise BadArchiveError(
            "the tree's attributes make git write other bytes than were committed",
            where=found.name,
            todo="drop export-subst, text or filter attributes from the tree",
        )
    if mode == "120000":
        member.type, member.mode, member.linkname = tarfile.SYMTYPE, 0o777, found.linkname
        tar.addfile(member)
        return
    member.mode = 0o755 if mode == "100755" else 0o644
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def _compress_xz(source: Path, target: Path) -> None:
    packer = lzma.LZMACompressor(format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, preset=_XZ_PRESET)
    with source.open("rb") as stream, target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            out.write(packer.compress(chunk))
        out.write(packer.flush())


def _compress_gzip(source: Path, target: Path) -> None:
    with (
        source.open("rb") as stream,
        target.open("wb") as out,
        gzip.GzipFile(
            filename="", mode="wb", fileobj=out, mtime=0, compresslevel=_GZIP_LEVEL
        ) as to,
    ):
        shutil.copyfileobj(stream, to, _CHUNK)


def make_archive(
    store: Store,
    folder: Path,
    treeish: str,
    *,
    top: str,
    epoch: int,
    reporter: Reporter = SILENT,
) -> Archive:
    """Return the archive of a commit's tree; made once and kept in the store.

    Args:
        store: keeps it under the tree's id, the top folder and the time.
        folder: the git repository.
        treeish: commit or tree id.
        top: the one folder that it unpacks to, `elpython-3.11.2.27.01.0`.
        epoch: time of every member, seconds since 1970.
        reporter: told how it goes on.

    Raises:
        BadArchiveError: git hands out something else than the tree.
        DiskFullError: no space left; nothing half made remains.
    """
    tree = _git(folder, "rev-parse", f"{treeish}^{{tree}}").strip()
    key = key_of({"format": _FORMAT, "tree": tree, "top": top, "epoch": epoch})

    def make(target: Path) -> None:
        tar = target / f"{top}.tar"
        reporter.progress("archive", 0, 3)
        members = write_tar(folder, tree, top, epoch, tar)
        reporter.progress("archive", 1, 3)
        with ThreadPoolExecutor(2) as pool:
            jobs = [
                pool.submit(_compress_xz, tar, target / f"{top}.tar.xz"),
                pool.submit(_compress_gzip, tar, target / f"{top}.tar.gz"),
            ]
            for job in jobs:
                job.result()
        digest = file_digest(tar)
        tar.unlink()
        made = Archive(
            folder=target,
            top=top,
            epoch=epoch,
            members=members,
            tar_sha256=digest,
            sha256={form: file_digest(target / f"{top}.{form}") for form in FORMATS},
        )
        data = asdict(made)
        del data["folder"]
        (target / "archive.json").write_text(json.dumps(data, indent=2), "utf-8")
        reporter.progress("archive", 3, 3)

    product = store.product("archives", key, make)
    return Archive(folder=product, **json.loads((product / "archive.json").read_text("utf-8")))
