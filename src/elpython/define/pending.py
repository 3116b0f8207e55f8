"""Pending branches: written, but not opened, because no source of their base could be prepared.

Such a branch has a `pending.toml` where an open one has its `branch.toml`. Nothing prepares, builds
or releases it: `load_branch` does not know it. `elpython branch lock` opens it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.toml import Reader, read_toml
from elpython.define.branch import (
    PENDING,
    branch_names,
    pending_names,
    read_branch,
    read_core,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.upstream import Source

__all__ = ["Pending", "load_pending"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A branch that is written but not opened.

    Attributes:
        branch: its definition; a place of its base that nobody has pinned has an empty digest.
        because: why it is not open.
        tried: what its core changes were tried on.
        unseen: files of the tree that its core changes alter, and that nobody has seen.
        left_out: core change -> why the branch does not have it yet.
    """

    branch: Branch
    because: str
    tried: str
    unseen: tuple[str, ...]
    left_out: Mapping[str, str]

    @property
    def pinned(self) -> tuple[Source, ...]:
        """The places of its base whose digest is known."""
        return tuple(source for source in self.branch.sources if source.sha256)

    @property
    def standing(self) -> str:
        """What is missing, and where it can be had, in one line."""
        digest = "base pinned, never prepared" if self.pinned else "base not yet pinned"
        return (
            f"{digest}: run elpython branch lock {self.branch.name} on a machine that reaches "
            f"{' or '.join(_place(source) for source in self.branch.sources)}"
        )


def _place(source: Source) -> str:
    return {"python-org": "python.org", "debian": f"Debian's {source.suite}"}.get(
        source.provider, source.provider
    )


def load_pending(folder: Path) -> tuple[list[Pending], list[str]]:
    """Read every pending branch; give those that can be read, and all problems of their files."""
    problems: list[str] = []
    core = read_core(folder, [])
    found = []
    for name in pending_names(folder):
        file = f"branches/{name}/{PENDING}"
        before = len(problems)
        table = read_toml(folder / name / PENDING, problems, name=file)
        if len(problems) > before:
            continue
        reader = Reader(table, problems, file=file)
        about = reader.table("pending", need=True)
        item = Pending(
            because=about.text("because"),
            tried=about.text("tried-on"),
            unseen=about.words("unseen"),
            left_out=about.mapping("left-out"),
            branch=read_branch(reader, folder / name, core, pinned=False),
        )
        about.done()
        _check(item, about, core.changes, reader)
        found.append(item)
    problems += [
        f"branches/{name}/{PENDING}: the branch is open: it has a branch.toml"
        for name in branch_names(folder)
        if (folder / name / PENDING).is_file()
    ]
    return found, problems


def _check(item: Pending, about: Reader, core: Mapping[str, object], reader: Reader) -> None:
    """Hold the series against what may stand in one that nobody has prepared."""
    for index, change in enumerate(item.branch.series):
        if not change.core:
            reader.problem(f"series[{index}]", f"{change.id!r} is no core change")
    series = {change.id for change in item.branch.series}
    for name in item.left_out:
        if name not in core:
            about.problem(f"left-out.{name}", "there is no such core change")
        elif name in series:
            about.problem(f"left-out.{name}", "is in the series")
