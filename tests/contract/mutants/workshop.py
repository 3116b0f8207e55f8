"""The workshop: the base's source, compiled once; a mutant recompiles what it touches."""

from __future__ import annotations

import os
import shlex
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.build.steps import environment
from elpython.contract.resolve import build_branch
from elpython.contract.stage import staged_python
from elpython.core.process import run
from elpython.define.branch import load_branch
from elpython.define.folder import branches_folder

from .lab import SERIES, Copy, make_lab

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elpython.core.store import Store
    from elpython.prepare.tree import Tree

    from .lab import Lab

__all__ = ["Edit", "Workshop", "base_tree", "open_workshop"]

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Edit:
    """One text in a source file that is replaced by another."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Workshop:
    """A source tree with its objects.

    Attributes:
        source: the base's files; a mutant edits them and puts them back.
        objects: what was compiled of them.
        env: the builds' own environment: ccache is found under the compiler's name.
        lab: copies of the base's own build, into which a compiled mutant is put.
        spent: seconds of each compilation.
    """

    source: Path
    objects: Path
    env: Mapping[str, str]
    lab: Lab
    spent: list[float]

    def make(self) -> None:
        """Compile what is out of date and link the interpreter."""
        flags = f"CFLAGS_NODIST=-ffile-prefix-map={self.source.parent}=/usr/src"
        words = ["make", f"-j{os.cpu_count() or 1}", flags, "python"]
        done = run(words, cwd=self.objects, env=self.env, timeout=_HOUR)
        self.spent.append(done.seconds)

    def put(self, edits: tuple[Edit, ...], copy: Copy) -> None:
        """Compile with the edits, and lay interpreter, headers and library files into a copy."""
        before = {edit.file: (self.source / edit.file).read_text("utf-8") for edit in edits}
        try:
            for edit in edits:
                text = (self.source / edit.file).read_text("utf-8")
                assert text.count(edit.old) == 1, f"{edit.file}: {edit.old!r}"
                self._write(edit.file, text.replace(edit.old, edit.new))
            self.make()
            self._lay(before, copy)
        finally:
            for file, text in before.items():
                self._write(file, text)

    def _write(self, file: str, text: str) -> None:
        path = self.source / file
        path.write_text(text, "utf-8")
        # Make compares times, and a file may be written twice within its clock's tick.
        now = time.time()
        os.utime(path, (now, now))
        if path.parent.name == "clinic":
            # The Makefile does not know what includes these.
            os.utime(path.parents[1] / path.stem, (now, now))

    def _lay(self, files: Mapping[str, str], copy: Copy) -> None:
        python = staged_python(copy.root, SERIES)
        python.unlink()
        shutil.copy2(self.objects / "python", python)
        for file in files:
            first, _, rest = file.partition("/")
            place = {"Include": copy.include, "Lib": copy.lib}.get(first)
            if place is not None:
                copy.write(place / rest, (self.source / file).read_text("utf-8"))


def base_tree(store: Store) -> Tree:
    """Return the prepared source of the mutants' base."""
    from elpython.prepare.tree import TreeRequest, prepare

    branch = load_branch(branches_folder(), SERIES)
    return prepare(store, TreeRequest(branches=branches_folder(), branch=branch, length=0))


def open_workshop(folder: Path, store: Store) -> Workshop:
    """Build the base as branches are built, and its source once more, objects kept.

    Args:
        folder: empty; gets sources, objects and the laboratory.
        store: holds the base's tree and build.
    """
    tree, made = build_branch(store, load_branch(branches_folder(), SERIES), 0)
    source, objects = folder / "src", folder / "build"
    for path in (source, objects, folder / "lab"):
        path.mkdir(parents=True)
    archive = folder / "source.tar"
    run(["git", "-C", tree.folder, "archive", "-o", archive, "HEAD"])
    run(["tar", "--no-same-owner", "-xf", archive, "-C", source])
    archive.unlink()
    lab = make_lab(folder / "lab", made.python)
    shop = Workshop(source, objects, environment(folder, "1600000000"), lab, [])
    words = shlex.split(str(lab.base.facts["config_vars"]["CONFIG_ARGS"]))
    words = [word for word in words if not word.startswith(("CC=", "CXX="))]
    run(["../src/configure", *words], cwd=objects, env=shop.env, timeout=_HOUR)
    shop.make()
    return shop
