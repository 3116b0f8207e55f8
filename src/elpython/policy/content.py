"""The lines that changes add and take out: of our own patch files, or of prepared trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.process import run
from elpython.define.code import CommitCode, PatchCode
from elpython.policy.model import Lines
from elpython.prepare.patches import unquoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.prepare.tree import Tree

__all__ = ["added_lines", "changed_lines", "lines_of_patches", "lines_of_tree"]


def added_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield path and content of each line that a unified diff adds (paths as with `patch -p1`)."""
    yield from ((path, line) for sign, path, line in changed_lines(text) if sign == "+")


def changed_lines(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield sign, path and content of each line that a unified diff adds or removes."""
    path, before, left, gone = "", "", 0, 0
    # Not `splitlines`: a form feed within a line would count as another line of the hunk.
    for line in text.split("\n"):
        if left > 0 or gone > 0:
            if line[:1] in {"+", "-"}:
                yield line[0], path if line[0] == "+" else before, line[1:]
            left -= line[:1] in {"+", " ", ""}
            gone -= line[:1] in {"-", " ", ""}
        elif line.startswith("--- "):
            before = _path(line)
        elif line.startswith("+++ "):
            path = _path(line)
        elif line.startswith("@@ "):
            old, new = line.split(" ")[1:3]
            gone, left = _count(old), _count(new)


def _path(line: str) -> str:
    """Return the path of a `---` or `+++` line as `patch -p1` reads it: no first folder."""
    name = line[4:].partition("\t")[0].encode("utf-8", "surrogateescape")
    return unquoted(name).partition("/")[2]


def _count(span: str) -> int:
    count = span.partition(",")[2]
    return int(count) if count else 1


def _patches(change: Change) -> tuple[str, ...]:
    code = change.code
    if isinstance(code, CommitCode):
        return ()
    patch = code if isinstance(code, PatchCode) else code.patch
    return tuple(dict.fromkeys(patch.files.values()))


def _lines(diffs: Iterable[str]) -> Lines:
    rows = [row for text in diffs for row in changed_lines(text)]
    return Lines(
        added=tuple((path, line) for sign, path, line in rows if sign == "+"),
        removed=tuple((path, line) for sign, path, line in rows if sign == "-"),
    )


def lines_of_patches(branches: Iterable[Branch]) -> dict[str, Lines]:
    """Return what the patch files that stand in the changes' folders do.

    Returns:
        Folder of a change, `3.11/x` or `core/x` -> its lines.
    """
    found: dict[str, Lines] = {}
    for branch in branches:
        for change in branch.series:
            folder = f"{'core' if change.core else branch.name}/{change.id}"
            if folder not in found:
                texts = [
                    (change.folder / name).read_text("utf-8", "replace")
                    for name in _patches(change)
                ]
                found[folder] = _lines(texts)
    return found


def lines_of_tree(branch: Branch, tree: Tree) -> dict[str, Lines]:
    """Return what each change's commit does in a prepared tree, wherever its code comes from.

    Args:
        branch: the branch.
        tree: its prepared tree.
    """
    core = {change.id for change in branch.series if change.core}
    found: dict[str, Lines] = {}
    for commit in tree.commits:
        diff = run(
            ["git", "-C", tree.folder, "show", "--format=", "-U0", "--no-renames", commit.commit],
            errors="replace",
        ).stdout
        place = "core" if commit.change in core else branch.name
        found[f"{place}/{commit.change}"] = _lines([diff])
    return found
