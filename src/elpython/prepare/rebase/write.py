"""Write a branch on its newer base: beside the present folder, whole, for one rename at the end."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError, ChangeConflictError
from elpython.core.report import SILENT
from elpython.core.store import Store, disk_errors, remove_tree, write_atomic
from elpython.define.branch import branch_names, load_branch
from elpython.define.change import change_id
from elpython.define.code import FilesCode, IndexCode, PatchCode, ReleaseCode
from elpython.define.followups import NOT_NEEDED, TAKEN, read_followups, write_followups
from elpython.prepare.apply import own_code
from elpython.prepare.rebase import toml_text
from elpython.prepare.rebase.model import CONFLICTS, DROPPED, IN_BASE, RESOLUTIONS
from elpython.prepare.series import write_lock
from elpython.prepare.tree import Tree, TreeRequest, prepare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.prepare.rebase.model import Placed, Rebase, Sorting

__all__ = ["Staged", "stage"]

# What was measured against the old base says nothing about the new one.
_MEASURED = ("evidence.json", "touched.json", "speed.json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Staged:
    """A `branches` folder with the branch on its new base.

    Attributes:
        branches: the folder.
        branch: the branch, as it is there.
        tree: its prepared tree.
        stale: files beside the branch that were taken out, since they tell of the old base.
    """

    branches: Path
    branch: Branch
    tree: Tree
    stale: tuple[str, ...]


def stage(
    store: Store,
    request: Rebase,
    sorting: Sorting,
    target: Path,
    *,
    reporter: Reporter = SILENT,
) -> Staged:
    """Write all branches to a new folder, one of them on its new base, and prepare that.

    Args:
        store: keeps the prepared tree.
        request: what was to be moved where.
        sorting: what becomes of each change.
        target: where the `branches` folder goes; its parent must hold what changes lay into trees
            from the repository's root (`runtime`). What is there is removed.
        reporter: told how it goes on.

    Returns:
        What was written; `target` is whole. Nothing of it remains when this raises.

    Raises:
        ChangeConflictError: a change still needs a hand.
        BadBranchError: what was written is not a sound branch.
    """
    left = [item.change for item in sorting.of(CONFLICTS)]
    if left:
        raise ChangeConflictError(
            f"{len(left)} change(s) need a hand: {', '.join(left)}",
            where=f"branch {request.branch.name} on CPython {request.base}",
            todo="elpython branch rebase --resolved DIR writes the files, and takes them again",
        )
    try:
        with disk_errors(target):
            remove_tree(target)
            shutil.copytree(request.branches, target, symlinks=True)
        stale = _rewrite(request, sorting, target)
        branch = load_branch(target, request.branch.name)
        tree = prepare(store, TreeRequest(branches=target, branch=branch), reporter=reporter)
        write_lock(branch, tree)
    except BaseException:
        remove_tree(target)
        raise
    return Staged(branches=target, branch=branch, tree=tree, stale=tuple(stale))


def _rewrite(request: Rebase, sorting: Sorting, target: Path) -> list[str]:
    folder = target / request.branch.name
    toml = folder / "branch.toml"
    gone = [item.change for item in sorting.of(IN_BASE, DROPPED)]
    try:
        text = toml_text.without_changes(toml.read_text("utf-8"), gone)
    except ValueError as error:
        raise BadBranchError(str(error), where=f"branches/{folder.name}/branch.toml") from error
    _keep_old_base(request, target)
    write_atomic(toml, toml_text.with_base(text, request.base, request.sources).encode())
    for name in gone:
        _remove(target, folder, name)
    _remove_toggles(request.branch, gone, target / "toggles.toml")
    _renew_followups(request, gone, target)
    for item in sorting.placed:
        if item.patch is not None:
            _write_patch(request.branch.change(item.change), request.branch, item, target)
    stale = [name for name in _MEASURED if (folder / name).is_file()]
    for name in (*stale, "series.lock"):
        (folder / name).unlink(missing_ok=True)
    remove_tree(folder / RESOLUTIONS)
    return stale


def _remove_toggles(branch: Branch, gone: Sequence[str], path: Path) -> None:
    """Take the branch out of the toggles that none of its changes has any longer."""
    left = {name for item in branch.series if item.id not in gone for name in item.toggles}
    lost = {name for item in branch.series for name in item.toggles} - left
    if not lost or not path.is_file():
        return
    text = path.read_text("utf-8")
    for name in sorted(lost):
        text = toml_text.without_default(text, name, branch.name)
    write_atomic(path, text.encode())


def _renew_followups(request: Rebase, gone: Sequence[str], target: Path) -> None:
    """Forget follow-ups to what is gone; what a change that is gone had taken, the base has."""
    record = read_followups(target)
    kept = []
    for item in record.items:
        mine = item.branch == request.branch.name
        if mine and item.change in gone:
            continue
        if mine and item.state == TAKEN and item.reason in gone:
            reason = f"the base, CPython {request.base}, has it, for which {item.reason} has gone"
            kept.append(replace(item, state=NOT_NEEDED, reason=reason))
        else:
            kept.append(item)
    if tuple(kept) != record.items:
        write_followups(target, replace(record, items=tuple(kept)))


def _keep_old_base(request: Rebase, target: Path) -> None:
    """Tell where the old base is, if another change takes its code from there."""
    release = request.branch.base
    wanted = [
        change.id
        for name in branch_names(target)
        for change in load_branch(target, name).series
        if isinstance(change.code, ReleaseCode) and change.code.version == release
    ]
    others = [
        name
        for name in branch_names(target)
        if name != request.branch.name and load_branch(target, name).base == release
    ]
    if wanted and not others:
        path = target / "sources.toml"
        text = path.read_text("utf-8") if path.is_file() else ""
        new = toml_text.release_sources(text, release, request.branch.sources)
        write_atomic(path, new.encode())


def _remove(target: Path, folder: Path, change: str) -> None:
    """Remove a change's files, and its facts where no other branch has it."""
    for path in sorted((folder / "changes").iterdir() if (folder / "changes").is_dir() else []):
        if change_id(path.name) == change:
            remove_tree(path) if path.is_dir() else path.unlink()
    used = any((target / name / "changes" / f"{change}.toml").is_file()
               for name in branch_names(target))  # fmt: skip
    if not used:
        (target / "fixes" / f"{change}.toml").unlink(missing_ok=True)


def _write_patch(change: Change, branch: Branch, item: Placed, target: Path) -> None:
    """Write a change's patch for the new base, and name it in the change's file."""
    patch = item.patch or b""
    folder = target / change.folder.relative_to(branch.folder.parent)
    toml = folder / f"{change.id}.toml"
    text = toml.read_text("utf-8")
    code = change.code
    if change.core or isinstance(code, PatchCode | FilesCode | IndexCode):
        name = f"{change.id}@{branch.name}.patch" if change.core else ""
        name = name or own_code(change).file(branch.name) or f"{change.id}.patch"
        try:
            new = toml_text.series_patch(text, branch.name, name) if change.core else text
        except ValueError as error:
            raise BadBranchError(str(error), where=f"branches/core/{change.id}.toml") from error
    else:
        name = f"{change.id}.patch"
        new = toml_text.own_patch(text, name)
    write_atomic(folder / name, patch)
    write_atomic(toml, new.encode())
