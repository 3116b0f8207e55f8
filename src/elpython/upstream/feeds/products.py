"""Which product a feed speaks of: CPython and what it bundles, or something else."""

from __future__ import annotations

import re

__all__ = ["OTHER", "of_package", "of_repository"]

OTHER = "other"

# Packages of distributions: python3, python3.11, python311, python3.11-minimal, python39-libs.
_CPYTHON = re.compile(
    r"(?:c?python(?:[23](?:\.?\d{1,2})?)?)"
    r"(?:-(?:core|base|libs|minimal|stdlib|dev|devel|doc|nogil|unversioned-command))?"
)
_LIBEXPAT = {"expat", "libexpat", "libexpat1", "libexpat-dev"}
_REPOSITORIES = {
    "python/cpython": "cpython",
    "libexpat/libexpat": "libexpat",
    "pypa/pip": "pip",
}


def of_package(ecosystem: str, name: str) -> str:
    """Return the product that a package of an ecosystem is.

    Args:
        ecosystem: as OSV names it: `PyPI`, `Debian:12`, `Bitnami`; its release is left out.
        name: the package's.
    """
    kind, name = ecosystem.partition(":")[0], name.lower()
    if kind in {"PyPI", "npm", "crates.io", "Packagist", "Maven", "NuGet", "RubyGems", "Go"}:
        # In these, a package that is called python is somebody's package.
        return "pip" if (kind, name) == ("PyPI", "pip") else OTHER
    if name in _LIBEXPAT:
        return "libexpat"
    return "cpython" if _CPYTHON.fullmatch(name) else OTHER


def of_repository(url: str) -> str:
    """Return the product that a git repository holds."""
    path = re.sub(r"^\w+://[^/]+/|\.git$|/$", "", url.lower())
    return _REPOSITORIES.get(path, OTHER)
