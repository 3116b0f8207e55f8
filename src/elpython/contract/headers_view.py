"""What a program that includes an interpreter's public headers sees.

The compiler's preprocessor does the reading; what it leaves is split into macros and top-level
declarations. Headers below `internal` are never part of it, nor is anything of the system.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.subject import remember
from elpython.core.errors import ElpythonError, MissingProgramError
from elpython.core.machine import way_out
from elpython.core.process import run as run_program
from elpython.interpreter.layout.headers import LayoutError, find_headers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.contract.subject import Run, Subject

__all__ = [
    "MODES", "HeadersMissingError", "View", "compiler", "complaints", "declarations",
    "header_roots", "include_folders", "modes", "view",
]  # fmt: skip

# How extension modules include the headers; between the limited API of 3.2 and that of the series
# stand all others (`modes`).
MODES = ("whole", "limited", "c++", "ssize_t", "oldest-limited")
# What else a package may compile with: a mode and the standard it names.
_STANDARDS = {"whole": ("c99", "c11"), "c++": ("c++11", "c++20")}
_FIRST_LIMITED = 3

# They need other software's headers, or are no headers to include on their own.
_NOT_ALONE = {
    "py_curses.h", "pyexpat.h", "pymacconfig.h", "metagrammar.h", "pgen.h", "pydtrace.h",
    "dynamic_annotations.h", "Python.h", "pyatomic.h", "pygetopt.h", "parsetok.h", "pgenheaders.h",
}  # fmt: skip
_MARKER = re.compile(r'# (\d+) "([^"]*)"')
_DEFINE = re.compile(r"#define (\w+)(\([^)]*\))?\s?(.*)")
_ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)|__extension__|__inline__|\bextern\b")
_COMPLAINT = re.compile(r"((?:fatal error|error|warning): .*)$", re.MULTILINE)
_C_LINKAGE = 'extern "C"'
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


class HeadersMissingError(ElpythonError):
    """An interpreter whose C headers are not installed."""

    exit_code = 43


@dataclass(frozen=True, slots=True)
class View:
    """What the headers give: macros, and declarations with inline functions, by name."""

    macros: dict[str, str]
    declarations: dict[str, str]


def compiler() -> str:
    """Return the C compiler's path.

    Raises:
        MissingProgramError: there is none.
    """
    for name in ("cc", "gcc", "clang"):
        path = shutil.which(name)
        if path is not None:
            return path
    raise MissingProgramError("no C compiler is installed", todo=way_out("gcc"))


def include_folders(subject: Subject) -> list[Path]:
    """Return the folders to search for headers: those of the interpreter's own root alone.

    Raises:
        HeadersMissingError: they are not installed, or lead to another root.
    """
    include = subject.include
    if include is None:
        raise HeadersMissingError(
            f"the C headers of the {subject.role} are not installed",
            where=str(subject.python),
            todo=f"build it with them; for the system's own: {way_out('python-headers')}",
        )
    try:
        return list(find_headers(include).include)
    except LayoutError as error:
        raise HeadersMissingError(error.what, where=error.where, todo=error.todo) from error


def header_roots(subject: Subject) -> tuple[Path, ...]:
    """Return the folders below which a header is the interpreter's own."""
    include_folders(subject)
    include = subject.include
    return find_headers(include).roots if include is not None else ()


def modes(subject: Subject) -> tuple[str, ...]:
    """Return all modes, with each limited API that an extension of this series may ask for."""
    between = range(_FIRST_LIMITED, subject.version[1])
    return (*MODES, *(f"limited-3.{minor}" for minor in between))


def defines(mode: str, subject: Subject) -> str:
    """Return the line in front of the headers in a mode."""
    major, minor = subject.version
    if mode.startswith("limited-"):
        return f"#define Py_LIMITED_API 0x03{int(mode.rpartition('.')[2]):02x}0000\n"
    return {
        "limited": f"#define Py_LIMITED_API 0x{major:02x}{minor:02x}0000\n",
        "oldest-limited": "#define Py_LIMITED_API 0x03020000\n",
        "ssize_t": "#define PY_SSIZE_T_CLEAN\n",
    }.get(mode, "")


def language(mode: str) -> list[str]:
    """Return the compiler and the words that choose a mode's language.

    Raises:
        MissingProgramError: there is no such compiler.
    """
    if mode != "c++":
        return [compiler(), "-x", "c"]
    for name in ("c++", "g++", "clang++"):
        path = shutil.which(name)
        if path is not None:
            return [path, "-x", "c++"]
    raise MissingProgramError("no C++ compiler is installed", todo=way_out("g++"))


def view(run: Run, subject: Subject, *, mode: str = "whole") -> View:
    """Return what the public headers of an interpreter say.

    Args:
        run: has the store.
        subject: the interpreter.
        mode: one of `MODES`.

    Raises:
        HeadersMissingError: the headers are not installed.
        MissingProgramError: there is no compiler.
    """
    if subject.recorded is not None:
        return View(*subject.recall(f"headers-{mode}"))
    language(mode)
    roots = header_roots(subject)

    def make() -> list[dict[str, str]]:
        made = _read(_preprocess(subject, mode), roots)
        return [made.macros, made.declarations]

    macros, found = remember(run, subject, f"headers-{mode}", make, inputs=roots)
    return View(macros, found)


