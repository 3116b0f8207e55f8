"""Whose signature counts: named by the user, or kept in the trust stores of user and machine.

No environment variable leads to another store: `$HOME` and `$XDG_CONFIG_HOME` are not asked, the
user's folder is that of the system's account.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.release.errors import NoTrustError, SigningError

if TYPE_CHECKING:
    from elpython.release.index.record import Index

__all__ = [
    "IndexPlace",
    "Signers",
    "Trust",
    "read_signers",
    "stored_index",
    "stored_signers",
    "trust_places",
]

_SIGNERS = "allowed_signers"
_REVOKED = "revoked_keys"
_INDEX = "index"
_ROOT = "root.json"
_LIMIT = 1 << 20
_FORM = 'write lines of the form: NAME namespaces="elpython-release" ssh-ed25519 AAAA...'


@dataclass(frozen=True, kw_only=True, slots=True)
class Signers:
    """Whose signatures count, read once.

    Attributes:
        allowed: lines of `ssh-keygen`, ALLOWED SIGNERS.
        revoked: lines of public keys that count no more (`ssh-keygen`, KEY REVOCATION LISTS).
        places: the files that were read.
    """

    allowed: bytes
    revoked: bytes = b""
    places: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """What the verifier believes.

    Attributes:
        signers: whose signature counts; None only with `unverified`.
        index: which releases are current; None when none is named: then stale and revoked releases
            are not noticed.
        allow_downgrade: whether a release may be used that another one supersedes.
        unverified: whether the user vouches for the release: no signature is looked at.
        branches: the verifier's own `branches` folder, which tells digests of bases.
    """

    signers: Signers | None
    index: Index | None = None
    allow_downgrade: bool = False
    unverified: bool = False
    branches: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexPlace:
    """Where an index is, and its root of trust.

    Attributes:
        place: a URL or a folder.
        root: the first root's metadata, as it was handed over.
    """

    place: str
    root: bytes


def trust_places() -> tuple[Path, ...]:
    """Return the folders of the trust stores: the user's, then the machine's."""
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    return (home / ".config" / "elpython" / "trust", Path("/etc/elpython/trust"))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LIMIT + 1)
    except FileNotFoundError as error:
        raise SigningError(
            "there is no such file of allowed signers", where=str(path), todo=_FORM
        ) from error
    except OSError as error:
        raise SigningError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(data) > _LIMIT:
        raise SigningError("is no list of allowed signers: larger than 1 MiB", where=str(path))
    return data if data.endswith(b"\n") or not data else data + b"\n"


def read_signers(path: Path) -> Signers:
    """Read a file of allowed signers that the user named.

    Raises:
        SigningError: it is missing, cannot be read, or is far too large.
    """
    return Signers(allowed=_read(path), places=(str(path),))


def _refuse_foreign(path: Path) -> None:
    """Refuse a file of a trust store that others than the user and root could change."""
    mine = {0, os.geteuid()}
    real = path.resolve()
    for item in (real, *real.parents):
        state = item.stat()
        sticky = stat.S_ISDIR(state.st_mode) and state.st_mode & stat.S_ISVTX
        if state.st_uid not in mine or (state.st_mode & 0o022 and not sticky):
            raise NoTrustError(
                f"others may change {'it' if item == real else item}, so it says nothing about "
                "whom to trust",
                where=str(path),
                todo=f"chown it to root or yourself, and: chmod go-w {item}",
            )


def stored_signers(places: tuple[Path, ...] | None = None) -> Signers:
    """Read the trust stores.

    Args:
        places: their folders; those of the user and the machine if omitted.

    Raises:
        NoTrustError: there is no list, or others than the user and root could change it.
    """
    places = trust_places() if places is None else places
    allowed = [place / _SIGNERS for place in places if (place / _SIGNERS).exists()]
    revoked = [place / _REVOKED for place in places if (place / _REVOKED).exists()]
    if not allowed:
        raise NoTrustError(
            "nobody is named whose signature counts",
            details=tuple(f"  there is no {place / _SIGNERS}" for place in places),
            todo="name a list (--signers FILE) or put it there; --unverified is for what you made "
            "yourself",
        )
    for path in (*allowed, *revoked):
        _refuse_foreign(path)
    return Signers(
        allowed=b"".join(_read(path) for path in allowed),
        revoked=b"".join(_read(path) for path in revoked),
        places=tuple(str(path) for path in allowed),
    )


def stored_index(
    place: str = "", root: Path | None = None, places: tuple[Path, ...] | None = None
) -> IndexPlace | None:
    """Return which index to read, after the options or else the trust stores; None for none.

    Args:
        place: a URL or a folder; the first trust store that names one decides if empty.
        root: file with the root of trust; that of the trust stores if omitted.
        places: folders of the trust stores.

    Raises:
        NoTrustError: an index without a root of trust, or one that others could change.
    """
    places = trust_places() if places is None else places
    if not place:
        named = [folder / _INDEX for folder in places if (folder / _INDEX).exists()]
        if not named:
            return None
        _refuse_foreign(named[0])
        place = _read(named[0]).decode("utf-8", "replace").strip()
    if root is None:
        roots = [folder / _ROOT for folder in places if (folder / _ROOT).exists()]
        if not roots:
            raise NoTrustError(
                "nothing says whose index it is",
                where=place,
                details=tuple(f"  there is no {folder / _ROOT}" for folder in places),
                todo="name the root of trust that its keepers handed over: --index-root FILE",
            )
        root = roots[0]
        _refuse_foreign(root)
    return IndexPlace(place=place, root=_read(root).rstrip(b"\n"))
