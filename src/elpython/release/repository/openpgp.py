"""OpenPGP signatures by `gpg`: what apt and dnf verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.process import require, run
from elpython.core.store import write_atomic
from elpython.release.errors import SigningError, TamperedError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["clear_sign", "detach_sign", "export_key", "own_text", "refuse_unsigned"]

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


def _own_keys() -> set[str]:
    """Return the fingerprints of the keyring's own keys: their private halves are there."""
    argv = [require("gpg"), "--batch", "--with-colons", "--list-secret-keys"]
    done = run(argv, check=False, timeout=_SECONDS)
    return {line.split(":")[9] for line in done.stdout.splitlines() if line.startswith("fpr:")}


def _verified(file: Path, *words: str | Path) -> str:
    """Run gpg over a signature and return its output, where one of one's own keys made it.

    Raises:
        TamperedError: nobody signed it, somebody else did, or a key that is revoked.
    """
    argv: list[str | Path] = [require("gpg"), "--batch", "--quiet", "--status-fd", "2"]
    done = run([*argv, *words], check=False, timeout=_SECONDS)
    told = [line.split() for line in done.stderr.splitlines() if line.startswith("[GNUPG:] ")]
    kinds = {words[1] for words in told}
    signers = {words[-1] for words in told if words[1] == "VALIDSIG"}
    if not signers or not signers <= _own_keys() or kinds & {"BADSIG", "ERRSIG", "REVKEYSIG"}:
        raise TamperedError(
            "no key of your keyring has signed it as it is",
            where=str(file),
            details=tuple(line for line in done.stderr.splitlines() if "GNUPG" not in line)[-3:],
            todo="put back the repository as you published it; a key that you gave up has to be "
            "in the keyring until the repository is signed by the next one",
        )
    return done.stdout


def own_text(file: Path) -> str:
    """Return the text of a clear-signed file that one of one's own keys has signed.

    Raises:
        TamperedError: it is not signed so.
    """
    return _verified(file, "--decrypt", file)


def refuse_unsigned(file: Path, signature: Path) -> None:
    """Refuse a file that has no signature beside it by one of one's own keys.

    Raises:
        TamperedError: it is not signed so.
    """
    if not signature.is_file():
        raise TamperedError("there is no signature beside it", where=str(file))
    _verified(file, "--verify", signature, file)
