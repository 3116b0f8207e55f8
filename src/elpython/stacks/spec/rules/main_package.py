"""`main-package`: a library in the main package moves into a package of its stack.

The main package's name is the source package's name, which must not change when the stacks swap.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, main_is_library, main_name, refused
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.twin import is_stack_name

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Section, Spec

_MOVED = re.compile(
    r"(?:Summary|Requires|Recommends|Suggests|Supplements|Enhances|Provides|Obsoletes|Conflicts)"
    r"(?:\([^)]*\))?\s*:|%\{\?python_provide:|%\{\?py_provides|%py_provides|%python_provide",
    re.IGNORECASE,
)


def _library_name(spec: Spec) -> str:
    for line in spec.lines[: spec.sections[0].stop]:
        match = re.match(
            r"Name\s*:\s*python(?:3|%\{python3_pkgversion\})?-(\S+)", line.text, re.IGNORECASE
        )
        if match:
            return f"python%{{python3_pkgversion}}-{match[1]}"
    expanded = re.sub(r"^python(?:3|%\{python3_pkgversion\})?-", "", main_name(spec))
    return f"python%{{python3_pkgversion}}-{expanded}"


def _has_packages(spec: Spec) -> bool:
    return any(is_stack_name(spec.expand(item.package)) for item in spec.of("package"))


def _moved_tags(spec: Spec) -> list[str]:
    kept: list[str] = []
    section = spec.sections[0]
    index = 0
    while index < section.stop:
        stop = spec.logical_stop(index)
        line = spec.lines[index]
        if _MOVED.match(line.text) and line.depth == 0:
            kept += [item.text for item in spec.lines[index:stop]]
        index = stop
    return kept


def _main(spec: Spec, kind: str) -> Section | None:
    for section in spec.of(kind):
        if not section.package and not section.suffix:
            return section
    return None


def apply(spec: Spec) -> Change:
    """Return the stack its package: copied summary, requirements, description; moved files."""
    if not main_is_library(spec) or _has_packages(spec):
        return Change()
    for section in spec.of("package"):
        if section.words.startswith("%"):
            return refused(section.start, "a macro says which package this is")
    description, files = _main(spec, "description"), _main(spec, "files")
    if description is None or files is None:
        return refused(0, "the main package is a library without a description or file list")
    if spec.lines[description.start].depth or spec.lines[files.start].depth:
        return refused(files.start, "the main package's description or files stand in a condition")
    name = _library_name(spec)
    _, stop = spec.core(description)
    header = spec.lines[description.start].text
    body = [line.text for line in spec.lines[description.start + 1 : stop]]
    lines = ["", f"%package -n {name}", *_moved_tags(spec)]
    lines += ["", header.replace("%description", f"%description -n {name}", 1), *body]
    edits = [Edit(at=stop, lines=tuple(lines))]
    for kind in ("files", "post", "preun", "postun", "pre"):
        found = _main(spec, kind)
        if found is not None:
            text = spec.lines[found.start].text.replace(f"%{kind}", f"%{kind} -n {name}", 1)
            edits.append(Edit(at=found.start, lines=(text,), replace=1))
    return Change(edits=tuple(edits))
