"""Show what a branch gives: short programs that fail on its base and pass on its interpreter.

The base's interpreter is used where the store has it. Where it has not, nothing is built for it:
the base's own library, out of the tree's first commit, is run by the branch's interpreter instead.
That shows whatever is written in Python.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.build.build import find_build
from elpython.build.request import BuildRequest, profile_named
from elpython.core.errors import BadBranchError, ProgramTimeoutError, UnknownNameError
from elpython.core.process import clean_env, run
from elpython.core.toml import Reader, read_toml

if TYPE_CHECKING:
    from elpython.core.store import Store
    from elpython.define.branch import Branch
    from elpython.prepare.tree import Tree

__all__ = ["Program", "Shown", "base_python", "read_programs", "show"]

_SECONDS = 30.0

# With a folder as first argument the library there takes the place of the interpreter's own;
# extension modules stay.
_RUNNER = """
import sys
library, program = sys.argv[1:]
if library:
    sys.path[:] = [library, *(path for path in sys.path if path.endswith("lib-dynload"))]
exec(compile(program, "<shown>", "exec"), {"__name__": "__main__"})
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A program that shows a change.

    Attributes:
        change: id of the change.
        title: what it shows, one line.
        code: Python source; it raises where the change is missing.
    """

    change: str
    title: str
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """How a program went.

    Attributes:
        change: id of the change.
        title: what it shows.
        base, branch: `passes`, `fails` or `hangs`.
        said: the last line that the base's run wrote, the error's.
        error: likewise of the branch's run; empty where it passes.
    """

    change: str
    title: str
    base: str
    branch: str
    said: str
    error: str = ""

    @property
    def proven(self) -> bool:
        """Whether it goes wrong on the base and right on the branch."""
        return self.base != "passes" and self.branch == "passes"


def read_programs(branch: Branch) -> tuple[Program, ...]:
    """Read a branch's `demo.toml`; none where there is no such file.

    Raises:
        BadBranchError: every problem, with its key.
    """
    path = branch.folder / "demo.toml"
    if not path.is_file():
        return ()
    name = f"branches/{branch.name}/demo.toml"
    problems: list[str] = []
    reader = Reader(read_toml(path, problems, name=name), problems, file=name)
    found = []
    for table in reader.tables("show", need=True):
        program = Program(
            change=table.text("change"), title=table.text("title"), code=table.text("code")
        )
        try:
            branch.change(program.change)
        except UnknownNameError as error:
            table.problem("change", f"{error.what}; {error.todo}")
        try:
            compile(program.code, name, "exec")
        except SyntaxError as error:
            table.problem("code", f"line {error.lineno}: {error.msg}")
        table.done()
        found.append(program)
    reader.done()
    if problems:
        raise BadBranchError("has problems", where=name, details=tuple(problems))
    return tuple(found)


def base_python(store: Store, branch: Branch, tree: Tree) -> Path | None:
    """Return the interpreter of the bare base when it has been built already."""
    bare = replace(tree, head=tree.base_commit)
    for profile in ("quick", "release", "debug"):
        request = BuildRequest(tree=bare, settings=branch.build, profile=profile_named(profile))
        made = find_build(store, request)
        if made is not None:
            return made.python
    return None


def _lay_library(tree: Tree, folder: Path) -> Path:
    """Lay the base's own library into a folder, without its tests."""
    tar = folder / "base.tar"
    words: list[str | Path] = [
        "archive",
        "-o",
        tar,
        tree.base_commit,
        "--",
        "Lib",
        ":(exclude)Lib/test",
    ]
    run(["git", "-C", tree.folder, *words])
    run(["tar", "--no-same-owner", "-xf", tar, "-C", folder])
    return folder / "Lib"


def _try(python: Path, library: Path | None, code: str) -> tuple[str, str]:
    words = [str(python), "-I", "-S", "-W", "ignore", "-c", _RUNNER, str(library or ""), code]
    try:
        done = run(words, env=clean_env(), timeout=_SECONDS, check=False)
    except ProgramTimeoutError:
        return "hangs", f"no end after {_SECONDS:g} s"
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return ("passes", "") if done.returncode == 0 else ("fails", lines[-1] if lines else "crashed")


def show(
    tree: Tree, programs: tuple[Program, ...], *, branch: Path, base: Path | None
) -> list[Shown]:
    """Run programs on the base and on the branch.

    Args:
        tree: the prepared tree.
        programs: from `read_programs`.
        branch: the branch's interpreter.
        base: the base's interpreter; None: its library under the branch's interpreter.
    """
    found = []
    with tempfile.TemporaryDirectory(prefix="elpython-shown-") as name:
        library = None if base is not None or not programs else _lay_library(tree, Path(name))
        for program in programs:
            before, said = _try(base or branch, library, program.code)
            now, error = _try(branch, None, program.code)
            found.append(
                Shown(
                    change=program.change,
                    title=program.title,
                    base=before,
                    branch=now,
                    said=said,
                    error=error,
                )
            )
    return found
