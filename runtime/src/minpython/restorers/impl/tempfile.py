"""An attribute of ``tempfile.SpooledTemporaryFile``, from Python 2's ``print``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _softspace(self: Any) -> Any:
    """The file's own ``softspace``, which no file has since Python 3."""
    return self._file.softspace


SOFTSPACE = property(_softspace)
