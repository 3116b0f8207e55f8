"""A distribution's packages as a side of the contract: downloaded, unpacked, never installed.

`deb:python3.11=3.11.2-6+deb12u8` takes every package of that source which makes the interpreter
what it is, from the mirrors that the machine's own apt is configured with (apt checks signatures).
`deb:FILE.deb,...` and `rpm:FILE.rpm,...` take files; a folder stands for all packages in it.
"""

from __future__ import annotations

import re
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.unpack import lay_out, members_of
from elpython.core.elf import read_elf
from elpython.core.errors import (
    BadArchiveError,
    ElpythonError,
    ProgramFailedError,
    SourceUnavailableError,
    UnknownNameError,
    UsageError,
)
from elpython.core.process import require, run
from elpython.core.report import SILENT
from elpython.core.store import file_digest, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elpython.core.report import Reporter
    from elpython.core.store import Store

__all__ = ["is_packages", "packaged"]

_KIND = "contract-packages"
# A product of another form than this has another key.
_FORM = 2
_NAMED = re.compile(r"(?:lib)?python(\d\.\d+)(?:-\w+)?")
# What one Debian source makes that belongs to the interpreter, its headers and its test suite.
_CLOSURE = (
    "libpython{0}-minimal", "python{0}-minimal", "libpython{0}-stdlib", "python{0}", "libpython{0}",
    "libpython{0}-dev", "python{0}-dev", "python{0}-venv", "python{0}-lib2to3",
    "python{0}-distutils", "libpython{0}-testsuite", "python{0}-dbg", "python{0}-dbgsym",
)  # fmt: skip
# Of packages for debugging only the debug information is taken, not their own interpreter.
_DEBUGGING = re.compile(r"-(dbg|dbgsym|debuginfo)[_-]")
_SECONDS = 600.0


def is_packages(text: str) -> bool:
    """Whether a word names packages."""
    return text.startswith(("deb:", "rpm:"))


def packaged(
    text: str,
    store: Store,
    reporter: Reporter = SILENT,
) -> Path:
    """Return the executable of an interpreter that was unpacked from packages.

    Args:
        text: `deb:NAME=VERSION`, `deb:NAME`, `deb:FILE,...` or `rpm:FILE,...`.
        store: keeps what was unpacked.
        reporter: told how it goes on.

    Raises:
        UsageError: the word names nothing.
        UnknownNameError: there is no such version; lists those that are there.
        SourceUnavailableError: it cannot be downloaded.
        BadArchiveError: a package cannot be read, leads out of its folder, or has no interpreter.
    """
    kind, _, rest = text.partition(":")
    if not rest:
        raise UsageError(f"{text!r} names no package", todo="write deb:NAME=VERSION or rpm:FILE")
    named = kind == "deb" and "/" not in rest and not rest.endswith(".deb")
    if named and _NAMED.fullmatch(rest.partition("=")[0]):
        return _from_apt(rest, store, reporter)
    files = _files(rest, f".{kind}")
    key = key_of([_FORM, [[file.name, file_digest(file)] for file in files]])

    def fill(folder: Path) -> None:
        _unpack(files, folder / "root", reporter)

    return _python(store.product(_KIND, key, fill) / "root", text)


def _files(text: str, suffix: str) -> list[Path]:
    found: list[Path] = []
    for word in text.split(","):
        place = Path(word).expanduser()
        if place.is_dir():
            found += sorted(place.glob(f"*{suffix}"))
        elif place.is_file():
            found.append(place)
        else:
            raise UsageError(
                "is no package file", where=word,
                todo="write deb:NAME=VERSION, or files: deb:FILE,... or rpm:FILE,...",
            )  # fmt: skip
    if not found:
        raise UsageError(f"holds no {suffix} file", where=text)
    return found


