"""A second signature by sigstore, where the network allows: an identity instead of a key."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import ProgramTimeoutError
from elpython.core.process import require, run
from elpython.release.manifest import BUNDLE, MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Identity", "check_seal", "seal"]

_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Whose sigstore signature counts.

    Attributes:
        name: the certificate's subject: an address, or a workflow's URL.
        issuer: URL of the OpenID Connect issuer that vouches for it.
    """

    name: str
    issuer: str


def seal(manifest: Path, bundle: Path) -> str:
    """Sign a manifest with sigstore; give why that was not possible, empty when it is done.

    Args:
        manifest: what is signed.
        bundle: gets signature, certificate and the transparency log's entry.
    """
    if shutil.which("sigstore") is None:
        return "the program sigstore is not installed (pip install sigstore)"
    words: list[str | Path] = ["sigstore", "sign", "--overwrite", "--bundle", bundle, manifest]
    try:
        done = run(words, check=False, timeout=_SECONDS)
    except ProgramTimeoutError as error:
        return error.what
    if done.returncode == 0 and bundle.is_file():
        return ""
    bundle.unlink(missing_ok=True)
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


def check_seal(folder: Path, identity: Identity) -> str:
    """Check a release's sigstore signature; return what is wrong, empty when nothing is.

    Raises:
        MissingProgramError: the program sigstore is not installed.
    """
    program = require("sigstore", todo="install it: pipx install sigstore")
    if not (folder / BUNDLE).is_file():
        return f"there is no {BUNDLE}"
    words: list[str | Path] = [program, "verify", "identity", "--bundle", folder / BUNDLE]
    words += ["--cert-identity", identity.name, "--cert-oidc-issuer", identity.issuer]
    done = run([*words, folder / MANIFEST], check=False, timeout=_SECONDS)
    if done.returncode == 0:
        return ""
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"
