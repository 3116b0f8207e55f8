"""`other-install`: the other stack installs into a root of its own, and shares no file.

Since the whole section is repeated there, no command of it depends on what the default stack has
made already. `%py3_other_merge` then takes over what the other stack's packages own: its modules,
and its programs under their versioned names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import MARK, Change, Kind, Mark, kind_of, refused
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.rules.copies import block, other_lines, works_for_a_stack
from elpython.stacks.spec.rules.entry_points import entry_points
from elpython.stacks.spec.shell import Unit, units
from elpython.stacks.spec.twin import is_stack_section, twin_of

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Section, Spec
    from elpython.stacks.spec.rules.entry_points import EntryPoint
    from elpython.stacks.spec.twin import Twin

INSTALLS = re.compile(
    r"%\{?(?:py3_install(?:_wheel|_egg)?|pyproject_install)\b"
    r"|(?:%\{__python3\}|%\{python3\}|%__python3)\s.*\binstall\b"
)
PY2 = re.compile(r"%\{?(?:py2_install|py_install)\b|%\{__python2?\}\s.*\binstall\b")
_PROGRAMS = re.compile(r"(?:%\{_bindir\}|%_bindir|/usr/bin)/")
_PATH = re.compile(r"(?:^|\s)((?:/|%\{?_)\S+)\s*$")
_EMPTIES = re.compile(
    r"(?:rm|%\{__rm\})\s+-\w*r\w*\s+[\"']?(?:%\{buildroot\}|%buildroot|\$\{?RPM_BUILD_ROOT\}?)/?[\"']?\s*(?:$|;|\|\|)",
    re.MULTILINE,
)
_SITE = re.compile(r"python3_site(?:lib|arch)")


def stack_programs(spec: Spec) -> tuple[EntryPoint, ...]:
    """Return the programs in the default stack's own packages."""
    lines = [
        line.text
        for section in spec.of("files")
        if is_stack_section(spec, section)
        for line in spec.lines[section.body : section.stop]
        if not line.comment
    ]
    return entry_points(lines)


def _merged(spec: Spec, twin: Twin) -> str:
    """Return the command that takes over what the other stack's packages own.

    Its modules come by themselves; programs and other paths are named.
    """
    names = [twin.other(f"%{{_bindir}}/{item.name}") for item in stack_programs(spec) if item.taken]
    for section in spec.of("files"):
        if not is_stack_section(spec, section):
            continue
        for line in spec.lines[section.body : section.stop]:
            path = _PATH.search(line.text)
            if line.comment or path is None or _PROGRAMS.match(path[1]):
                continue
            if twin.mentions(path[1]) and not _SITE.search(spec.expand(path[1])):
                names.append(twin.other(path[1]))
    return " ".join(["%py3_other_merge", *dict.fromkeys(names)])


def _only_2(unit: Unit) -> bool:
    """Return whether a unit is nothing but an install for Python 2, with its condition."""
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
    if not works_for_a_stack(spec, twin):
        return refused(section.start, "no command before here says for which interpreter it works")
    at = [index for index, unit in enumerate(cut) if INSTALLS.search(unit.text)]
    order = _order_with_2(spec, cut, at[0]) if at else Change()
    lines = [*other_lines(spec, cut, twin), _merged(spec, twin)]
    # What empties the build root comes first, or it would take what the other stack has installed.
    emptied = [unit.stop for unit in cut if _EMPTIES.search(unit.text)]
    first = next((unit.start for unit in cut if unit.text.strip()), section.body)
    first = max([first, *emptied])
    edit = Edit(at=first, lines=block(lines))
    return Change(edits=(edit, *order.edits), marks=order.marks)


def apply(spec: Spec) -> Change:
    """Install the other stack into a root of its own, and take over what its packages own."""
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
