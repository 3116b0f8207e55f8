"""What verifying a release looks at and finds, and what comes out of it when all of it is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.release.manifest import Manifest
    from elpython.release.sign import Signature

__all__ = ["Check", "Received", "Verified"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was looked at, or was not.

    Attributes:
        name: `index`, `signature`, `sigstore`, `manifest`, `files`, `base`, `series`, `archive`,
            `rebuild` or `build`.
        problems: what is wrong; none when it is as it should be.
        note: what was found.
        skipped: why it was not looked at; empty when it was.
    """

    name: str
    problems: tuple[str, ...] = ()
    note: str = ""
    skipped: str = ""

    @property
    def verdict(self) -> str:
        """`good`, `wrong` or `not looked at`."""
        if self.skipped:
            return "not looked at"
        return "wrong" if self.problems else "good"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What verifying a release found.

    Attributes:
        folder: the release's.
        version: what the manifest says it is; empty when it was not read.
        variant: value of `sys.implementation.variant`.
        signature: whose it is.
        unverified: whether the user vouches for it, and no signature was looked at.
        checks: each with its problems.
        remarks: what the manifest wants its readers to know.
    """

    folder: Path
    version: str
    variant: str
    signature: Signature
    unverified: bool
    checks: tuple[Check, ...]
    remarks: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether everything that was looked at is as it should be."""
        return not any(check.problems for check in self.checks)


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A release that may be used: a private copy of exactly the bytes that were checked.

    Only `verify.examine` makes one, and only when nothing is wrong. What unpacks, builds or
    packages a release takes this value and nothing else, so that it cannot forget to check.

    Attributes:
        folder: the private copy; gone when the context that made it ends.
        manifest: the release's.
        signed: whether somebody whose signature counts vouches for it, not the user.
    """

    folder: Path
    manifest: Manifest
    signed: bool

    def archive(self, form: str = "tar.xz") -> Path:
        """Return the source archive in a form, `tar.xz` or `tar.gz`."""
        return self.folder / f"{self.manifest.top}.{form}"
