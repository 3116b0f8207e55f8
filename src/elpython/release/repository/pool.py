"""Packages in a repository: a version is published once, and nothing else is signed with it.

A repository lies on a web server. Who can write there could lay a package next to ours, and have it
signed by the next release: what is there already must be what the last signature vouches for.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from elpython.core.errors import UsageError
from elpython.core.store import file_digest
from elpython.release.errors import TamperedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["refuse_strangers", "take"]


def refuse_strangers(
    there: Iterable[Path], root: Path, allowed: Mapping[str, str], new: Iterable[Path] = ()
) -> None:
    """Refuse packages in a repository that nobody has published.

    Args:
        there: the packages that lie there.
        root: the repository's folder.
        allowed: name below it -> sha256, of what the last signature vouches for.
        new: packages that are about to be added: one of their name is compared when it is taken.

    Raises:
        TamperedError: one is not known, is another one, or is no file; all are listed.
    """
    named = {path.name for path in new}
    problems = []
    for path in sorted(there):
        name = path.relative_to(root).as_posix()
        if path.is_symlink() or not path.is_file():
            problems.append(f"{name}: is no plain file")
        elif name in allowed:
            if file_digest(path) != allowed[name]:
                problems.append(f"{name}: is another one than was published")
        elif path.name not in named:
            problems.append(f"{name}: was never published")
    if problems:
        raise TamperedError(
            f"holds {len(problems)} package(s) that would be signed with yours",
            where=str(root),
            details=tuple(problems[:20]),
            todo="find out who laid them there, and take them out",
        )


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
