"""`other-packages`: each package of the stack gets one beside it for the other stack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, Kind, kind_of, refused
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.twin import CLOSE, OPEN, is_stack_section, twin_of

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Section, Spec
    from elpython.stacks.spec.twin import Twin


# What the default stack's package was once called is no business of the other one's.
_HISTORY = re.compile(
    r"\s*(?:Provides|Obsoletes|Conflicts)\s*:\s*python[23]?-|\s*%(?:bcond\w*|global|define)\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(r"\s*(?:Provides|Obsoletes)\s*:(?!\s*bundled\()", re.IGNORECASE)


def _for_default_only(text: str, twin: Twin) -> bool:
    """Return whether a line of a package is for the default stack's alone.

    Two packages that obsolete the same one both come with an update, and the program that
    `Provides: foo` promises is the default's; so only names with the stack in them are repeated.
    """
    if _HISTORY.match(text):
        return True
    return bool(_CLAIM.match(text)) and not twin.mentions(text)


def _wanted(spec: Spec, twin: Twin) -> list[Section]:
    """Return package and description sections of the stack that have no twin yet."""
    headers = {" ".join(spec.lines[item.start].text.split()) for item in spec.sections[1:]}
    wanted = []
    for section in spec.of("package", "description"):
        if not is_stack_section(spec, section):
            continue
        header = twin.other(spec.lines[section.start].text)
        if header != spec.lines[section.start].text and " ".join(header.split()) not in headers:
            wanted.append(section)
    return wanted


def stray_line(spec: Spec, section: Section, stop: int) -> int | None:
    """Return a line of a section that stands after its core, where a twin would swallow it."""
    for index in range(stop, section.stop):
        line = spec.lines[index]
        if not (line.blank or line.comment or line.conditional or line.inside):
            return None if line.text.lstrip().startswith(("%global", "%define")) else index
    return None


def apply(spec: Spec) -> Change:
    """Put the twin after the package, inside the same conditions."""
    if kind_of(spec) is Kind.APPLICATION:
        return Change()
    twin = twin_of(spec)
    edits: list[Edit] = []
    pending: list[str] = []
    wanted = _wanted(spec, twin)
    for position, section in enumerate(wanted):
        start, stop = spec.core(section)
        stray = stray_line(spec, section, stop)
        if stray is not None:
            return refused(stray, "this line belongs to a package that a condition cuts in two")
        lines = [
            twin.other(line.text)
            for line in spec.lines[start:stop]
            if not _for_default_only(line.text, twin)
        ]
        following = wanted[position + 1] if position + 1 < len(wanted) else None
        pending += lines
        joined = (
            following is not None
            and following.start == section.stop
            and following.kind == "description"
            and all(line.blank for line in spec.lines[stop : section.stop])
        )
        if joined:
            pending.append("")
            continue
        edits.append(Edit(at=stop, lines=("", OPEN, *pending, CLOSE)))
        pending = []
    return Change(edits=tuple(edits))
