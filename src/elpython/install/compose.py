"""Lay a new prefix: the interpreter's files from one place, everything else from another."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.report import SILENT
from elpython.install.errors import BadPrefixError
from elpython.install.layout import RECORD, entries, is_own

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.install.layout import FileEntry, Record

__all__ = ["Parts", "bytes_needed", "compose"]

# What the system answers where a second name for a file is not to be had.
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EACCES}


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What a new prefix is laid from.

    Attributes:
        interpreter: folder with the files of the interpreter that comes.
        files: which of them to take, as paths below it.
        present: the prefix as it is now.
        going: the files of the interpreter that goes, as paths below `present`.
        link: whether the interpreter's files may be taken as second names of the same files.
    """

    interpreter: Path
    files: frozenset[str]
    present: Path
    going: frozenset[str]
    link: bool = False


def bytes_needed(parts: Parts) -> int:
    """Return about how many bytes a composition takes."""
    if parts.link:
        return 0
    return sum((parts.interpreter / path).lstat().st_size for path in parts.files)


def compose(
    parts: Parts,
    target: Path,
    record: Record,
    *,
    reporter: Reporter = SILENT,
) -> frozenset[str]:
    """Lay the new prefix at `target`; give the paths of the present one that it does not take over.

    What the users put there gets a second name (hard link) where the file system can, and is copied
    with its times and attributes elsewhere. Folders keep mode, owner and times.

    Args:
        parts: where from.
        target: an empty or missing folder.
        record: is written into it.
        reporter: told how it goes on.

    Raises:
        BadPrefixError: the users' files and the interpreter's are in each other's way.
    """
    present = list(entries(parts.present))
    gone = frozenset(entry.path for entry in present if _goes(entry, parts))
    kept = [entry.path for entry in present if not entry.is_folder and entry.path not in gone]
    places = _parents(parts.files)
    _refuse_clashes(parts, present, places & set(kept))
    emptied = _parents(gone) - _parents(kept) - places
    folders = [entry.path for entry in present if entry.is_folder and entry.path not in emptied]
    owner = parts.present.stat()
    target.mkdir(parents=True, exist_ok=True)
    for path in folders:
        (target / path).mkdir(exist_ok=True)
    total = len(parts.files) + len(kept)
    for done, path in enumerate(sorted(parts.files), 1):
        _lay(parts.interpreter / path, target / path, link=parts.link, owner=owner)
        reporter.progress("files", done, total)
    for done, path in enumerate(kept, len(parts.files) + 1):
        _second_name(parts.present / path, target / path)
        reporter.progress("files", done, total)
    _write_record(target / RECORD, record, owner)
    for path in sorted(places - set(folders), reverse=True):
        _same_folder(parts.interpreter / path, target / path, owner)
    for path in reversed(folders):
        _same_folder(parts.present / path, target / path)
    _same_folder(parts.present, target)
    return gone


def _goes(entry: FileEntry, parts: Parts) -> bool:
    """Return whether a path of the present prefix is left out of the new one."""
    if entry.is_folder:
        return False
    own = entry.path == RECORD or is_own(entry.path, parts.going)
    return own or is_own(entry.path, parts.files)


def _parents(paths: Iterable[str]) -> set[str]:
    """Return every folder on the way to some paths."""
    found: set[str] = set()
    for path in paths:
        place = os.path.dirname(path)  # noqa: PTH120 - tens of thousands of strings
        while place and place not in found:
            found.add(place)
            place = os.path.dirname(place)  # noqa: PTH120
    return found


def _refuse_clashes(parts: Parts, present: list[FileEntry], in_the_way: set[str]) -> None:
    folders = {entry.path for entry in present if entry.is_folder} & parts.files
    if folders or in_the_way:
        names = sorted(folders | in_the_way)
        raise BadPrefixError(
            "has a folder where the replacement has a file, or a file or link where it has a "
            f"folder: {', '.join(names[:5])}",
            where=str(parts.present),
            todo="move it away, or replace the interpreter at the place that the link leads to",
        )


def _lay(source: Path, target: Path, *, link: bool, owner: os.stat_result) -> None:
    """Bring one file of the interpreter, owned as the prefix is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if link:
        _second_name(source, target)
        return
    if source.is_symlink():
        target.symlink_to(source.readlink())
    else:
        shutil.copy2(source, target)
    if os.geteuid() == 0:
        os.chown(target, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _second_name(source: Path, target: Path) -> None:
    """Give a file a second name; copy it with all that belongs to it where that cannot be."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        state = source.lstat()
        shutil.copy2(source, target, follow_symlinks=False)
        if os.geteuid() == 0:
            os.chown(target, state.st_uid, state.st_gid, follow_symlinks=False)


def _same_folder(source: Path, target: Path, owner: os.stat_result | None = None) -> None:
    """Give a folder the mode, attributes and times of another, and its owner or the one named."""
    state = owner or source.stat()
    if os.geteuid() == 0:
        os.chown(target, state.st_uid, state.st_gid)
    shutil.copystat(source, target)


def _write_record(file: Path, record: Record, owner: os.stat_result) -> None:
    for folder in (file.parent.parent, file.parent):
        folder.mkdir(parents=True, exist_ok=True)
    file.write_text(record.text(), "utf-8")
    file.chmod(0o644)
    if os.geteuid() == 0:
        os.chown(file, owner.st_uid, owner.st_gid)
