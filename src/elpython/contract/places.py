"""Where an installed interpreter keeps its programs and its files for pkg-config."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["manuals", "pkgconfig", "programs"]

_PROGRAMS = r"(python|pydoc|idle|2to3-?)"


def programs(python: Path, tag: str) -> dict[str, Path]:
    """Return the interpreter's own programs and their unversioned links, by name.

    A `python3` that belongs to another series is not of this interpreter.
    """
    escaped = re.escape(tag)
    pattern = re.compile(rf"([\w]+-linux-gnu-)?{_PROGRAMS}({escaped}|3)?(-config|-gdb\.py)?")
    found = {}
    for path in sorted(python.parent.iterdir()):
        if not pattern.fullmatch(path.name):
            continue
        last = Path(path.resolve()).name
        if tag in path.name or tag in last:
            found[path.name] = path
    return found


def pkgconfig(prefix: Path, tag: str) -> dict[str, Path]:
    """Return the `.pc` files below the interpreter's own prefix, by name."""
    folders = [
        prefix / "lib" / "pkgconfig",
        *prefix.glob("lib/*-linux-*/pkgconfig"),
    ]
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("python*.pc")) if folder.is_dir() else ():
            if re.fullmatch(rf"python-?({re.escape(tag)}|3)\w*(-embed)?\.pc", path.name):
                found.setdefault(path.name, path)
    return found


def manuals(prefix: Path, tag: str) -> dict[str, Path]:
    """Return the manual pages of the series, by name without the compressor's suffix."""
    folder = prefix / "share" / "man" / "man1"
    found = sorted(folder.glob(f"python{tag}.1*")) if folder.is_dir() else []
    return {f"python{tag}.1": path for path in found[:1]}
