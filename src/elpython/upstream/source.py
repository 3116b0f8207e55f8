"""What a source is: a release archive of CPython with its digest, and the places that have it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PROVIDERS", "DistroPatch", "IndexFile", "Source"]

PROVIDERS = ("python-org", "debian", "local", "git")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One place where a release's source is available.

    Attributes:
        provider: `python-org`, `debian`, `local` or `git`.
        version: the upstream release, `3.11.2`.
        sha256: of the archive as this provider gives it, 64 hex digits; for `git` the digest of
            `git archive` in tar form, which is the same on every machine.
        file: the archive's name; for `local` its path, `~` allowed.
        package: source package (`debian`).
        suite: Debian suite (`debian`), for example `bookworm`.
        url: where the clone is (`git`), or the folder of the archive (`python-org`, for a mirror).
        tag: tag to take (`git`).
    """

    provider: str
    version: str
    sha256: str
    file: str = ""
    package: str = ""
    suite: str = ""
    url: str = ""
    tag: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DistroPatch:
    """A patch inside a distribution's source package, pinned by its own digest.

    Attributes:
        package: source package, `python3.11`.
        suites: Debian suites that may have it, in the order in which they are asked.
        version: the package version in which it was found; any other that holds the same patch
            serves as well, since point releases replace source packages.
        name: its name below `debian/patches`.
        sha256: of the patch file, 64 hex digits.
    """

    package: str
    suites: tuple[str, ...]
    version: str
    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexFile:
    """A file of a package index.

    Attributes:
        project: normalised name, `pip`.
        name: of the file, `pip-26.3-py3-none-any.whl`.
        sha256: of the file, 64 hex digits.
    """

    project: str
    name: str
    sha256: str
