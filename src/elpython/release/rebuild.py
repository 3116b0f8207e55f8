"""Make a release's archive again: from a base that the verifier knows, and the patches."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import BadArchiveError
from elpython.core.process import run
from elpython.core.report import SILENT
from elpython.core.store import Store
from elpython.prepare.git import FALLBACK_DATE, git_env
from elpython.prepare.tree import base_repository
from elpython.release.archive import FORMATS, make_archive
from elpython.release.bases import base_problems, known_base
from elpython.release.checks import Check
from elpython.release.errors import RefusedReleaseError
from elpython.release.replay import apply_all

if TYPE_CHECKING:
    from elpython.core.report import Reporter
    from elpython.release.checks import Received
    from elpython.release.manifest import Manifest

__all__ = ["reproduce", "reproduce_from"]


def reproduce(folder: Path, manifest: Manifest, base: Path, reporter: Reporter) -> Check:
    """Make the archive again, from the base and the published patches, and compare.

    Nothing is taken from the store but the base: an archive that lies there proves nothing.

    Args:
        folder: the release's.
        manifest: its manifest.
        base: the base as a git repository.
        reporter: told how it goes on.
    """
    patches = [folder / entry.patch for entry in manifest.series if entry.patch]
    try:
        with tempfile.TemporaryDirectory(prefix="elpython-rebuild-") as name:
            scratch = Path(name)
            clone = scratch / "clone"
            words: list[str | Path] = [
                "git",
                "clone",
                "-q",
                "--local",
                "--no-checkout",
                base,
                clone,
            ]
            run(words, env=git_env(FALLBACK_DATE))
            tree = "HEAD^{tree}"
            for number, (_path, found) in enumerate(apply_all(clone, "HEAD", patches, scratch)):
                reporter.progress("patches", number + 1, len(patches))
                tree = found
            if patches and tree != manifest.tree:
                problem = f"base and patches give the tree {tree}, not {manifest.tree}"
                return Check(name="rebuild", problems=(problem,))
            made = make_archive(
                Store(scratch),
                clone,
                tree,
                top=manifest.top,
                epoch=manifest.epoch,
                reporter=reporter,
            )
    except (RefusedReleaseError, BadArchiveError) as error:
        return Check(name="rebuild", problems=(str(error),))
    if made.tar_sha256 != manifest.tar_sha256:
        return Check(name="rebuild", problems=("base and patches give another archive",))
    other = [
        form for form in FORMATS if made.sha256[form] != manifest.files.get(f"{made.top}.{form}")
    ]
    note = "bit for bit the same"
    if other:
        note = f"the same content; packed differently by this machine: {', '.join(other)}"
    return Check(name="rebuild", note=note)


def reproduce_from(
    store: Store,
    received: Received,
    branches: Path | None,
    *,
    reporter: Reporter = SILENT,
) -> Check:
    """Make the archive again from the base, as the verifier knows it, and the patches.

    Args:
        store: keeps the base.
        received: the release.
        branches: the verifier's own `branches` folder; None when there is none.
        reporter: told how it goes on.

    Raises:
        SourceUnavailableError, DigestMismatchError: the base is not available.
    """
    manifest = received.manifest
    known = known_base(manifest.version.base, branches)
    problems = base_problems(manifest.base, known)
    if problems:
        return Check(name="rebuild", problems=problems)
    base = base_repository(store, known.version, known.sources, reporter)
    return reproduce(received.folder, manifest, base, reporter)
