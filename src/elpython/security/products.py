"""What scanners call an EL Python: package URLs and CPE names of a branch's release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elpython.define.branch import Branch

__all__ = ["Product", "products_named", "products_of"]


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
    """Return the products of a branch's present release."""
    return products_named("elpython", str(branch.version), branch.base, branch.name)


def products_named(variant: str, version: str, base: str, series: str) -> list[Product]:
    """Return the products of a release.

    An interpreter reports the base's version, and scanners find it as `python` or `cpython` of
    that version; a package made from our templates they find by its name and the EL version.

    Args:
        variant: its value of `sys.implementation.variant`.
        version: the EL version.
        base: the base's version.
        series: `3.11`.
    """
    package = f"{variant}-{series}"
    vendor = variant.removeprefix("elpython-")
    name = "EL Python" if variant == "elpython" else variant
    return [
        Product(
            id=f"{variant}-{version}",
            name=f"{name} {version}",
            purl=f"pkg:generic/{variant}@{version}",
            cpe=f"cpe:2.3:a:{vendor}:{variant}:{version}:*:*:*:*:*:*:*",
        ),
        Product(
            id=f"python-{base}-in-{variant}-{version}",
            name=f"Python {base} as {name} {version} reports it",
            purl=f"pkg:generic/python@{base}",
            cpe=f"cpe:2.3:a:python:python:{base}:*:*:*:*:*:*:*",
        ),
        Product(
            id=f"cpython-{base}-in-{variant}-{version}",
            name=f"CPython {base} as {name} {version} reports it",
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
            id=f"python-python-{base}-in-{variant}-{version}",
            name=f"Python {base}, by vendor and product, as {name} {version} reports it",
            # cve-bin-tool takes the last package URL, and only one with a namespace (NVD's vendor).
            purl=f"pkg:generic/python/python@{base}",
        ),
    ]
