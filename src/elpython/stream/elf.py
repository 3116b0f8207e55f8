"""What an ELF file says of itself: its dynamic symbols and whether it carries debug info."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BadBinaryError", "Elf", "is_elf", "read_elf"]

_SHT_DYNSYM = 11
_SHT_NOTE = 7
_NT_GNU_BUILD_ID = 3


class BadBinaryError(ElpythonError):
    """A library or wheel that cannot be read."""

    exit_code = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Elf:
    """An ELF file.

    Attributes:
        wanted: dynamic symbols that it takes from elsewhere.
        given: dynamic symbols that it defines.
        has_debug: it holds DWARF (`.debug_info`, also compressed).
        build_id: hex digits of its GNU build id; empty when there is none.
    """

    wanted: frozenset[str]
    given: frozenset[str]
    has_debug: bool
    build_id: str


def is_elf(data: bytes) -> bool:
    """Whether bytes begin like an ELF file."""
    return data[:4] == b"\x7fELF"


def read_elf(data: bytes, name: str | Path) -> Elf:
    """Read an ELF file of either class and byte order.

    Raises:
        BadBinaryError: it is none, or its tables leave the file.
    """
    if not is_elf(data):
        raise BadBinaryError("this is no ELF file", where=str(name))
    try:
        return _read(data)
    except (struct.error, IndexError, OverflowError, ValueError) as error:
        raise BadBinaryError(f"the ELF file is damaged: {error}", where=str(name)) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class _Section:
    name: int
    kind: int
    offset: int
    size: int
    link: int
    entry: int


def _read(data: bytes) -> Elf:
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    sections = _sections(data, order, wide=wide)
    index = struct.unpack_from(order + "H", data, 62 if wide else 50)[0]
    names = {section: _text(data, sections[index].offset + section.name) for section in sections}
    wanted: set[str] = set()
    given: set[str] = set()
    for section in sections:
        if section.kind == _SHT_DYNSYM:
            for symbol, defined in _symbols(data, order, section, sections[section.link], wide):
                (given if defined else wanted).add(symbol)
    return Elf(
        wanted=frozenset(wanted - {""}),
        given=frozenset(given - {""}),
        has_debug=any(name in {".debug_info", ".zdebug_info"} for name in names.values()),
        build_id=_build_id(data, order, sections),
    )


def _sections(data: bytes, order: str, *, wide: bool) -> list[_Section]:
    head = struct.unpack_from(order + ("Q" if wide else "I"), data, 40 if wide else 32)[0]
    size, count = struct.unpack_from(order + "HH", data, 58 if wide else 46)
    form = order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII")
    found = []
    for number in range(count):
        row = struct.unpack_from(form, data, head + number * size)
        found.append(
            _Section(name=row[0], kind=row[1], offset=row[4], size=row[5], link=row[6],
                     entry=row[9])
        )  # fmt: skip
    return found


def _symbols(
    data: bytes,
    order: str,
    table: _Section,
    strings: _Section,
    wide: bool,  # noqa: FBT001
) -> list[tuple[str, bool]]:
    form = order + ("IBBHQQ" if wide else "IIIBBH")
    found = []
    for place in range(table.offset, table.offset + table.size, table.entry):
        row = struct.unpack_from(form, data, place)
        section = row[3] if wide else row[5]
        found.append((_text(data, strings.offset + row[0]), section != 0))
    return found


def _text(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode()


def _build_id(data: bytes, order: str, sections: list[_Section]) -> str:
    for section in sections:
        place, end = section.offset, section.offset + section.size
        while section.kind == _SHT_NOTE and place + 12 <= end:
            name_size, size, kind = struct.unpack_from(order + "III", data, place)
            start = place + 12 + (name_size + 3) // 4 * 4
            if kind == _NT_GNU_BUILD_ID and data[place + 12 : place + 15] == b"GNU":
                return data[start : start + size].hex()
            place = start + (size + 3) // 4 * 4
    return ""