def _from_apt(text: str, store: Store, reporter: Reporter) -> Path:
    name, _, version = text.partition("=")
    match = _NAMED.fullmatch(name)
    tag = match.group(1) if match else ""
    there = _versions([item.format(tag) for item in _CLOSURE])
    known = there.get(f"python{tag}-minimal") or there.get(f"python{tag}") or []
    wanted = version or (known[0] if known else "")
    if not wanted or wanted not in known:
        listed = ", ".join(known) or "none"
        raise UnknownNameError(
            f"apt's lists have no python{tag} {version}".rstrip(), where=f"deb:{text}",
            todo=f"there are: {listed}; apt-get update reads the lists anew, deb:FILE,... takes"
                 " packages that you have",
        )  # fmt: skip
    words = [f"{item}={wanted}" for item, versions in there.items() if wanted in versions]
    architecture = run([require("dpkg"), "--print-architecture"], timeout=30).stdout.strip()
    key = key_of([_FORM, architecture, words])

    def fill(folder: Path) -> None:
        packages = folder / ".packages"
        packages.mkdir()
        reporter.progress(f"download {len(words)} packages", 0, len(words))
        _download(words, packages)
        _unpack(sorted(packages.glob("*.deb")), folder / "root", reporter)
        shutil.rmtree(packages)

    return _python(store.product(_KIND, key, fill) / "root", f"deb:{text}")


def _versions(names: list[str]) -> dict[str, list[str]]:
    """Return the versions that apt's lists have of each package, newest first."""
    text = run([require("apt-cache"), "madison", *names], check=False, timeout=60).stdout
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, _, rest = (part.strip() for part in line.partition("|"))
        version, _, source = (part.strip() for part in rest.partition("|"))
        if not source.endswith("Sources") and version not in found.setdefault(name, []):
            found[name].append(version)
    return found


def _download(words: list[str], folder: Path) -> None:
    try:
        # Apt refuses what no signed list names.
        run([require("apt-get"), "-o", "APT::Sandbox::User=", "download", *words],
            cwd=folder, timeout=_SECONDS)  # fmt: skip
    except ElpythonError as error:
        reason = next((line for line in error.details if line.startswith("E:")), error.what)
        raise SourceUnavailableError(
            f"cannot be downloaded: {reason}", where=" ".join(words[:3]),
            todo="run apt-get update: a point release may have replaced it",
        ) from error  # fmt: skip


def _unpack(files: Iterable[Path], root: Path, reporter: Reporter) -> None:
    every = list(files)
    root.mkdir()
    for at, file in enumerate(every):
        reporter.progress("unpack", at, len(every))
        try:
            below = "usr/lib/debug" if _DEBUGGING.search(file.name) else ""
            with members_of(file) as members:
                lay_out(members, root, below=below)
        except (ProgramFailedError, OSError, EOFError, ValueError, tarfile.TarError) as error:
            raise BadArchiveError(f"cannot be unpacked: {error}", where=str(file)) from error
    for python in (root / "usr/bin").glob("python3.*"):
        _own_library(python, root)


def _own_library(python: Path, root: Path) -> None:
    """Make an executable find the library that was unpacked beside it, not the machine's."""
    elf = read_elf(python) if python.is_file() and not python.is_symlink() else None
    needed = elf.linking().get("needed", "").split() if elf is not None else []
    libraries = [path for name in needed if name.startswith("libpython")
                 for path in root.glob(f"usr/lib*/**/{name}")]  # fmt: skip
    if libraries:
        place = f"$ORIGIN/../{libraries[0].parent.relative_to(root / 'usr')}"
        run([require("patchelf"), "--set-rpath", place, python], timeout=60)


def _python(root: Path, text: str) -> Path:
    found = [path for path in sorted((root / "usr/bin").glob("python3.*"))
             if re.fullmatch(r"python3\.\d+", path.name)]  # fmt: skip
    if not found:
        raise BadArchiveError(
            "these packages hold no interpreter: there is no usr/bin/python3.N", where=text,
            todo="give all packages of the source: the minimal one, the library and the rest",
        )  # fmt: skip
    return found[0]
