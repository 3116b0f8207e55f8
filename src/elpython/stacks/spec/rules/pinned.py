"""`pinned-stack`: a spec file that chooses its interpreter itself cannot follow the state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, refused
from elpython.stacks.spec.model import Edit

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Spec

_PINS = {"python3_pkgversion", "python3_version", "__python3", "python3_sitelib", "pybasever"}
_FALLBACK = re.compile(r"\s*%\{(?:!\?|\?!)")


def apply(spec: Spec) -> Change:
    """Refuse a file that sets what the stacks' state sets.

    A fallback (`%{!?name: ...}`, `%{?!name: ...}`) is fine; Fedora's own value, 3, is made one.
    """
    edits = []
    for name in sorted(_PINS & set(spec.globals)):
        index, body = spec.globals[name]
        if _FALLBACK.match(spec.lines[index].text) or body.strip() == "%{__python3}":
            continue
        if name == "pybasever":
            return refused(index, "this packages an interpreter, which is a stack and not in one")
        if name == "python3_pkgversion" and body.strip() == "3" and spec.lines[index].depth == 0:
            line = f"%{{!?python3_pkgversion: {spec.lines[index].text.strip()}}}"
            edits.append(Edit(at=index, lines=(line,), replace=1))
            continue
        return refused(index, f"the file sets %{name} itself, so the state cannot choose its stack")
    return Change(edits=tuple(edits))
