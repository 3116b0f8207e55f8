"""The base of a pending branch: from the first place that gives it, held against its digest.

A place without a digest is asked too; what it gives is looked into, as a new base is, and pinned.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from elpython.core.errors import (
    BadArchiveError,
    DigestMismatchError,
    SourceUnavailableError,
    UsageError,
)
from elpython.core.report import SILENT
from elpython.prepare.new_base import NewBase, check_base, new_base
from elpython.upstream import fetch

if TYPE_CHECKING:
    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.define.pending import Pending
    from elpython.upstream import Source

__all__ = ["pending_base"]


def pending_base(store: Store, pending: Pending, *, reporter: Reporter = SILENT) -> NewBase:
    """Take the base of a pending branch into the store.

    Args:
        store: keeps the archive under its digest.
        pending: the branch.
        reporter: told how it goes on.

    Returns:
        The archive, with the places that are pinned now: those of the branch that name a digest,
        and the one that gave it.

    Raises:
        SourceUnavailableError: no place gives it; the branch stays pending.
    """
    base = pending.branch.base
    reasons: list[str] = []
    for source in pending.branch.sources:
        try:
            taken = _take(store, source, reporter)
        except (
            SourceUnavailableError,
            DigestMismatchError,
            UsageError,
            BadArchiveError,
        ) as error:
            reasons += error.details or [f"  {source.provider}: {error.what}"]
            continue
        return _pinned(taken, source, pending, reporter)
    raise SourceUnavailableError(
        f"no place gives CPython {base}: branch {pending.branch.name} stays pending",
        where=f"branches/{pending.branch.name}/pending.toml",
        details=tuple(reasons),
        todo=f"run it where one is in reach, or name the archive: elpython branch new "
        f"{pending.branch.name} --base {base} --archive FILE",
    )


def _take(store: Store, source: Source, reporter: Reporter) -> NewBase:
    if not source.sha256:
        if source.provider != "python-org":
            raise UsageError(f"a place of provider {source.provider!r} must name a digest")
        return new_base(store, source.version, place=source)
    path = fetch(store, [source], reporter=reporter)
    check_base(path, source.version, path.name)
    return NewBase(path=path, sha256=source.sha256, sources=(source,))


def _pinned(taken: NewBase, source: Source, pending: Pending, reporter: Reporter) -> NewBase:
    """Return the base with every place whose digest is known, in the branch's order."""
    for other in pending.pinned:
        if other.sha256 != taken.sha256 and other.file.endswith(".xz") == taken.path.name.endswith(
            ".xz"
        ):
            reporter.say(
                f"{source.provider} gives another archive than {other.provider} names: "
                f"sha256 {taken.sha256}, not {other.sha256}"
            )
    sources = [
        dataclasses.replace(place, sha256=taken.sha256) if place == source else place
        for place in pending.branch.sources
        if place.sha256 or place == source
    ]
    return NewBase(path=taken.path, sha256=taken.sha256, sources=tuple(sources))
