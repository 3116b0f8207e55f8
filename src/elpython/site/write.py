"""Writing a site into a folder: whole pages only, and nothing of anybody else's touched."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from elpython.core.store import write_atomic
from elpython.core.strict_json import load_json
from elpython.site.errors import NotASiteError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["MARKER", "write"]

MARKER = ".elpython-site.json"


def write(folder: Path, pages: Mapping[str, bytes]) -> list[str]:
    """Write pages; give those that changed.

    The marker in the folder lists what is ours. It names old and new files before the first page
    is written, so that an interrupted run leaves nothing that the next one does not know.

    Args:
        folder: an absent or empty folder, or one that this function wrote before.
        pages: path below the folder -> content.

    Raises:
        NotASiteError: the folder has other things in it.
    """
    old = _ours(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / MARKER, _listed({*old, *pages}))
    changed = []
    for name, content in sorted(pages.items()):
        path = folder / PurePosixPath(name)
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, content)
            changed.append(name)
    for name in sorted(old - set(pages)):
        (folder / PurePosixPath(name)).unlink(missing_ok=True)
        changed.append(name)
    write_atomic(folder / MARKER, _listed(set(pages)))
    return changed


def _ours(folder: Path) -> set[str]:
    """Return the files of an earlier site in a folder."""
    marker = folder / MARKER
    if marker.is_file():
        try:
            names = load_json(marker.read_text("utf-8"))["files"]
            return {str(name) for name in names if _inside(str(name))}
        except (ValueError, KeyError, TypeError) as error:
            raise NotASiteError(
                f"its list of pages cannot be read: {error}", str(marker), "remove the folder"
            ) from error
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotASiteError(
            "there are other things in it", str(folder), "name a new or an empty folder"
        )
    return set()


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _listed(names: set[str]) -> bytes:
    return (json.dumps({"files": sorted(names)}, indent=1) + "\n").encode("utf-8")
