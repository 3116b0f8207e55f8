"""A tree's changes as data: a quilt series, and the lock file beside a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.errors import UsageError
from elpython.core.store import disk_errors, write_atomic
from elpython.define.dep3 import dep3_header
from elpython.prepare.git import Git

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.prepare.tree import Tree

__all__ = ["export_series", "moved_changes", "parse_lock", "read_lock", "write_lock"]


def export_series(tree: Tree, branch: Branch, folder: Path) -> list[Path]:
    """Write a tree's changes as a quilt series: numbered patches with DEP-3 headers, and `series`.

    Args:
        tree: the prepared tree.
        branch: its branch.
        folder: a new or empty folder.

    Raises:
        UsageError: the folder holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("is not empty", where=str(folder), todo="name a new folder")
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        git = Git(tree.folder)
        words = ["--zero-commit", "--no-signature", "--minimal", "--no-renames", "--full-index"]
        git("format-patch", "-q", *words, "--binary", "-o", folder.absolute(), tree.base_commit)
        paths = sorted(folder.glob("*.patch"))
        for path, change in zip(paths, branch.series, strict=False):
            text = path.read_bytes()
            head, mark, body = text.partition(b"\n---\n")
            header = dep3_header(change).encode()
            path.write_bytes(head + b"\n\n" + header + mark + body if mark else text)
        (folder / "series").write_text("".join(f"{path.name}\n" for path in paths), "utf-8")
    return paths


def write_lock(branch: Branch, tree: Tree) -> Path:
    """Write the lock file beside a branch: base commit, then a patch id a change."""
    lines = [
        "# Made by `elpython branch lock`: the content of each change, as `git patch-id --stable`.",
        f"base {tree.base_commit}",
        *(f"{item.change} {item.patch_id or 'empty'}" for item in tree.commits),
    ]
    write_atomic(branch.lock, ("\n".join(lines) + "\n").encode())
    return branch.lock


def read_lock(branch: Branch) -> dict[str, str]:
    """Return the lock file's content: change (or `base`) -> patch id; empty when there is none."""
    return parse_lock(branch.lock.read_text("utf-8")) if branch.lock.is_file() else {}


def parse_lock(text: str) -> dict[str, str]:
    """Return the content of a lock file: change (or `base`) -> patch id."""
    lines = text.splitlines()
    pairs = [line.split() for line in lines if line and not line.startswith("#")]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def moved_changes(branch: Branch, tree: Tree) -> list[str]:
    """Return a line for each change whose content is not what the lock file says."""
    locked = read_lock(branch)
    file = f"branches/{branch.name}/{branch.lock.name}"
    if not locked:
        return [f"{file}: is missing; run elpython branch lock {branch.name}"]
    now = {"base": tree.base_commit} | {
        item.change: item.patch_id or "empty" for item in tree.commits
    }
    found = []
    for name in sorted(now.keys() | locked.keys()):
        if name not in locked:
            found.append(f"{file}: {name}: is not locked yet")
        elif name not in now:
            found.append(f"{file}: {name}: is locked but not in the series")
        elif now[name] != locked[name]:
            found.append(f"{file}: {name}: content moved: {locked[name][:12]} -> {now[name][:12]}")
    return found
