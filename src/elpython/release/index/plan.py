"""Who signs what in an index: thresholds that can be reached, and no key with two trades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from securesystemslib.signer import Key
    from tuf.api.metadata import Role

__all__ = ["IndexPlan", "own_id", "refuse_threshold", "refuse_unknown", "twin_problems"]


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexPlan:
    """Who signs what in a new index.

    Attributes:
        root: public root keys.
        root_threshold: how many of them have to sign.
        release: public keys that sign the branches' records.
        release_threshold: how many of them have to sign.
        online: public key of the machine that keeps the index fresh.
    """

    root: Sequence[Key]
    root_threshold: int
    release: Sequence[Key]
    release_threshold: int
    online: Key

    def check(self) -> None:
        """Refuse thresholds that cannot be reached, and one key for two trades.

        Raises:
            UsageError.
        """
        for name, keys, threshold in (
            ("root", self.root, self.root_threshold),
            ("release", self.release, self.release_threshold),
        ):
            different = {key.keyid for key in keys}
            if len(different) != len(keys):
                raise UsageError(f"a {name} key is named twice: it would count as two people")
            if not 1 <= threshold <= len(different):
                raise UsageError(
                    f"a threshold of {threshold} cannot be reached with {len(different)} "
                    f"{name} key(s)"
                )
        if self.online.keyid in {key.keyid for key in (*self.root, *self.release)}:
            raise UsageError("the online key must be one of its own: it lies on a server")


def own_id(key: Key) -> str:
    """Return the id that follows from a key's content, whatever id it goes by.

    Raises:
        ValueError: it is no ed25519 key, which all keys of an index are.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from securesystemslib.signer import SSlibKey

    if key.keytype != "ed25519" or key.scheme != "ed25519":
        raise ValueError(f"is of the kind {key.keytype}, not ed25519")
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(key.keyval["public"])))
    return str(SSlibKey.from_crypto(public).keyid)


def twin_problems(keys: Mapping[str, Key]) -> list[str]:
    """Return a problem for each key that goes by another id than its own.

    A threshold counts ids: one key under two of them would be two people.
    """
    problems = []
    for keyid, key in keys.items():
        try:
            own = own_id(key)
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"the key {keyid[:12]!r} cannot be used: {error}")
            continue
        if own != keyid:
            problems.append(f"the key {own[:12]} goes by another id, {keyid[:12]!r}")
    return problems


def refuse_unknown(keyid: str, known: Iterable[str]) -> None:
    """Raise UsageError when a key is not in a role."""
    if keyid not in known:
        raise UsageError(f"there is no key {keyid[:12]} in that role")


def refuse_threshold(role: Role) -> None:
    """Raise UsageError when a role has fewer keys than have to sign."""
    if role.threshold > len(set(role.keyids)):
        raise UsageError(
            f"a threshold of {role.threshold} cannot be reached with {len(role.keyids)} key(s)"
        )
