"""What scanners call an EL Python: package URLs and CPE names of a branch's release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elpython.define.branch import Branch

__all__ = ["Product", "products_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """One way in which a scanner names an EL Python.

    Attributes:
        id: short, for documents that refer to it.
        name: for people.
        purl: package URL.
        cpe: CPE 2.3 name; empty where there is none.
    """

    id: str
    name: str
    purl: str
    cpe: str = ""


def products_of(branch: Branch) -> list[Product]:
    """Return the products of a branch's present release.

    An interpreter reports the base's version, and scanners find it as `python` or `cpython` of
    that version; a package made from our templates they find by its name and the EL version.
    """
    version, base, series = str(branch.version), branch.base, branch.name
    package = f"elpython-{series}"
    return [
        Product(
            id=f"elpython-{version}",
            name=f"EL Python {version}",
            purl=f"pkg:generic/elpython@{version}",
            cpe=f"cpe:2.3:a:elpython:elpython:{version}:*:*:*:*:*:*:*",
        ),
        Product(
            id=f"python-{base}-in-elpython-{version}",
            name=f"Python {base} as EL Python {version} reports it",
            purl=f"pkg:generic/python@{base}",
            cpe=f"cpe:2.3:a:python:python:{base}:*:*:*:*:*:*:*",
        ),
        Product(
            id=f"cpython-{base}-in-elpython-{version}",
            name=f"CPython {base} as EL Python {version} reports it",
            purl=f"pkg:generic/cpython@{base}",
        ),
        Product(
            id=f"deb-{package}-{version}",
            name=f"Debian package {package} {version}-1",
            purl=f"pkg:deb/debian/{package}@{version}-1",
        ),
        Product(
            id=f"rpm-{package}-{version}",
            name=f"RPM package {package} {version}-1",
            purl=f"pkg:rpm/{package}@{version}-1",
        ),
        Product(
            id=f"python-python-{base}-in-elpython-{version}",
            name=f"Python {base}, by vendor and product, as EL Python {version} reports it",
            # cve-bin-tool takes the last package URL, and only one with a namespace (NVD's vendor).
            purl=f"pkg:generic/python/python@{base}",
        ),
    ]
