"""Which documentation is a stack's own: `%doc examples` whose hashbangs %prep has rewritten.

RPM takes `%doc` from the default stack's tree. What a command for a stack has changed there names
that stack's interpreter, so the other stack's package takes its own copy, from its own tree.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from elpython.stacks.spec.rules.copies import once_only
from elpython.stacks.spec.shell import units

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Spec
    from elpython.stacks.spec.twin import Twin

__all__ = ["DOCS", "own_documents"]

DOCS = "%{py3_other_docs}/"
_REWRITES = re.compile(r"\bsed\b|shebang_fix|pathfix|\bperl\b")
_WIDE = re.compile(r"\bfind\s+(?:\.(?=[\s;]|$)|-)|\bgrep\s+-\S*r|shebang_fix\S*\s+\.(?=\s|$)")
_PROSE = re.compile(r"[A-Z_-]+|.*\.(?:rst|md|txt|html?|pdf)|[A-Z].*")


def _texts(spec: Spec, twin: Twin) -> tuple[list[str], str]:
    """Return the commands that rewrite files for a stack, and what is done once for both."""
    rewriting: list[str] = []
    once = ""
    for section in spec.of("prep", "conf", "build", "install"):
        cut = units(spec, section)
        if isinstance(cut, int):
            continue
        for unit in cut:
            if once_only(unit, twin):
                once += unit.text + "\n"
            elif twin.mentions(unit.text) and _REWRITES.search(unit.text):
                rewriting.append(unit.text)
    return rewriting, once


def own_documents(spec: Spec, twin: Twin, words: list[str]) -> set[str]:
    """Return those of a `%doc` line's words that a command for a stack has rewritten."""
    rewriting, once = _texts(spec, twin)
    own = set()
    for word in words:
        first = word.strip("/").split("/")[0]
        if not first or first in re.split(r"[\s/\"']+", once):
            continue
        for text in rewriting:
            named = any(
                fnmatchcase(item.removeprefix("./").split("/")[0], first)
                for item in re.split(r"[\s\"';]+", text)
            )
            if named or (_WIDE.search(text) and not _PROSE.fullmatch(first)):
                own.add(word)
    return own
