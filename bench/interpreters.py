"""The interpreters that measurements run on."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["pyenv_interpreters"]


def pyenv_interpreters() -> dict[tuple[int, int], Path]:
    """Return the CPythons that pyenv keeps, series -> the newest executable, oldest first."""
    roots = [os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")]
    found: dict[tuple[int, int, int], Path] = {}
    for root in filter(None, roots):
        for python in Path(root).glob("versions/3.*/bin/python"):
            numbers = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", python.parts[-3])
            if numbers:
                found[int(numbers[1]), int(numbers[2]), int(numbers[3])] = python
    newest = {key[:2]: python for key, python in sorted(found.items())}
    return {(major, minor): python for (major, minor), python in sorted(newest.items())}
