"""An archive or an unpacked folder on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import SourceUnavailableError

if TYPE_CHECKING:
    from elpython.upstream.source import Source

__all__ = ["fetch"]


def fetch(source: Source, folder: Path) -> Path:
    """Copy a local archive into a folder.

    Raises:
        SourceUnavailableError: there is no such file.
    """
    path = Path(source.file).expanduser()
    if not path.is_file():
        raise SourceUnavailableError("there is no such file", where=str(path))
    return Path(shutil.copyfile(path, folder / path.name))
