"""A change of the ABI as abidiff tells it, and the reading of its report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "Measured", "Measurement", "read_report"]

KINDS = (
    "removed", "added", "function", "variable", "type", "tail", "value", "code", "access", "magic",
)  # fmt: skip

_SIGNED = re.compile(r"\[(?P<sign>[ADC])\] (?P<rest>.*)")
_SYMBOL = re.compile(r"\{(?P<name>[^}@]+)(?:@[^}]*)?\}")
_PLACE = re.compile(r" at (?P<file>[^ :']+):(?P<line>\d+):\d+")
_FUNCTION = re.compile(r"(?:function|method) [^(]*?(?P<name>[A-Za-z_]\w*)\(")
_VARIABLE = re.compile(r"'(?:variable )?[^']*?(?P<name>[A-Za-z_]\w*)(?:\[[^]]*\])*'")
_TYPE = re.compile(r"'(?P<kind>\w+) (?P<name>[^']*?)(?: at (?P<file>[^ :']+):(?P<line>\d+):\d+)?'")
_OFFSET = re.compile(r"offset (?:changed from|in bits changed from)")
_AT_OFFSET = re.compile(r"at offset (\d+) \(in bits\)")
_SIZE = re.compile(r"type size changed from (\d+) to (\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One change between two builds.

    Attributes:
        kind: `removed`, `added`, `function`, `variable`, `type`, `tail` (fields added at the end
            of a struct whose other fields keep their places), `value` (of a constant), `code` (a
            macro or inline function), `access` (one that reads fields another way) or `magic`.
        symbol: the symbol's or type's name, as programmers know it.
        what: what changed, in the tool's words, one line.
        file, line: where it is declared, as the debug info says; empty and 0 when unknown.
        reach: exported symbols whose signature reaches a changed type.
        tier: `headers` (public headers show it), `DWARF` (debug info), `symbols only`.
        excuse: why a beta may hold it; empty when it counts.
        tool: `abidiff`, `headers` (the header probe) or `both`.
        possible: it depends on what a module does with it; somebody has to look.
    """

    kind: str
    symbol: str
    what: str
    file: str = ""
    line: int = 0
    reach: tuple[str, ...] = ()
    tier: str = "DWARF"
    excuse: str = ""
    tool: str = "abidiff"
    possible: bool = False

    @property
    def breaks(self) -> bool:
        """Whether it is a break: no addition, not excused, and not only possibly one."""
        return self.kind not in {"added", "magic"} and not self.excuse and not self.possible


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """What was measured.

    Attributes:
        changes: every change, excused ones too.
        known: whether the answer is complete: False when debug info is missing on a side.
        tier: the best evidence that there was: `headers`, `DWARF` or `symbols only`.
        exit_code: abidiff's own; 0 for the header probe.
        tool: the tools' names and versions.
        notes: what limits the answer.
    """

    changes: tuple[Measured, ...]
    known: bool
    tier: str
    exit_code: int
    tool: str
    notes: tuple[str, ...] = ()

    @property
    def breaks(self) -> list[Measured]:
        """The changes that count as breaks."""
        return [change for change in self.changes if change.breaks]

    @property
    def undecided(self) -> list[Measured]:
        """The changes that may be breaks, and that only a person can judge."""
        return [
            change
            for change in self.changes
            if change.possible and change.kind != "code" and not change.excuse
        ]

    @property
    def magic(self) -> str:
        """What happened to the magic number of pyc files; empty when nothing did."""
        return next((change.what for change in self.changes if change.kind == "magic"), "")


def read_report(text: str, typedefs: Mapping[str, str]) -> list[Measured]:
    """Read what `abidiff --leaf-changes-only --impacted-interfaces` prints.

    Args:
        text: the report.
        typedefs: C tag -> the name that programmers know.
    """
    found: list[Measured] = []
    lines = text.splitlines()
    section = ""
    place = 0
    while place < len(lines):
        line = lines[place]
        block = _block(lines, place)
        if line.endswith(":") and not line.startswith((" ", "'")):
            section = line
        elif (signed := _SIGNED.match(line.strip())) and line.startswith("  ["):
            found.append(_interface(signed["sign"], signed["rest"], block, section))
            place += len(block)
        elif line.startswith("'") and (named := _TYPE.match(line)) and line.endswith("changed:"):
            found.append(_type(named, block, typedefs))
            place += len(block)
        place += 1
    return found


def _block(lines: list[str], place: int) -> list[str]:
    """Return the lines below one that are indented deeper."""
    indent = _indent(lines[place])
    block = []
    for line in lines[place + 1 :]:
        if line.strip() and _indent(line) <= indent:
            break
        block.append(line)
    return block


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _interface(sign: str, rest: str, block: list[str], section: str) -> Measured:
    in_braces = _SYMBOL.search(rest)
    variable = "variable" in section.lower()
    named = _VARIABLE.search(rest) if variable else _FUNCTION.search(rest)
    plain = rest.strip().split("@")[0]
    name = (in_braces or named or {"name": plain})["name"]
    where = _PLACE.search(rest)
    kind = {"A": "added", "D": "removed"}.get(sign, "variable" if variable else "function")
    details = "; ".join(line.strip().rstrip(":") for line in block if line.strip())
    first = rest.split("'")[1] if rest.startswith("'") and rest.count("'") > 1 else name
    words = {"A": f"{first} is new", "D": f"{first} is gone"}.get(sign, f"{first}: {details}")
    return Measured(
        kind=kind,
        symbol=name,
        what=words,
        file=where["file"] if where else "",
        line=int(where["line"]) if where else 0,
        tier="symbols only" if "not referenced by debug info" in section else "DWARF",
    )


def _type(named: re.Match[str], block: list[str], typedefs: Mapping[str, str]) -> Measured:
    details, reach = [], []
    in_reach = False
    for line in block:
        bare = line.strip()
        if bare.endswith(("impacted interface:", "impacted interfaces:")):
            in_reach = True
        elif in_reach and bare:
            function = _FUNCTION.search(bare)
            reach.append(function["name"] if function else bare.split()[-1])
        elif bare:
            details.append(bare.rstrip(":"))
    tag = named["name"].strip()
    return Measured(
        kind="tail" if _only_tail(details) else "type",
        symbol=typedefs.get(tag, tag),
        what=f"{named['kind']} {tag}: {'; '.join(details)}",
        file=named["file"] or "",
        line=int(named["line"] or 0),
        reach=tuple(reach),
    )


def _only_tail(details: list[str]) -> bool:
    """Whether the only change of a struct is that fields came behind its old end."""
    text = "\n".join(details)
    size = _SIZE.search(text)
    added = [int(offset) for offset in _AT_OFFSET.findall(text)]
    if size is None or not added or _OFFSET.search(text):
        return False
    harmless = re.compile(
        r"type size (?:changed|hasn't)|\d+ data member insertions?|'.*', at offset \d+ \(in bits\)"
    )
    return min(added) >= int(size[1]) and all(harmless.match(line) for line in details)
