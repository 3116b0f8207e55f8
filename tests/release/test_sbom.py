"""Bills of materials: accepted by the formats' own tools, and of use to a scanner."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from elpython.release.bundled import Bundled, bundled
from elpython.release.bundled_vex import bundled_statements
from elpython.release.errors import RefusedReleaseError
from elpython.release.sbom import Material, cyclonedx, spdx
from elpython.release.sbom_check import check_cyclonedx, check_spdx

if TYPE_CHECKING:
    from pathlib import Path

    from release_sample import Sample

NAME = "elpython-3.11.2.27.01.0"
UPSTREAM = {
    "SPDXID": "SPDXRef-DOCUMENT",
    "spdxVersion": "SPDX-2.3",
    "packages": [
        {
            "SPDXID": "SPDXRef-PACKAGE-expat",
            "name": "expat",
            "versionInfo": "2.6.3",
            "downloadLocation": "https://example.org/expat-2.6.3.tar.gz",
            "licenseConcluded": "NOASSERTION",
            "primaryPackagePurpose": "SOURCE",
            "checksums": [{"algorithm": "SHA256", "checksumValue": "a" * 64}],
            "externalRefs": [
                {
                    "referenceCategory": "SECURITY",
                    "referenceType": "cpe23Type",
                    "referenceLocator": "cpe:2.3:a:libexpat_project:libexpat:2.6.3:*:*:*:*:*:*:*",
                }
            ],
        }
    ],
    "files": [
        {
            "SPDXID": f"SPDXRef-FILE-{name}",
            "fileName": f"Modules/expat/{name}.h",
            "checksums": [{"algorithm": "SHA256", "checksumValue": "b" * 64}],
        }
        for name in ("expat", "gone")
    ],
    "relationships": [
        {
            "spdxElementId": "SPDXRef-PACKAGE-expat",
            "relationshipType": "CONTAINS",
            "relatedSpdxElement": f"SPDXRef-FILE-{name}",
        }
        for name in ("expat", "gone")
    ],
}


def document(sample: Sample, suffix: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((sample.folder / f"{NAME}.{suffix}.json").read_text())
    return data


def material(sample: Sample, upstream: dict[str, Any] | None) -> Material:
    tree = sample.example.prepare()
    return Material(
        name=NAME,
        version="3.11.2.27.01.0",
        base="3.11.2",
        base_sha256="c" * 64,
        when="2026-11-21T00:00:00+00:00",
        toolchain="1.0",
        archive=(f"{NAME}.tar.xz", "d" * 64),
        changes=[(sample.example.load().change("two"), "patches/0001-two.patch", b"diff\n")],
        tree=tree.folder,
        bundled=bundled(tree.folder),
        upstream=upstream,
    )


def test_the_formats_own_tools_accept_them(released: Sample) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    check_spdx(document(released, "spdx"))
    text = json.dumps(document(released, "cdx"))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_every_change_is_a_patch(released: Sample) -> None:
    read = document(released, "spdx")
    applied = [
        item["spdxElementId"]
        for item in read["relationships"]
        if item["relationshipType"] == "PATCH_APPLIED"
    ]
    assert applied == [f"SPDXRef-PATCH-000{number}" for number in (1, 2, 3)]
    patches = document(released, "cdx")["metadata"]["component"]["pedigree"]["patches"]
    assert [patch["diff"]["url"] for patch in patches] == [
        file["fileName"].removeprefix("./") for file in read["files"][:3]
    ]
    assert patches[2]["resolves"][0]["id"] == "CVE-2024-1000"


def test_the_tree_is_searched_where_upstream_has_no_list(sample: Sample) -> None:
    assert bundled(sample.example.prepare().folder) == [
        Bundled(name="expat", version="2.5.0", path="Modules/expat",
                cpe="libexpat_project:libexpat", purl="pkg:github/libexpat/libexpat",
                supplier="Organization: Expat development team"),
        Bundled(name="pip", version="23.0", cpe="pypa:pip", purl="pkg:pypi/pip",
                supplier="Organization: Python Packaging Authority",
                path="Lib/ensurepip/_bundled/pip-23.0-py3-none-any.whl"),
    ]  # fmt: skip


def test_upstreams_list_is_taken_over_with_the_digests_of_now(sample: Sample) -> None:
    made = spdx(material(sample, UPSTREAM))
    check_spdx(made)
    packages = {item["name"]: item["versionInfo"] for item in made["packages"]}
    assert packages == {
        "elpython": "3.11.2.27.01.0", "CPython": "3.11.2", "expat": "2.5.0", "pip": "23.0",
    }  # fmt: skip
    # The tree is the truth: upstream's list lags behind it.
    expat = made["packages"][2]
    assert ":libexpat:2.5.0:" in expat["externalRefs"][0]["referenceLocator"]
    assert expat["comment"] == "Modules/expat says 2.5.0; the base's own list says 2.6.3"
    files = {item["fileName"]: item for item in made["files"]}
    assert "./Modules/expat/gone.h" not in files
    assert files["./Modules/expat/expat.h"]["comment"] == "patched since"
    check_cyclonedx(cyclonedx(material(sample, UPSTREAM)))


@pytest.mark.parametrize(
    "spoil",
    [
        {"spdxVersion": "SPDX-9"},
        {"documentNamespace": "no address"},
        {"packages": [{"name": "x"}]},
        {"relationships": [{"spdxElementId": "SPDXRef-none", "relationshipType": "DESCRIBES",
                            "relatedSpdxElement": "SPDXRef-none"}]},
    ],
)  # fmt: skip
def test_a_wrong_spdx_document_is_refused(released: Sample, spoil: dict[str, Any]) -> None:
    with pytest.raises(RefusedReleaseError, match="SPDX document"):
        check_spdx(document(released, "spdx") | spoil)


def test_a_wrong_cyclonedx_document_is_refused(released: Sample) -> None:
    with pytest.raises(RefusedReleaseError, match="CycloneDX document"):
        check_cyclonedx(document(released, "cdx") | {"components": [{"type": "spaceship"}]})


def scan(folder: Path, known: dict[str, tuple[str, str]]) -> set[str]:
    """Look for vulnerabilities as scanners do: by CPE, then less what the VEX answers.

    Args:
        folder: the release's.
        known: CVE -> vendor and product, and the version that it was found in.
    """
    bom = json.loads((folder / f"{NAME}.cdx.json").read_text())
    parts = [bom["metadata"]["component"], *bom["components"]]
    found = {
        cve
        for cve, (product, version) in known.items()
        if any(f":{product}:{version}:" in part.get("cpe", "") for part in parts)
    }
    vex = json.loads((folder / f"{NAME}.openvex.json").read_text())
    answered = {
        item["vulnerability"]["name"]
        for item in vex["statements"]
        if item["status"] in {"fixed", "not_affected"}
    }
    return found - answered


def test_a_scanner_no_longer_cries_wolf(released: Sample) -> None:
    known = {
        "CVE-2024-1000": ("python:python", "3.11.2"),
        "CVE-2024-2000": ("python:python", "3.11.2"),
        "CVE-2024-3000": ("libexpat_project:libexpat", "2.5.0"),
        "CVE-2024-4000": ("python:python", "3.12.0"),
    }
    assert scan(released.folder, known) == {"CVE-2024-2000", "CVE-2024-3000"}


@pytest.mark.parametrize("upstream", [None, UPSTREAM], ids=["our own list", "upstream's list"])
def test_ntia_finds_all_minimum_elements(
    sample: Sample, tmp_path: Path, upstream: dict[str, Any] | None
) -> None:
    """Supplier, name, version, unique id, relationship, author and time of every part."""
    ntia = pytest.importorskip("ntia_conformance_checker")
    path = tmp_path / "it.spdx.json"
    path.write_text(json.dumps(spdx(material(sample, upstream))))
    assert ntia.SbomChecker(str(path), compliance="ntia").compliant

    document = spdx(material(sample, upstream))
    del document["packages"][-1]["supplier"]
    path.write_text(json.dumps(document))
    assert not ntia.SbomChecker(str(path), compliance="ntia").compliant


@pytest.mark.parametrize("upstream", [None, UPSTREAM])
def test_every_part_hangs_together_and_is_known_to_scanners(
    sample: Sample, upstream: dict[str, Any] | None
) -> None:
    document = spdx(material(sample, upstream))
    reached, todo = {"SPDXRef-DOCUMENT"}, ["SPDXRef-DOCUMENT"]
    while todo:
        here = todo.pop()
        for item in document["relationships"]:
            ends = (item["spdxElementId"], item["relatedSpdxElement"])
            if here in ends:
                todo += [end for end in ends if end not in reached]
                reached |= set(ends)
    parts = {item["SPDXID"] for item in (*document["packages"], *document["files"])}
    assert parts <= reached
    for item in document["packages"]:
        kinds = {reference["referenceType"] for reference in item["externalRefs"]}
        assert "purl" in kinds, item["name"]
    for part in cyclonedx(material(sample, upstream))["components"]:
        assert part["supplier"]["name"] != "NOASSERTION"
        assert part["purl"]


def test_what_is_bundled_has_statements_of_its_own(released: Sample) -> None:
    """Pip 23.0 stands in the bill of materials: the VEX says which CVEs it has."""
    statements = document(released, "openvex")["statements"]
    told = {
        item["vulnerability"]["name"]: item
        for item in statements
        if "subcomponents" in (item.get("products") or [{}])[0]
    }
    assert set(told) == {"CVE-2023-5752", "CVE-2025-8869", "CVE-2026-1703"}
    part = told["CVE-2023-5752"]["products"][0]["subcomponents"][0]["@id"]
    assert part == "pkg:pypi/pip@23.0"
    assert {item["status"] for item in told.values()} == {"affected"}
    assert all("pip install --upgrade pip" in item["action_statement"] for item in told.values())


def test_a_tarfile_with_filters_keeps_pips_fallback_from_running(tmp_path: Path) -> None:
    found = [Bundled(name="pip", version="25.1.1", path="x", purl="pkg:pypi/pip")]
    (tmp_path / "Lib").mkdir()
    states = []
    for text in ("", "def data_filter(member, path):\n"):
        (tmp_path / "Lib" / "tarfile.py").write_text(text)
        made = bundled_statements(tmp_path, found, "3.11.2.27.01.0")
        states.append({item["vulnerability"]["name"]: item["status"] for item in made})
    assert states[0]["CVE-2025-8869"] == "affected"
    assert states[1]["CVE-2025-8869"] == "not_affected"
    assert states[1]["CVE-2026-1703"] == "affected"
    newer = [Bundled(name="pip", version="26.1.2", path="x", purl="pkg:pypi/pip")]
    assert bundled_statements(tmp_path, newer, "3.11.2.27.01.0") == []
