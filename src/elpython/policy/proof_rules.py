"""The rules about what shows a fix, and that no later change of the series takes it back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.policy.model import Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.policy.model import Subject

__all__ = ["kept_lines", "shown"]

# Lines that a fix adds and that many places have: their loss says nothing.
_COMMON = re.compile(
    r"(return|goto|raise|break|continue|pass|else|try|finally|import|from|[{}()\[\]])\b.{0,24}$"
    r"|(PyErr_NoMemory|Py_X?DECREF|Py_X?INCREF)\(\w*\);$"
)
_LEAST = 12
_COMMENTS = ("#", "//", "/*", "*")
# What is no code of the interpreter or its library, or is generated from what is.
_ASIDE = ("Lib/test/", "Misc/", "Doc/")
_GENERATED = re.compile(r"/clinic/|\.c\.h$|(^|/)parser\.c$")


def shown(subject: Subject) -> Iterator[Said]:
    """Tests that fail on the base and pass on the branch show it; what they say is recorded."""
    change, branch = subject.change, subject.branch
    if change.core or change.id in subject.world.shown.get(branch.name, ()):
        return
    yield Said(
        f"nothing shows what it does on {branch.name}: no recorded test of its present content "
        "fails on the base and passes on the branch",
        f"elpython fix test {branch.name} {change.id} --show-regression --record, or tell in "
        "[notes] why no test can show it",
    )


def _telling(path: str, line: str) -> bool:
    """Return whether the loss of a line means that something of a fix is lost."""
    text = line.strip()
    if path.startswith(_ASIDE) or _GENERATED.search(path) or text.startswith(_COMMENTS):
        return False
    return len(text) >= _LEAST and _COMMON.match(text) is None


def kept_lines(subject: Subject) -> Iterator[Said]:
    """It takes out nothing that a security fix before it in the series has put in."""
    branch, mine = subject.branch, subject.lines
    added = _stripped(mine.added)
    gone = {
        (path, line.strip())
        for path, line in mine.removed
        if _telling(path, line) and (path, line.strip()) not in added
    }
    if not gone:
        return
    for other in branch.series[: branch.series.index(subject.change)]:
        if other.kind != "security":
            continue
        folder = f"{'core' if other.core else branch.name}/{other.id}"
        lines = subject.world.lines.get(folder)
        if lines is not None and (lost := gone & _stripped(lines.added)):
            path, line = min(lost)
            yield Said(
                f"takes out what the security fix {other.id} put into {path}: {line}",
                "leave it in, or tell in [notes] what does its work now",
            )


def _stripped(rows: tuple[tuple[str, str], ...]) -> set[tuple[str, str]]:
    return {(path, line.strip()) for path, line in rows}
