"""The documents of a release under a redistributor's name.

Scanners, auditors and users ask the redistributor for what they install: title, supplier, package
URL and digest are those of the redistributor's archive. What EL Python is the source of keeps
naming it: the release that it was made from, the changes and their patches, the features' version,
the contract and the tests, and until when EL Python keeps the branch.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.strict_json import load_json
from elpython.core.toolchain import VERSION
from elpython.release.errors import TamperedError
from elpython.release.sbom_check import check_cyclonedx, check_spdx
from elpython.release.sbom_parts import patch_file, product_url, relation, serial_of
from elpython.security.products import products_named

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.release.manifest import Manifest

__all__ = ["Renaming", "new_name", "rename_documents"]

_ORIGIN = "SPDXRef-PACKAGE-elpython"


@dataclass(frozen=True, kw_only=True, slots=True)
class Renaming:
    """A release and the redistributor's that is made from it.

    Attributes:
        manifest: of the release.
        variant: what the redistributor's says in `sys.implementation.variant`.
        archive: name and sha256 of the redistributor's source archive.
        patch: name and content of the one patch by which it differs.
    """

    manifest: Manifest
    variant: str
    archive: tuple[str, str]
    patch: tuple[str, bytes]

    @property
    def who(self) -> str:
        """The redistributor."""
        return self.variant.removeprefix("elpython-")

    @property
    def version(self) -> str:
        """The EL version, which both have."""
        return str(self.manifest.version)

    @property
    def top(self) -> str:
        """Name of the redistributor's release."""
        return f"{self.variant}-{self.version}"

    @property
    def title(self) -> str:
        """What its patch does, in one line."""
        return f"Rebuild as {self.variant}"


def new_name(name: str, naming: Renaming) -> str:
    """Return a file's name in the redistributor's release."""
    return re.sub(rf"^{re.escape(naming.manifest.top)}(?=\.)", naming.top, name)


def rename_documents(work: Path, naming: Renaming) -> list[str]:
    """Rewrite the documents of a release that lie in a folder under their new names.

    Args:
        work: folder of the redistributor's release.
        naming: both names.

    Returns:
        The documents that every release of today has, and this one has not.

    Raises:
        TamperedError: one is not what a release has under that name.
        RefusedReleaseError: the format's own library refuses what was made of it.
    """
    documents: dict[str, Callable[[bytes, Renaming], str]] = {
        f"{naming.top}.spdx.json": _spdx,
        f"{naming.top}.cdx.json": _cyclonedx,
        f"{naming.top}.openvex.json": _openvex,
        "NOTES.md": _notes,
        "whatsnew.rst": _whats_new,
    }
    missing = []
    for name, rewrite in documents.items():
        path = work / name
        if not path.is_file():
            missing.append(name)
            continue
        try:
            text = rewrite(path.read_bytes(), naming)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise TamperedError(
                f"is not written as a release has it: {error!r}",
                where=name,
                todo="use the toolchain of the release, or ask its publisher",
            ) from error
        path.write_text(text, "utf-8")
    return missing


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _spdx(data: bytes, naming: Renaming) -> str:
    """Describe the redistributor's package: a descendant of the release, one patch apart."""
    document = load_json(data)
    origin = {item["SPDXID"]: item for item in document["packages"]}[_ORIGIN]
    own = f"SPDXRef-PACKAGE-{naming.variant}"
    file, digest = naming.archive
    purl = product_url(naming.version, naming.variant)
    old = product_url(naming.version)
    package = origin | {
        "SPDXID": own,
        "name": naming.variant,
        "packageFileName": file,
        "supplier": f"Organization: {naming.who}",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "externalRefs": [
            item | {"referenceLocator": purl} if item["referenceLocator"] == old else item
            for item in origin["externalRefs"]
        ],
    }
    patch = patch_file(
        sum(item["SPDXID"].startswith("SPDXRef-PATCH-") for item in document["files"]) + 1,
        [naming.title, "kind: variant"],
        *naming.patch,
    )
    ours = [_moved(item, own) for item in document["relationships"]]
    ours += [
        relation(own, "DESCENDANT_OF", _ORIGIN),
        relation(patch["SPDXID"], "PATCH_FOR", _ORIGIN),
        relation(patch["SPDXID"], "PATCH_APPLIED", own),
    ]
    serial = serial_of(purl, digest)
    document |= {
        "name": naming.top,
        "documentNamespace": f"https://spdx.org/spdxdocs/{naming.top}-{serial}",
        "creationInfo": document["creationInfo"]
        | {"creators": [f"Organization: {naming.who}", f"Tool: elpython-{VERSION}"]},
        "packages": [package, *document["packages"]],
        "files": [patch, *document["files"]],
        "relationships": ours,
    }
    check_spdx(document)
    return _json(document)


