"""A git clone of CPython: a tag as an archive, a commit as a patch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError, SourceUnavailableError
from elpython.core.process import require, run
from elpython.core.store import Store, key_of
from elpython.upstream.mirror import from_mirror

if TYPE_CHECKING:
    from elpython.upstream.source import Source

__all__ = ["commit_patch", "fetch"]

_CLONE_SECONDS = 3600.0


def fetch(source: Source, folder: Path) -> Path:
    """Write a tag's files as a tar archive (uncompressed: the same bytes on every machine).

    Raises:
        SourceUnavailableError: no such clone or no such tag.
    """
    require("git")
    target = folder / f"Python-{source.version}.tar"
    place = Path(source.url).expanduser()
    prefix = f"--prefix=Python-{source.version}/"
    try:
        if place.exists():
            run(["git", "-C", place, "archive", "--format=tar", prefix, "-o", target, source.tag])
        else:
            clone = folder / "clone"
            run(
                ["git", "clone", "--bare", "--depth=1", "--branch", source.tag, source.url, clone],
                timeout=_CLONE_SECONDS,
            )
            run(["git", "-C", clone, "archive", "--format=tar", prefix, "-o", target, "HEAD"])
    except ElpythonError as error:
        raise SourceUnavailableError(
            f"tag {source.tag!r} cannot be taken: {error.what}",
            where=source.url,
            details=error.details,
        ) from error
    return target


def commit_patch(store: Store, repository: str, commit: str, *, sha256: str = "") -> bytes:
    """Return a commit as a patch, from a clone on this machine or by its address.

    Args:
        store: keeps what was fetched.
        repository: folder of a clone, or an address that git can fetch from.
        commit: 40 hex digits.
        sha256: digest of the patch, by which the user's mirror is asked first; empty: it is not.

    Raises:
        SourceUnavailableError: no clone has the commit.
    """
    require("git")

    def make(folder: Path) -> None:
        if sha256 and from_mirror(sha256, folder / "commit.patch"):
            return
        place = Path(repository).expanduser()
        if not place.exists():
            place = folder / "clone"
            run(["git", "init", "--bare", "-q", place])
            run(
                ["git", "-C", place, "fetch", "-q", "--depth=2", repository, commit],
                timeout=_CLONE_SECONDS,
            )
        words = ["diff-tree", "-p", "--binary", "--full-index", "--no-commit-id", commit]
        text = run(["git", "-C", place, *words], errors="surrogateescape").stdout
        (folder / "commit.patch").write_bytes(text.encode("utf-8", "surrogateescape"))

    try:
        folder = store.product("commits", key_of([commit]), make)
    except ElpythonError as error:
        raise SourceUnavailableError(
            f"commit {commit[:12]} cannot be taken: {error.what}",
            where=repository,
            details=error.details,
        ) from error
    return (folder / "commit.patch").read_bytes()
