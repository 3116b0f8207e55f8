"""Prefixes that tests are made of: small folders of plain files, and small real interpreters."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from elpython.install.layout import entries

if TYPE_CHECKING:
    from pathlib import Path

STOCK = {
    "bin/python3.11": "stock",
    "lib/python3.11/os.py": "stock os",
    "lib/python3.11/old.py": "only stock",
    "lib/python3.11/__pycache__/os.cpython-311.pyc": "stock os compiled",
    "lib/python3.11/config-3.11-x/Makefile": "prefix=\t\t/somewhere/stock\n",
}
COMES = {
    "bin/python3.11": "el",
    "bin/pip3": "the new pip",
    "lib/python3.11/os.py": "el os",
    "lib/python3.11/new/__init__.py": "only el",
    "lib/python3.11/__pycache__/os.cpython-311.pyc": "el os compiled",
    "lib/python3.11/site-packages/pip/__init__.py": "the new pip",
    "lib/python3.11/site-packages/pip-1.dist-info/RECORD": "../../../bin/pip3,,\n",
    "lib/python3.11/config-3.11-x/Makefile": "prefix=\t\t/built/el\nLIBDIR=/built/el/lib\n",
}
USERS = {
    "bin/pip3": "my pip",
    "bin/tool": "my tool",
    "etc/tool.cfg": "mine",
    "lib/python3.11/sitecustomize.py": "mine",
    "lib/python3.11/site-packages/pkg/__init__.py": "mine",
    "lib/python3.11/site-packages/pkg/__pycache__/__init__.cpython-311.pyc": "mine",
}


def lay(folder: Path, *tables: dict[str, str]) -> Path:
    for table in tables:
        for path, text in table.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return folder


def told(folder: Path) -> dict[str, str]:
    """Every file below a folder with its content, a link with where it leads."""
    return {
        entry.path: str((folder / entry.path).readlink())
        if (folder / entry.path).is_symlink()
        else (folder / entry.path).read_text("utf-8", "replace")
        for entry in entries(folder)
        if not entry.is_folder
    }


_LEFT_OUT = shutil.ignore_patterns(
    "test", "tests", "idlelib", "lib2to3", "tkinter", "turtledemo", "ensurepip", "*.a",
    "site-packages",
    "distutils", "unittest", "config-*", "*.opt-*.pyc", "pydoc_data",
)  # fmt: skip


def small_interpreter(root: Path, target: Path) -> Path:
    """Copy what an interpreter needs to start, so that replacing it takes a moment only."""
    shutil.copytree(root / "lib" / "python3.11", target / "lib" / "python3.11", ignore=_LEFT_OUT)
    (target / "bin").mkdir()
    shutil.copy2(root / "bin" / "python3.11", target / "bin" / "python3.11")
    (target / "lib" / "python3.11" / "site-packages").mkdir()
    return target