def _moved(relation: dict[str, str], own: str) -> dict[str, str]:
    """Return a relation with the package in the release's place, but for what that comes from."""
    if relation["relationshipType"] == "DESCENDANT_OF":
        return relation
    ends = ("spdxElementId", "relatedSpdxElement")
    return relation | {key: own for key in ends if relation[key] == _ORIGIN}


def _cyclonedx(data: bytes, naming: Renaming) -> str:
    """Describe the redistributor's component: the release is its ancestor."""
    document = load_json(data)
    origin = document["metadata"]["component"]
    file, digest = naming.archive
    old, purl = origin["bom-ref"], product_url(naming.version, naming.variant)
    own = origin | {
        "bom-ref": purl,
        "name": naming.variant,
        "purl": purl,
        "supplier": {"name": naming.who},
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "externalReferences": [{"type": "distribution", "url": file}],
        "pedigree": {
            "ancestors": [origin],
            "patches": [
                {
                    "type": "unofficial",
                    "diff": {"url": naming.patch[0]},
                    "resolves": [
                        {"type": "enhancement", "id": naming.variant, "name": naming.title}
                    ],
                }
            ],
        },
    }
    tool = {"type": "application", "name": "elpython", "version": VERSION}
    document |= {
        "serialNumber": f"urn:uuid:{serial_of(purl, digest)}",
        "metadata": document["metadata"] | {"tools": {"components": [tool]}, "component": own},
        "dependencies": [
            item | {"ref": purl} if item["ref"] == old else item
            for item in document["dependencies"]
        ],
    }
    check_cyclonedx(document)
    return _json(document)


def _openvex(data: bytes, naming: Renaming) -> str:
    """Make the statements about the redistributor's products, as the redistributor's."""
    document = load_json(data)
    version, series = naming.manifest.version, naming.manifest.version.series
    old, new = (
        products_named(variant, str(version), version.base, series)
        for variant in ("elpython", naming.variant)
    )
    names = {item.purl: other.purl for item, other in zip(old, new, strict=True)}
    names |= {item.cpe: other.cpe for item, other in zip(old, new, strict=True) if item.cpe}
    return _json(
        document
        | {
            "@id": f"https://openvex.dev/docs/public/{naming.top}",
            "author": naming.who,
            "statements": [
                {
                    key: _products(value, names) if key == "products" else value
                    for key, value in statement.items()
                }
                for statement in document["statements"]
            ],
        }
    )


def _products(value: Any, names: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _products(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_products(item, names) for item in value]
    return names.get(value, value)


def _notes(data: bytes, naming: Renaming) -> str:
    """Put the redistributor's name over the notes; say whose the promises in them are."""
    title, _, rest = data.decode("utf-8").partition("\n")
    if title != f"# EL Python {naming.version}":
        raise ValueError(f"its title is {title[:80]!r}")
    kept = re.sub(r"(?m)^Kept until ", "EL Python keeps the branch until ", rest, count=1)
    return (
        f"# {naming.variant} {naming.version}\n\n"
        f"EL Python {naming.version}, rebuilt and answered for by {naming.who}. It differs by one\n"
        f"patch, `{naming.patch[0]}`. Report what is wrong with it to {naming.who}, and ask there\n"
        "for advisories, newer releases and how long it is kept. What follows are EL Python's own\n"
        "notes; `contract.json` and the tests are of EL Python's own build.\n"
        f"{kept}"
    )


def _whats_new(data: bytes, naming: Renaming) -> str:
    """Put the redistributor's name over What's New; a feature keeps the version that brought it."""
    text = data.decode("utf-8")
    match = re.match(r"\*+\nWhat's New in EL Python \S+\n\*+\n", text)
    if match is None:
        raise ValueError(f"its title is {text[:80]!r}")
    title = f"What's New in {naming.variant} {naming.version}"
    line = "*" * len(title)
    return (
        f"{line}\n{title}\n{line}\n\n"
        f"EL Python {naming.version}, rebuilt by {naming.who}: what is new in it is new here,\n"
        "under the version of EL Python that brought it.\n"
        f"{text[match.end() :]}"
    )
