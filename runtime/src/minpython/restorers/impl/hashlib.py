"""PBKDF2 in Python, from RFC 8018, for Pythons without OpenSSL."""

from __future__ import annotations

import hmac

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def pbkdf2_hmac(
    hash_name: str, password: Any, salt: Any, iterations: int, dklen: int | None = None
) -> bytes:
    """Derive a key from a password.

    Raises:
        TypeError: ``hash_name`` is no text.
        ValueError: a number is less than one.
    """
    if not isinstance(hash_name, str):
        raise TypeError(hash_name)
    if iterations < 1:
        raise ValueError(iterations)
    keyed = hmac.new(bytes(password), digestmod=hash_name)
    length = keyed.digest_size if dklen is None else dklen
    if length < 1:
        raise ValueError(length)
    derived = b""
    block = 0
    while len(derived) < length:
        block += 1
        previous = _after(keyed, bytes(salt) + block.to_bytes(4, "big"))
        mixed = int.from_bytes(previous, "big")
        for _ in range(iterations - 1):
            previous = _after(keyed, previous)
            mixed ^= int.from_bytes(previous, "big")
        derived += mixed.to_bytes(keyed.digest_size, "big")
    return derived[:length]


def _after(keyed: Any, data: bytes) -> bytes:
    copy = keyed.copy()
    copy.update(data)
    digest: bytes = copy.digest()
    return digest
