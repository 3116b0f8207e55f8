"""`build-requirements`: what the default stack needs to build, the other stack needs too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, Kind, kind_of
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.twin import CLOSE, OPEN, is_stack_section, twin_of

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Section, Spec
    from elpython.stacks.spec.twin import Twin

_TAG = re.compile(r"\s*BuildRequires\s*:", re.IGNORECASE)


def _paragraphs(spec: Spec, section: Section, twin: Twin) -> list[tuple[int, list[str]]]:
    """Return where a paragraph's last such line ends, and its lines for the other stack."""
    found: list[tuple[int, list[str]]] = []
    lines: list[str] = []
    last = 0
    index = section.body
    while index < section.stop:
        stop = spec.logical_stop(index)
        line = spec.lines[index]
        if (line.blank or line.conditional) and lines:
            found.append((last, lines))
            lines = []
        if _TAG.match(line.text) and twin.mentions(spec.slice(index, stop)):
            lines += [twin.other(item.text) for item in spec.lines[index:stop]]
            last = stop
        index = stop
    if lines:
        found.append((last, lines))
    return found


def apply(spec: Spec) -> Change:
    """Repeat the build requirements outside the stack's own packages, for the other stack.

    Those inside a package section are repeated with the package.
    """
    if kind_of(spec) is Kind.APPLICATION:
        return Change()
    twin = twin_of(spec)
    known = {" ".join(line.text.split()) for line in spec.lines}
    edits = []
    for section in spec.of("preamble", "package"):
        if section.kind == "package" and is_stack_section(spec, section):
            continue
        for at, lines in _paragraphs(spec, section, twin):
            new = [line for line in lines if " ".join(line.split()) not in known]
            if new:
                edits.append(Edit(at=at, lines=(OPEN, *new, CLOSE)))
    return Change(edits=tuple(edits))
