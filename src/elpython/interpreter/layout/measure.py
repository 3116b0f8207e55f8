"""Measuring: preprocess the public headers, read them, let the compiler say sizes and offsets."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core import process
from elpython.interpreter.layout.generate import generate, leaves
from elpython.interpreter.layout.headers import Headers, LayoutError
from elpython.interpreter.layout.model import Body, Field, Layout, Signature, Struct
from elpython.interpreter.layout.parse import read_declarations
from elpython.interpreter.layout.tokens import Preprocessed, read_preprocessed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elpython.interpreter.layout.generate import Program
    from elpython.interpreter.layout.parse import Declarations, Function

__all__ = ["VARIANTS", "measure_layout"]

VARIANTS: Mapping[str, tuple[str, ...]] = {
    "default": (),
    "debug": ("-DPy_DEBUG=1",),
    "free-threaded": ("-DPy_GIL_DISABLED=1",),
}
_LEAKING = ("CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH")
_FLAGS = ("-std=gnu11", "-w", "-O0", "-DNDEBUG")
_MAGIC = re.compile(r"PYC_MAGIC_NUMBER\s+(\d+)|^MAGIC_NUMBER = \((\d+)\)", re.MULTILINE)
_ABI_FLAGS = {"Py_GIL_DISABLED": "t", "Py_DEBUG": "d", "Py_TRACE_REFS": "x"}
_FOREIGN = re.compile(r"/python[23]\.\d+[a-z]*/|/(?:Python|pyconfig|patchlevel)\.h$")
_BLAMED = re.compile(r"(?:^|from )try\.c:(\d+)", re.MULTILINE)
_ERROR = re.compile(r"^probe\.c:(\d+):\d+: (?:fatal error|error|note): (.*)$", re.MULTILINE)
_TRIES = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compiler:
    """A compiler, ready for some headers and a variant."""

    program: str
    include: tuple[str, ...]
    defines: tuple[str, ...]
    folder: Path

    def run(self, *words: str) -> process.Completed:
        env = process.clean_env()
        for name in _LEAKING:
            env.pop(name, None)
        argv = [self.program, *_FLAGS, *self.defines, *self.include, *words]
        return process.run(argv, cwd=self.folder, env=env, check=False, timeout=300)

    def ask(self, option: str) -> str:
        answer = process.run([self.program, option], check=False).stdout.strip()
        return answer.splitlines()[0] if answer else ""


def measure_layout(
    headers: Headers, *, variant: str = "default", compiler: str = "", defines: tuple[str, ...] = ()
) -> Layout:
    """Measure what public headers fix for the modules compiled against them.

    Args:
        headers: of one Python.
        variant: `default` (as configured), `debug` or `free-threaded`: the same headers with the
            define of such a build.
        compiler: a C compiler, gcc or clang; `cc` if omitted.
        defines: further compiler options, `-m32`.

    Raises:
        MissingProgramError: there is no such compiler.
        LayoutError: the headers do not compile, or take headers of another Python.
    """
    if variant not in VARIANTS:
        raise LayoutError(f"{variant!r} is no variant", todo=f"known: {', '.join(VARIANTS)}")
    if variant == "free-threaded" and not _knows_free_threading(headers):
        raise LayoutError("these headers know no free-threaded build", where=str(headers.folder),
                          todo="there is one since 3.13")  # fmt: skip
    program = process.require(compiler or os.environ.get("CC") or "cc")
    with tempfile.TemporaryDirectory(prefix="elpython-layout-") as name:
        cc = _Compiler(
            program=program,
            include=tuple(word for path in headers.include for word in ("-I", str(path))),
            defines=(*VARIANTS[variant], *defines),
            folder=Path(name),
        )
        return _measure(headers, cc, variant)


def _knows_free_threading(headers: Headers) -> bool:
    return any("Py_GIL_DISABLED" in path.read_text("utf-8", "replace") for path in headers.public)


def _measure(headers: Headers, cc: _Compiler, variant: str) -> Layout:
    included, remarks = _included(headers, cc)
    source = _preprocess(headers, cc, included)
    found = read_declarations(source.tokens)
    answers, dropped = _answers(generate(included, found, source.macros), cc)
    remarks += [f"declaration {text}" for text in found.problems] + dropped
    magic = _magic(headers)
    if magic is None:
        remarks.append("PYC_MAGIC_NUMBER: these headers don't tell it (they do since 3.14)")
    return Layout(
        version=headers.version,
        variant=variant,
        machine=cc.ask("-dumpmachine"),
        compiler=cc.ask("--version"),
        abi_flags=_abi_flags(cc),
        magic=magic,
        structs=_structs(found, answers),
        enumerators=_numbers("enum", answers),
        constants=_numbers("constant", answers),
        typedefs=dict(sorted(found.typedefs.items())),
        scalars={
            item[1]: " ".join(value)
            for item, value in answers.items()
            if item[0] == "scalar" and value
        },
        macros={
            name: Body(head=macro.parameters, body=macro.body, file=Path(macro.file).name)
            for name, macro in sorted(source.macros.items())
            if macro.body or not name.endswith("_H")
        },
        inlines={
            name: Body(head=item.type, body=item.body, file=item.file)
            for name, item in sorted(found.inlines.items())
        },
        functions=_signatures(found.functions),
        variables=_signatures(found.variables),
        not_looked_at=tuple(remarks),
    )


def _numbers(kind: str, answers: dict[tuple[str, ...], list[str]]) -> dict[str, int]:
    return {item[1]: int(value[0]) for item, value in answers.items() if item[0] == kind}


def _signatures(items: Mapping[str, Function]) -> dict[str, Signature]:
    return {name: Signature(type=item.type, file=item.file) for name, item in sorted(items.items())}


def _included(headers: Headers, cc: _Compiler) -> tuple[list[str], list[str]]:
    """Return `Python.h` and every further header that compiles after it, and why others don't."""
    source = _preprocess(headers, cc, ["Python.h"])
    seen = {Path(name).resolve() for name in source.files}
    included = ["Python.h"] + [
        path.name
        for path in sorted(headers.folder.glob("*.h"))
        if path.resolve() not in seen and not path.name.startswith("pyconfig")
    ]
    remarks: list[str] = []
    while True:
        text = "".join(f"#include <{name}>\n" for name in included)
        (cc.folder / "try.c").write_text(text, "utf-8")
        ran = cc.run("-fsyntax-only", "try.c")
        blamed = _BLAMED.search(ran.stderr)
        at = int(blamed[1]) - 1 if ran.returncode and blamed else 0
        if not 0 < at < len(included):
            return included, remarks
        name = included.pop(at)
        remarks.append(f"{name}: {_first_error(ran.stderr)}")


