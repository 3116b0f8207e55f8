"""Which modules the standard library has, told by its files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elpython.contract.subject import Subject

__all__ = ["modules", "same_source", "source_of"]

# Folders that are no public API.
_FOLDERS = {
    "test", "tests", "idlelib", "turtledemo", "idle_test", "site-packages", "dist-packages",
    "__pycache__", "_bundled", "_pyrepl", "lib-dynload", "pydoc_data", "__phello__", "msilib",
    "fixes",
}  # fmt: skip
# Modules that open windows, print, start over, or belong to one site.
_MODULES = {
    "antigravity", "this", "__hello__", "idlelib", "sitecustomize", "usercustomize",
    "apport_python_hook", "xxsubtype", "__phello__", "xxlimited", "xxlimited_35",
}  # fmt: skip


def modules(subject: Subject, *, private: bool = False) -> list[str]:
    """Return the names of all importable modules of the standard library, sorted.

    Args:
        subject: the interpreter.
        private: also those whose name begins with an underscore.
    """
    if subject.recorded is not None:
        every: list[str] = subject.recall("modules")
        return [name for name in every if private or (not name.startswith("_") and "._" not in name)
                or name == "__future__"]  # fmt: skip
    names = set(_python(subject.stdlib, ""))
    names |= set(subject.facts["builtin_modules"])
    dynload = subject.stdlib / "lib-dynload"
    if dynload.is_dir():
        names |= {file.name.split(".")[0] for file in dynload.glob("*.so")}
    return sorted(
        name
        for name in names - _MODULES
        if name == "__future__"
        or not any(_is_private(part, private=private) for part in name.split("."))
    )


def _is_private(part: str, *, private: bool) -> bool:
    if part.startswith(("__", "_sysconfigdata", "_test")):
        return True
    return part.startswith("_") and not private


def _python(folder: Path, package: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            stem = entry.name.removesuffix(".py")
            if entry.is_dir():
                inside = entry.name not in _FOLDERS and entry.name.isidentifier()
                if inside and os.path.isfile(f"{entry.path}/__init__.py"):  # noqa: PTH113
                    yield package + entry.name
                    yield from _python(folder / entry.name, f"{package}{entry.name}.")
            elif stem != entry.name and stem.isidentifier() and not stem.startswith("__"):
                yield package + stem
    if not package:
        yield "__future__"


def source_of(subject: Subject, module: str) -> Path | None:
    """Return a module's source in the standard library; None for one without."""
    path = subject.stdlib.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def same_source(one: Path, other: Path) -> bool:
    """Return whether two files are one, or hold the same."""
    return os.path.samefile(one, other) or one.read_bytes() == other.read_bytes()  # noqa: PTH121
