"""What can go wrong with a release; exit codes 50 to 59."""

from __future__ import annotations

from elpython.core.errors import ElpythonError

__all__ = [
    "BadIndexError",
    "BadManifestError",
    "NoTrustError",
    "NotReleasedError",
    "PackagingError",
    "RefusedReleaseError",
    "ReleaseBusyError",
    "SigningError",
    "TamperedError",
]


class RefusedReleaseError(ElpythonError):
    """A task that found something for which nothing may be released."""

    exit_code = 50


class BadManifestError(ElpythonError):
    """A manifest that is not there, cannot be read, or does not keep to its schema."""

    exit_code = 51


class SigningError(ElpythonError):
    """A key that cannot sign, or that the allowed signers do not list."""

    exit_code = 52


class TamperedError(ElpythonError):
    """A release whose files are not those that were signed: nothing of it was used."""

    exit_code = 53


class ReleaseBusyError(ElpythonError):
    """Another run is at work on the same release."""

    exit_code = 54


class NoTrustError(ElpythonError):
    """Nobody is named whose signature counts, or anybody could change the list of those."""

    exit_code = 57


class NotReleasedError(ElpythonError):
    """No release where one is needed: nothing to go on with, to compare or to rebuild."""

    exit_code = 55


class PackagingError(ElpythonError):
    """A package that could not be built from an archive."""

    exit_code = 56


class BadIndexError(ElpythonError):
    """An index that cannot be reached, is stale, or is not what its keys have signed."""

    exit_code = 58
