"""Signatures by `ssh-keygen -Y`: no key server, no network, keys that maintainers have already.

The manifest names the digest of every other file, so that one signature vouches for all of them.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.process import require, run
from elpython.release.errors import SigningError

if TYPE_CHECKING:
    from elpython.release.trust import Signers

__all__ = ["NAMESPACE", "Signature", "check_signature", "fingerprint", "sign"]

# What a signature is for: one that was made for another purpose does not count (sshsig's protocol).
NAMESPACE = "elpython-release"

_HEAD, _FOOT = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_WIDTH = 70
_SECONDS = 60.0
_LIMIT = 1 << 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """What a signature says.

    Attributes:
        good: whether an allowed signer made it over exactly these bytes.
        signer: who, as the allowed signers call them; empty when it is not good.
        key: the key's kind and fingerprint; empty when it could not be read.
        why: why it is not good; empty when it is.
    """

    good: bool
    signer: str = ""
    key: str = ""
    why: str = ""


def _keygen() -> str:
    return require("ssh-keygen")


def fingerprint(key: Path) -> str:
    """Return a key's fingerprint, `SHA256:...`; of a private key too.

    Raises:
        SigningError: it is no key.
    """
    done = run([_keygen(), "-l", "-f", key.absolute()], check=False, timeout=_SECONDS)
    match = re.search(r"SHA256:\S+", done.stdout)
    if match is None:
        raise SigningError(
            "is no SSH key",
            where=str(key),
            details=tuple(done.stderr.strip().splitlines()[-1:]),
            todo="make one: ssh-keygen -t ed25519 -f release-key",
        )
    return match[0]


def sign(file: Path, key: Path) -> bytes:
    """Sign a file; return the signature in sshsig's armour.

    Args:
        file: what is signed.
        key: the private key, or a public one whose private half an agent holds.

    Raises:
        SigningError: no such key, one with a passphrase and no agent, or no key at all.
    """
    if not key.is_file():
        raise SigningError(
            "there is no such key",
            where=str(key),
            todo="make one: ssh-keygen -t ed25519 -f release-key",
        )
    words: list[str | Path] = [_keygen(), "-Y", "sign", "-n", NAMESPACE, "-f", key.absolute()]
    # Through standard input: ssh-keygen would put the signature beside the file by itself.
    done = run(words, input_text=file.read_text("utf-8"), check=False, timeout=_SECONDS)
    if done.returncode != 0 or not done.stdout.startswith(_HEAD):
        raise SigningError(
            "ssh-keygen cannot sign with it",
            where=str(key),
            details=tuple(done.stderr.strip().splitlines()[-3:]),
            todo="a key with a passphrase has to be in an agent: ssh-add "
            f"{key}, then name its public half: --key {key}.pub",
        )
    return done.stdout.encode()


def _canonical(armoured: bytes) -> bool:
    """Return whether an armour is the one that `ssh-keygen` writes for what it holds.

    Its reader forgives spaces, missing line ends, stray bits and version 0; a file that is vouched
    for byte by byte must not be free to vary there.
    """
    match = re.fullmatch(rf"{_HEAD}\n(.*)\n{_FOOT}\n".encode(), armoured, re.DOTALL)
    if match is None:
        return False
    try:
        held = base64.b64decode(match[1].replace(b"\n", b""), validate=True)
    except binascii.Error:
        return False
    # PROTOCOL.sshsig: a preamble and the version, which is not signed.
    if not held.startswith(b"SSHSIG\0\0\0\1"):
        return False
    text = base64.b64encode(held)
    lines = [text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH)]
    return b"\n".join(lines) == match[1]


def check_signature(
    data: bytes,
    signature: bytes | None,
    signers: Signers | None,
    when: dt.datetime | None = None,
) -> Signature:
    """Check a signature over bytes.

    Args:
        data: what should have been signed.
        signature: sshsig's armour; None when there is none.
        signers: whom to believe; None: nobody, and the answer says whose key it was.
        when: the time that counts for `valid-after` and `valid-before`; now if omitted.
    """
    if signature is None:
        return Signature(good=False, why="there is no signature")
    if len(signature) > _LIMIT or not _canonical(signature):
        return Signature(good=False, why="the signature file is damaged")
    # What ssh-keygen reads lies where nobody else writes: all of its runs see the same bytes.
    with tempfile.TemporaryDirectory(prefix="elpython-signature-") as folder:
        place = Path(folder)
        (place / "signature").write_bytes(signature)
        words: list[str | Path] = [_keygen(), "-Y", "check-novalidate", "-n", NAMESPACE]
        words += ["-s", place / "signature"]
        text = data.decode("utf-8", "surrogateescape")
        done = run(words, input_text=text, check=False, timeout=_SECONDS)
        match = re.search(r"with (\S+ key \S+)", done.stdout)
        key = match[1] if match else ""
        if done.returncode != 0:
            return Signature(good=False, key=key, why="it was not made over this manifest")
        if signers is None:
            return Signature(good=False, key=key, why="nobody is named whose signature counts")
        return _by_signer(text, place, signers, key, when)


def _by_signer(
    text: str, folder: Path, signers: Signers, key: str, when: dt.datetime | None
) -> Signature:
    (folder / "signers").write_bytes(signers.allowed)
    (folder / "revoked").write_bytes(signers.revoked)
    place: list[str | Path] = ["-s", folder / "signature", "-f", folder / "signers"]
    if when is not None:
        place += ["-O", f"verify-time={when.astimezone(dt.UTC):%Y%m%d%H%M%SZ}"]
    found = run([_keygen(), "-Y", "find-principals", *place], check=False, timeout=_SECONDS)
    revoked: list[str | Path] = ["-r", folder / "revoked"] if signers.revoked.strip() else []
    why = "the allowed signers do not list its key"

    def verifies(words: list[str | Path]) -> bool:
        return run(words, input_text=text, check=False, timeout=_SECONDS).returncode == 0

    for name in found.stdout.replace(",", "\n").splitlines():
        words: list[str | Path] = [_keygen(), "-Y", "verify", "-n", NAMESPACE, "-I", name, *place]
        if verifies([*words, *revoked]):
            return Signature(good=True, signer=name, key=key)
        if revoked and verifies(words):
            why = "its key is revoked"
    return Signature(good=False, key=key, why=why)