def complaints(subject: Subject, mode: str) -> list[str]:
    """Compile the headers in a mode and return what the compiler says, without places.

    `Python.h` alone, by each standard that packages name, and all headers twice: a header without
    a guard breaks whoever includes two that include it.

    Raises:
        HeadersMissingError: the headers are not installed.
        MissingProgramError: there is no compiler.
    """
    words = [*language(mode), "-fsyntax-only", "-Wall", "-Wextra"]
    words += ["-Wno-unused-parameter", *(f"-I{folder}" for folder in include_folders(subject))]
    twice = _included(subject) * 2 if mode == MODES[0] else []
    trials: list[tuple[list[str], str]] = [([], "#include <Python.h>\n")]
    trials += [([f"-std={name}", "-pedantic"], trials[0][1]) for name in _STANDARDS.get(mode, ())]
    trials += [(["-w"], "\n".join([*twice, ""]))] if twice else []
    found: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="elpython-headers-") as folder:
        source = Path(folder) / "view.c"
        for more, text in trials:
            source.write_text(defines(mode, subject) + text, "ascii")
            done = run_program([*words, *more, source], timeout=60, check=False)
            found |= {match.group(1) for match in _COMPLAINT.finditer(done.stderr)}
    return sorted(found)


def _included(subject: Subject) -> list[str]:
    """Return the lines that include `Python.h` and the headers beside it."""
    folder = include_folders(subject)[0]
    names = sorted(path.name for path in folder.glob("*.h") if path.name not in _NOT_ALONE)
    return ["#include <Python.h>", *(f"#include <{name}>" for name in names)]


def _preprocess(subject: Subject, mode: str) -> str:
    folders = include_folders(subject)
    lines = _included(subject)
    words = [
        *language(mode),
        "-E",
        "-dD",
        "-DNDEBUG",
        "-w",
        *(f"-I{folder}" for folder in folders),
    ]
    with tempfile.TemporaryDirectory(prefix="elpython-headers-") as folder:
        source = Path(folder) / "view.c"
        for included in (lines, lines[:1]):
            source.write_text(defines(mode, subject) + "\n".join(included) + "\n", "ascii")
            done = run_program([*words, source], timeout=60, check=False)
            if done.returncode == 0:
                return done.stdout
    raise HeadersMissingError(
        f"Python.h cannot be preprocessed (mode {mode})",
        where=str(folders[0]),
        details=tuple(done.stderr.splitlines()[:5]),
    )


def _read(text: str, roots: tuple[Path, ...]) -> View:
    """Sort the preprocessor's output: macros one by one, the rest as one text to split."""
    macros: dict[str, str] = {}
    kept: list[str] = []
    public = False
    # Debian keeps pyconfig.h in a second folder; another root's headers are not looked at.
    own = tuple(f"{root}/" for root in roots)
    for line in text.splitlines():
        marker = _MARKER.match(line)
        if marker:
            name = marker.group(2)
            public = os.path.realpath(name).startswith(own) and "/internal/" not in name
        elif public and line.startswith("#define"):
            match = _DEFINE.match(line)
            if match:
                body = " ".join(match.group(3).split())
                macros[match.group(1)] = f"{match.group(2) or ''} {body}".strip()
        elif public and line and not line.startswith("#"):
            kept.append(line)
    return View(macros, dict(declarations("\n".join(kept))))


def declarations(text: str) -> Iterator[tuple[str, str]]:
    """Split preprocessed C at the top level and name each part.

    Args:
        text: declarations and inline functions, without preprocessor lines.

    Yields:
        Name (`PyList_New`, `struct _object`, `typedef PyObject`) and normalised text.
    """
    start = depth = 0
    linkage = ""
    for at, letter in enumerate(text):
        if letter == "{" and depth == 0 and text[start:at].strip() == _C_LINKAGE:
            # What stands inside is declared at the top, with the names that C gives it.
            linkage, start = f"{_C_LINKAGE} ", at + 1
        elif letter == "{":
            depth += 1
        elif letter == "}" and depth == 0:
            linkage, start = "", at + 1
        elif letter == "}":
            depth -= 1
            if depth == 0 and _is_body(text[start:at]):
                yield from _named(text[start : at + 1], linkage)
                start = at + 1
        elif letter == ";" and depth == 0:
            yield from _named(text[start:at], linkage)
            start = at + 1


def _is_body(before: str) -> bool:
    """Return whether what ends here is a function's body, and not a struct's or an enum's."""
    head = _ATTRIBUTE.sub(" ", before).split("{", 1)[0]
    return head.rstrip().endswith(")")


def _named(part: str, linkage: str) -> Iterator[tuple[str, str]]:
    shown = " ".join(part.split())
    plain = " ".join(_ATTRIBUTE.sub(" ", shown).split())
    if not plain:
        return
    name = _name(plain)
    if name:
        yield name, f"{linkage}{shown}"


def _name(plain: str) -> str:
    head = plain.split("{", 1)[0].strip()
    if plain.startswith("typedef"):
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)", plain.rsplit("}", 1)[-1])
        names = _IDENTIFIER.findall(plain.rsplit("}", 1)[-1].split("(", 1)[0])
        return f"typedef {pointer.group(1) if pointer else names[-1] if names else '?'}"
    if "(" in head:
        names = _IDENTIFIER.findall(head.split("(", 1)[0])
        return names[-1] if names else ""
    if "{" in plain or re.fullmatch(r"(struct|union|enum) \w+", head):
        return head or "?"
    names = _IDENTIFIER.findall(re.sub(r"\[.*\]", "", head.split("=", 1)[0]))
    return names[-1] if names else ""
