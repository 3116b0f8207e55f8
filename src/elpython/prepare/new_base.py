"""A base that no branch has yet: fetch it, hold it against its name, and pin where it is."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from elpython.core.errors import UsageError
from elpython.core.store import Store, disk_errors, file_digest, remove_tree
from elpython.upstream import Source, archive, debian, local, python_org

__all__ = ["FORMS", "NewBase", "check_base", "new_base"]

FORMS = "a file, a folder of CPython's source, or debian:SUITE/PACKAGE (debian:forky/python3.13)"

_DEBIAN = re.compile(r"debian:(?P<suite>[a-z][a-z0-9.-]*)/(?P<package>[a-z0-9][a-z0-9.+-]*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewBase:
    """A base's archive in the store.

    Attributes:
        path: the archive.
        sha256: its digest.
        sources: where it is available, in order, pinned.
    """

    path: Path
    sha256: str
    sources: tuple[Source, ...]


def new_base(store: Store, base: str, given: str = "", *, place: Source | None = None) -> NewBase:
    """Take the archive of an upstream release into the store.

    Args:
        store: keeps the archive under its digest.
        base: the release, `3.13.15`.
        given: one of `FORMS`; empty: python.org is asked.
        place: where python.org, or a mirror of it, has the archive; None: its own place.

    Raises:
        UsageError: there is no such file, or it is another release.
        SourceUnavailableError, BadArchiveError.
    """
    work = store.root / "incoming" / f"base-{base}"
    with store.lock("incoming", base.replace("/", "_")), disk_errors(work):
        remove_tree(work)
        work.mkdir(parents=True)
        try:
            path, source = _take(store, base, given, work, place)
            check_base(path, base, given or path.name)
            digest = file_digest(path)
            name = path.name
            folder = store.product("sources", digest[:32], lambda made: _keep(path, made / name))
        finally:
            remove_tree(work)
    kept = next(item for item in folder.iterdir() if not item.name.startswith("."))
    pinned = Source(
        provider=source.provider, version=base, sha256=digest, file=source.file,
        package=source.package, suite=source.suite, url=source.url,
    )  # fmt: skip
    return NewBase(path=kept, sha256=digest, sources=(pinned,))


def _keep(path: Path, target: Path) -> None:
    shutil.move(path, target)


def _take(
    store: Store, base: str, given: str, work: Path, place: Source | None
) -> tuple[Path, Source]:
    if not given:
        name = f"Python-{base}.tar.xz"
        source = place or Source(provider="python-org", version=base, sha256="", file=name)
        return python_org.fetch(source, work), source
    match = _DEBIAN.fullmatch(given)
    if match:
        suite, package = match["suite"], match["package"]
        files = debian.fetch_orig(store, suite, package, base, work)
        path = next(item for item in files if not item.name.endswith(".asc"))
        return path, Source(
            provider="debian", version=base, sha256="", file=path.name, package=package,
            suite=suite,
        )  # fmt: skip
    path = Path(given).expanduser()
    if not path.exists():
        raise UsageError("there is no such file", where=given, todo=f"name {FORMS}")
    # What python.org calls so is there for everybody; any other file is this machine's.
    official = path.is_file() and re.fullmatch(
        rf"Python-{re.escape(base)}\.(tar\.xz|tgz)", path.name
    )
    source = Source(
        provider="python-org" if official else "local",
        version=base,
        sha256="",
        file=path.name if official else str(path.absolute()),
    )
    taken = Source(provider="local", version=base, sha256="", file=str(path))
    return local.fetch(taken, work), source


def check_base(path: Path, base: str, where: str) -> None:
    """Refuse an archive of another release.

    Raises:
        UsageError: it is no CPython source, or another release's.
        BadArchiveError: it cannot be read.
    """
    members = archive.read_members(path, lambda name: name.endswith("Include/patchlevel.h"))
    text = b"".join(members.values()).decode("utf-8", "replace")
    found = re.search(r'#define PY_VERSION\s+"([^"]+)"', text)
    if found is None:
        raise UsageError("is no CPython source: it has no Include/patchlevel.h", where=where)
    if found[1] != base:
        raise UsageError(f"is CPython {found[1]}, not {base}", where=where)
