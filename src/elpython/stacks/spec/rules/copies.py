"""`other-build` and `other-check`: what is done once for a stack is done for both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import MARK, Change, Kind, Mark, kind_of, refused
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.shell import units
from elpython.stacks.spec.twin import CLOSE, OPEN, twin_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elpython.stacks.spec.model import Section, Spec
    from elpython.stacks.spec.shell import Unit
    from elpython.stacks.spec.twin import Twin

_DOCS = re.compile(
    r"sphinx|build_docs?\b|\bmkdocs|pdoc|-C docs?\b|help2man|argparse-manpage|build_manpage"
)
_DEFAULT_TOOL = re.compile(
    r"(?<![\w/.-])(?:pytest|py\.test|nosetests|tox|nose2|stestr|trial|coverage)-?3(?![\w.])"
)
_DEFINES = re.compile(r"\s*%(?:global|define|undefine|if|else|endif|dnl|bcond)")


def _for_one_only(unit: Unit) -> bool:
    """Say whether a unit has only to be done once: documentation, or definitions of macros."""
    lines = [line for line in unit.text.splitlines() if line.strip()]
    return bool(_DOCS.search(unit.text)) or all(
        _DEFINES.match(line) or line.lstrip().startswith("#") for line in lines
    )


def twin_lines(text_lines: Iterable[str], twin: Twin, *, leaking: bool) -> tuple[str, ...]:
    """Give a conditional block for the other stack; a leaking one runs in a shell of its own."""
    lines = [twin.other(line) for line in text_lines]
    if leaking:
        lines = ["(", *lines, ")"]
    return (OPEN, *lines, CLOSE)


def _section_edits(spec: Spec, section: Section, twin: Twin) -> Change:
    cut = units(spec, section)
    if isinstance(cut, int):
        if not twin.mentions(spec.section_text(section)):
            return Change()
        return refused(cut, "the shell commands from here on are not closed in this section")
    edits: list[Edit] = []
    marks: list[Mark] = []
    for unit in cut:
        lines = [line.text for line in spec.lines[unit.start : unit.stop]]
        if all(not line.strip() or line.lstrip().startswith("#") for line in lines):
            continue
        if twin.mentions(unit.text) and not _for_one_only(unit):
            block = twin_lines(lines, twin, leaking=unit.leaking and len(lines) > 1)
            edits.append(Edit(at=unit.stop, lines=block))
        elif section.kind == "check" and _DEFAULT_TOOL.search(unit.text):
            reason = "this test tool has the default stack's interpreter"
            marks.append(Mark(at=unit.start, reason=reason))
            edits.append(Edit(at=unit.start, lines=(f"{MARK} {reason}",)))
    return Change(edits=tuple(edits), marks=tuple(marks))


def _apply(spec: Spec, *kinds: str) -> Change:
    if kind_of(spec) is Kind.APPLICATION:
        return Change()
    twin = twin_of(spec)
    edits: list[Edit] = []
    marks: list[Mark] = []
    for section in spec.of(*kinds):
        text = spec.section_text(section)
        if twin.handled(text) or MARK in text:
            continue
        change = _section_edits(spec, section, twin)
        if change.refusal is not None:
            return change
        edits += change.edits
        marks += change.marks
    return Change(edits=tuple(edits), marks=tuple(marks))


def build(spec: Spec) -> Change:
    """Repeat each command before `%install` that is for a stack."""
    return _apply(spec, "prep", "generate_buildrequires", "conf", "build")


def check(spec: Spec) -> Change:
    """Repeat each test for the other stack, after the default one's."""
    return _apply(spec, "check")
