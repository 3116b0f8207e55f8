"""`other-build` and `other-check`: from %prep to %check each stack works in a tree of its own.

The other stack's tree is a copy, taken in %prep before the first command that is for a stack;
whatever a stack's commands then write (shebangs, `build/`, generated files) is its own. Each later
section is repeated as a whole in that tree, between `%py3_other_begin` and `%py3_other_end`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, Kind, kind_of, refused
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.shell import units
from elpython.stacks.spec.twin import CLOSE, OPEN, twin_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from elpython.stacks.spec.model import Line, Section, Spec
    from elpython.stacks.spec.shell import Unit
    from elpython.stacks.spec.twin import Twin

__all__ = ["BEGIN", "END", "TREE", "block", "once_only", "other_lines", "works_for_a_stack"]

TREE, BEGIN, END = "%py3_other_tree", "%py3_other_begin", "%py3_other_end"
_DOCS = re.compile(
    r"sphinx|build_docs?\b|\bmkdocs|pdoc|-C docs?\b|help2man|argparse-manpage|build_manpage"
)
_DOC_FILES = re.compile(r"%\{?_(?:man|info|doc|pkgdoc)dir\b|\bdocs?/|\bhtml\b|\.[1-8]\b")
# `pytest` as a command: not a module (`-m pytest`), and nothing that is installed or removed.
_PYTEST = re.compile(r"(^\s*|(?<!-m)(?<!-p)(?<!install)\s)(?:pytest|py\.test)(?:-?3)?(?=\s|$)")
_FOLDERS = re.compile(r"(?:mkdir|install\s+(?:-\S+\s+)*-d)\b")
_CHANGES_FILES = re.compile(r"(?:sed|rm|mv|perl|patch|find|rmdir|%patch\w*)\b")
_DEFINES = re.compile(r"\s*%(?:global|define|undefine|if|else|endif|dnl|bcond)")
_FOR_2 = re.compile(r"py2_|python2|%\{?py_(?:build|install)\b")
_ALL = ("prep", "generate_buildrequires", "conf", "build", "install")


def works_for_a_stack(spec: Spec, twin: Twin) -> bool:
    """Return whether any command before %check names the stack that it works for."""
    return any(twin.mentions(spec.section_text(section)) for section in spec.of(*_ALL))


def block(lines: Iterable[str]) -> tuple[str, ...]:
    """Return commands for the other stack, in its own tree and shell, where that stack exists."""
    return (OPEN, BEGIN, *lines, END, CLOSE)


def _code(unit: Unit) -> list[str]:
    lines = [line.strip() for line in unit.text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def once_only(unit: Unit, twin: Twin) -> bool:
    """Return whether a unit is done once for both stacks: documentation, definitions of macros."""
    code = _code(unit)
    if not code:
        return False
    if all(_DEFINES.match(line) for line in code):
        return True
    if _FOLDERS.match(code[0]):
        return False
    if _DOCS.search(unit.text) and not _CHANGES_FILES.match(code[0]):
        return True
    return bool(_DOC_FILES.search(unit.text)) and not twin.mentions(unit.text)


def other_lines(spec: Spec, cut: Sequence[Unit], twin: Twin) -> list[str]:
    """Return the lines of some units for the other stack; without what is for Python 2 alone."""
    chosen = [unit for unit in cut if _code(unit) and not once_only(unit, twin)]
    kept = [line for unit in chosen for line in spec.lines[unit.start : unit.stop]]
    return [_with_own_pytest(twin.other(line.text)) for line in _without_2(kept, twin)]


def _with_own_pytest(text: str) -> str:
    """Run pytest by the other stack's interpreter instead of the one in its shebang."""
    if "%" in text and re.search(r"%\{?pytest", text):
        return text
    return _PYTEST.sub(r"\1%{__python3_other} -m pytest", text)


def _without_2(lines: list[Line], twin: Twin) -> list[Line]:
    """Leave out commands and conditional blocks that are for Python 2 alone."""
    kept: list[Line] = []
    index = 0
    while index < len(lines):
        stop = index + 1
        if lines[index].conditional == "if":
            depth = lines[index].depth
            while stop < len(lines) and not (
                lines[stop].conditional == "endif" and lines[stop].depth == depth
            ):
                stop += 1
            stop += 1
            text = "\n".join(line.text for line in lines[index:stop])
            if not (_FOR_2.search(text) and not twin.mentions(text)):
                stop = index + 1
                kept.append(lines[index])
        elif not (_FOR_2.search(lines[index].text) and not twin.mentions(lines[index].text)):
            kept.append(lines[index])
        index = stop
    return kept


def _prepare(spec: Spec, twin: Twin) -> Change:
    """Copy the tree before the first command for a stack; repeat what comes from there on."""
    sections = [item for item in spec.of("prep") if spec.lines[item.start].depth == 0]
    if not sections:
        return Change()
    section = sections[0]
    cut = units(spec, section)
    if isinstance(cut, int):
        return refused(cut, "the shell commands from here on are not closed in this section")
    first = next((number for number, unit in enumerate(cut) if twin.mentions(unit.text)), None)
    if first is None:
        _, stop = spec.core(section)
        return Change(edits=(Edit(at=stop, lines=(OPEN, TREE, CLOSE)),))
    edits = [Edit(at=cut[first].start, lines=(OPEN, TREE, CLOSE))]
    lines = other_lines(spec, cut[first:], twin)
    if lines:
        edits.append(Edit(at=cut[-1].stop, lines=block(lines)))
    return Change(edits=tuple(edits))


def _repeat(spec: Spec, section: Section, twin: Twin, *, always: bool) -> Change:
    cut = units(spec, section)
    if isinstance(cut, int):
        if not always and not twin.mentions(spec.section_text(section)):
            return Change()
        return refused(cut, "the shell commands from here on are not closed in this section")
    lines = other_lines(spec, cut, twin)
    text = "\n".join(lines)
    if not lines or not (always or twin.handled(text)):
        return Change()
    return Change(edits=(Edit(at=cut[0].start, lines=block(lines)),))


def _all_of(spec: Spec, twin: Twin, kinds: Sequence[str], *, always: bool) -> Change:
    edits: list[Edit] = []
    for section in spec.of(*kinds):
        if twin.handled(spec.section_text(section)):
            continue
        change = _repeat(spec, section, twin, always=always)
        if change.refusal is not None:
            return change
        edits += change.edits
    return Change(edits=tuple(edits))


def build(spec: Spec) -> Change:
    """Give the other stack a tree in %prep, and repeat in it what comes before %install."""
    twin = twin_of(spec)
    if kind_of(spec) is Kind.APPLICATION or not works_for_a_stack(spec, twin):
        return Change()
    found = [
        Change()
        if any(twin.handled(spec.section_text(item)) for item in spec.of("prep"))
        else _prepare(spec, twin),
        _all_of(spec, twin, ("generate_buildrequires",), always=False),
        _all_of(spec, twin, ("conf", "build"), always=True),
    ]
    refusal = next((change for change in found if change.refusal is not None), None)
    return refusal or Change(edits=tuple(edit for change in found for edit in change.edits))


def check(spec: Spec) -> Change:
    """Repeat the tests for the other stack, on what it installed."""
    if kind_of(spec) is Kind.APPLICATION:
        return Change()
    return _all_of(spec, twin_of(spec), ("check",), always=False)
