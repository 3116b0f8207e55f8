"""`build-system`: a declarative spec file (RPM 4.20) spelled out, since two stacks need sections.

`BuildSystem: pyproject` stands for sections that call `%pyproject_buildrequires`,
`%pyproject_wheel`, `%pyproject_install`, `%pyproject_save_files` and `%pyproject_check_import`,
with what `BuildOption(section):` says; sections of the file with `-a` or `-p` are put after or
before them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, refused
from elpython.stacks.spec.model import Edit

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Section, Spec

_SYSTEM = re.compile(r"BuildSystem\s*:\s*(\S+)\s*$", re.IGNORECASE)
_OPTION = re.compile(r"BuildOption(?:\((\w+)\))?\s*:\s*(.*?)\s*$", re.IGNORECASE)
_ZIP = re.compile(r"^Source0?\s*:.*\.zip\s*$", re.MULTILINE | re.IGNORECASE)
_SECTIONS = {
    "prep": (),
    "generate_buildrequires": ("%pyproject_buildrequires {0}",),
    "build": ("%pyproject_wheel {0}",),
    "install": ("%pyproject_install", "%pyproject_save_files {0}"),
    "check": ("%pyproject_check_import {0}",),
}


# What `%autosetup -C` of RPM 4.20 does, whatever the archive calls its folder, for older RPMs too.
_STRIPPED = (
    "%setup -q -c -T",
    "%{__tar} -x -f %{SOURCE0} --strip-components=1",
    "%autopatch -p1",
)


def _prepared(spec: Spec, said: str) -> tuple[str, ...]:
    """Return the commands of `%prep`: a build system strips the archive's own folder.

    Args:
        spec: the file; an archive that tar cannot read needs RPM's own way.
        said: what `BuildOption(prep)` says; with `-n` the packager names the folder.
    """
    if re.search(r"(?:^|\s)-n\b", said):
        return (f"%autosetup -p1 {said}",)
    head = "\n".join(line.text for line in spec.lines[: spec.sections[0].stop])
    if said in {"", "-p1"} and not _ZIP.search(head):
        return _STRIPPED
    return (f"%autosetup -p1 -C {said}".rstrip(),)


def _own(spec: Spec, kind: str, flag: str) -> Section | None:
    return next((item for item in spec.of(kind) if flag in item.words.split()), None)


def apply(spec: Spec) -> Change:
    """Write the sections that the build system stands for in the place of its declaration."""
    edits: list[Edit] = []
    options: dict[str, list[str]] = {}
    system = ""
    for index in range(spec.sections[0].stop):
        line = spec.lines[index]
        declared, option = _SYSTEM.match(line.text), _OPTION.match(line.text)
        if declared:
            system = declared[1]
            edits.append(Edit(at=index, lines=(), replace=1))
        elif option:
            options.setdefault(option[1] or "conf", []).append(option[2])
            edits.append(Edit(at=index, lines=(), replace=1))
    if not system:
        return Change()
    if system != "pyproject":
        place = edits[0].at
        return refused(place, f"what BuildSystem: {system} does for two stacks is not known")
    texts: list[str] = []
    for kind, commands in _SECTIONS.items():
        whole = next(
            (item for item in spec.of(kind) if not {"-a", "-p"} & set(item.words.split())), None
        )
        if whole is not None:
            continue
        said = " ".join(options.get(kind, ()))
        lines = [command.format(said).rstrip() for command in commands]
        if kind == "prep":
            lines = list(_prepared(spec, said))
        for flag in ("-p", "-a"):
            section = _own(spec, kind, flag)
            if section is None:
                continue
            _, stop = spec.core(section)
            body = [line.text for line in spec.lines[section.body : stop]]
            lines = [*body, *lines] if flag == "-p" else [*lines, *body]
            edits.append(Edit(at=section.start, lines=(), replace=stop - section.start))
        texts += [f"%{kind}", *lines, ""]
    place = next((item.start for item in spec.of("files", "changelog")), len(spec.lines))
    edits.append(Edit(at=place, lines=tuple(texts)))
    return Change(edits=tuple(edits))
