"""Debian binary packages: which versions a suite has, and the texts of their documentation.

Where the source package cannot be had, the binary package still carries upstream's NEWS and the
changelog. Apt checks the lists' signatures; a package is checked by the digest that they name.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadArchiveError, DigestMismatchError, SourceUnavailableError
from elpython.core.process import run
from elpython.core.store import Store, file_digest
from elpython.upstream.archive import CarefulInfo
from elpython.upstream.debian import apt_of, mirror_of, take_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Binary", "binaries", "texts_of"]

_TEXT_BYTES = 20_000_000
_AR, _AR_HEADER = b"!<arch>\n", 60
_NAMES = {"NEWS.gz": "NEWS", "changelog.Debian.gz": "changelog", "changelog.gz": "upstream"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Binary:
    """A binary package of a suite.

    Attributes:
        package: its name, `python3.13`.
        version: Debian version.
        url: where it is.
        sha256: of the package, as the signed list has it.
    """

    package: str
    version: str
    url: str
    sha256: str


def binaries(store: Store, suite: str, packages: Sequence[str]) -> list[Binary]:
    """Return the packages of a suite among those that are asked for, every version of them.

    Raises:
        SourceUnavailableError, ProgramFailedError: the suite cannot be read.
    """
    with store.lock("apt", f"{suite}.binary"):
        apt = apt_of(store, suite, kind="deb")
        names = sorted((apt.folder / "lists").glob("*_Packages*"))
        lists = [
            run(["/usr/lib/apt/apt-helper", *apt.options, "cat-file", name], timeout=60).stdout
            for name in names
        ]
    if not any(lists):
        raise SourceUnavailableError(f"the lists of {suite} are empty")
    mirror = mirror_of(suite)
    return [item for text in lists for name in packages for item in _of_list(text, name, mirror)]


def _of_list(text: str, package: str, mirror: str) -> list[Binary]:
    found = []
    start = 0
    mark = f"Package: {package}\n"
    while (start := text.find(mark, start)) >= 0:
        end = text.find("\n\n", start)
        stanza = text[start : end if end >= 0 else len(text)]
        at_line = start == 0 or text[start - 1] == "\n"
        start += len(mark)
        fields = dict(re.findall(r"^(Version|Filename|SHA256): (\S+)$", stanza, re.MULTILINE))
        if at_line and len(fields) == 3:
            url = f"{mirror}/{fields['Filename']}"
            found.append(
                Binary(package=package, version=fields["Version"], url=url,
                       sha256=fields["SHA256"])
            )  # fmt: skip
    return found


def texts_of(store: Store, binary: Binary) -> dict[str, str]:
    """Return the texts of a package's documentation: `NEWS`, `changelog`, `upstream` (its own).

    Raises:
        SourceUnavailableError: out of reach.
        DigestMismatchError: another content than the signed list names; it is not used.
        BadArchiveError: it cannot be read.
    """

    def make(folder: Path) -> None:
        path = take_file(store, binary.url, folder / ".package.deb", sha256=binary.sha256)
        digest = file_digest(path)
        if digest != binary.sha256:
            raise DigestMismatchError(f"sha256 is {digest}, not {binary.sha256}", where=binary.url)
        for name, data in _documentation(path).items():
            (folder / name).write_bytes(data)
        path.unlink()

    folder = store.product("debian-texts", binary.sha256[:32], make)
    return {
        path.name: path.read_text("utf-8", "replace")
        for path in sorted(folder.iterdir())
        if path.name in _NAMES.values()
    }


def _documentation(package: Path) -> dict[str, bytes]:
    """Return the texts of a package; nothing of it is written anywhere."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(
            fileobj=io.BytesIO(_data(package.read_bytes())), tarinfo=CarefulInfo
        ) as archive:
            for member in archive:
                name = _NAMES.get(member.name.rpartition("/")[2])
                if name is None or not member.isfile() or "/doc/" not in member.name:
                    continue
                data = archive.extractfile(member)
                if data is not None:
                    with gzip.open(data) as text:
                        found[name] = text.read(_TEXT_BYTES)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise BadArchiveError(f"cannot be read: {error}", where=package.name) from error
    return found


def _data(package: bytes) -> bytes:
    """Return the member `data.tar.*` of a package, an archive of `ar`'s form (deb(5))."""
    if not package.startswith(_AR):
        raise ValueError("is no Debian package")
    place = len(_AR)
    while place + _AR_HEADER <= len(package):
        name = package[place : place + 16].decode("ascii", "replace").strip(" /")
        size = int(package[place + 48 : place + 58])
        start = place + _AR_HEADER
        if name.startswith("data.tar"):
            return package[start : start + size]
        place = start + size + size % 2
    raise ValueError("has no data.tar")
