"""Pieces of bills of materials that a release's and a redistributor's documents share."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["digests", "patch_file", "product_url", "relation", "serial_of"]


def product_url(version: str, variant: str = "elpython") -> str:
    """Return the package URL by which all documents of a release name it."""
    return f"pkg:generic/{variant}@{version}"


def digests(data: bytes) -> list[dict[str, str]]:
    """Return the checksums of a file, as SPDX has them."""
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return [
        {"algorithm": "SHA1", "checksumValue": sha1},
        {"algorithm": "SHA256", "checksumValue": hashlib.sha256(data).hexdigest()},
    ]


def relation(first: str, kind: str, second: str) -> dict[str, str]:
    """Return a relationship between two elements of an SPDX document."""
    return {
        "spdxElementId": first,
        "relationshipType": kind,
        "relatedSpdxElement": second,
    }


def patch_file(number: int, about: Sequence[str], name: str, data: bytes) -> dict[str, Any]:
    """Return a patch as a file of an SPDX document.

    Args:
        number: its place in the order.
        about: what it does, in a few words each.
        name: its file's, below the release's folder.
        data: its content.
    """
    return {
        "SPDXID": f"SPDXRef-PATCH-{number:04}",
        "fileName": f"./{name}",
        "fileTypes": ["SOURCE"],
        "checksums": digests(data),
        "licenseConcluded": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "comment": "; ".join(about),
    }


def serial_of(url: str, digest: str) -> uuid.UUID:
    """Return an id that is the same whenever the same release is made.

    Args:
        url: the release's package URL.
        digest: sha256 of its archive.
    """
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{url}#{digest}")
