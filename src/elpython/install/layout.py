"""Which paths of a prefix are the interpreter's own, and which its users put there.

Told by one rule: what the interpreter that comes brings is the interpreter's, and so is the byte
code compiled from it. Everything else stays as it is: packages, scripts, configuration, data. Once
an interpreter has been replaced, a record in the prefix lists what was laid there.
"""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from elpython.core.errors import BadArchiveError
from elpython.core.strict_json import load_json
from elpython.upstream.archive import safe_path

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RECORD", "FileEntry", "Record", "entries", "interpreter_files", "is_own", "read_record"]

RECORD = "share/elpython/installed.json"
_FORMAT = 1
_COMPILED = re.compile(r"(?P<name>[^/]+?)\.[a-z]+-\d+(?:\.opt-[\w]+)?\.pyc")
_PACKAGES = re.compile(r"lib(?:64)?/python3\.\d+t?/(?:site|dist)-packages(?:/|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileEntry:
    """One path below a prefix, as `lstat` tells it."""

    path: str
    state: os.stat_result

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder (a link to one is none)."""
        return stat.S_ISDIR(self.state.st_mode)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What an interpreter laid into a prefix.

    Attributes:
        version: its version, for people.
        token: names the run that laid it.
        files: paths below the prefix.
    """

    version: str
    token: str
    files: frozenset[str]

    def text(self) -> str:
        """Return the record as it is written."""
        data = {
            "format": _FORMAT,
            "version": self.version,
            "token": self.token,
            "files": sorted(self.files),
        }
        return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def read_record(file: Path) -> Record | None:
    """Read a record; None when there is none, or none that makes sense (with paths that leave)."""
    try:
        data = load_json(file.read_text("utf-8"))
        files = frozenset(str(safe_path(path)) for path in data["files"])
        return Record(version=str(data["version"]), token=str(data["token"]), files=files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, BadArchiveError):
        return None


def entries(prefix: Path) -> Iterator[FileEntry]:
    """Yield every path below a prefix, a folder before what is in it."""

    def walk(folder: str, below: str) -> Iterator[FileEntry]:
        with os.scandir(folder) as found:
            for item in sorted(found, key=lambda item: item.name):
                path = f"{below}{item.name}"
                entry = FileEntry(path=path, state=item.stat(follow_symlinks=False))
                yield entry
                if entry.is_folder:
                    yield from walk(item.path, f"{path}/")

    yield from walk(str(prefix), "")


def _scripts_of_packages(prefix: Path) -> set[str]:
    """Return the scripts that installed packages brought, as their RECORD files say (PEP 376)."""
    found: set[str] = set()
    for record in prefix.glob("lib*/python3.*/site-packages/*.dist-info/RECORD"):
        site = record.parent.parent.relative_to(prefix)
        for line in record.read_text("utf-8", "replace").splitlines():
            name = line.partition(",")[0].strip('"')
            if name.startswith("../"):
                found.add(os.path.normpath(site / name))
    return found


def interpreter_files(prefix: Path) -> frozenset[str]:
    """Return what an interpreter brings into a prefix: not its packages, nor their scripts."""
    record = read_record(prefix / RECORD)
    if record is not None:
        return record.files
    scripts = _scripts_of_packages(prefix)
    return frozenset(
        entry.path
        for entry in entries(prefix)
        if not entry.is_folder and not _PACKAGES.match(entry.path) and entry.path not in scripts
    )


def is_own(path: str, files: frozenset[str]) -> bool:
    """Return whether a path is one of an interpreter's files, or byte code made from one."""
    if path in files:
        return True
    place = PurePosixPath(path)
    match = _COMPILED.fullmatch(place.name)
    if match is None or place.parent.name != "__pycache__":
        return False
    return str(place.parent.parent / f"{match['name']}.py") in files
