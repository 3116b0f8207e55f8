"""Packages in a repository: a version is published once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from elpython.core.errors import UsageError
from elpython.core.store import file_digest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["take"]


def take(package: Path, folder: Path) -> Path:
    """Copy a package into a repository's folder; return where it is.

    Raises:
        UsageError: another package of that name and version is there, and users may have it.
    """
    target = folder / package.name
    if not target.exists():
        shutil.copyfile(package, target)
    elif file_digest(target) != file_digest(package):
        raise UsageError(
            "is published already, with other content",
            where=str(target),
            todo="a version is published once: raise the release, or take another repository",
        )
    return target
