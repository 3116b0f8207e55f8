"""The RPM macros of the stacks, generated from their state.

Two files: the one that a machine with the interpreters gets (`macros.python3_other`), and the one
for machines that only put source packages together, where what belongs to the other stack is a
harmless `/bin/true`. Versions and folders are written out instead of asked from an interpreter
while RPM reads: cutting `sys.version` after three characters, as older macros do, names 3.10 and
all after it "3.1".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "CHOICE",
    "DEFAULT_NAMES",
    "OTHER_NAMES",
    "MacroStack",
    "fedora_names",
    "macro_names",
    "render",
]

# How a macro of the template begins, for the default stack and for the other one.
DEFAULT_NAMES = {
    "python3": "python3",
    "py3": "py3",
    "pytest": "pytest",
    "tox": "tox",
    "pyproject": "pyproject",
}
OTHER_NAMES = {
    "python3": "python3_other",
    "py3": "py3_other",
    "pytest": "pytest_other",
    "tox": "tox_other",
    "pyproject": "pyproject_other",
}

# The two facts from which Fedora's macros derive all others; they choose the default stack.
CHOICE = ("__python3", "python3_pkgversion")

SHARED_NAMES = ("python_provide", "py_provides")
# Defined by our file alone: where RPM knows it, the file is installed.
OWN_MARK = "elpython_stacks"

_HEAD = "# Written by elpython from stacks.toml: change the state, not this file.\n"
_DEFINITION = re.compile(r"^%(\w+)", re.MULTILINE)
# What stays known while a source package is put together, where no interpreter has to be.
_KNOWN_WITHOUT_INTERPRETER = re.compile(
    r"_(pkgversion|version|version_nodots|sitelib|sitearch|cache_tag|dist|dir|wheeldir|other_files)$"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class MacroStack:
    """One stack as its macros need it.

    Attributes:
        version: `3.11`.
        pkgversion: what stands between `python` and `-foo` in a package's name: `311`, `3.11`, `3`.
        interpreter: absolute path of the interpreter that builds for it.
        platlib: folder of platform-dependent modules below the prefix, `lib` or `lib64`.
    """

    version: str
    pkgversion: str
    interpreter: str
    platlib: str = "lib"


def _data(name: str) -> str:
    return resources.files("elpython.stacks").joinpath("data", name).read_text("utf-8")


def fedora_names() -> str:
    """Return macros for names of Fedora that spec files use, for machines without its packages."""
    return _data("fedora-names.txt")


def _one(
    stack: MacroStack, names: dict[str, str], role: str, file: str = "stack-macros.txt"
) -> str:
    values = {
        **names,
        "stack": role,
        "version": stack.version,
        "nodots": stack.version.replace(".", ""),
        "pkgversion": stack.pkgversion,
        "interpreter": stack.interpreter,
        "platlib": stack.platlib,
    }
    return re.sub(r"@(\w+)@", lambda match: values[match[1]], _data(file))


def macro_names_in(text: str) -> tuple[str, ...]:
    """Return the macros that a text defines, in its order."""
    return tuple(_DEFINITION.findall(text))


def macro_names(names: dict[str, str]) -> tuple[str, ...]:
    """Return every macro that a stack defines, in the order of the file."""
    nobody = MacroStack(version="3.0", pkgversion="30", interpreter="/bin/true")
    return tuple(_DEFINITION.findall(_one(nobody, names, "")))


def _stubs(known: str) -> str:
    """Keep the facts of the other stack and make everything that would run it `/bin/true`.

    A definition may span lines; it ends where the next one begins.
    """
    lines = ["%__python3_other /bin/true\n"]
    for block in re.split(r"^(?=%)", known, flags=re.MULTILINE):
        match = _DEFINITION.match(block)
        if match is None or match[1] == "__python3_other":
            continue
        if _KNOWN_WITHOUT_INTERPRETER.search(match[1]):
            lines.append(block)
        else:
            lines.append(f"%{match[1]}(-) /bin/true\n")
    return "".join(lines)


def _no_stack() -> str:
    """Stubs for a time with one stack only: every name of the other one, none of its facts."""
    lines = ["%__python3_other /bin/true\n"]
    for name in macro_names(OTHER_NAMES):
        if name == "__python3_other" or name.endswith("_pkgversion"):
            continue
        lines.append(f"%{name}(-) /bin/true\n")
    return "".join(lines)


def _blocks(text: str) -> list[str]:
    """Cut macro definitions apart: each begins with a percent sign at the start of a line."""
    return re.split(r"^(?=%\w)", text, flags=re.MULTILINE)


def without(text: str, base: Collection[str]) -> str:
    """Leave out the definitions of macros that the base distribution has itself."""
    kept = []
    for piece in _blocks(text):
        match = _DEFINITION.match(piece)
        if match is None or match[1] not in base or match[1] in CHOICE:
            kept.append(piece)
    return "".join(kept)


def _through_base(base: Collection[str]) -> str:
    """Define each function of the other stack that the base has for the default one through it.

    The base's own macro is expanded while the facts are those of the other stack, so that what
    the two stacks do can't differ.
    """
    pairs = zip(_shapes(DEFAULT_NAMES), _shapes(OTHER_NAMES), strict=True)
    return "".join(
        f"%{other[0]}(-) %{{_py3_as_other {name} %{{**}}}}\n"
        for (name, function), other in pairs
        if function and name in base
    )


def _shapes(names: dict[str, str]) -> list[tuple[str, bool]]:
    """Return each macro of a stack, and whether it does something instead of being a fact."""
    nobody = MacroStack(version="3.0", pkgversion="30", interpreter="/bin/true")
    found = re.finditer(r"^%(\w+)(\([^)]*\))?", _one(nobody, names, ""), re.MULTILINE)
    return [(match[1], match[2] is not None) for match in found]


def render(
    default: MacroStack,
    other: MacroStack | None,
    *,
    srpm: bool = False,
    base: Collection[str] = (),
    preset: str = "",
) -> str:
    """Return the text of `macros.python3_other`.

    Args:
        default: the stack that owns `/usr/bin/python3`.
        base: macros that the base distribution defines: they are left to it, except the two that
            choose the default stack.
        other: the stack beside it; None outside a transition, then its macros are stubs and
            `with_python3_other` stays undefined (`%{with python3_other}` asks for defined, not
            for 1).
        srpm: for machines that only put source packages together.
        preset: outside a transition, the pkgversion of the stack that comes next.
    """
    parts = [
        _HEAD,
        f"%{OWN_MARK} 1\n",
        "%with_python3 1\n",
        without(_one(default, DEFAULT_NAMES, "default"), base),
        without(_data("shared-macros.txt"), base),
        "\n",
        _data("ask-backend.txt") if "pyproject_buildrequires" not in base else "",
    ]
    if other is None:
        parts.append(_no_stack())
        if preset:
            parts.append(f"%python3_other_pkgversion {preset}\n")
    else:
        beside = _one(other, OTHER_NAMES, "other")
        if base:
            through = _through_base(base)
            beside = without(beside, macro_names_in(through)) + through + _data("as-other.txt")
        beside += _one(other, OTHER_NAMES, "other", "other-macros.txt")
        parts += ["%with_python3_other 1\n", _stubs(beside) if srpm else beside]
    return "".join(parts)
