"""Make the text files of a build say the prefix at which they will live.

CPython finds its library beside its executable, so that a build works at any place; but scripts,
`Makefile`, `*.pc` and `_sysconfigdata` name the prefix that it was configured for.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from elpython.core.process import run

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["configured_prefix", "relocate"]

_PREFIX = re.compile(rb"^prefix=[ \t]*(/[^\s$]*)[ \t]*$", re.MULTILINE)
_LARGEST = 4 << 20
_MADE_FOR_MACHINES = (".pyc", ".a", ".so", ".o", ".exe", ".h", ".html", ".txt", ".gif", ".png")


def configured_prefix(folder: Path) -> str:
    """Return the prefix that a build was configured for, as its Makefile says; empty if unknown."""
    for makefile in sorted(folder.glob("lib*/python3.*/config-*/Makefile")):
        match = _PREFIX.search(makefile.read_bytes())
        if match:
            return os.fsdecode(match[1]).rstrip("/")
    return ""


def relocate(folder: Path, files: Collection[str], prefix: Path) -> list[str]:
    """Rewrite the old prefix into the new one; return the paths of the files that named it.

    Args:
        folder: where the build lies now.
        files: the interpreter's files, as paths below it.
        prefix: where it will live.
    """
    old = os.fsencode(configured_prefix(folder))
    new = os.fsencode(prefix)
    if not old or old == new:
        return []
    word = re.compile(re.escape(old) + rb"(?![\w.-])")
    changed = []
    for path in sorted(files):
        file = folder / path
        if path.endswith(_MADE_FOR_MACHINES) or file.is_symlink() or file.stat().st_size > _LARGEST:
            continue
        content = file.read_bytes()
        if b"\0" in content or old not in content:
            continue
        file.write_bytes(word.sub(new, content))
        changed.append(path)
    _compile_anew(folder, [path for path in changed if path.endswith(".py")], prefix)
    return changed


def _compile_anew(folder: Path, sources: list[str], prefix: Path) -> None:
    """Compile what was rewritten, as `make install` does: all three levels, for its place."""
    python = next(iter(sorted((folder / "bin").glob("python3.*[0-9]"))), None)
    compiled = [path for path in sources if path.startswith("lib")]
    if python is None or not compiled:
        return
    words = ["-I", "-m", "compileall", "-q", "-f", "-o", "0", "-o", "1", "-o", "2"]
    run([python, *words, "-s", folder, "-p", prefix, *(folder / path for path in compiled)])
