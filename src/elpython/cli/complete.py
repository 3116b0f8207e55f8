"""What a shell completes behind a command: the names of branches, and of their changes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError

if TYPE_CHECKING:
    from pathlib import Path

    import click

__all__ = ["complete_branch", "complete_change"]


def _folder() -> Path | None:
    from elpython.define.folder import branches_folder

    with contextlib.suppress(ElpythonError, OSError):
        return branches_folder()
    return None


def complete_branch(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Return the branches whose name begins so; none where there is no branches folder.

    Reads names of folders alone: a branch that does not load can be completed, then told.
    """
    del context, parameter
    folder = _folder()
    if folder is None:
        return []
    names = [path.parent.name for path in folder.glob("*/branch.toml")]
    return sorted(name for name in names if name.startswith(begun))


def complete_change(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Return the changes of the branch named before, whose name begins so."""
    del parameter
    folder, branch = _folder(), context.params.get("branch")
    if folder is None or not isinstance(branch, str) or not branch.replace(".", "").isalnum():
        return []
    names = [path.stem for path in (folder / branch / "changes").glob("*.toml")]
    return sorted(name for name in names if name.startswith(begun))
