"""`other-scriptlets`: what a stack's package runs when it is installed, for the other stack's too.

Only what names the stack is repeated; a user that is made or a service that is told belongs with
the files that only the default's package has. `alternatives` is never repeated: a name without a
version is the default stack's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, Kind, kind_of
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.twin import CLOSE, OPEN, is_stack_section, twin_of

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Spec

__all__ = ["KINDS", "apply"]

KINDS = (
    "pre", "post", "preun", "postun", "pretrans", "posttrans", "preuntrans", "postuntrans",
    "triggerin", "triggerun", "triggerprein", "triggerpostun",
)  # fmt: skip
_ALTERNATIVES = re.compile(r"\b(?:update-)?alternatives\b")


def apply(spec: Spec) -> Change:
    """Put a scriptlet for the other stack's package after each that names the stack."""
    if kind_of(spec) is Kind.APPLICATION:
        return Change()
    twin = twin_of(spec)
    headers = {" ".join(spec.lines[item.start].text.split()) for item in spec.sections[1:]}
    edits = []
    for section in spec.of(*KINDS):
        header = twin.other(spec.lines[section.start].text)
        if not is_stack_section(spec, section) or " ".join(header.split()) in headers:
            continue
        start, stop = spec.core(section)
        body = [line.text for line in spec.lines[start + 1 : stop]]
        text = "\n".join([spec.lines[start].text.partition(" -p ")[2], *body])
        if twin.mentions(text) and not _ALTERNATIVES.search(text):
            lines = [twin.other(line) for line in body]
            edits.append(Edit(at=stop, lines=("", OPEN, header, *lines, CLOSE)))
    return Change(edits=tuple(edits))
