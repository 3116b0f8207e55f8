"""Which functions a merge would define beside the base's own of that name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["defined_names", "defined_twice"]

_PYTHON = re.compile(r"^(?:async +)?(?:def|class) +(\w+)", re.MULTILINE)
_C = re.compile(r"^([A-Za-z_]\w*)\(", re.MULTILINE)
_PARENTHESIS = re.compile(r"[()]")


def defined_names(text: str) -> set[str]:
    """Return the functions and classes that a text defines at its outermost level.

    In C these are names at the start of a line (PEP 7) with parameters and a body: neither a
    declaration nor a macro's use, such as `Py_LOCAL_INLINE(int)`.
    """
    found = set(_PYTHON.findall(text))
    for match in _C.finditer(text):
        depth = 1
        for mark in _PARENTHESIS.finditer(text, match.end()):
            depth += 1 if mark[0] == "(" else -1
            if not depth:
                if text[mark.end() : mark.end() + 200].lstrip().startswith("{"):
                    found.add(match[1])
                break
    return found


def defined_twice(tree: Path, diff: bytes) -> list[str]:
    """Return the functions that a patch adds to files which define them already.

    Args:
        tree: the files to which the patch will be applied.
        diff: the patch.
    """
    found: set[str] = set()
    for part in diff.decode("utf-8", "replace").split("diff --git ")[1:]:
        file = tree / part.partition(" b/")[2].partition("\n")[0]
        lines = part.splitlines()
        added = defined_names(_lines(lines, "+")) - defined_names(_lines(lines, "-"))
        if added and file.is_file():
            found |= added & defined_names(file.read_text("utf-8", "replace"))
    return sorted(found)


def _lines(lines: list[str], sign: str) -> str:
    return "\n".join(line[1:] for line in lines if line.startswith(sign))
