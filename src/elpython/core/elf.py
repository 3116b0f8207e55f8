"""Just enough of the ELF format: dynamic symbols, sections, build id, run path.

Sources: System V ABI, "Object Files" and "Dynamic Linking"; files of either class and byte order.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Elf", "Symbol", "debug_file", "is_elf", "parse_elf", "read_elf", "set_run_path"]

_MAGIC = b"\x7fELF"
_DYNSYM, _NOTE, _NOBITS = 11, 7, 8
_DT_NULL, _DT_NEEDED, _DT_SONAME, _DT_RPATH, _DT_RUNPATH = 0, 1, 14, 15, 29
_LINKING = {
    _DT_NEEDED: "needed", _DT_SONAME: "soname", _DT_RPATH: "run path", _DT_RUNPATH: "run path",
}  # fmt: skip
_GNU_VERDEF, _GNU_VERNEED = 0x6FFFFFFD, 0x6FFFFFFE
_KINDS = {0: "none", 1: "object", 2: "function", 6: "tls", 10: "function"}
_GNU_BUILD_ID = 3
_PT_INTERP, _PT_GNU_STACK, _PF_X = 3, 0x6474E551, 1
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
    """An ELF file.

    Attributes:
        data: its bytes.
        order: its byte order, as `struct` spells it.
        wide: whether it is a 64-bit file.
        sections: its sections.
    """

    data: bytes
    order: str
    wide: bool
    sections: tuple[_Section, ...]

    def section(self, name: str) -> _Section | None:
        """Return a section by its name."""
        return next((item for item in self.sections if item.name == name), None)

    @property
    def has_debug(self) -> bool:
        """Whether DWARF information is in the file itself, compressed or not."""
        found = (self.section(".debug_info"), self.section(".zdebug_info"))
        return any(section is not None and section.type != _NOBITS for section in found)

    def _dynamic_symbols(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield name, info, section index and size of each dynamic symbol that is not local."""
        form = self.order + ("IBBHQQ" if self.wide else "IIIBBH")
        step = struct.calcsize(form)
        for table in self.sections:
            if table.type != _DYNSYM:
                continue
            names = self.sections[table.link]
            for at in range(table.offset, table.offset + table.size, step):
                row = struct.unpack_from(form, self.data, at)
                name, info, index, size = (
                    (row[0], row[1], row[3], row[5])
                    if self.wide
                    else (row[0], row[3], row[5], row[2])
                )
                text = _string(self.data, names.offset + name)
                if text and info >> 4 != _LOCAL:
                    yield text, info, index, size

    def symbols(self) -> dict[str, Symbol]:
        """Return the dynamic symbols that the file defines, by name."""
        return {
            name: Symbol(name, _KINDS.get(info & 15, "other"), size)
            for name, info, index, size in self._dynamic_symbols()
            if index != _SHN_UNDEF
        }

    @property
    def given(self) -> frozenset[str]:
        """The names of the dynamic symbols that the file defines."""
        return frozenset(self.symbols())

    @property
    def wanted(self) -> frozenset[str]:
        """The names of the dynamic symbols that the file takes from elsewhere."""
        return frozenset(
            name for name, _, index, _ in self._dynamic_symbols() if index == _SHN_UNDEF
        )

    def dynamic(self) -> Iterator[tuple[int, str]]:
        """Yield the entries of the dynamic section that stand for a text: tag and text."""
        section = self.section(".dynamic")
        if section is None:
            return
        names = self.sections[section.link]
        form = self.order + ("QQ" if self.wide else "II")
        for at in range(section.offset, section.offset + section.size, struct.calcsize(form)):
            tag, offset = struct.unpack_from(form, self.data, at)
            if tag == _DT_NULL:
                return
            if tag in {_DT_NEEDED, _DT_SONAME, _DT_RPATH, _DT_RUNPATH}:
                yield tag, _string(self.data, names.offset + offset)

    def linking(self) -> dict[str, str]:
        """Return what the loader reads: `needed`, `soname`, `run path`, `versions wanted`, `given`.

        Lists are sorted and joined by blanks; symbol versions as `FILE:VERSION`.
        """
        words: dict[str, list[str]] = {}
        for tag, text in self.dynamic():
            words.setdefault(_LINKING[tag], []).append(text)
        words["versions wanted"] = list(self._versions_wanted())
        words["versions given"] = list(self._versions_given())
        return {name: " ".join(sorted(set(found))) for name, found in words.items() if found}

    def _versions_wanted(self) -> Iterator[str]:
        """Yield the versions of other files' symbols (`Elfxx_Verneed`, System V gABI extension)."""
        section = next((item for item in self.sections if item.type == _GNU_VERNEED), None)
        if section is None:
            return
        names, at = self.sections[section.link], section.offset
        while True:
            _, _, file, first, following = struct.unpack_from(self.order + "HHIII", self.data, at)
            part = at + first
            while True:
                row = struct.unpack_from(self.order + "IHHII", self.data, part)
                owner = _string(self.data, names.offset + file)
                yield f"{owner}:{_string(self.data, names.offset + row[3])}"
                if not row[4]:
                    break
                part += row[4]
            if not following:
                break
            at += following

    def _versions_given(self) -> Iterator[str]:
        """Yield the versions that the file's own symbols have (`Elfxx_Verdef`)."""
        section = next((item for item in self.sections if item.type == _GNU_VERDEF), None)
        if section is None:
            return
        names, at = self.sections[section.link], section.offset
        while True:
            row = struct.unpack_from(self.order + "HHHHIII", self.data, at)
            (name,) = struct.unpack_from(self.order + "I", self.data, at + row[5])
            yield _string(self.data, names.offset + name)
            if not row[6]:
                break
            at += row[6]

    def loading(self) -> dict[str, str]:
        """Return what starts the file: its `interpreter`, and whether the `stack` is executable.

        Read from the program headers (System V gABI; `PT_GNU_STACK` of the GNU extension).
        """
        order = self.order
        (start,) = struct.unpack_from(
            order + ("Q" if self.wide else "I"), self.data, 0x20 if self.wide else 0x1C
        )
        size, count = struct.unpack_from(order + "HH", self.data, 0x36 if self.wide else 0x2A)
        found = {}
        for at in range(start, start + size * count, size):
            kind, flags, offset = struct.unpack_from(order + "IIQ", self.data, at)
            if not self.wide:
                (offset,), (flags,) = (
                    struct.unpack_from(order + "I", self.data, at + more) for more in (4, 24)
                )
            if kind == _PT_INTERP:
                found["interpreter"] = _string(self.data, offset)
            elif kind == _PT_GNU_STACK:
                found["stack"] = "executable" if flags & _PF_X else "not executable"
        return found

    @property
    def build_id(self) -> str:
        """The GNU build id as hex digits; empty when the file has none."""
        for section in self.sections:
            if section.type != _NOTE:
                continue
            at, end = section.offset, section.offset + section.size
            while at + 12 <= end:
                name_size, size, kind = struct.unpack_from(self.order + "III", self.data, at)
                name_at = at + 12
                value_at = name_at + (name_size + 3) // 4 * 4
                if kind == _GNU_BUILD_ID and self.data[name_at : name_at + 4] == b"GNU\0":
                    return self.data[value_at : value_at + size].hex()
                at = value_at + (size + 3) // 4 * 4
        return ""


