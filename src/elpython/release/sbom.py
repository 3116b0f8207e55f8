"""Bills of materials: SPDX 2.3 and CycloneDX 1.6, every change in them as a patch.

Both are written as data; `sbom_check` reads them back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from elpython.release.bundled import PUBLISHERS
from elpython.release.sbom_parts import digests, patch_file, product_url, relation, serial_of

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from elpython.define.change import Change
    from elpython.release.bundled import Bundled

__all__ = ["Material", "cyclonedx", "spdx"]

_LICENSE = "PSF-2.0"
_ISSUES = {
    "gh": "https://github.com/python/cpython/issues/",
    "bpo": "https://bugs.python.org/issue",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """What a bill of materials is written from.

    Attributes:
        name: the release's, `elpython-3.11.2.27.01.0`.
        version: the EL version.
        base: the base's version.
        base_sha256: digest of the base's archive.
        when: RFC 3339 time of the release.
        toolchain: version of the toolchain.
        archive: name and sha256 of the source archive.
        changes: each with the name and the content of its patch, in order.
        tree: the source folder.
        bundled: other projects' code in it, where upstream has no list.
        upstream: upstream's own SPDX document; None where there is none.
    """

    name: str
    version: str
    base: str
    base_sha256: str
    when: str
    toolchain: str
    archive: tuple[str, str]
    changes: Sequence[tuple[Change, str, bytes]]
    tree: Path
    bundled: Sequence[Bundled]
    upstream: Mapping[str, Any] | None


def _cpe(product: str, version: str) -> str:
    return f"cpe:2.3:a:{product}:{version}:*:*:*:*:*:*:*"


def _base_url(version: str) -> str:
    plain = re.sub(r"(a|b|rc)\d+$", "", version)
    return f"https://www.python.org/ftp/python/{plain}/Python-{version}.tgz"


def _reference(kind: str, locator: str) -> dict[str, str]:
    category = "SECURITY" if kind == "cpe23Type" else "PACKAGE-MANAGER"
    return {
        "referenceCategory": category,
        "referenceType": kind,
        "referenceLocator": locator,
    }


def _package(identity: str, name: str, version: str, **more: object) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-PACKAGE-{identity}",
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "SOURCE",
        **more,
    }


def _sha256(value: str) -> list[dict[str, str]]:
    return [{"algorithm": "SHA256", "checksumValue": value}]


def _own_packages(material: Material) -> list[dict[str, Any]]:
    file, digest = material.archive
    return [
        _package(
            "elpython",
            "elpython",
            material.version,
            packageFileName=file,
            supplier="Organization: The EL Python project",
            licenseDeclared=_LICENSE,
            checksums=_sha256(digest),
            # What a scanner looks for is CPython: what it then finds is answered by the VEX.
            externalRefs=[
                _reference("cpe23Type", _cpe("python:python", material.base)),
                _reference("purl", product_url(material.version)),
            ],
        ),
        _package(
            "cpython",
            "CPython",
            material.base,
            downloadLocation=_base_url(material.base),
            supplier="Organization: Python Software Foundation",
            licenseDeclared=_LICENSE,
            checksums=_sha256(material.base_sha256),
            externalRefs=[
                _reference("cpe23Type", _cpe("python:python", material.base)),
                _reference("purl", f"pkg:generic/python@{material.base}"),
            ],
        ),
    ]


def _bundled_package(item: Bundled) -> dict[str, Any]:
    references = [_reference("cpe23Type", _cpe(item.cpe, item.version))] if item.cpe else []
    if item.purl:
        references.append(_reference("purl", f"{item.purl}@{item.version}"))
    return _package(
        f"{item.name}",
        item.name,
        item.version,
        externalRefs=references,
        supplier=item.supplier,
        comment=item.path,
    )


def _supplied(package: dict[str, Any]) -> dict[str, Any]:
    """Return upstream's package with its publisher and package URL: NTIA asks for both."""
    purl, supplier = PUBLISHERS.get(package["name"], ("", ""))
    references = list(package.get("externalRefs", ()))
    if purl and not any(item["referenceType"] == "purl" for item in references):
        references.append(_reference("purl", f"{purl}@{package['versionInfo']}"))
    known = package.get("supplier") or package.get("originator") or supplier
    return package | {"supplier": known or "NOASSERTION", "externalRefs": references}


def _about(change: Change) -> list[str]:
    return [change.title, f"kind: {change.kind}", *change.cves, *change.issues]


def _as_it_is(found: Sequence[Bundled], package: dict[str, Any]) -> dict[str, Any]:
    """Return upstream's package with the version that the tree has: a list may lag behind it."""
    own = next((item for item in found if item.name == package["name"]), None)
    told = package["versionInfo"]
    if own is None or own.version == told:
        return package
    kept = {name: value for name, value in package.items() if name != "checksums"}
    references = [
        item | {"referenceLocator": item["referenceLocator"].replace(told, own.version)}
        for item in package.get("externalRefs", ())
    ]
    return kept | {
        "versionInfo": own.version,
        "downloadLocation": "NOASSERTION",
        "externalRefs": references,
        "comment": f"{own.path} says {own.version}; the base's own list says {told}",
    }


