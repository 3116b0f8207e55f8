"""`other-install`: the stacks install in the order other, default, 2, and share no program.

Whatever a later install writes under the same name is what stays: the other stack goes first, its
programs get their versioned names, and then the default one puts its own in place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import MARK, Change, Kind, Mark, kind_of, refused
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.rules.entry_points import entry_points, split_commands
from elpython.stacks.spec.shell import Unit, units
from elpython.stacks.spec.twin import CLOSE, OPEN, is_stack_name, twin_of

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Line, Section, Spec
    from elpython.stacks.spec.rules.entry_points import EntryPoint
    from elpython.stacks.spec.twin import Twin

INSTALLS = re.compile(
    r"%\{?(?:py3_install(?:_wheel|_egg)?|pyproject_install)\b"
    r"|(?:%\{__python3\}|%\{python3\}|%__python3)\s.*\binstall\b"
)
PY2 = re.compile(r"%\{?(?:py2_install|py_install)\b|%\{__python2?\}\s.*\binstall\b")
_FOR_2 = re.compile(r"py2_|python2")
_PROGRAMS = re.compile(r"%\{_bindir\}|%_bindir\b|/usr/bin/")
_SHEBANG_IN_PREP = re.compile(r"%\{?py3_shebang_fix\b|#!.*python")


def stack_programs(spec: Spec) -> tuple[EntryPoint, ...]:
    """Give the programs in the default stack's own packages."""
    lines = [
        line.text
        for section in spec.of("files")
        if is_stack_name(spec.expand(section.package))
        for line in spec.lines[section.body : section.stop]
        if not line.comment
    ]
    return entry_points(lines)


def _block(spec: Spec, twin: Twin, cut: tuple[Unit, ...], first: int) -> list[str]:
    """Give the other stack's commands, in the order in which the default's come."""
    chosen: list[Unit] = []
    for index, unit in enumerate(cut):
        lines = [line.strip() for line in unit.text.splitlines() if line.strip()]
        code = [line for line in lines if not line.startswith("#")]
        if not code or all(line.startswith(("%global", "%define")) for line in code):
            continue
        programs = (
            index > first and _PROGRAMS.search(unit.text) and "buildroot" in unit.text.lower()
        )
        if twin.mentions(unit.text) or programs or (unit.leaking and index > first):
            chosen.append(unit)
    while chosen and chosen[-1].leaking and not twin.mentions(chosen[-1].text):
        chosen.pop()
    kept = [line for unit in chosen for line in spec.lines[unit.start : unit.stop]]
    lines = [twin.other(line.text) for line in _without_2(kept, twin)]
    split = list(split_commands(stack_programs(spec)))
    if any(_SHEBANG_IN_PREP.search(spec.section_text(item)) for item in spec.of("prep")):
        split.append("%py3_other_shebang_fix %{buildroot}%{python3_other_sitelib}")
    lines += split
    if any(unit.leaking for unit in chosen):
        lines = ["(", *lines, ")"]
    return [OPEN, *lines, CLOSE]


def _without_2(lines: list[Line], twin: Twin) -> list[Line]:
    """Leave out conditional blocks that are for Python 2 alone."""
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
        else:
            kept.append(lines[index])
        index = stop
    return kept


def _only_2(unit: Unit) -> bool:
    """Say whether a unit is nothing but an install for Python 2, with its condition."""
    lines = [line.strip() for line in unit.text.splitlines()]
    code = [line for line in lines if line and not line.startswith(("#", "%if", "%endif"))]
    return len(code) == 1 and bool(PY2.search(code[0]))


def _order_with_2(spec: Spec, cut: tuple[Unit, ...], first: int) -> Change:
    """Python 2 comes last: its install is moved there when nothing hangs on its place."""
    before = [index for index, unit in enumerate(cut[:first]) if PY2.search(unit.text)]
    if not before:
        ours, theirs = INSTALLS.search(cut[first].text), PY2.search(cut[first].text)
        if ours is None or theirs is None or theirs.start() > ours.start():
            return Change()
        return _marked(cut[first])
    index = before[-1]
    unit = cut[index]
    between = [item for item in cut[index + 1 : first] if item.text.strip()]
    comments = all(item.text.lstrip().startswith("#") for item in between)
    if len(before) == 1 and comments and _only_2(unit):
        lines = tuple(line.text for line in spec.lines[unit.start : unit.stop])
        return Change(
            edits=(
                Edit(at=unit.start, lines=(), replace=unit.stop - unit.start),
                Edit(at=cut[first].stop, lines=lines),
            )
        )
    return _marked(unit)


def _marked(unit: Unit) -> Change:
    reason = "Python 2 installs before Python 3, and more hangs on its place"
    mark = Edit(at=unit.start, lines=(f"{MARK} {reason}",))
    return Change(edits=(mark,), marks=(Mark(at=unit.start, reason=reason),))


def _unit_edits(spec: Spec, twin: Twin, section: Section) -> Change:
    cut = units(spec, section)
    if isinstance(cut, int):
        return refused(cut, "the shell commands from here on are not closed in this section")
    at = [index for index, unit in enumerate(cut) if INSTALLS.search(unit.text)]
    if not at:
        named = [unit.start for unit in cut if twin.mentions(unit.text)]
        where = named[0] if named else section.start
        return refused(where, "no command that installs for an interpreter is known here")
    order = _order_with_2(spec, cut, at[0])
    block = Edit(at=cut[at[0]].start, lines=tuple(_block(spec, twin, cut, at[0])))
    return Change(edits=(block, *order.edits), marks=order.marks)


def apply(spec: Spec) -> Change:
    """Put the other stack's install before the default's."""
    if kind_of(spec) is Kind.APPLICATION:
        return Change()
    twin = twin_of(spec)
    for section in spec.of("install"):
        text = spec.section_text(section)
        if twin.handled(text):
            return Change()
        if spec.lines[section.start].depth == 0:
            return _unit_edits(spec, twin, section)
    return refused(0, "there is no %install section")
