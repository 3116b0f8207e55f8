"""Where CPython's sources come from: providers tried in order, everything pinned by sha256."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from elpython.core.errors import (
    DigestMismatchError,
    DiskFullError,
    ElpythonError,
    SourceUnavailableError,
)
from elpython.core.report import SILENT
from elpython.core.store import Store, disk_errors, file_digest, remove_tree
from elpython.upstream import archive, debian, git, local, mirror, past, python_org
from elpython.upstream.source import PROVIDERS, DistroPatch, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from elpython.core.report import Reporter

__all__ = [
    "PROVIDERS",
    "DistroPatch",
    "Source",
    "distro_patch",
    "fetch",
    "release_folder",
]


def _fetch_debian(store: Store, source: Source, folder: Path) -> Path:
    try:
        files = debian.fetch_orig(store, source.suite, source.package, source.version, folder)
    except DiskFullError:
        raise
    except ElpythonError as error:
        return _of_past(source, folder, error)
    named = [path for path in files if path.name == source.file] if source.file else files
    archives = [path for path in named if not path.name.endswith(".asc")]
    if not archives:
        there = ", ".join(path.name for path in files)
        raise SourceUnavailableError(f"the package has no {source.file} (it has {there})")
    return archives[0]


def _of_past(source: Source, folder: Path, before: ElpythonError) -> Path:
    """Take an archive that has left the mirrors; what the mirrors said is part of a failure."""
    try:
        return past.fetch_past(
            source.package, source.version, "orig", folder,
            lambda path: file_digest(path) == source.sha256,
        )  # fmt: skip
    except SourceUnavailableError as error:
        raise SourceUnavailableError(
            before.what, details=(*before.details, error.what, *error.details)
        ) from error


def _provide(store: Store, source: Source, folder: Path) -> Path:
    if source.provider == "debian":
        return _fetch_debian(store, source, folder)
    providers = {"python-org": python_org.fetch, "local": local.fetch, "git": git.fetch}
    return providers[source.provider](source, folder)


def _set_aside(store: Store, path: Path, digest: str) -> Path:
    refused = store.root / "refused" / f"{path.name}.sha256-{digest[:16]}.refused"
    with disk_errors(refused):
        refused.parent.mkdir(parents=True, exist_ok=True)
        path.replace(refused)
    return refused


def fetch(store: Store, sources: Sequence[Source], *, reporter: Reporter = SILENT) -> Path:
    """Return the archive of a release from the first provider that has it.

    Args:
        store: keeps the archive under its digest; a kept one is used without any provider.
        sources: the places, in order.
        reporter: told how it goes on.

    Raises:
        SourceUnavailableError: all providers failed; lists each and why.
        DigestMismatchError: every provider that answered gave a file with another digest; the
            files were set aside and never used.
    """
    for source in sources:
        kept = store.find("sources", source.sha256[:32])
        if kept is not None:
            return next(path for path in kept.iterdir() if not path.name.startswith("."))
    for source in sources:
        given = _of_mirror(store, "sources", source.sha256, _name_of(source))
        if given is not None:
            return given
    reasons: list[str] = []
    mismatch = False
    for source in sources:
        place = " ".join(filter(None, [source.provider, source.suite or source.url]))
        try:
            return _fetch_one(store, source)
        except DiskFullError:
            raise
        except ElpythonError as error:
            mismatch = mismatch or isinstance(error, DigestMismatchError)
            reasons.append(f"{place}: {error}".replace("\n", "\n    "))
            reporter.say(f"skipped {place}: {error.what}")
    version = sources[0].version if sources else "?"
    kind = DigestMismatchError if mismatch else SourceUnavailableError
    raise kind(
        f"no provider could give CPython {version}",
        details=tuple(f"  {reason}" for reason in reasons),
        todo="check the network, or name a local archive: "
        "[[source]] provider = 'local', file = '...' in branch.toml",
    )


def _name_of(source: Source) -> str:
    name = source.file.replace("\\", "/").rpartition("/")[2]
    return name or f"Python-{source.version}.tar"


def _of_mirror(store: Store, kind: str, sha256: str, name: str) -> Path | None:
    """Take a file of the mirror that the user has named into the store; None: it has none."""
    if not mirror.mirror_place():
        return None

    def make(folder: Path) -> None:
        if not mirror.from_mirror(sha256, folder / name):
            raise SourceUnavailableError("the mirror has no such file", where=sha256)

    try:
        return store.product(kind, sha256[:32], make) / name
    except SourceUnavailableError:
        return None


def _fetch_one(store: Store, source: Source) -> Path:
    def make(folder: Path) -> None:
        work = folder / ".work"
        work.mkdir()
        path = _provide(store, source, work)
        digest = file_digest(path)
        if digest != source.sha256:
            refused = _set_aside(store, path, digest)
            raise DigestMismatchError(
                f"sha256 is {digest}, not {source.sha256}",
                where=path.name,
                todo=f"never used; set aside as {refused}",
            )
        path.replace(folder / path.name)
        remove_tree(work)

    folder = store.product("sources", source.sha256[:32], make)
    return next(path for path in folder.iterdir() if not path.name.startswith("."))


def release_folder(store: Store, sources: Sequence[Source], *, reporter: Reporter = SILENT) -> Path:
    """Return the unpacked source of a release; kept in the store.

    Raises:
        SourceUnavailableError, DigestMismatchError, BadArchiveError: see `fetch` and `unpack`.
    """
    # The content is the same whichever provider gave it: any of the digests names it.
    for source in sources:
        found = store.find("releases", source.sha256[:32])
        if found is not None:
            return found
    path = fetch(store, sources, reporter=reporter)
    digest = file_digest(path)[:32]
    return store.product("releases", digest, lambda folder: archive.unpack(path, folder))


def _patch_key(sha256: str) -> str:
    return sha256[:32]


def _keep_patches(store: Store, tar: Path) -> dict[str, str]:
    """Keep every patch of a `debian.tar` under its digest; give digest -> name."""
    members = archive.read_members(tar, lambda name: "/patches/" in f"/{name}")
    kept: dict[str, str] = {}
    for name, data in members.items():
        digest = hashlib.sha256(data).hexdigest()
        kept[digest] = name.partition("patches/")[2]
        if store.find("patches", _patch_key(digest)) is None:
            store.product("patches", _patch_key(digest), _writer(data))
    return kept


def _writer(data: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "patch").write_bytes(data)

    return write


def distro_patch(store: Store, patch: DistroPatch) -> bytes:
    """Return a distribution's patch by its digest.

    The pinned package version is asked first, then every other version of the same suites: a
    point release replaces a source package, but keeps most of its patches.

    Raises:
        SourceUnavailableError: no version has it; the message says which versions were there.
    """
    kept = store.find("patches", _patch_key(patch.sha256))
    if kept is not None:
        return (kept / "patch").read_bytes()
    given = _of_mirror(store, "patches", patch.sha256, "patch")
    if given is not None:
        return given.read_bytes()
    reasons: list[str] = []
    for suite, version in _candidates(store, patch, reasons):
        try:
            tar = debian.fetch_debian_tar(store, suite, patch.package, version)
        except DiskFullError:
            raise
        except ElpythonError as error:
            reasons.append(f"{suite} {version}: {error.what}")
            continue
        names = _keep_patches(store, tar)
        if patch.sha256 in names:
            return (store.path("patches", _patch_key(patch.sha256)) / "patch").read_bytes()
        moved = patch.name in names.values()
        reasons.append(f"{suite} {version}: {'another content' if moved else 'no such patch'}")
    past_tar = _past_tar(store, patch, reasons)
    if past_tar is not None and patch.sha256 in _keep_patches(store, past_tar):
        return (store.path("patches", _patch_key(patch.sha256)) / "patch").read_bytes()
    raise SourceUnavailableError(
        f"no version of {patch.package} has the pinned patch {patch.name}",
        details=tuple(f"  {reason}" for reason in reasons),
        todo="pin the patch anew: elpython fix import",
    )


def _past_tar(store: Store, patch: DistroPatch, reasons: list[str]) -> Path | None:
    """Return the pinned version's `debian.tar` from Debian's archives of its past."""

    def make(folder: Path) -> None:
        past.fetch_past(patch.package, patch.version, "debian", folder)

    key = re.sub(r"[^a-z0-9.+_-]", "_", f"{patch.package}_{patch.version}".lower())
    try:
        folder = store.product("debian", key, make)
    except DiskFullError:
        raise
    except ElpythonError as error:
        reasons += [error.what, *error.details]
        return None
    return next(folder.glob("*.debian.tar.*"), None)


def _candidates(store: Store, patch: DistroPatch, reasons: list[str]) -> Iterable[tuple[str, str]]:
    for suite in patch.suites:
        try:
            versions = debian.package_versions(store, suite, patch.package)
        except DiskFullError:
            raise
        except ElpythonError as error:
            reasons.append(f"{suite}: {error.what}")
            continue
        if not versions:
            reasons.append(f"{suite}: no version of {patch.package}")
        order = sorted(
            versions, key=lambda name: (name != patch.version, versions[::-1].index(name))
        )
        for version in order:
            yield suite, version


def valid_digest(text: object) -> bool:
    """Return whether a value is a sha256 in hex."""
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{64}", text) is not None
