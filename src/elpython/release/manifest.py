"""The manifest `release.json`: what a release is made of, and the digest of its every file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.errors import BadArchiveError, BadVersionError
from elpython.core.toml import Reader
from elpython.core.version import ElVersion
from elpython.release.errors import BadManifestError
from elpython.upstream import Source
from elpython.upstream.archive import safe_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "BUNDLE",
    "FORMAT",
    "MANIFEST",
    "SIGNATURE",
    "Entry",
    "Manifest",
    "dump",
    "load",
    "parse",
]

FORMAT = 1
MANIFEST = "release.json"
SIGNATURE = "release.json.sig"
BUNDLE = "release.json.sigstore.json"

_SHA256 = r"[0-9a-f]{64}"
_COMMIT = r"[0-9a-f]{40}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One change of the release.

    Attributes:
        id, title, kind: as in its file.
        patch: name of its patch file below the release's folder; empty for one that changes
            nothing.
        patch_id: `git patch-id --stable`.
        provides, cves, declares, toggles: as in its file.
    """

    id: str
    title: str
    kind: str
    patch: str
    patch_id: str
    provides: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    declares: tuple[str, ...] = ()
    toggles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A manifest that keeps to its schema.

    Attributes:
        version: the EL version.
        variant: value of `sys.implementation.variant`.
        top: the one folder that the archive unpacks to.
        epoch: time of every member of the archive, seconds since 1970.
        tar_sha256: digest of the archive before compression.
        tree: id of the git tree that the archive holds.
        base: where the base's archive is to be had.
        series: its changes, in order.
        files: name -> sha256 of every file of the release but the manifest and its signature.
        data: the whole manifest.
    """

    version: ElVersion
    variant: str
    top: str
    epoch: int
    tar_sha256: str
    tree: str
    base: tuple[Source, ...]
    series: tuple[Entry, ...]
    files: Mapping[str, str]
    data: Mapping[str, Any]


def dump(data: Mapping[str, Any]) -> bytes:
    """Give a manifest's bytes; the same data gives the same bytes."""
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def load(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        BadManifestError: it is not there, is no JSON, or has problems; all of them are listed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadManifestError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            todo="keep a release together: archive, release.json, release.json.sig, patches",
        ) from error
    return parse(data, where=str(path))


def parse(text: bytes, *, where: str = MANIFEST) -> Manifest:
    """Read a manifest's bytes.

    Raises:
        BadManifestError: it is no JSON, or has problems; all of them are listed.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadManifestError(f"is no JSON: {error}", where=where) from error
    if not isinstance(data, dict):
        raise BadManifestError("must be an object", where=where)
    problems: list[str] = []
    reader = Reader(data, problems, file=where)
    if reader.number("format", 0) != FORMAT:
        raise BadManifestError(
            f"has format {data.get('format')!r}, this toolchain reads {FORMAT}",
            where=where,
            todo="use the toolchain of the release",
        )
    manifest = _read(reader, data)
    if problems:
        raise BadManifestError(f"{len(problems)} problem(s)", where=where, details=tuple(problems))
    return manifest


def _read(reader: Reader, data: Mapping[str, Any]) -> Manifest:
    archive = reader.table("archive", need=True)
    tree = reader.table("tree", need=True)
    version = reader.checked("version", _version)
    if not version:
        reader.problem("version", "is missing (an EL version)")
    parsed = ElVersion.parse(version if version and not _version(version) else "3.0.0.00.01.0")
    base = reader.table("base", need=True)
    return Manifest(
        version=parsed,
        variant=reader.text("variant", pattern=r"elpython(-[a-z0-9.-]+)?", like="elpython"),
        top=archive.text("top", pattern=r"[A-Za-z0-9][\w.+-]*", like="elpython-3.11.2.27.01.0"),
        epoch=archive.number("epoch"),
        tar_sha256=archive.text("tar_sha256", pattern=_SHA256, like="64 hex digits"),
        tree=tree.text("id", pattern=_COMMIT, like="40 hex digits"),
        base=_sources(base, parsed.base),
        series=tuple(_entry(table) for table in reader.tables("series")),
        files=_files(reader),
        data=data,
    )


def _version(text: str) -> str | None:
    try:
        ElVersion.parse(text)
    except BadVersionError as error:
        return error.what
    return None


def _sources(reader: Reader, version: str) -> tuple[Source, ...]:
    return tuple(
        Source(
            version=version,
            provider=table.text("provider"),
            sha256=table.text("sha256", pattern=_SHA256, like="64 hex digits"),
            **{key: table.text(key, "") for key in ("file", "package", "suite", "url", "tag")},
        )
        for table in reader.tables("sources", need=True)
    )


def _entry(table: Reader) -> Entry:
    return Entry(
        id=table.text("id"),
        title=table.text("title"),
        kind=table.text("kind"),
        patch=table.checked("patch", _inside),
        patch_id=table.text("patch_id", ""),
        provides=table.words("provides"),
        cves=table.words("cves"),
        declares=table.words("declares"),
        toggles=table.words("toggles"),
    )


def _files(reader: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    for table in reader.tables("files", need=True):
        name = table.checked("name", _inside)
        if name in found or name in {MANIFEST, SIGNATURE, BUNDLE}:
            table.problem("name", f"{name!r} may not stand here (again)")
        found[name] = table.text("sha256", pattern=_SHA256, like="64 hex digits")
    return found


def _inside(name: str) -> str | None:
    try:
        safe_path(name)
    except BadArchiveError as error:
        return error.what
    return None if re.fullmatch(r"[\w.+/-]+", name) else f"{name!r} is no name for a file"
