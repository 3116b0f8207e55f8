"""Attributes that ``hmac.HMAC`` had before it used OpenSSL."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _missing(self: Any, name: str) -> Any:
    value = getattr(self, name, None)
    if value is None:
        raise AttributeError(f"the digest is made by OpenSSL: it has no {name[1:]} of its own")
    return value


def _digest_cons(self: Any) -> Any:
    """A function that makes a hash object of the digest."""
    import hashlib

    return lambda data=b"": hashlib.new(self.name.partition("-")[2], data)


DIGEST_CONS = property(_digest_cons)
INNER = property(lambda self: _missing(self, "_inner"), doc="The inner hash object.")
OUTER = property(lambda self: _missing(self, "_outer"), doc="The outer hash object.")
