"""Which stack owns which name in the folder of programs.

The default stack keeps `foo`. The other one has `foo-3.X`, unless upstream gives the version a
place of its own: `foo-3.X`, `foo-3X`, `foo3.X` and `foo3X` stay as they are. A name with the major
version alone (`foo-3`, `foo3` beside `foo`) is the default stack's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["EntryPoint", "entry_points", "names_of_other", "spread", "versioned_name"]

_BIN = re.compile(r"(?:^|\s)(%\{_bindir\}|%_bindir|/usr/bin)/(\S+)\s*$")
_VERSION_MACRO = re.compile(r"python3_version(?:_nodots)?\b|python3_pkgversion|python3_other_")
_MAJOR = re.compile(r"^(?P<base>.*[^\d.-])-?3$")
_BRACES = re.compile(r"(?<!%)\{((?:[^{}]|%\{[^{}]*\})*,(?:[^{}]|%\{[^{}]*\})*)\}")
_GLOB = re.compile(r"[*?\[{]")
# What a glob says about versions at its end: `3*`, `3.*`, `?.?`, `3.[0-9]*`.
_VERSIONS = re.compile(r"(?:3|\?|\[3\])(?:\.?(?:\*|\?+|\[[^]]*\]\*?))+$|[3?]\.\*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryPoint:
    """A program named in a list of files.

    Attributes:
        name: as written after the folder.
        kind: `plain`; `own`: its version is in the name; `doubled`: plain, beside one with its own
            version; `major`: plain with a 3, beside one without; `pattern`: a glob; `versions`: a
            glob over versions (`foo-3*`).
    """

    name: str
    kind: str

    @property
    def taken(self) -> bool:
        """Return whether the other stack has it too, under a name with its version."""
        return self.kind in {"plain", "own", "pattern", "versions"}


def versioned_name(name: str, version: str, known: Iterable[str] = ()) -> str | None:
    """Return the name under which a stack that is not the default has a program.

    Args:
        name: the program as the package installs it.
        version: the stack's version, `3.13`.
        known: the other programs beside it.

    Returns:
        None when the name is the default stack's alone (`foo3` beside `foo`).
    """
    nodots = version.replace(".", "")
    if re.search(rf"[^\d.](?:{re.escape(version)}|{nodots})$", name):
        return name
    match = _MAJOR.match(name)
    if match and (match["base"] in set(known) or match["base"] in {"python", "pip", "pydoc"}):
        return None
    return f"{name}-{version}"


def spread(text: str) -> tuple[str, ...]:
    """Write a text out once for each alternative in braces: `a{,-3}` is `a` and `a-3`."""
    match = _BRACES.search(text)
    if match is None:
        return (text,)
    before, after = text[: match.start()], text[match.end() :]
    words = re.split(r",(?![^{]*\})", match[1])
    return tuple(line for word in words for line in spread(before + word + after))


def _kind(name: str, names: set[str]) -> str:
    if _VERSION_MACRO.search(name):
        return "own"
    if _GLOB.search(re.sub(r"%\{[^}]*\}", "", name)):
        return "versions" if _VERSIONS.search(name) else "pattern"
    match = _MAJOR.match(name)
    if match and match["base"] in names:
        return "major"
    own = {f"{name}-%{{python3_version}}", f"{name}%{{python3_version}}"}
    globs = {_VERSIONS.sub("", item) for item in names if _VERSIONS.search(item)}
    return "doubled" if own & names or {name, f"{name}-"} & globs else "plain"


def entry_points(lines: Sequence[str]) -> tuple[EntryPoint, ...]:
    """Return the programs that a list of files has."""
    found = [name for match in map(_BIN.search, lines) if match for name in spread(match[2])]
    excluded = {name for line in lines if "%exclude" in line for name in found if name in line}
    names = [name for name in dict.fromkeys(found) if name not in excluded]
    return tuple(EntryPoint(name=name, kind=_kind(name, set(names))) for name in names)


def names_of_other(point: EntryPoint) -> tuple[str, ...]:
    """Return how a program is named in the other stack's list of files."""
    if point.kind == "plain":
        return (f"{point.name}-%{{python3_other_version}}",)
    if point.kind == "pattern":
        return (f"{point.name.rstrip('*')}*%{{python3_other_version}}",)
    if point.kind == "versions":
        return (f"{_VERSIONS.sub('', point.name)}*%{{python3_other_version}}",)
    return ()
