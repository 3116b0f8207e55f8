"""`requirement-names`: requirements say which stack they mean by its version macro."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change
from elpython.stacks.spec.model import Edit

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Spec

_TAG = re.compile(
    r"\s*(?:%\{[!?]+\w+:\s*)?(?:BuildRequires|Requires|Recommends|Suggests|Supplements|Enhances"
    r"|BuildConflicts)(?:\([^)]*\))?\s*:",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w.%/{}+-])python3(?=-[\w%]|\s|$|[,)}%]|\()(?!\s*dist)(?!%\{)")
_DIST = re.compile(r"(?<![\w.%/{+-])python3dist\(")


def apply(spec: Spec) -> Change:
    """Turn `python3-foo` into `python%{python3_pkgversion}-foo` in requirements.

    `python3dist(foo)` becomes the name that the dependency generator gives a single version.
    """
    edits = []
    for section in spec.of("preamble", "package"):
        index = section.body
        while index < section.stop:
            stop = spec.logical_stop(index)
            if _TAG.match(spec.lines[index].text):
                for at in range(index, stop):
                    text = spec.lines[at].text
                    new = _NAME.sub("python%{python3_pkgversion}", text)
                    new = _DIST.sub("python%{python3_version}dist(", new)
                    if new != text:
                        edits.append(Edit(at=at, lines=(new,), replace=1))
            index = stop
    return Change(edits=tuple(edits))
