"""Lint rules for what two stacks share by mistake: a tree, an order, a name, a macro."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.macros import DEFAULT_NAMES, macro_names
from elpython.stacks.spec.change import Kind, kind_of, written_for_both
from elpython.stacks.spec.finding import SpecFinding
from elpython.stacks.spec.rules import declarative, distinct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.stacks.spec.model import Section, Spec

__all__ = ["base_macro", "build_system", "order_of_need", "same_name", "shared_tree"]

_WORKS = re.compile(
    r"%\{?(?:py3_other_(?:build|install|shebang_fix)|pyproject_other_(?:wheel|install))\w*"
    r"|%\{__python3_other\}.*\b(?:build|install|bdist_wheel)\b|#!.*%\{__python3_other\}"
)
_BEGINS = re.compile(r"%\{?py3_other_begin\b|\b(?:cd|pushd)\s+\S*%\{?py3_other_dir\b")
_ENDS = re.compile(r"%\{?py3_other_end\b")
_LEAVES = re.compile(r"^\s*popd\b|^\s*\)")
_MAKES = re.compile(r"\b(?:mkdir\s+-?\w*|install\s+(?:-\w+\s+)*-d)\b.*?%\{buildroot\}(\S+)")
_MOVES = re.compile(r"\b(?:mv|cp|install|ln)\b.*\s%\{buildroot\}(\S+)\s*$")
_DEFINES = re.compile(r"\s*%(?:global|define)\s+(\w+)")


def _lines(spec: Spec, section: Section) -> Iterator[tuple[int, str]]:
    for index in range(section.body, section.stop):
        if not spec.lines[index].comment:
            yield index, spec.lines[index].text


def _in_other_tree(spec: Spec, section: Section) -> Iterator[tuple[int, str, bool]]:
    """Yield a section's lines, and whether each works in the other stack's tree."""
    ends: re.Pattern[str] | None = None
    for index, text in _lines(spec, section):
        if _BEGINS.search(text):
            ends = _ENDS if "other_begin" in text else _LEAVES
        elif ends is not None and ends.search(text):
            ends = None
        yield index, text, ends is not None


def shared_tree(spec: Spec) -> Iterator[SpecFinding]:
    """`shared-tree`: a command for the other stack works in the default stack's tree."""
    for section in spec.of("prep", "build", "install"):
        for index, text, inside in _in_other_tree(spec, section):
            if not inside and _WORKS.search(text):
                yield SpecFinding(
                    rule="shared-tree",
                    line=index + 1,
                    message="both stacks write into one tree: what one of them makes (build/, "
                    "hashbangs) gets into the other's package; put it between %py3_other_begin "
                    "and %py3_other_end, after %py3_other_tree in %prep",
                )


def order_of_need(spec: Spec) -> Iterator[SpecFinding]:
    """`order-of-need`: a command moves a file into a folder that is made only further down."""
    for section in spec.of("install"):
        moved: dict[str, int] = {}
        made: set[str] = set()
        for index, text, inside in _in_other_tree(spec, section):
            if inside:
                continue
            if match := _MAKES.search(text):
                folder = match[1].rstrip("/")
                if folder in moved and folder not in made:
                    yield SpecFinding(
                        rule="order-of-need",
                        line=moved[folder] + 1,
                        message=f"{folder} is made only in line {index + 1}: make it before",
                    )
                made.add(folder)
            elif match := _MOVES.search(text):
                target = match[1]
                folder = target.rstrip("/") if target.endswith("/") else target.rpartition("/")[0]
                moved.setdefault(folder, index)


def same_name(spec: Spec) -> Iterator[SpecFinding]:
    """`same-name`: in some case of a condition both stacks' packages have one name."""
    if kind_of(spec) is Kind.APPLICATION or not written_for_both(spec):
        return
    change = distinct.apply(spec)
    if change.refusal is not None:
        yield SpecFinding(
            rule="same-name", line=change.refusal.at + 1, message=change.refusal.reason
        )


def base_macro(spec: Spec) -> Iterator[SpecFinding]:
    """`base-macro`: the file defines a macro that the base distribution or the state gives."""
    known = {name for name in macro_names(DEFAULT_NAMES) if name.startswith(("py3_", "pyproject_"))}
    for index, line in enumerate(spec.lines):
        match = _DEFINES.match(line.text)
        if match and match[1] in known and not line.comment:
            yield SpecFinding(
                rule="base-macro",
                line=index + 1,
                message=f"%{match[1]} is the distribution's: a definition here hides the real one",
            )


def build_system(spec: Spec) -> Iterator[SpecFinding]:
    """`build-system`: a declaration builds for one stack only."""
    if kind_of(spec) is Kind.APPLICATION or not written_for_both(spec):
        return
    change = declarative.apply(spec)
    for edit in change.edits[:1]:
        yield SpecFinding(
            rule="build-system",
            line=edit.at + 1,
            message="BuildSystem builds for the default stack only: spell its sections out",
        )
