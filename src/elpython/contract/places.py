"""Where an installed interpreter keeps its programs and its files for pkg-config."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["installer", "manuals", "pkgconfig", "programs"]

_PACKED = {".gz", ".bz2", ".xz", ".zst"}
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


def installer(python: Path, tag: str) -> Path | None:
    """Return the `pip` beside the interpreter that is of its series; None without one."""
    path = python.parent / f"pip{tag}"
    return path if path.is_file() else None


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
    """Return the series' manual page and its link, by name without the compressor's suffix."""
    folder = prefix / "share" / "man" / "man1"
    pages: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = path.stem if path.suffix in _PACKED else path.name
        # A `python3.1` that belongs to another series is not of this interpreter.
        if name == f"python{tag}.1" or (name == "python3.1" and tag in path.resolve().name):
            pages[name] = path
    return pages
