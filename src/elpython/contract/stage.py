"""Copies of an installed interpreter that can be run, replaced and changed at will."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.places import manuals, programs
from elpython.core.elf import read_elf, set_run_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.contract.subject import Subject

__all__ = ["copy_interpreter", "staged_python"]

_LEFT_OUT = ("site-packages", "dist-packages", "*.a", "*.o", "test", "tests", "idle_test")


def staged_python(folder: Path, tag: str) -> Path:
    """Return the executable of a copy."""
    return folder / "bin" / f"python{tag}"


def copy_interpreter(subject: Subject, folder: Path, *, tests: bool = False) -> Path:
    """Copy executable, libpython, standard library and headers to a prefix of its own.

    CPython finds its library beside its executable, so a copy works wherever it lies; a libpython
    that is found by an absolute run path is found by a relative one afterwards.

    Args:
        subject: what to copy; its own files are only read.
        folder: the new prefix; must not be there yet.
        tests: also copy the test suite.

    Returns:
        The copy's executable.
    """
    python = staged_python(folder, subject.tag)
    python.parent.mkdir(parents=True)
    shutil.copy2(subject.python.resolve(), python)
    _copy_programs(subject, python)
    _ignored = _LEFT_OUT[:4] if tests else _LEFT_OUT
    stdlib = folder / "lib" / f"python{subject.tag}"
    shutil.copytree(subject.stdlib, stdlib, symlinks=False, ignore=_ignore(_ignored))
    (stdlib / "site-packages").mkdir(exist_ok=True)
    include = subject.include
    if include is not None:
        shutil.copytree(include, folder / "include" / include.name)
    pkgconfig = subject.library.parent / "pkgconfig"
    if pkgconfig.is_dir() and pkgconfig.is_relative_to(subject.prefix):
        shutil.copytree(pkgconfig, folder / "lib" / "pkgconfig", dirs_exist_ok=True)
    for page in manuals(subject.prefix, subject.tag).values():
        target = folder / "share" / "man" / "man1" / page.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(page, target, follow_symlinks=False)
    if subject.facts["shared_library"]:
        _copy_library(subject, folder, python)
    return python


def _copy_programs(subject: Subject, python: Path) -> None:
    """Copy the programs beside the executable, links as links."""
    for name, path in programs(subject.python, subject.tag).items():
        target = python.parent / name
        if path.is_symlink():
            target.unlink(missing_ok=True)
            target.symlink_to(path.readlink().name)
        elif not target.exists() and path.exists():
            shutil.copy2(path, target)
    link = python.parent / "python3"
    if not link.is_symlink():
        link.symlink_to(python.name)


def _copy_library(subject: Subject, folder: Path, python: Path) -> None:
    source = subject.library
    wanted = source.name
    shutil.copy2(source, folder / "lib" / wanted)
    for link in source.parent.glob("libpython3*.so*"):
        if link.is_symlink() and link.resolve() == source:
            (folder / "lib" / link.name).symlink_to(wanted)
        elif link.name == "libpython3.so":
            shutil.copy2(link, folder / "lib" / link.name)
    for file in (python, folder / "lib" / "libpython3.so"):
        if file.is_file() and read_elf(file) is not None:
            set_run_path(file, "$ORIGIN/../lib")


def _ignore(patterns: tuple[str, ...]) -> Callable[[str, list[str]], set[str]]:
    chosen = shutil.ignore_patterns(*patterns)

    def ignore(folder: str, names: list[str]) -> set[str]:
        # A link that leads nowhere (Debian's sitecustomize without its package) cannot be copied.
        return set(chosen(folder, names)) | {name for name in names if _is_dangling(folder, name)}

    return ignore


def _is_dangling(folder: str, name: str) -> bool:
    path = Path(folder) / name
    return path.is_symlink() and not path.exists()
