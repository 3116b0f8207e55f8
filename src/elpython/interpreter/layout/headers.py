"""A folder of installed headers, resolved so that nothing of the host's own Python gets in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Headers", "LayoutError", "find_headers", "header_folders"]

_WRAPPED = re.compile(r"^\s*#\s*include\s+<([^>]+/pyconfig\.h)>", re.MULTILINE)
_VERSION = re.compile(r'^\s*#\s*define\s+PY_VERSION\s+"([^"]+)"', re.MULTILINE)


class LayoutError(ElpythonError):
    """Headers that cannot be found, read or compiled."""

    exit_code = 28


@dataclass(frozen=True, kw_only=True, slots=True)
class Headers:
    """Where the public headers of one Python are.

    Attributes:
        folder: the folder that holds `Python.h`.
        include: the folders for the compiler, in order.
        roots: folders that may hold a header of this Python; one from elsewhere is an error.
        version: `PY_VERSION` of `patchlevel.h`, `3.14.0b1`.
    """

    folder: Path
    include: tuple[Path, ...]
    roots: tuple[Path, ...]
    version: str

    @property
    def public(self) -> list[Path]:
        """The public headers: the folder's own and those of `cpython/`."""
        return sorted([*self.folder.glob("*.h"), *self.folder.glob("cpython/*.h")])


def header_folders(place: Path) -> list[Path]:
    """Return the folders with a `Python.h` that belong to a place.

    Args:
        place: an include folder, a source or build tree, a prefix, or an unpacked package.
    """
    if (place / "Python.h").is_file():
        return [place]
    if (place / "Include" / "Python.h").is_file():
        return [place / "Include"]
    found = []
    for inside in ("include", "usr/include", "usr/local/include"):
        found += [path.parent for path in sorted((place / inside).glob("python[23].*/Python.h"))]
    return found


def find_headers(place: Path, *, series: str = "", pyconfig: Path | None = None) -> Headers:
    """Resolve the headers of a place.

    Args:
        place: an include folder, a source or build tree, a prefix, or the root of an unpacked
            package (`libpython3.14-dev`).
        series: `3.14`, where the place holds several.
        pyconfig: the folder of `pyconfig.h`, where it is not next to `Python.h` (an out-of-tree
            build).

    Raises:
        LayoutError: no headers, several, no `pyconfig.h`, or a wrapper whose target is elsewhere.
    """
    folders = header_folders(place)
    if series:
        folders = [path for path in folders if _series_of(_version(path)) == series]
    if not folders:
        what = f"holds no Python.h of {series}" if series else "holds no Python.h"
        raise LayoutError(
            what,
            where=str(place),
            todo="name an include folder, a prefix, a configured tree or an unpacked -dev package",
        )
    if len(folders) > 1:
        names = ", ".join(path.name for path in folders)
        raise LayoutError(f"holds headers of several Pythons: {names}", where=str(place),
                          todo="name the folder of one, or its series")  # fmt: skip
    folder = folders[0].resolve()
    config = _pyconfig(folder, pyconfig)
    include = [folder] if config == folder else [folder, config]
    roots = list(include)
    target = _wrapped(config, folder)
    if target is not None:
        include.append(target[0])
        roots.append(target[1])
    return Headers(
        folder=folder, include=tuple(include), roots=tuple(roots), version=_version(folder)
    )


def _version(folder: Path) -> str:
    path = folder / "patchlevel.h"
    found = _VERSION.search(path.read_text("utf-8", "replace")) if path.is_file() else None
    return found[1] if found else ""


def _series_of(version: str) -> str:
    return ".".join(re.findall(r"\d+", version)[:2])


def _pyconfig(folder: Path, named: Path | None) -> Path:
    choices = [named] if named else [folder, folder.parent]
    for choice in choices:
        if (choice / "pyconfig.h").is_file():
            return choice.resolve()
    raise LayoutError(
        "there is no pyconfig.h",
        where=str(choices[0]),
        todo="headers of an unconfigured source tree say no sizes: name an installed or built one",
    )


def _wrapped(config: Path, folder: Path) -> tuple[Path, Path] | None:
    """Return the folder to include from and the real folder of a multi-architecture pyconfig.h."""
    names = _WRAPPED.findall((config / "pyconfig.h").read_text("utf-8", "replace"))
    if not names:
        return None
    base = folder.parent
    for name in names:
        if (base / name).is_file():
            return base, (base / name).parent.resolve()
    raise LayoutError(
        "pyconfig.h only points to those of architectures, and none of them is here",
        where=str(config / "pyconfig.h"),
        todo=f"unpack the package that holds {names[0]} into the same root",
    )