def _first_error(text: str) -> str:
    found = re.search(r"(?:fatal )?error: (.*)", text)
    return found[1] if found else (text.strip().splitlines() or ["no message"])[0]


def _preprocess(headers: Headers, cc: _Compiler, included: list[str]) -> Preprocessed:
    text = "".join(f"#include <{name}>\n" for name in included)
    (cc.folder / "all.c").write_text(text, "utf-8")
    ran = cc.run("-E", "-dD", "all.c")
    if ran.returncode != 0:
        raise LayoutError(
            "the public headers do not compile",
            where=str(headers.folder),
            details=tuple(ran.stderr.strip().splitlines()[:8]),
        )
    roots = [str(root.resolve()) + os.sep for root in headers.roots]

    def own(name: str) -> bool:
        real = os.path.realpath(name)
        return real.startswith(tuple(roots))

    source = read_preprocessed(ran.stdout, lambda name: own(name) and "/internal/" not in name)
    foreign = sorted(name for name in source.files if _FOREIGN.search(name) and not own(name))
    if foreign:
        raise LayoutError(
            f"these headers take one from elsewhere: {foreign[0]}",
            where=str(headers.folder),
            todo="unpack every package that the headers need into the same root",
        )
    return source


def _answers(program: Program, cc: _Compiler) -> tuple[dict[tuple[str, ...], list[str]], list[str]]:
    """Compile and run the program; leave out statements that the compiler refuses."""
    refused: dict[int, str] = {}
    first = program.first_line()
    for _ in range(_TRIES):
        (cc.folder / "probe.c").write_text(program.text(set(refused)), "utf-8")
        ran = cc.run("-fno-diagnostics-color", *_all_errors(cc), "probe.c", "-o", "probe")
        if ran.returncode == 0:
            break
        errors = re.findall(
            r"^probe\.c:(\d+):\d+: (?:fatal error|error|note): (.*)$", ran.stderr, re.MULTILINE
        )
        new = {int(line) - first: what for line, what in errors if int(line) >= first}
        if not new.keys() - refused.keys():
            raise LayoutError("a program that includes the headers does not compile",
                              details=tuple(ran.stderr.strip().splitlines()[:8]))  # fmt: skip
        refused.update(new)
    else:
        raise LayoutError(
            "the probe does not compile, not even after leaving out what the compiler refuses"
        )
    output = process.run([cc.folder / "probe"], cwd=cc.folder, timeout=60).stdout
    answers: dict[tuple[str, ...], list[str]] = {}
    for row in output.splitlines():
        number, *values = row.split()
        answers[program.items[int(number)]] = values
    # A word that names no type, or a macro that is no number, is no loss: it was a guess.
    dropped = [
        f"{' '.join(program.items[at])}: {what}"
        for at, what in sorted(refused.items())
        if program.items[at][0] not in {"scalar", "constant"}
    ]
    return answers, dropped


