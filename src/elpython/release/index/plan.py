"""Who signs what in an index: thresholds that can be reached, and no key with two trades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from securesystemslib.signer import Key
    from tuf.api.metadata import Role

__all__ = ["Plan", "refuse_threshold", "refuse_unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
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
