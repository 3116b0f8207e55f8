"""The archive that `elpython upgrade --to` names: verified before anything of it is unpacked."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.cli.release.trust import trust_of
from elpython.cli.render import warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.cli.release.trust import TrustOptions
    from elpython.install.made import SourceArchive

__all__ = ["source_archive"]

_ARCHIVE = re.compile(r".*\.(?:tar(?:\.\w+)?|tgz|txz|tbz2?|zip)", re.IGNORECASE)


@contextlib.contextmanager
def source_archive(to: str, trusted: TrustOptions) -> Iterator[SourceArchive | None]:
    """Yield the archive that the user named, verified; None when it is no archive.

    Args:
        to: what the user named: an archive, a release's folder, or something else.
        trusted: what the user said about whom to trust. With `--unverified` it may be any source
            archive, without a manifest.

    Raises:
        TamperedError: it does not verify.
        NoTrustError: nobody is named whose signature counts.
        BadManifestError: an archive without a manifest.
    """
    from elpython.install.made import SourceArchive
    from elpython.release.manifest import MANIFEST
    from elpython.release.verify import admitted

    path = Path(to).expanduser()
    folder = path if path.is_dir() else path.parent
    released = (folder / MANIFEST).exists() and (path.is_dir() or _ARCHIVE.fullmatch(path.name))
    if not (
        released or path.name == MANIFEST or (path.is_file() and _ARCHIVE.fullmatch(path.name))
    ):
        _refuse_foreign_build(path, trusted)
        yield None
        return
    trust = trust_of(trusted)
    if trusted.unverified and not released:
        with tempfile.TemporaryDirectory(prefix="elpython-own-") as name:
            yield SourceArchive(path=Path(shutil.copy(path, name)), name=path.name)
        return
    with admitted(path, trust) as received:
        manifest = received.manifest
        yield SourceArchive(
            path=received.archive(),
            name=received.archive().name,
            base=manifest.version.base,
            version=str(manifest.version),
            variant=manifest.variant,
        )


def _refuse_foreign_build(path: Path, trusted: TrustOptions) -> None:
    """Refuse a built interpreter that this user's store has not made, and that nobody vouches for.

    Raises:
        NoTrustError: says how to vouch for it.
    """
    from elpython.core.store import Store
    from elpython.release.errors import NoTrustError

    if not path.exists() or path.resolve().is_relative_to(
        (Store.default().root / "builds").resolve()
    ):
        return
    if not trusted.unverified:
        raise NoTrustError(
            "is a build that this store has not made: no signature can vouch for a binary",
            where=str(path),
            todo="name the branch or a release; --unverified is for what you built yourself",
        )
    warn(f"UNVERIFIED: {path} is run and installed as it is")