def _all_errors(cc: _Compiler) -> tuple[str, ...]:
    """Return the option that makes the compiler report every error at once."""
    return ("-ferror-limit=0",) if "clang" in cc.ask("--version") else ("-fmax-errors=0",)


def _abi_flags(cc: _Compiler) -> str:
    lines = [f"#ifdef {name}\nelpython_flag {flag}\n#endif\n" for name, flag in _ABI_FLAGS.items()]
    (cc.folder / "flags.c").write_text("#include <Python.h>\n" + "".join(lines), "utf-8")
    text = cc.run("-E", "-P", "flags.c").stdout
    return "".join(re.findall(r"^elpython_flag (\w)", text, re.MULTILINE))


def _magic(headers: Headers) -> int | None:
    folder = headers.folder
    series = ".".join(re.findall(r"\d+", headers.version)[:2])
    places = (
        folder / "internal" / "pycore_magic_number.h",
        folder.parent.parent / "lib" / f"python{series}" / "importlib" / "_bootstrap_external.py",
        folder.parent / "Lib" / "importlib" / "_bootstrap_external.py",
    )
    for path in places:
        found = _MAGIC.search(path.read_text("utf-8", "replace")) if path.is_file() else None
        if found:
            return int(found[1] or found[2])
    return None


def _structs(found: Declarations, answers: dict[tuple[str, ...], list[str]]) -> dict[str, Struct]:
    structs: dict[str, Struct] = {}
    for key, record in found.records.items():
        whole = answers.get(("struct", key))
        if record.members is not None and whole is None:
            continue  # told in `not_looked_at`
        rows = []
        for leaf in leaves(record):
            value = answers.get(("field", key, leaf.path))
            if value is None:
                continue
            offset, size = int(value[0]), int(value[1])
            rows.append(
                Field(path=leaf.path, type=leaf.type, offset=offset,
                      size=None if size < 0 else size)
            )  # fmt: skip
        structs[_known_as(key, found)] = Struct(
            kind=record.kind,
            size=int(whole[0]) if whole else None,
            alignment=int(whole[1]) if whole else None,
            fields=tuple(rows),
            file=record.file,
            line=record.line,
        )
    return dict(sorted(structs.items()))


def _known_as(key: str, found: Declarations) -> str:
    names = found.names.get(key, [])
    return next((name for name in names if name.startswith("Py")), names[0] if names else key)
