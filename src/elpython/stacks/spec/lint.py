"""Does a spec file follow the plan: order of installs, owners of programs, shebangs, names."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import MARK, Kind, kind_of
from elpython.stacks.spec.finding import SpecFinding
from elpython.stacks.spec.lint_trees import (
    base_macro,
    build_system,
    order_of_need,
    same_name,
    shared_tree,
)
from elpython.stacks.spec.model import SHELL_SECTIONS, read_spec
from elpython.stacks.spec.rules.entry_points import entry_points
from elpython.stacks.spec.rules.other_install import INSTALLS, PY2
from elpython.stacks.spec.twin import is_stack_section, twin_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elpython.stacks.spec.model import Section, Spec

__all__ = ["LINTS", "SpecFinding", "lint"]

_OTHER_PACKAGE = re.compile(
    r"python(?:%\{\??python3_other_pkgversion\}|%python3_other_pkgversion)-"
)
_OTHER_INSTALL = re.compile(
    r"%\{?(?:py3_other_install(?:_wheel)?|pyproject_other_install)\b"
    r"|%\{__python3_other\}.*\binstall\b"
)
_ORDER = ("other", "default", "2")
_SUBSTITUTION = re.compile(r"s([|,#@/!~+])(.*?)(?<!\\)\1(.*?)(?<!\\)\1")
# After a `^` it is a pattern that looks for one.
_GENERIC_SHEBANG = re.compile(
    r"(?<!\^)#!\s*(?:/usr/bin/env\s+python3?|/usr/bin/python3?)(?![\w.%])"
)


def _code(spec: Spec, section: Section) -> Iterator[tuple[int, str]]:
    for index in range(section.body, section.stop):
        if not spec.lines[index].comment:
            yield index, spec.lines[index].text


def install_order(spec: Spec) -> Iterator[SpecFinding]:
    """`install-order`: other, default, 2; what comes last owns the shared names."""
    for section in spec.of("install"):
        seen: list[tuple[int, int]] = []
        for index, text in _code(spec, section):
            if _OTHER_INSTALL.search(text):
                seen.append((0, index))
            elif INSTALLS.search(text):
                seen.append((1, index))
            elif PY2.search(text):
                seen.append((2, index))
        for (before, _), (after, index) in pairwise(seen):
            if after < before:
                yield SpecFinding(
                    rule="install-order",
                    line=index + 1,
                    message=f"installs {_ORDER[after]} after {_ORDER[before]}: "
                    "the order is other, default, 2",
                )


def missing_twin(spec: Spec) -> Iterator[SpecFinding]:
    """`missing-other`: a library's package for the default stack has none for the other."""
    if kind_of(spec) is Kind.APPLICATION:
        return
    twin = twin_of(spec)
    for kind in ("package", "description", "files"):
        headers = {section.identity for section in spec.of(kind)}
        for section in spec.of(kind):
            if not is_stack_section(spec, section):
                continue
            if twin.other(section.identity) not in headers - {section.identity}:
                yield SpecFinding(
                    rule="missing-other",
                    line=section.start + 1,
                    message=f"%{kind} {section.words} has no counterpart for the other stack",
                )


def literal_names(spec: Spec) -> Iterator[SpecFinding]:
    """`literal-name`: a stack's package named without its version macro."""
    for section in spec.of("package", "description", "files"):
        if spec.expand(section.package).startswith("python3-"):
            yield SpecFinding(
                rule="literal-name",
                line=section.start + 1,
                message=f"{section.package} names a stack: write python%{{python3_pkgversion}}-...",
            )


def program_owner(spec: Spec) -> Iterator[SpecFinding]:
    """`program-owner`: the other stack's package owns a program without a version in its name."""
    for section in spec.of("files"):
        if not _OTHER_PACKAGE.match(section.package):
            continue
        for index, text in _code(spec, section):
            for point in entry_points([text]):
                if point.kind != "own":
                    yield SpecFinding(
                        rule="program-owner",
                        line=index + 1,
                        message=f"{point.name} belongs to the default stack: "
                        f"here it is {point.name}-%{{python3_other_version}}",
                    )


def _written(text: str) -> str:
    """Return the part of a command that ends up in a file: what `sed` puts in, what is echoed."""
    put_in = [match[3] for match in _SUBSTITUTION.finditer(text)]
    return " ".join(put_in) if put_in or "sed" in text else text


def shebangs(spec: Spec) -> Iterator[SpecFinding]:
    """`shebang`: a written shebang names whatever owns python3 instead of python3.X."""
    for section in spec.of(*SHELL_SECTIONS):
        for index in range(section.body, section.stop):
            text = spec.lines[index].text
            comment = spec.lines[index].comment and not text.startswith("#!")
            if not comment and _GENERIC_SHEBANG.search(_written(text)):
                yield SpecFinding(
                    rule="shebang",
                    line=index + 1,
                    message="the shebang names no version: write /usr/bin/python%{python3_version}",
                )


def other_unguarded(spec: Spec) -> Iterator[SpecFinding]:
    """`unguarded-other`: a package for the other stack outside `%if 0%{?with_python3_other}`."""
    for section in spec.of("package", "files"):
        if not _OTHER_PACKAGE.match(section.package):
            continue
        opened: list[str] = []
        for line in spec.lines[: section.start]:
            if line.conditional == "if":
                opened.append(line.text)
            elif line.conditional == "endif" and opened:
                opened.pop()
        if not any("python3_other" in text for text in opened):
            yield SpecFinding(
                rule="unguarded-other",
                line=section.start + 1,
                message="there may be no other stack: guard it by %if 0%{?with_python3_other}",
            )


def cut_version(spec: Spec) -> Iterator[SpecFinding]:
    """`cut-version`: three characters of `sys.version` are 3.1 for 3.10 and later."""
    for index, line in enumerate(spec.lines):
        if re.search(r"sys\.version\[:\s*3\]", line.text) and not line.comment:
            yield SpecFinding(
                rule="cut-version",
                line=index + 1,
                message="sys.version[:3] is 3.1 for 3.10 and later: use %{python3_version}",
            )


def undecided(spec: Spec) -> Iterator[SpecFinding]:
    """`undecided`: the conversion left something for a person."""
    for index, line in enumerate(spec.lines):
        if line.text.lstrip().startswith(MARK):
            reason = line.text.split(MARK, 1)[1].strip()
            yield SpecFinding(rule="undecided", line=index + 1, message=reason)


LINTS: tuple[Callable[[Spec], Iterator[SpecFinding]], ...] = (
    literal_names,
    missing_twin,
    other_unguarded,
    install_order,
    program_owner,
    shebangs,
    cut_version,
    shared_tree,
    order_of_need,
    same_name,
    base_macro,
    build_system,
    undecided,
)


def lint(text: str) -> tuple[SpecFinding, ...]:
    """Return every finding in a spec file's text, by line."""
    spec = read_spec(text)
    found = [finding for check in LINTS for finding in check(spec)]
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.rule)))
