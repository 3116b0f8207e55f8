"""OpenPGP signatures by `gpg`: what apt and dnf verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.process import require, run
from elpython.core.store import write_atomic
from elpython.release.errors import SigningError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["clear_sign", "detach_sign", "export_key"]

_SECONDS = 120.0


def _gpg(key: str, *words: str | Path) -> None:
    argv: list[str | Path] = [require("gpg"), "--batch", "--yes", "--quiet"]
    done = run([*argv, "--local-user", key, *words], check=False, timeout=_SECONDS)
    if done.returncode != 0:
        raise SigningError(
            "gpg cannot sign with it",
            where=key,
            details=tuple(done.stderr.strip().splitlines()[-3:]),
            todo="name a key of your keyring: gpg --list-secret-keys; --repository-key KEY",
        )


def clear_sign(file: Path, target: Path, key: str) -> None:
    """Write a file and its signature as one text.

    Raises:
        SigningError: there is no such key, or it cannot sign.
    """
    _gpg(key, "--digest-algo", "SHA512", "--clearsign", "--output", target, file)


def detach_sign(file: Path, target: Path, key: str) -> None:
    """Write a file's signature next to it, in ASCII armour."""
    _gpg(key, "--digest-algo", "SHA512", "--armor", "--detach-sign", "--output", target, file)


def export_key(target: Path, key: str) -> None:
    """Write the public half of a key, as users install it."""
    argv: list[str | Path] = [
        require("gpg"),
        "--batch",
        "--armor",
        "--export",
        key,
    ]
    done = run(argv, check=False, timeout=_SECONDS)
    if done.returncode != 0 or "BEGIN PGP PUBLIC KEY" not in done.stdout:
        raise SigningError("there is no such key in the keyring", where=key)
    write_atomic(target, done.stdout.encode())
