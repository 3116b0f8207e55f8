"""What of a change gives way to the new base without a hand: nothing that a program runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.process import run
from elpython.prepare.regenerate import outputs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from elpython.define.change import Change
    from elpython.prepare.git import Git

__all__ = ["base_kept", "giving_way", "keep_own"]

# Upstream's tools and texts: no part of what is built, and the newer ones fit the newer base.
_TEXTS = ("Doc/", "Misc/", "Tools/")
# The generator that makes part of the tree is code.
_CODE = ("Tools/build/", "Tools/peg_generator/", "Tools/scripts/")


def giving_way(change: Change, tree: Path) -> Callable[[str], bool]:
    """Return what says of a file whether the base's own may stay as it is.

    Args:
        change: the change; what its generators write is made again when its code is in.
        tree: the new base's tree.
    """
    made = set(outputs_of(change.regenerate, tree))

    def yields(path: str) -> bool:
        return path in made or (path.startswith(_TEXTS) and not path.startswith(_CODE))

    return yields


def base_kept(git: Git, conflicts: Collection[str], yields: Callable[[str], bool]) -> bool:
    """Write the base's own over all files that have conflicts, if all of them give way.

    Args:
        git: the working tree, into which the rest of the change has been merged.
        conflicts: the files that have conflicts.
        yields: says of a file whether it gives way.

    Returns:
        Whether no conflict is left.
    """
    if not conflicts or not all(map(yields, conflicts)):
        return False
    keep_own(git, conflicts)
    return True


def keep_own(git: Git, names: Collection[str]) -> None:
    """Put files of a working tree back to what its last commit has; remove what that has not."""
    for name in names:
        there = run(["git", "-C", git.folder, "cat-file", "-e", f"HEAD:{name}"], check=False)
        if there.returncode == 0:
            git("checkout", "-q", "HEAD", "--", name)
        else:
            git("rm", "-q", "-f", "--ignore-unmatch", "--", name)
