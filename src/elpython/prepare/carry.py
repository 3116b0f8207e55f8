"""Carry a commit of one tree to another one: a three-way merge, and where it leaves conflicts.

The ancestor is the commit's parent, so that what stands around a change in its own series counts as
known, and only what the two bases differ in can be in the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from elpython.prepare.git import Git

__all__ = ["Carried", "Hunk", "carry", "clear", "code_paths", "diff_of", "has_markers"]

# What upstream writes anew in each release, or what only tests and explains a change.
_BESIDE = ("Lib/test/", "Misc/", "Doc/")
_MARK = re.compile(r"^(?:<{7} |\|{7} |={7}$|>{7} )", re.MULTILINE)
_AROUND = re.compile(r"^<{7} .*?^>{7} [^\n]*$", re.MULTILINE | re.DOTALL)
_DEFINES = re.compile(
    r"^(?:[ \t]*(?:async +)?(?:def|class) +(?P<python>\w+)|(?P<c>[A-Za-z_]\w*)\()", re.MULTILINE
)
_LINES = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Hunk:
    """One place where a change and the new base have both altered the same lines.

    Attributes:
        file: path in the tree.
        inside: the function or class that it lies in; empty where none is before it.
        text: the lines with git's conflict markers, at most 60.
    """

    file: str
    inside: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """What a merge gave.

    Attributes:
        diff: what the commit still alters in the tree; with conflicts: nothing.
        clean: whether nothing is left for a hand.
        hunks: the conflicts; none for a clean merge.
        files: path -> content with markers, of each file with a conflict.
    """

    diff: bytes
    clean: bool = True
    hunks: tuple[Hunk, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)


def has_markers(text: bytes) -> bool:
    """Return whether a file has git's conflict markers."""
    return _MARK.search(text.decode("utf-8", "replace")) is not None


def clear(git: Git) -> None:
    """Put a working tree back to its last commit, untracked files included."""
    git("cherry-pick", "--quit", check=False)
    git("reset", "-q", "--hard")
    git("clean", "-qfdx")


def code_paths(paths: Sequence[str]) -> list[str]:
    """Return the paths that are neither tests nor texts; all of them if there are no others."""
    code = [path for path in paths if not path.startswith(_BESIDE)]
    return code or list(paths)


def diff_of(git: Git, commit: str, *, code: bool = False) -> bytes:
    """Return what a commit alters, as a patch that `git apply` takes.

    Args:
        git: the repository.
        commit: the commit.
        code: whether to leave out tests and texts, unless there is nothing else.
    """
    words = ["diff-tree", "-r", "--no-commit-id", "--no-renames"]
    names = git(*words, "--name-only", "-z", commit).split("\0")
    paths = [name for name in names if name]
    wanted = code_paths(paths) if code else paths
    if not wanted:
        return b""
    text = git(*words, "-p", "--binary", "--full-index", commit, "--", *wanted)
    return text.encode("utf-8", "surrogateescape")


def carry(
    git: Git, commit: str, settle: Callable[[Mapping[str, bytes]], bool] | None = None
) -> Carried:
    """Merge a commit into the working tree, which is left as it was.

    Args:
        git: the working tree, clean; its repository has the commit and its parent.
        commit: the commit.
        settle: called with the files that have conflicts, which may be none; writes them as they
            shall be, and says whether nothing is left for a hand.
    """
    words = ["-c", "merge.conflictStyle=diff3", "-c", "core.hooksPath=/dev/null"]
    try:
        git(*words, "cherry-pick", "--no-commit", commit, check=False)
        listed = git("diff", "--name-only", "--diff-filter=U", "-z").split("\0")
        unmerged = [name for name in listed if name]
        files = {name: _content(git.folder / name) for name in unmerged}
        if not (settle(files) if settle else not unmerged):
            hunks = tuple(hunk for name, data in files.items() for hunk in _hunks(name, data))
            return Carried(diff=b"", clean=False, hunks=hunks, files=files)
        git("add", "--all", "--force")
        text = git("diff", "--cached", "--no-renames", "--binary", "--full-index")
        return Carried(diff=text.encode("utf-8", "surrogateescape"))
    finally:
        clear(git)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _hunks(file: str, data: bytes) -> list[Hunk]:
    text = data.decode("utf-8", "replace")
    found = []
    for match in _AROUND.finditer(text):
        before = list(_DEFINES.finditer(text, 0, match.start()))
        inside = (before[-1]["python"] or before[-1]["c"]) if before else ""
        lines = match[0].splitlines()
        found.append(Hunk(file=file, inside=inside, text="\n".join(lines[:_LINES])))
    # Added or deleted on one side only: there are no lines to mark.
    return found or [Hunk(file=file, inside="", text="one side has deleted or renamed the file")]
