"""Where the NEWS of a later release comes from: a folder, an archive, a branch's base, Debian."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import (
    BadArchiveError,
    DiskFullError,
    ElpythonError,
    SourceUnavailableError,
    UsageError,
)
from elpython.core.report import SILENT
from elpython.core.store import Store, remove_tree
from elpython.define.branch import branch_names, load_branch, sources_of
from elpython.upstream import release_folder
from elpython.upstream.archive import unpack
from elpython.upstream.debian import fetch_orig, package_versions
from elpython.upstream.debian_binary import binaries, texts_of

if TYPE_CHECKING:
    from elpython.core.report import Reporter

__all__ = ["FORMS", "news_file"]

FORMS = (
    "a folder of CPython's source, its archive, a Misc/NEWS file, a branch (3.13: its base), "
    "a known release (3.13.5), or debian:SUITE/PACKAGE (debian:forky/python3.13)"
)

_DEBIAN = re.compile(r"debian:(?P<suite>[a-z][a-z0-9.-]*)/(?P<package>[a-z0-9][a-z0-9.+-]*)")


def news_file(store: Store, branches: Path, source: str, *, reporter: Reporter = SILENT) -> Path:
    """Return the merged `Misc/NEWS` of a source.

    Args:
        store: keeps what is fetched.
        branches: the `branches` folder.
        source: one of `FORMS`.
        reporter: told how it goes on.

    Raises:
        UsageError: the source has another form, or no `Misc/NEWS`.
        SourceUnavailableError, BadArchiveError: it cannot be fetched or read.
    """
    match = _DEBIAN.fullmatch(source)
    if match:
        return _of_debian(store, match["suite"], match["package"])
    if source in branch_names(branches):
        base = load_branch(branches, source)
        return release_folder(store, base.sources, reporter=reporter) / "Misc" / "NEWS"
    path = Path(source).expanduser()
    if path.is_dir():
        return _of_folder(path)
    if path.is_file():
        return path if path.name.startswith("NEWS") else _of_archive(store, path)
    if re.fullmatch(r"3\.\d+\.\d+((a|b|rc)\d+)?", source):
        sources = sources_of(branches, source)
        return release_folder(store, sources, reporter=reporter) / "Misc" / "NEWS"
    raise UsageError(f"cannot take {source!r}", where="--newer", todo=f"name {FORMS}")


def _of_folder(folder: Path) -> Path:
    news = folder / "Misc" / "NEWS"
    if not news.is_file():
        raise UsageError(
            "has no Misc/NEWS",
            where=str(folder),
            todo="a git clone has none before blurb merge; take a release's archive",
        )
    return news


def _is_news(path: Path) -> bool:
    return path.parts[-2:] == ("Misc", "NEWS")


def _of_archive(store: Store, archive: Path) -> Path:
    """Unpack the NEWS of an archive into the store, under the archive's digest."""
    from elpython.core.store import file_digest

    folder = store.product(
        "news", file_digest(archive)[:32], lambda made: unpack(archive, made, keep=_is_news)
    )
    news = folder / "Misc" / "NEWS"
    if not news.is_file():
        raise BadArchiveError("has no Misc/NEWS", where=str(archive))
    return news


def _of_debian(store: Store, suite: str, package: str) -> Path:
    """Return the NEWS of a package of a suite.

    The binary package is asked first, which is small and there for longer; then the source package,
    each of its versions, newest first.
    """
    reasons: list[str] = []
    try:
        for binary in reversed(binaries(store, suite, [package])):
            if "NEWS" in texts_of(store, binary):
                return store.path("debian-texts", binary.sha256[:32]) / "NEWS"
        reasons.append(f"{suite} has no binary package {package} with NEWS")
    except DiskFullError:
        raise
    except ElpythonError as error:
        reasons.append(error.what)
    versions = package_versions(store, suite, package)
    if not versions:
        raise UsageError(
            f"{suite} has no source package {package}", where="--newer", details=tuple(reasons)
        )
    for upstream in dict.fromkeys(re.split(r"[-+~]", item)[0] for item in reversed(versions)):
        try:
            return _of_source(store, suite, package, upstream)
        except DiskFullError:
            raise
        except ElpythonError as error:
            reasons.append(f"{upstream}: {error.what}")
    raise SourceUnavailableError(
        f"no version of {package} in {suite} can be had", details=tuple(reasons)
    )


def _of_source(store: Store, suite: str, package: str, upstream: str) -> Path:
    def make(folder: Path) -> None:
        work = folder / ".work"
        work.mkdir()
        files = fetch_orig(store, suite, package, upstream, work)
        archive = next(path for path in files if not path.name.endswith(".asc"))
        unpack(archive, work / "tree", keep=_is_news)
        shutil.move(work / "tree" / "Misc", folder / "Misc")
        remove_tree(work)

    return store.product("news", f"{package}_{upstream}", make) / "Misc" / "NEWS"
