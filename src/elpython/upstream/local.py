"""An archive or an unpacked folder on this machine."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import SourceUnavailableError

if TYPE_CHECKING:
    from elpython.upstream.source import Source

__all__ = ["fetch"]


def fetch(source: Source, folder: Path) -> Path:
    """Copy a local archive into a folder; an unpacked source is packed.

    Raises:
        SourceUnavailableError: there is no such file or folder.
    """
    path = Path(source.file).expanduser()
    if path.is_dir():
        return _pack(path, folder / f"Python-{source.version}.tar")
    if not path.is_file():
        raise SourceUnavailableError("there is no such file", where=str(path))
    return Path(shutil.copyfile(path, folder / path.name))


def _pack(folder: Path, target: Path) -> Path:
    """Pack a folder: the same bytes for the same content, whoever packs it and when."""
    root = target.stem
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            inner = path.relative_to(folder)
            if ".git" in inner.parts or (path.is_dir() and not path.is_symlink()):
                continue
            member = archive.gettarinfo(path, f"{root}/{inner.as_posix()}")
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mtime = 0
            member.mode = 0o755 if member.mode & 0o100 else 0o644
            if member.isreg():
                with path.open("rb") as content:
                    archive.addfile(member, content)
            else:
                archive.addfile(member)
    return target
