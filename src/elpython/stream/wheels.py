"""Wheels of a folder as values: their tags and the symbols that their extensions take."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from elpython.core.elf import is_elf
from elpython.stream.elf import BadBinaryError, read_elf

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Wheel", "read_wheel", "wheels_of"]

_EXTENSION = re.compile(r"\.(so|pyd|dylib)(\.[0-9.]+)?$")
_CPYTHON = re.compile(r"cp(\d)(\d+)(?P<flags>[a-z]*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """One wheel.

    Attributes:
        path: its file.
        project: normalised name.
        version: its version.
        abis: ABI tags (`cp39`, `cp39p`, `abi3`, `none`).
        series: CPython series that it is for, `3.9`; empty for any.
        extensions: names of the binary modules inside.
        wanted: symbols that those take from elsewhere.
        unread: binaries in a format other than ELF.
    """

    path: Path
    project: str
    version: str
    abis: frozenset[str]
    series: frozenset[str]
    extensions: tuple[str, ...]
    wanted: frozenset[str]
    unread: tuple[str, ...] = ()

    @property
    def is_pure(self) -> bool:
        """Whether it holds no binary module."""
        return not self.extensions and not self.unread

    @property
    def is_abi3(self) -> bool:
        """Whether it is built against the stable ABI alone."""
        return self.abis == {"abi3"}


def wheels_of(folder: Path) -> list[Path]:
    """Return the wheels below a folder, sorted by name.

    Raises:
        BadBinaryError: there is no such folder.
    """
    if not folder.is_dir():
        raise BadBinaryError("there is no such folder", where=str(folder))
    return sorted(folder.rglob("*.whl"))


def read_wheel(path: Path) -> Wheel:
    """Read a wheel.

    Raises:
        BadBinaryError: its name is no wheel's, it is no archive, or a member is damaged.
    """
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise BadBinaryError(str(error), where=str(path)) from error
    wanted: set[str] = set()
    extensions, unread = [], []
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if not _EXTENSION.search(member):
                    continue
                data = archive.read(member)
                if is_elf(data):
                    extensions.append(member)
                    wanted |= read_elf(data, f"{path}: {member}").wanted
                else:
                    unread.append(member)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError) as error:
        raise BadBinaryError(f"this is no readable wheel: {error}", where=str(path)) from error
    series = {
        f"{found[1]}.{found[2]}"
        for tag in tags
        if (found := _CPYTHON.fullmatch(tag.interpreter)) and tag.abi != "abi3"
    }
    return Wheel(
        path=path,
        project=name,
        version=str(version),
        abis=frozenset(tag.abi for tag in tags),
        series=frozenset(series),
        extensions=tuple(extensions),
        wanted=frozenset(wanted),
        unread=tuple(unread),
    )
