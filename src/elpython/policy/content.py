"""The lines that changes add to the tree: of our own patch files, or of prepared trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.process import run
from elpython.define.code import CommitCode, PatchCode
from elpython.prepare.patches import unquoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.prepare.tree import Tree

__all__ = ["added_lines", "lines_of_patches", "lines_of_tree"]

Lines = "tuple[tuple[str, str], ...]"


def added_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield path and content of each line that a unified diff adds (paths as with `patch -p1`)."""
    path, left = "", 0
    # Not `splitlines`: a form feed within a line would count as another line of the hunk.
    for line in text.split("\n"):
        if left > 0:
            if line.startswith("+"):
                yield path, line[1:]
            left -= line[:1] in {"+", " ", ""}
        elif line.startswith("+++ "):
            # As `patch -p1` reads it: whatever the first folder is called.
            path = unquoted(
                line[4:].partition("\t")[0].encode("utf-8", "surrogateescape")
            ).partition("/")[2]
        elif line.startswith("@@ "):
            span = line.split(" ")[2].removeprefix("+")
            count = span.partition(",")[2]
            left = int(count) if count else 1


def _patches(change: Change) -> tuple[str, ...]:
    code = change.code
    if isinstance(code, CommitCode):
        return ()
    patch = code if isinstance(code, PatchCode) else code.patch
    return tuple(dict.fromkeys(patch.files.values()))


def lines_of_patches(branches: Iterable[Branch]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what the patch files that stand in the changes' folders add.

    Returns:
        Folder of a change, `3.11/x` or `core/x` -> path in the tree and line.
    """
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for branch in branches:
        for change in branch.series:
            folder = f"{'core' if change.core else branch.name}/{change.id}"
            if folder not in found:
                texts = [
                    (change.folder / name).read_text("utf-8", "replace")
                    for name in _patches(change)
                ]
                found[folder] = tuple(line for text in texts for line in added_lines(text))
    return found


def lines_of_tree(branch: Branch, tree: Tree) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what each change's commit adds in a prepared tree, wherever its code comes from.

    Args:
        branch: the branch.
        tree: its prepared tree.
    """
    core = {change.id for change in branch.series if change.core}
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for commit in tree.commits:
        diff = run(
            ["git", "-C", tree.folder, "show", "--format=", "-U0", "--no-renames", commit.commit],
            errors="replace",
        ).stdout
        place = "core" if commit.change in core else branch.name
        found[f"{place}/{commit.change}"] = tuple(added_lines(diff))
    return found
