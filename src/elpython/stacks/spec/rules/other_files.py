"""`other-files`: the other stack's package owns its modules and its versioned programs.

Files outside the stack's own folders (manual pages, data, configuration) are the same for both:
they stay with the default stack's package, so that the two packages never share a path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import MARK, Change, Kind, Mark, kind_of, refused
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.rules.documents import DOCS, own_documents
from elpython.stacks.spec.rules.entry_points import entry_points, names_of_other, spread
from elpython.stacks.spec.rules.other_packages import stray_line
from elpython.stacks.spec.twin import CLOSE, OPEN, is_stack_section, twin_of

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Section, Spec
    from elpython.stacks.spec.twin import Twin

_OWN = re.compile(r"%(?:license|doc)\b|%defattr\b")
_ABSOLUTE = re.compile(r"\s+(?:/|%\{?_)\S+")
_BIN = re.compile(r"((?:%\{_bindir\}|%_bindir|/usr/bin)/)\S+\s*$")
_ANY_PYTHON = re.compile(r"python(?:3(?:\.\*?)?)?\*|python3\.\*|/python\[")
_LIST = re.compile(r"\s-f\s+(\S+)")


def _header(spec: Spec, section: Section, twin: Twin) -> tuple[str, str]:
    """Return the twin's header and the file list that it leaves out, if any."""
    text = twin.other(spec.lines[section.start].text)
    dropped = [name for name in _LIST.findall(text) if "other" not in name]
    for name in dropped:
        text = text.replace(f" -f {name}", "", 1)
    return text, " ".join(name for name in dropped if not name.endswith(".lang"))


def _programs(line: str, names: dict[str, tuple[str, ...]]) -> list[str]:
    match = _BIN.search(line)
    if match is None:
        return []
    name = line[match.end(1) :].strip()
    return [line[: match.end(1)] + new for new in names.get(name, ())]


def _of_programs(text: str, names: dict[str, tuple[str, ...]], twin: Twin) -> list[str]:
    """Return the lines for the programs that one line names, those in braces one by one."""
    lines: list[str] = []
    for line in spread(text):
        lines += [twin.other(line)] if twin.mentions(line) else _programs(line, names)
    return lines


def _documents(spec: Spec, text: str, twin: Twin) -> list[str]:
    """Return a `%doc` or `%license` line for the other stack's package.

    What lies in the build root is left out, since only one package can own it; what was rewritten
    for a stack comes from the other one's tree.
    """
    mark, *words = _ABSOLUTE.sub("", text).split()
    if not words:
        return [text] if mark.startswith("%defattr") else []
    own = own_documents(spec, twin, words) if mark == "%doc" else set()
    if not own:
        return [_ABSOLUTE.sub("", text)]
    return [" ".join([mark, *(DOCS + word if word in own else word for word in words)])]


def _body(spec: Spec, start: int, stop: int, twin: Twin) -> tuple[list[str], list[Mark]]:
    texts = [line.text for line in spec.lines[start:stop] if not line.comment]
    names = {point.name: names_of_other(point) for point in entry_points(texts)}
    lines: list[str] = []
    marks: list[Mark] = []
    for index in range(start, stop):
        line = spec.lines[index]
        if line.conditional:
            lines.append(line.text)
        elif line.comment or line.blank:
            continue
        elif _BIN.search(line.text):
            lines += _of_programs(line.text, names, twin)
        elif twin.mentions(line.text):
            lines.append(twin.other(line.text))
        elif _OWN.match(line.text.lstrip()):
            lines += _documents(spec, line.text, twin)
        elif _ANY_PYTHON.search(line.text):
            reason = "a path for any Python is in both stacks' packages"
            lines.append(f"{MARK} {reason}")
            marks.append(Mark(at=index, reason=reason))
    return _without_empty_conditions(lines), marks


def _without_empty_conditions(lines: list[str]) -> list[str]:
    """Take out `%if` blocks that have nothing in them."""
    changed = True
    while changed:
        changed = False
        for index in range(len(lines) - 1):
            if re.match(r"\s*%if", lines[index]) and re.match(r"\s*%endif", lines[index + 1]):
                del lines[index : index + 2]
                changed = True
                break
    return lines


def _excludes(spec: Spec, start: int, stop: int) -> list[str]:
    """Return what the default's patterns must not catch: the other stack's programs."""
    texts = [line.text for line in spec.lines[start:stop] if not line.comment]
    patterns = [point for point in entry_points(texts) if point.kind in {"pattern", "versions"}]
    names = [f"%exclude %{{_bindir}}/{name}" for item in patterns for name in names_of_other(item)]
    return [OPEN, *names, CLOSE] if names else []


def apply(spec: Spec) -> Change:
    """Put a list of files for the other stack after each of the default's."""
    if kind_of(spec) is Kind.APPLICATION:
        return Change()
    twin = twin_of(spec)
    headers = {item.identity for item in spec.of("files")}
    edits: list[Edit] = []
    marks: list[Mark] = []
    for section in spec.of("files"):
        new = twin.other(section.identity)
        if not is_stack_section(spec, section) or new == section.identity:
            continue
        if new in headers:
            continue
        start, stop = spec.core(section)
        stray = stray_line(spec, section, stop)
        if stray is not None:
            return refused(stray, "this line belongs to a file list that a condition cuts in two")
        header, dropped = _header(spec, section, twin)
        lines, found = _body(spec, start + 1, stop, twin)
        if dropped:
            reason = f"the list {dropped} is made for the default stack".replace("%", "%%")
            found.append(Mark(at=start, reason=reason))
            lines.insert(0, f"{MARK} {reason}")
        block = (*_excludes(spec, start + 1, stop), "", OPEN, header, *lines, CLOSE)
        edits.append(Edit(at=stop, lines=block))
        marks += found
    return Change(edits=tuple(edits), marks=tuple(marks))
