"""What a modifier answers, and what it is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from elpython.stacks.spec.twin import is_stack_section

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Edit, Spec

__all__ = [
    "MARK",
    "Change",
    "Kind",
    "Mark",
    "Verdict",
    "kind_of",
    "main_is_library",
    "refused",
    "written_for_both",
]

MARK = "# elpython-stack: undecided:"


class Verdict(Enum):
    """A modifier's answer."""

    UPDATED = "updated"
    NOT_NEEDED = "not needed"
    REFUSED = "refused"


class Kind(Enum):
    """What a spec file packages."""

    LIBRARY = "library"
    APPLICATION = "application"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Something left for a person.

    Attributes:
        at: index of the line in the file that the modifier was given.
        reason: what cannot be decided.
    """

    at: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a modifier wants done: edits, or a refusal, and what it leaves open.

    Attributes:
        edits: changes of lines; none means not needed.
        marks: left for a person; the marked comments are among the edits.
        refusal: why nothing can be done, with its line; None when something can.
    """

    edits: tuple[Edit, ...] = ()
    marks: tuple[Mark, ...] = ()
    refusal: Mark | None = None


def refused(index: int, reason: str) -> Change:
    """Refuse because of the line at an index."""
    return Change(refusal=Mark(at=index, reason=reason))


def main_name(spec: Spec) -> str:
    """Return the source package's name, its simple macros put in."""
    for line in spec.lines[: spec.sections[0].stop]:
        match = re.match(r"Name\s*:\s*(\S+)", line.text, re.IGNORECASE)
        if match:
            return spec.expand(match[1])
    return ""


def main_is_library(spec: Spec) -> bool:
    """Say whether the main package itself is the library: a python name, and Python files in it."""
    if not main_name(spec).startswith(("python-", "python3-", "python%{python3_pkgversion}-")):
        return False
    for section in spec.of("files"):
        if not section.package and not section.suffix:
            return bool(re.search(r"python3_site|pyproject_files", spec.section_text(section)))
    return False


def written_for_both(spec: Spec) -> bool:
    """Return whether a file has a package and a file list for the other stack already."""
    return all(
        any("python3_other_pkgversion" in spec.expand(item.words) for item in spec.of(kind))
        for kind in ("package", "files")
    )


def kind_of(spec: Spec) -> Kind:
    """Tell a library from an application.

    A library has a binary package for a stack (`python3-foo`), or is one itself; all else only
    uses the default stack.
    """
    packages = spec.of("package")
    if any(is_stack_section(spec, item) for item in packages) or main_is_library(spec):
        return Kind.LIBRARY
    return Kind.APPLICATION