def _inherited(material: Material) -> tuple[list[Any], list[Any], list[Any]]:
    """Take over upstream's packages and files; digests are those of the files as they are now."""
    if material.upstream is None:
        return [_bundled_package(item) for item in material.bundled], [], []
    holders = {
        item["spdxElementId"]
        for item in material.upstream.get("relationships", ())
        if item["relationshipType"] == "CONTAINS"
    }
    packages = [
        {
            "filesAnalyzed": package["SPDXID"] in holders,
            "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION",
            **package,
        }
        for package in map(
            _supplied, map(partial(_as_it_is, material.bundled), material.upstream["packages"])
        )
    ]
    files, gone = [], set()
    for file in material.upstream.get("files", ()):
        path = material.tree / file["fileName"]
        if not path.is_file():
            gone.add(file["SPDXID"])
            continue
        checksums = digests(path.read_bytes())
        theirs = {item["checksumValue"] for item in file["checksums"]}
        patched = {} if checksums[1]["checksumValue"] in theirs else {"comment": "patched since"}
        files.append(
            file
            | {"fileName": f"./{file['fileName']}", "checksums": checksums}
            | {"licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION"}
            | patched
        )
    relations = [
        item
        for item in material.upstream.get("relationships", ())
        if item["relatedSpdxElement"] not in gone
    ]
    known = {package["name"] for package in packages}
    more = [_bundled_package(item) for item in material.bundled if item.name not in known]
    return packages + more, files, relations


def spdx(material: Material) -> dict[str, Any]:
    """Return the SPDX 2.3 document: upstream's own where there is one, extended by every change."""
    own = "SPDXRef-PACKAGE-elpython"
    packages, files, relations = _inherited(material)
    patches = [
        patch_file(number, _about(change), name, data)
        for number, (change, name, data) in enumerate(material.changes, 1)
    ]
    relations = [
        relation("SPDXRef-DOCUMENT", "DESCRIBES", own),
        relation(own, "DESCENDANT_OF", "SPDXRef-PACKAGE-cpython"),
        *(relation(own, "CONTAINS", package["SPDXID"]) for package in packages),
        *relations,
        *(
            relation(patch["SPDXID"], kind, target)
            for patch in patches
            for kind, target in (
                ("PATCH_FOR", "SPDXRef-PACKAGE-cpython"),
                ("PATCH_APPLIED", own),
            )
        ),
    ]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": material.name,
        "documentNamespace": f"https://spdx.org/spdxdocs/{material.name}-{_serial(material)}",
        "creationInfo": {
            "created": material.when.replace("+00:00", "Z"),
            "creators": [
                "Organization: The EL Python project",
                f"Tool: elpython-{material.toolchain}",
            ],
        },
        "packages": [*_own_packages(material), *packages],
        "files": [*patches, *files],
        "relationships": relations,
    }


def _serial(material: Material) -> uuid.UUID:
    return serial_of(product_url(material.version), material.archive[1])


def _resolves(change: Change) -> list[dict[str, Any]]:
    found = []
    kind = {"security": "security", "bugfix": "defect"}.get(change.kind, "enhancement")
    for cve in change.cves:
        source = {"name": "CVE", "url": f"https://www.cve.org/CVERecord?id={cve}"}
        found.append({"type": "security", "id": cve, "source": source})
    for issue in change.issues:
        tracker, _, number = issue.partition("-")
        place = {"name": tracker, "url": f"{_ISSUES[tracker]}{number}"}
        found.append({"type": kind, "id": issue, "source": place})
    return found or [{"type": kind, "id": change.id, "name": change.title}]


def cyclonedx(material: Material) -> dict[str, Any]:
    """Return the CycloneDX 1.6 document: the base as ancestor, every change as a pedigree patch."""
    file, digest = material.archive
    patches = [
        {
            "type": "backport" if change.first_in else "unofficial",
            "diff": {"url": name},
            "resolves": _resolves(change),
        }
        for change, name, _data in material.changes
    ]
    base = {
        "type": "application",
        "bom-ref": f"pkg:generic/python@{material.base}",
        "name": "CPython",
        "version": material.base,
        "purl": f"pkg:generic/python@{material.base}",
        "cpe": _cpe("python:python", material.base),
        "supplier": {"name": "Python Software Foundation"},
        "hashes": [{"alg": "SHA-256", "content": material.base_sha256}],
    }
    own = {
        "type": "application",
        "bom-ref": product_url(material.version),
        "name": "elpython",
        "version": material.version,
        "purl": product_url(material.version),
        "cpe": _cpe("python:python", material.base),
        "supplier": {"name": "The EL Python project"},
        "licenses": [{"license": {"id": _LICENSE}}],
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "externalReferences": [{"type": "distribution", "url": file}],
        "pedigree": {"ancestors": [base], "patches": patches},
    }
    parts = _components(material)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{_serial(material)}",
        "version": 1,
        "metadata": {
            "timestamp": material.when,
            "tools": {
                "components": [
                    {"type": "application", "name": "elpython", "version": material.toolchain}
                ]
            },
            "component": own,
        },
        "components": parts,
        "dependencies": [{"ref": own["bom-ref"], "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def _components(material: Material) -> list[dict[str, Any]]:
    """Return what the tree bundles, from the same packages as the SPDX document."""
    found = []
    for package in _inherited(material)[0]:
        references = {
            item["referenceType"]: item["referenceLocator"]
            for item in package.get("externalRefs", ())
        }
        component = {
            "type": "library",
            "bom-ref": package["SPDXID"],
            "name": package["name"],
            "version": package["versionInfo"],
            "supplier": {"name": package["supplier"].partition(": ")[2] or package["supplier"]},
        }
        if "purl" in references:
            component["purl"] = references["purl"]
        if "cpe23Type" in references:
            component["cpe"] = references["cpe23Type"]
        found.append(component)
    return found
