"""The manifest `release.json`: what a release is made of, and the digest of its every file."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from elpython.core.errors import BadArchiveError, BadVersionError
from elpython.core.strict_json import portable_json
from elpython.core.text import hides
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
    "Manifest",
    "ManifestEntry",
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
_TOP = r"[A-Za-z0-9][A-Za-z0-9_.+-]*"
# What `configure` may be told: switches of its own, no variables and no places to install to.
_CONFIGURE = r"--(?:with|without|enable|disable)-[a-z0-9][a-z0-9_-]*(?:=[A-Za-z0-9_./,:+@-]*)?"
_LATEST = 1 << 33  # an epoch in the year 2242
_LARGEST = 1 << 30
_MOST = 10_000
_TOGETHER = 1 << 32
_LENGTH = 1 << 23
_DEEPEST = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestEntry:
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
        base: where the base's archive is available.
        series: its changes, in order.
        files: name -> sha256 of every file of the release but the manifest and its signature.
        sizes: name -> its bytes.
        data: the whole manifest.
    """

    version: ElVersion
    variant: str
    top: str
    epoch: int
    tar_sha256: str
    tree: str
    base: tuple[Source, ...]
    series: tuple[ManifestEntry, ...]
    files: Mapping[str, str]
    sizes: Mapping[str, int]
    data: Mapping[str, Any]


def dump(data: Mapping[str, Any]) -> bytes:
    """Return a manifest's bytes; the same data gives the same bytes."""
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def load(path: Path) -> Manifest:
    """Read a manifest that lies in a folder of one's own; `verify` reads those of others.

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


def _object(text: bytes, where: str) -> dict[str, Any]:
    if len(text) > _LENGTH:
        raise BadManifestError(f"is larger than {_LENGTH >> 20} MiB", where=where)
    try:
        data = portable_json(text)
    except (ValueError, RecursionError) as error:
        raise BadManifestError(f"is no JSON: {error}", where=where) from error
    if not isinstance(data, dict):
        raise BadManifestError("must be an object", where=where)
    return data


def _hidden(value: object, path: str, problems: list[str], depth: int = 0) -> None:
    """Report strings that would show as something else on a terminal."""
    if depth > _DEEPEST:
        problems.append(f"{path[:60]}: is nested deeper than {_DEEPEST}")
    elif isinstance(value, str) and hides(value):
        problems.append(f"{path}: {value[:60]!r} has characters that a terminal hides or obeys")
    elif isinstance(value, dict):
        for key, item in value.items():
            _hidden(key, path, problems)
            shown = ascii(key) if hides(key) else key
            _hidden(item, f"{path}.{shown}" if path else shown, problems, depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _hidden(item, f"{path}[{number}]", problems, depth + 1)


def parse(text: bytes, *, where: str = MANIFEST) -> Manifest:
    """Read a manifest's bytes.

    Raises:
        BadManifestError: it is no JSON, or has problems; all of them are listed.
    """
    data = _object(text, where)
    problems: list[str] = []
    reader = Reader(data, problems, file=where)
    if reader.number("format", 0) != FORMAT:
        raise BadManifestError(
            f"has format {data.get('format')!r}, this toolchain reads {FORMAT}",
            where=where,
            todo="use the toolchain of the release",
        )
    _hidden(data, "", problems)
    manifest = _read(reader, data)
    if not problems:
        _agree(reader, manifest)
    if problems:
        raise BadManifestError(
            f"{len(problems)} problem(s)", where=where, details=tuple(problems[:50])
        )
    return manifest


def _agree(reader: Reader, manifest: Manifest) -> None:
    """Report keys that tell different stories."""
    name = f"{manifest.variant}-{manifest.version}"
    if manifest.top != name:
        reader.problem("archive.top", f"is {manifest.top!r}, and the release is {name}")
    if reader.text("branch", manifest.version.series) != manifest.version.series:
        reader.problem("branch", f"is not the series of {manifest.version}")
    told = reader.table("base").text("version", manifest.version.base)
    if told != manifest.version.base:
        reader.problem("base.version", f"is {told!r}, and {manifest.version} has another base")
    patches = [entry.patch for entry in manifest.series if entry.patch]
    for name in sorted({name for name in patches if patches.count(name) > 1}):
        reader.problem("series", f"{name!r} is the patch of two changes")
    folded: dict[str, str] = {}
    for name in manifest.files:
        key = unicodedata.normalize("NFC", name).casefold()
        if key in folded:
            reader.problem("files", f"{name!r} and {folded[key]!r} are one name on some systems")
        folded[key] = name
        above = {str(parent) for parent in PurePosixPath(name).parents}
        for other in sorted(above & manifest.files.keys()):
            reader.problem("files", f"{other!r} is a file, and {name!r} lies below it")


def _read(reader: Reader, data: Mapping[str, Any]) -> Manifest:
    archive = reader.table("archive", need=True)
    tree = reader.table("tree", need=True)
    version = reader.checked("version", _version)
    if not version:
        reader.problem("version", "is missing (an EL version)")
    parsed = ElVersion.parse(version if version and not _version(version) else "3.0.0.00.01.0")
    base = reader.table("base", need=True)
    build = reader.table("build")
    build.words("configure", pattern=_CONFIGURE, like="--with-NAME or --enable-NAME")
    build.flag("shared")
    reader.words("remarks")
    files = _files(reader)
    return Manifest(
        version=parsed,
        variant=reader.text("variant", pattern=r"elpython(-[a-z0-9.-]+)?", like="elpython"),
        top=archive.text(
            "top", pattern=r"[A-Za-z0-9][A-Za-z0-9_.+-]*", like="elpython-3.11.2.27.01.0"
        ),
        epoch=_within(archive, "epoch", _LATEST),
        tar_sha256=archive.text("tar_sha256", pattern=_SHA256, like="64 hex digits"),
        tree=tree.text("id", pattern=_COMMIT, like="40 hex digits"),
        base=_sources(base, parsed.base),
        series=tuple(_entry(table) for table in reader.tables("series")),
        files={name: sha256 for name, (sha256, _) in files.items()},
        sizes={name: size for name, (_, size) in files.items()},
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


def _entry(table: Reader) -> ManifestEntry:
    return ManifestEntry(
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


def _within(reader: Reader, key: str, largest: int) -> int:
    value = reader.number(key)
    if not 0 <= value <= largest:
        reader.problem(key, f"is {value}, which is not between 0 and {largest}")
        return 0
    return value


def _files(reader: Reader) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for table in reader.tables("files", need=True):
        name = table.checked("name", _inside)
        if name in found or name in {MANIFEST, SIGNATURE, BUNDLE}:
            table.problem("name", f"{name!r} may not stand here (again)")
        sha256 = table.text("sha256", pattern=_SHA256, like="64 hex digits")
        found[name] = (sha256, _within(table, "size", _LARGEST))
        if sum(size for _, size in found.values()) > _TOGETHER:
            reader.problem("files", f"have more than {_TOGETHER >> 30} GiB together")
            break
        if len(found) > _MOST:
            reader.problem("files", f"lists more than {_MOST} files")
            break
    return found


def _inside(name: str) -> str | None:
    try:
        safe_path(name)
    except BadArchiveError as error:
        return error.what
    plain = (
        re.fullmatch(r"[A-Za-z0-9][\w.+/-]*", name, re.ASCII)
        and PurePosixPath(name).as_posix() == name
    )
    return None if plain else f"{name!r} is no name for a file"
