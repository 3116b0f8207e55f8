"""`package-names`: binary packages of a library carry their stack's version in the name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, refused
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.twin import is_stack_name

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Spec

_HEADER = re.compile(r"(%\w+\s.*?-n\s*)python3-(?=[\w%])")
# `%package python3` and `-n foo-python3`: the stack is the end of the name.
_ENDING = re.compile(
    r"(%(?:package|description|files|pre\w*|post\w*)\s+(?:-n\s+\S+-)?)python3(?=\s|$)"
)
_ENDING_NEED = re.compile(r"(?<=[\w}]-)python3(?=%\{\?_isa\}|[\s,)]|$)")
_MACRO = re.compile(
    r"(%(?:\{\??)?(?:python_provide|py_provides|python_extras_subpkg|pyproject_extras_subpkg)"
    r"(?:\s+-n)?\s+)python3-(?=[\w%])"
)
_TAG = re.compile(
    r"\s*(?:Requires|Recommends|Suggests|Supplements)(?:\([^)]*\))?\s*:", re.IGNORECASE
)
_TAGS_THAT_NEED_THE_NAME = re.compile(
    r"\s*(?:Source|URL|Patch|Name|%setup|%autosetup)", re.IGNORECASE
)


def apply(spec: Spec) -> Change:
    """Turn `-n python3-foo` into `-n python%{python3_pkgversion}-foo`, in headers and provides."""
    edits = []
    headers = {section.start for section in spec.sections[1:]}
    ending = any(_ENDING.match(spec.lines[start].text) for start in headers)
    changelog = next((item.start for item in spec.of("changelog")), len(spec.lines))
    for index, line in enumerate(spec.lines[:changelog]):
        text = line.text
        if index in headers:
            text = _HEADER.sub(r"\1python%{python3_pkgversion}-", text)
            text = _ENDING.sub(r"\1python%{python3_pkgversion}", text)
        elif not line.comment and ending and _TAG.match(text):
            text = _ENDING_NEED.sub("python%{python3_pkgversion}", text)
        elif not line.comment:
            text = _MACRO.sub(r"\1python%{python3_pkgversion}-", text)
        if text != line.text:
            edits.append(Edit(at=index, lines=(text,), replace=1))
    edits += _prefix_macros(spec)
    return _names_by_macro(spec, edits)


def _prefix_macros(spec: Spec) -> list[Edit]:
    """Follow `%global py3 python3` where packages are named `%{py3}-foo`."""
    edits = []
    for name, found in spec.definitions.items():
        used = re.compile(rf"(?:-n\s+|Requires:\s*)%\{{?\??{name}\}}?-")
        if not any(used.search(line.text) for line in spec.lines):
            continue
        for index, body in found:
            if body.strip() == "python3":
                text = re.sub(r"python3\s*$", "python%{python3_pkgversion}", spec.lines[index].text)
                edits.append(Edit(at=index, lines=(text,), replace=1))
    return edits


def _names_by_macro(spec: Spec, edits: list[Edit]) -> Change:
    """Follow `-n %{pkg}` to the macro that spells the name, in each of its definitions."""
    for section in spec.of("package"):
        match = re.fullmatch(r"%\{?\??(\w+)\}?", section.package)
        if match is None:
            continue
        for index, body in spec.definitions.get(match[1], ()):
            if not is_stack_name(spec.expand(body.strip())) or "python3_pkgversion" in body:
                continue
            if not body.startswith("python3-"):
                return refused(
                    section.start, f"cannot see how %{match[1]} makes the package's name"
                )
            pattern = re.compile(rf"%\{{?\??{match[1]}\b")
            used = [
                at
                for at, line in enumerate(spec.lines)
                if _TAGS_THAT_NEED_THE_NAME.match(line.text) and pattern.search(line.text)
            ]
            if used:
                return refused(
                    used[0], f"%{match[1]} names the package and the source: split it first"
                )
            text = spec.lines[index].text.replace("python3-", "python%{python3_pkgversion}-", 1)
            edit = Edit(at=index, lines=(text,), replace=1)
            if edit not in edits:
                edits.append(edit)
    return Change(edits=tuple(edits))
