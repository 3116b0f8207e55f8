"""The provider `files`: new files laid over the tree, some made out of the branch's own data."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.suggest import hint
from elpython.define.provided import features_table
from elpython.define.toggles import read_toggles, table_module

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elpython.core.toml import Reader
    from elpython.define.branch import Branch
    from elpython.define.change import PatchCode

__all__ = ["GENERATED", "FilesCode", "generated_text", "inside", "read_files"]

GENERATED = ("features", "toggles")


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesCode:
    """New files laid over the tree.

    Attributes:
        folders: folder (from the change's folder, or from the repository's root when it begins
            with `//`) -> place in the tree.
        patch: further patch files as in `PatchCode`, applied after the files are laid.
        leave_out: names that are not laid over (glob patterns).
        generated: place in the tree -> one of `GENERATED`: made out of the branch's own data.
    """

    folders: Mapping[str, str]
    patch: PatchCode
    leave_out: tuple[str, ...] = ()
    generated: Mapping[str, str] = field(default_factory=dict)


def inside(path: str) -> str | None:
    """Give what is wrong with a path in a tree; None when it stays inside."""
    parts = Path(path).parts
    if Path(path).is_absolute() or ".." in parts or "\\" in path or ".git" in parts:
        return f"{path!r} leaves the tree"
    return None


def read_files(reader: Reader, folder: Path, patch: PatchCode) -> FilesCode:
    """Read `[source]` of a change with this provider.

    Args:
        reader: the table.
        folder: the change's folder.
        patch: the patch files of the same table.
    """
    folders = reader.mapping("folders")
    generated = reader.mapping("generated")
    root = folder.parents[2]
    for source in folders:
        found = root / source[2:] if source.startswith("//") else folder / source
        if inside(source.removeprefix("//")) or not found.exists():
            reader.problem(f"folders.{source}", "there is no such folder or file")
    for place, what in generated.items():
        if what not in GENERATED:
            reader.problem(f"generated.{place}", f"{what!r} is not known; {hint(what, GENERATED)}")
    places = {f"folders.{source}": place for source, place in folders.items()}
    for key, place in (places | {f"generated.{place}": place for place in generated}).items():
        if problem := inside(place):
            reader.problem(key, problem)
    if not places and not generated:
        reader.problem("folders", "is missing (folder -> place in the tree)")
    return FilesCode(
        folders=folders, patch=patch, leave_out=reader.words("leave-out"), generated=generated
    )


def generated_text(what: str, folder: Path, branches: Sequence[str], branch: Branch) -> bytes:
    """Give the content of a file.

    Args:
        what: one of `GENERATED`.
        folder: the `branches` folder.
        branches: names of the branches in it.
        branch: the branch that is prepared.

    Raises:
        BadBranchError: the table of toggles has problems.
    """
    if what == "toggles":
        return table_module(read_toggles(folder, branches), branch.name).encode()
    table = features_table(branch) | {"provisional-warning": branch.provisional_warning}
    return (json.dumps(table, indent=1, ensure_ascii=False) + "\n").encode()