def _string(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("utf-8", "replace")


def is_elf(data: bytes) -> bool:
    """Whether bytes begin like an ELF file."""
    return data.startswith(_MAGIC)


def parse_elf(data: bytes) -> Elf:
    """Parse the bytes of an ELF file; its symbols and notes are read too, so that damage shows.

    Raises:
        ValueError: it is not one, or its tables leave the file.
    """
    if not is_elf(data):
        raise ValueError("no ELF file")
    try:
        wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
        elf = Elf(data, order, wide, _sections(data, order, wide=wide))
        # Read now, so that damage shows here and not where a symbol is asked for.
        elf.wanted, elf.build_id  # noqa: B018
    except (struct.error, IndexError, OverflowError, ValueError) as error:
        raise ValueError(f"a damaged ELF file: {error}") from error
    return elf


def read_elf(path: Path) -> Elf | None:
    """Read a file; None when it is not a whole ELF file."""
    try:
        return parse_elf(path.read_bytes())
    except ValueError:
        return None


def _sections(data: bytes, order: str, *, wide: bool) -> tuple[_Section, ...]:
    (start,) = struct.unpack_from(order + ("Q" if wide else "I"), data, 0x28 if wide else 0x20)
    size, count, names_at = struct.unpack_from(order + "HHH", data, 0x3A if wide else 0x2E)
    form = order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII")
    raw = [struct.unpack_from(form, data, start + size * number) for number in range(count)]
    if not raw:
        return ()
    names = raw[names_at][4]
    return tuple(
        _Section(_string(data, names + row[0]), row[1], row[4], row[5], row[6]) for row in raw
    )


def debug_file(elf: Elf, root: Path) -> Path | None:
    """Return the detached debug file below a root such as `/usr/lib/debug`, by build id."""
    found = elf.build_id
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
    form = elf.order + ("QQ" if elf.wide else "II")
    for at in range(dynamic.offset, dynamic.offset + dynamic.size, struct.calcsize(form)):
        tag, offset = struct.unpack_from(form, elf.data, at)
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
