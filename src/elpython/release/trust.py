"""Whose signature counts: named by the user, or kept in the trust stores of user and machine.

No environment variable leads to another store: `$HOME` and `$XDG_CONFIG_HOME` are not asked, the
user's folder is that of the system's account.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.release.errors import NoTrustError, SigningError

if TYPE_CHECKING:
    from elpython.release.index.record import Index

__all__ = [
    "IndexPlace",
    "Signers",
    "Trust",
    "named_signers",
    "read_signers",
    "refuse_foreign",
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


def refuse_foreign(path: Path, what: str, todo: str) -> None:
    """Refuse a file or folder that others than the user and root could change.

    Args:
        path: the file or folder; those above it are looked at too.
        what: what follows from that, for the message.
        todo: the way out.

    Raises:
        NoTrustError: others could, or it cannot be looked at.
    """
    mine = {0, os.geteuid()}
    try:
        real = path.resolve(strict=True)
        states = [(item, item.stat()) for item in (real, *real.parents)]
    except OSError as error:
        raise NoTrustError(f"cannot be looked at: {error.strerror}", where=str(path)) from error
    for item, state in states:
        sticky = stat.S_ISDIR(state.st_mode) and state.st_mode & stat.S_ISVTX
        if state.st_uid not in mine or (state.st_mode & 0o022 and not sticky):
            which = "it" if item == real else str(item)
            raise NoTrustError(f"others may change {which}: {what}", where=str(path), todo=todo)


def _stored(places: tuple[Path, ...], name: str) -> list[Path]:
    """Return the files of a name in the trust stores; refuse those that say nothing.

    Raises:
        NoTrustError: others could change one, or it cannot be looked at.
    """
    found = []
    for place in places:
        path = place / name
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise NoTrustError(f"cannot be read: {error.strerror}", where=str(path)) from error
        refuse_foreign(
            path,
            "it says nothing about whom to trust",
            "chown it to root or yourself, and take the right to write from everybody else",
        )
        found.append(path)
    return found


def named_signers(path: Path, places: tuple[Path, ...] | None = None) -> Signers:
    """Read a file of allowed signers that the user named; keys that the stores revoke don't count.

    Raises:
        SigningError: it is missing, cannot be read, or is far too large.
        NoTrustError: others could change a list of revoked keys.
    """
    revoked = _stored(trust_places() if places is None else places, _REVOKED)
    return replace(read_signers(path), revoked=b"".join(_read(item) for item in revoked))


def stored_signers(places: tuple[Path, ...] | None = None) -> Signers:
    """Read the trust stores.

    Args:
        places: their folders; those of the user and the machine if omitted.

    Raises:
        NoTrustError: there is no list, or others than the user and root could change it.
    """
    places = trust_places() if places is None else places
    allowed = _stored(places, _SIGNERS)
    if not allowed:
        raise NoTrustError(
            "nobody is named whose signature counts",
            details=tuple(f"  there is no {place / _SIGNERS}" for place in places),
            todo="name a list (--signers FILE) or put it there; --unverified is for what you made "
            "yourself",
        )
    return Signers(
        allowed=b"".join(_read(path) for path in allowed),
        revoked=b"".join(_read(path) for path in _stored(places, _REVOKED)),
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
        named = _stored(places, _INDEX)
        if not named:
            return None
        place = _read(named[0]).decode("utf-8", "replace").strip()
    if root is None:
        roots = _stored(places, _ROOT)
        if not roots:
            raise NoTrustError(
                "nothing says whose index it is",
                where=place,
                details=tuple(f"  there is no {folder / _ROOT}" for folder in places),
                todo="name the root of trust that its keepers handed over: --index-root FILE",
            )
        root = roots[0]
    return IndexPlace(place=place, root=_read(root).rstrip(b"\n"))
