"""The laboratory: an untouched copy of an interpreter, and copies that a mutant may change."""

from __future__ import annotations

import os
import re
import shutil
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.check import Rules, find, judge
from elpython.contract.model import PromiseOutcome, State
from elpython.contract.stage import copy_interpreter, staged_python
from elpython.contract.subject import Pair, Run, Subject, load
from elpython.core.elf import read_elf
from elpython.core.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Copy", "Lab", "Mutant", "find_interpreter", "make_lab"]

SERIES = "3.11"


@dataclass(frozen=True, slots=True)
class Copy:
    """An interpreter's copy under change.

    Its files are hard-linked to the untouched copy's, so every change writes a new file.
    """

    root: Path

    @property
    def lib(self) -> Path:
        return self.root / "lib" / f"python{SERIES}"

    @property
    def include(self) -> Path:
        return self.root / "include" / f"python{SERIES}"

    @property
    def library(self) -> Path:
        """libpython, or the executable where it is linked statically."""
        shared = sorted((self.root / "lib").glob(f"libpython{SERIES}*.so.*"))
        return shared[0] if shared else staged_python(self.root, SERIES)

    def write(self, path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        path.write_text(text, "utf-8")
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()

    def swap(self, name: str, old: str, new: str) -> None:
        """Replace a text in a library file or, with `include/` in front, in a header."""
        path = (
            self.include / name.removeprefix("include/")
            if name.startswith("include/")
            else self.lib / name
        )
        text = path.read_text("utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        self.write(path, text.replace(old, new))

    def append(self, name: str, text: str) -> None:
        path = self.lib / name
        self.write(path, path.read_text("utf-8") + "\n" + text + "\n")

    def at_start(self, code: str) -> None:
        """Run code whenever the interpreter starts; `encodings` is the first module from a file."""
        self.append("encodings/__init__.py", code)

    def remove(self, name: str) -> None:
        path = self.root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def hide_symbol(self, name: str) -> None:
        """Take an exported symbol away from others; the library itself still finds it."""

        def change(data: bytearray, at: int) -> None:
            data[at + 4] &= 0x0F  # binding: local
            data[at + 5] = 3  # visibility: protected

        self._change_symbol(name, change)

    def resize_symbol(self, name: str) -> None:
        """Give an exported variable another size in the dynamic symbol table."""

        def change(data: bytearray, at: int) -> None:
            (size,) = struct.unpack_from("<Q", data, at + 16)
            struct.pack_into("<Q", data, at + 16, size + 8)

        self._change_symbol(name, change)

    def _change_symbol(self, name: str, change: Callable[[bytearray, int], None]) -> None:
        path = self.library
        elf = read_elf(path)
        assert elf is not None
        table = next(item for item in elf.sections if item.type == 11)
        strings = elf.sections[table.link]
        for at in range(table.offset, table.offset + table.size, 24):
            (offset,) = struct.unpack_from("<I", elf.data, at)
            start = strings.offset + offset
            if elf.data[start : start + len(name) + 1] == name.encode() + b"\0":
                data, mode = bytearray(elf.data), path.stat().st_mode
                change(data, at)
                path.unlink()
                path.write_bytes(data)
                path.chmod(mode)
                return
        raise AssertionError(f"{name} is not exported")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """One mutation.

    Attributes:
        name: what is done to the interpreter.
        promise: the promise that has to catch it.
        expect: pattern that one broken difference's declaration has to match.
        change: does it.
        tests: test modules that `behaviour` runs.
        part: what alone is looked at, as in `Run`.
    """

    name: str
    promise: str
    expect: str
    change: Callable[[Copy], None]
    tests: tuple[str, ...] = field(default=())
    part: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Lab:
    """The untouched copy and a store of its own."""

    folder: Path
    base: Subject
    run: Run

    def copy(self, name: str) -> Copy:
        """Return a fresh copy, hard-linked file by file."""
        root = self.folder / "copies" / re.sub(r"\W+", "-", name)
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.folder / "untouched", root, symlinks=True, copy_function=os.link)
        return Copy(root)

    def outcome(
        self, promise: str, copy: Copy, tests: tuple[str, ...] = (), part: tuple[str, ...] = ()
    ) -> PromiseOutcome:
        """Check one promise of a copy against the untouched one."""
        python = staged_python(copy.root, SERIES)
        candidate = load(python, role="candidate", store=self.run.store)
        run = replace(self.run, tests=tests, part=part)
        findings, seconds, _ = find(promise, Pair(base=self.base, candidate=candidate), run)
        return judge(promise, findings, Rules(), seconds=seconds)

    def caught(self, mutant: Mutant) -> tuple[bool, PromiseOutcome]:
        """Try a mutant: is there a broken difference as expected, in the promise it belongs to?"""
        copy = self.copy(mutant.name)
        try:
            mutant.change(copy)
            outcome = self.outcome(mutant.promise, copy, mutant.tests, mutant.part)
        finally:
            shutil.rmtree(copy.root, ignore_errors=True)
        broken = [
            item.difference.declaration for item in outcome.judged if item.state is State.BROKEN
        ]
        return any(re.search(mutant.expect, text) for text in broken), outcome


def find_interpreter() -> Path | None:
    """Find a Python of the mutants' series that has its headers and its test suite."""
    roots = [Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"]
    found = [path for root in roots for path in sorted(root.glob(f"{SERIES}.*/bin/python3"))]
    on_path = shutil.which(f"python{SERIES}")
    for python in [*found[::-1], *([Path(on_path)] if on_path else [])]:
        prefix = python.parents[1]
        complete = (
            prefix / f"lib/python{SERIES}/test/test_grammar.py",
            prefix / f"include/python{SERIES}/Python.h",
        )
        if all(file.is_file() for file in complete):
            return python
    return None


def make_lab(folder: Path, python: Path) -> Lab:
    """Copy an interpreter once; all mutants start from this copy."""
    store = Store(folder / "store")
    real = load(python, role="base", store=store)
    untouched = copy_interpreter(real, folder / "untouched", tests=True)
    base = load(untouched, role="base", store=store)
    return Lab(folder, base, Run(store=store, jobs=1, network=False))
