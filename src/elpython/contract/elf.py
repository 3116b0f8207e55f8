"""Just enough of the ELF format: dynamic symbols, sections, build id, run path.

Sources: System V ABI, "Object Files" and "Dynamic Linking"; only little-endian 64-bit files are
read, which is what the machines are on which EL branches are released.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Elf", "Symbol", "build_id", "debug_file", "read_elf", "set_run_path"]

_MAGIC = b"\x7fELF\x02\x01"
_DYNSYM, _NOTE, _NOBITS = 11, 7, 8
_DT_NULL, _DT_RPATH, _DT_RUNPATH = 0, 15, 29
_KINDS = {0: "none", 1: "object", 2: "function", 6: "tls", 10: "function"}
_GNU_BUILD_ID = 3
_SHN_UNDEF = 0
_LOCAL = 0


@dataclass(frozen=True, slots=True)
class Symbol:
    """A defined dynamic symbol: its name, kind (function, object, ...) and size in bytes."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    type: int
    offset: int
    size: int
    link: int


@dataclass(frozen=True, slots=True)
class Elf:
    """An ELF file's bytes and sections."""

    data: bytes
    sections: tuple[_Section, ...]

    def section(self, name: str) -> _Section | None:
        """Give a section by its name."""
        return next((item for item in self.sections if item.name == name), None)

    @property
    def has_debug_info(self) -> bool:
        """Whether DWARF information is in the file itself."""
        found = self.section(".debug_info")
        return found is not None and found.type != _NOBITS

    def symbols(self) -> dict[str, Symbol]:
        """Give the defined dynamic symbols by name."""
        table = next((item for item in self.sections if item.type == _DYNSYM), None)
        if table is None:
            return {}
        names = self.sections[table.link]
        found = {}
        for at in range(table.offset, table.offset + table.size, 24):
            name, info, _, index, _, size = struct.unpack_from("<IBBHQQ", self.data, at)
            if index == _SHN_UNDEF or info >> 4 == _LOCAL:
                continue
            text = _string(self.data, names.offset + name)
            found[text] = Symbol(text, _KINDS.get(info & 15, "other"), size)
        return found


def _string(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("utf-8", "replace")


def read_elf(path: Path) -> Elf | None:
    """Read a file; None when it is no 64-bit little-endian ELF file or is cut short."""
    data = path.read_bytes()
    if not data.startswith(_MAGIC):
        return None
    try:
        return Elf(data, _sections(data))
    except (struct.error, ValueError, IndexError):
        return None


def _sections(data: bytes) -> tuple[_Section, ...]:
    (start,) = struct.unpack_from("<Q", data, 0x28)
    size, count, names_at = struct.unpack_from("<HHH", data, 0x3A)
    raw = [struct.unpack_from("<IIQQQQIIQQ", data, start + size * i) for i in range(count)]
    if not raw:
        return ()
    names = raw[names_at][4]
    return tuple(_Section(_string(data, names + r[0]), r[1], r[4], r[5], r[6]) for r in raw)


def build_id(elf: Elf) -> str:
    """Give the GNU build id as hex digits; empty when the file has none."""
    for section in elf.sections:
        if section.type != _NOTE:
            continue
        at, end = section.offset, section.offset + section.size
        while at + 12 <= end:
            name_size, size, kind = struct.unpack_from("<III", elf.data, at)
            name_at = at + 12
            value_at = name_at + (name_size + 3) // 4 * 4
            if kind == _GNU_BUILD_ID and elf.data[name_at : name_at + 4] == b"GNU\0":
                return elf.data[value_at : value_at + size].hex()
            at = value_at + (size + 3) // 4 * 4
    return ""


def debug_file(elf: Elf, root: Path) -> Path | None:
    """Give the detached debug file below a root such as `/usr/lib/debug`, found by build id."""
    found = build_id(elf)
    path = root / ".build-id" / found[:2] / f"{found[2:]}.debug"
    return path if found and path.is_file() else None


def set_run_path(path: Path, value: str) -> bool:
    """Overwrite the run path of a file in place.

    Args:
        path: the ELF file; nothing else may be hard-linked to it.
        value: the new run path, not longer than the old one.

    Returns:
        False when the file has no run path or the old one is too short.
    """
    elf = read_elf(path)
    dynamic = elf.section(".dynamic") if elf else None
    if elf is None or dynamic is None:
        return False
    names = elf.sections[dynamic.link]
    for at in range(dynamic.offset, dynamic.offset + dynamic.size, 16):
        tag, offset = struct.unpack_from("<QQ", elf.data, at)
        if tag == _DT_NULL:
            break
        if tag in {_DT_RPATH, _DT_RUNPATH}:
            where = names.offset + offset
            room = elf.data.index(b"\0", where) - where
            if len(value) > room:
                return False
            patched = bytearray(elf.data)
            patched[where : where + room] = value.encode().ljust(room, b"\0")
            path.write_bytes(patched)
            return True
    return False
