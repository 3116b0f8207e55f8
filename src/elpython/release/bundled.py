"""What a CPython source brings along of others: found in its files where upstream has no list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["PUBLISHERS", "Bundled", "bundled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundled:
    """Another project's code inside the tree.

    Attributes:
        name: how the project calls it.
        version: as its own files tell.
        path: file or folder in the tree.
        cpe: vendor and product, as vulnerability databases know it; empty where they do not.
        purl: package URL without the version; empty where there is no registry.
        supplier: who publishes it, as SPDX writes it.
    """

    name: str
    version: str
    path: str
    cpe: str = ""
    purl: str = ""
    supplier: str = "NOASSERTION"


# name -> file with its version, pattern (its groups joined by dots), folder, vendor and product.
_NATIVE: Mapping[str, tuple[str, str, str, str]] = {
    "expat": (
        "Modules/expat/expat.h",
        r"XML_MAJOR_VERSION (\d+)\n[^\n]*MINOR_VERSION (\d+)\n[^\n]*MICRO_VERSION (\d+)",
        "Modules/expat",
        "libexpat_project:libexpat",
    ),
    "mpdecimal": (
        "Modules/_decimal/libmpdec/mpdecimal.h",
        r'MPD_VERSION "([\d.]+)"',
        "Modules/_decimal/libmpdec",
        "bytereef:mpdecimal",
    ),
    "macholib": ("Lib/ctypes/macholib/__init__.py", r"__version__ = '([\d.]+)'",
                 "Lib/ctypes/macholib", ""),
    "hacl-star": ("Modules/_hacl/refresh.sh", r"expected_hacl_star_rev=([0-9a-f]{40})",
                  "Modules/_hacl", "hacl-star:hacl-star"),
}  # fmt: skip
# name -> package URL without the version, and who publishes it.
PUBLISHERS: Mapping[str, tuple[str, str]] = {
    "expat": ("pkg:github/libexpat/libexpat", "Organization: Expat development team"),
    "hacl-star": ("pkg:github/hacl-star/hacl-star", "Organization: HACL* Developers"),
    "libb2": ("pkg:github/BLAKE2/libb2", "Organization: BLAKE2 - fast secure hashing"),
    "macholib": ("pkg:pypi/macholib", "Person: Ronald Oussoren (ronaldoussoren@mac.com)"),
    "mpdecimal": ("pkg:generic/mpdecimal", "Organization: bytereef.org"),
    "pip": ("pkg:pypi/pip", "Organization: Python Packaging Authority"),
    "setuptools": ("pkg:pypi/setuptools", "Organization: Python Packaging Authority"),
}
_WHEELS = "Lib/ensurepip/_bundled"
_CPES = {"pip": "pypa:pip", "setuptools": "python:setuptools"}


def bundled(tree: Path) -> list[Bundled]:
    """Return what a tree bundles.

    Args:
        tree: the source folder.
    """
    found = []
    for name, (file, pattern, folder, cpe) in _NATIVE.items():
        path = tree / file
        text = path.read_text("utf-8", "replace") if path.is_file() else ""
        match = re.search(pattern, text)
        if match:
            version = ".".join(match.groups())
            purl, supplier = PUBLISHERS[name]
            found.append(
                Bundled(
                    name=name, version=version, path=folder, cpe=cpe, purl=purl, supplier=supplier
                )
            )
    for path in sorted((tree / _WHEELS).glob("*.whl")):
        name, version = path.name.split("-")[:2]
        found.append(
            Bundled(
                name=name,
                version=version,
                path=f"{_WHEELS}/{path.name}",
                cpe=_CPES.get(name, ""),
                purl=f"pkg:pypi/{name}",
                supplier=PUBLISHERS.get(name, ("", "NOASSERTION"))[1],
            )
        )
    return found
