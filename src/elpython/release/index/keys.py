"""The index's keys: ed25519, in files; the private half may stay on a machine without a network."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from securesystemslib.signer import CryptoSigner, SSlibKey

from elpython.core.store import disk_errors
from elpython.core.strict_json import load_json
from elpython.release.errors import SigningError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["load_key", "load_signer", "name_of", "new_key"]

_NAME = "x-elpython-name"


def new_key(path: Path, name: str, passphrase: str = "") -> SSlibKey:
    """Make a key pair: the private half at a path, the public half next to it (`.pub`).

    Args:
        path: where; it must not exist.
        name: whose key it is.
        passphrase: encrypts the private half; empty for none.

    Raises:
        SigningError: there is a file already.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    lock: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    data = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock
    )
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise SigningError(
                "already exists; a key is never overwritten", where=str(path)
            ) from error
        with os.fdopen(number, "wb") as stream:
            stream.write(data)
    public = SSlibKey.from_crypto(private.public_key())
    key = SSlibKey(public.keyid, public.keytype, public.scheme, public.keyval, {_NAME: name})
    text = json.dumps({"keyid": key.keyid} | key.to_dict(), indent=1)
    path.with_name(f"{path.name}.pub").write_text(f"{text}\n", "utf-8")
    return key


def name_of(key: Any) -> str:  # noqa: ANN401 - any key of the library
    """Return whose key it is; its id where nobody said."""
    return str(key.unrecognized_fields.get(_NAME, key.keyid[:12]))


def load_key(path: Path) -> SSlibKey:
    """Read the public half of a key.

    Raises:
        SigningError: it is missing, is no public key of the index, or tells another id than its
            own: a threshold counts ids, and one key would count as two people.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        data = load_json(path.read_text("utf-8"))
        key = SSlibKey.from_dict(data.pop("keyid"), data)
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))
        own = SSlibKey.from_crypto(public).keyid
    except OSError as error:
        raise SigningError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise SigningError(
            "is no public key of an index",
            where=str(path),
            todo="make one: elpython release keys new FILE --name WHO",
        ) from error
    if key.keyid != own:
        raise SigningError(
            f"tells another key's id: it is {own[:12]}, and says {key.keyid[:12]}",
            where=str(path),
            todo="take the file again from whose key it is",
        )
    return key


def load_signer(path: Path, ask: Callable[[str], str]) -> CryptoSigner:
    """Read the private half of a key.

    Args:
        path: the file.
        ask: called with a question when the file has a passphrase.

    Raises:
        SigningError: it is missing, or is no private key, or the passphrase is wrong.
    """
    from cryptography.hazmat.primitives import serialization

    try:
        data = path.read_bytes()
    except OSError as error:
        raise SigningError(f"cannot be read: {error.strerror}", where=str(path)) from error
    secret = ask(f"Passphrase of {path}").encode() if b"ENCRYPTED" in data else None
    try:
        private = serialization.load_pem_private_key(data, secret)
        return CryptoSigner(private, SSlibKey.from_crypto(private.public_key()))
    except (ValueError, TypeError) as error:
        raise SigningError(
            "is no private key of an index, or the passphrase is wrong",
            where=str(path),
            todo="make one: elpython release keys new FILE --name WHO",
        ) from error
