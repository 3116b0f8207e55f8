"""A redistributor's documents: whose name stands in each, and what keeps naming the origin."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elpython.build.request import profile_named
from elpython.core.store import Store, file_digest
from elpython.release import derive as derive_module
from elpython.release.derive import Wish, derive
from elpython.release.errors import TamperedError
from elpython.release.renamed import Renaming, new_name, rename_documents
from elpython.security.products import products_named
from release_sample import IDENTITY, Sample, Told, make_sample, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "3.11.2.27.01.0"
OLD, NEW = f"elpython-{VERSION}", f"elpython-acme-{VERSION}"
OLD_URL, NEW_URL = f"pkg:generic/elpython@{VERSION}", f"pkg:generic/elpython-acme@{VERSION}"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release, with statements about every product, and the redistributor's of it."""
    sample = make_sample(tmp_path_factory.mktemp("origin"))
    known = {
        "@id": f"https://openvex.dev/docs/public/{OLD}",
        "author": "The EL Python project",
        "timestamp": "now",
        "statements": [
            {
                "vulnerability": {"name": "CVE-2024-1000"},
                "status": "fixed",
                "products": [
                    {"@id": item.purl, "identifiers": {"purl": item.purl, "cpe23": item.cpe}}
                    for item in products_named("elpython", VERSION, "3.11.2", "3.11")
                ],
            }
        ],
    }
    told = Told()
    sample.told = replace(told, known=replace(told.known, document=known))
    sample.release()
    to = tmp_path_factory.mktemp("acme")
    wish = Wish(redistributor="acme", profile=profile_named("quick"), to=to, key=sample.key)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(derive_module, "facts_of", lambda python: python)
        patched.setattr(derive_module, "check_identity", lambda *_: dict(IDENTITY))
        made = derive(Store(to / "store"), sample.received(), wish)
    assert made.folder is not None
    return sample.folder, made.folder


def document(folder: Path, suffix: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{folder.name}.{suffix}.json").read_text())
    return found


# Where the origin is still named, as patterns of lines, and why.
STAYS = {
    "contract.json": [],
    "patches/0004-elpython-acme.patch": [r".*"],  # both names: what was, and what is
    "NOTES.md": [
        rf"EL Python {VERSION}, rebuilt and answered for by acme\..*",
        r"for advisories, .* What follows are EL Python's own",
        r"notes; `contract\.json` and the tests are of EL Python's own build\.",
        r"EL Python keeps the branch until .*",  # acme says itself how long it does
        r"## What tells EL Python from its base",
        r"- needs: none are kept: elpython contract gather writes them",  # a command
    ],
    "whatsnew.rst": [
        rf"EL Python {VERSION}, rebuilt by acme: .*",
        r"under the version of EL Python that brought it\.",
        r"What tells EL Python from its base",
        rf"\.\. version(added|changed):: EL Python {VERSION}",  # the same on every variant
    ],
    f"{NEW}.spdx.json": [
        r'"Tool: elpython-.*',
        # The release that it descends from, as a package of its own.
        r'("spdxElementId"|"relatedSpdxElement"|"SPDXID"): "SPDXRef-PACKAGE-elpython",?',
        r'"name": "elpython",',
        rf'"packageFileName": "{OLD}\.tar\.xz",',
        r'"supplier": "Organization: The EL Python project",',
        rf'"referenceLocator": "{OLD_URL}"',
    ],
    f"{NEW}.cdx.json": [
        r'"name": "elpython",',  # the tool, and the ancestor
        rf'("bom-ref"|"purl"): "{OLD_URL}",',
        r'"name": "The EL Python project"',
        rf'"url": "{OLD}\.tar\.xz"',
    ],
    f"{NEW}.openvex.json": [],
    "release.json": [
        r'"elpython": "[0-9.dev]+",',  # the tool
        r'"needs: needs: none are kept: elpython contract gather writes them",',
        rf'"elpython-acme: contract\.json and the tests are of EL Python {VERSION}\'s own build"',
        r'"variant": "elpython",',  # derived_from
    ],
}


def test_no_document_names_the_origin_but_where_it_must(both: tuple[Path, Path]) -> None:
    """Every file is gone through: a document that is new has to be decided about."""
    names = {path.relative_to(both[1]).as_posix() for path in both[1].rglob("*") if path.is_file()}
    binary = {f"{NEW}.tar.gz", f"{NEW}.tar.xz", "release.json.sig"}
    origins = {"patches/series", *(name for name in names if re.match(r"patches/000[123]", name))}
    assert names - binary - origins == set(STAYS)
    stray = [
        f"{name}: {line}"
        for name, patterns in STAYS.items()
        for line in map(str.strip, (both[1] / name).read_text().splitlines())
        if re.search(r"EL Python|elpython(?!-acme)", line)
        and not any(re.fullmatch(pattern, line) for pattern in patterns)
    ]
    assert stray == []


def test_the_spdx_document_describes_the_redistributors_archive(both: tuple[Path, Path]) -> None:
    data = document(both[1], "spdx")
    packages = {item["SPDXID"]: item for item in data["packages"]}
    own = packages["SPDXRef-PACKAGE-elpython-acme"]
    assert own["supplier"] == "Organization: acme"
    assert own["checksums"][0]["checksumValue"] == file_digest(both[1] / f"{NEW}.tar.xz")
    origin = packages["SPDXRef-PACKAGE-elpython"]
    assert origin["checksums"][0]["checksumValue"] == file_digest(both[0] / f"{OLD}.tar.xz")
    relations = {
        (item["spdxElementId"], item["relationshipType"], item["relatedSpdxElement"])
        for item in data["relationships"]
    }
    assert ("SPDXRef-DOCUMENT", "DESCRIBES", own["SPDXID"]) in relations
    assert (own["SPDXID"], "DESCENDANT_OF", origin["SPDXID"]) in relations
    assert (origin["SPDXID"], "DESCENDANT_OF", "SPDXRef-PACKAGE-cpython") in relations
    assert (own["SPDXID"], "CONTAINS", "SPDXRef-PACKAGE-pip") in relations
    applied = ("PATCH_APPLIED", own["SPDXID"])
    assert {first for first, *rest in relations if tuple(rest) == applied} == {
        f"SPDXRef-PATCH-000{number}" for number in (1, 2, 3, 4)
    }
    before = document(both[0], "spdx")
    assert data["documentNamespace"] != before["documentNamespace"]


def test_the_cyclonedx_document_has_the_release_as_ancestor(both: tuple[Path, Path]) -> None:
    data, before = document(both[1], "cdx"), document(both[0], "cdx")
    own, origin = data["metadata"]["component"], before["metadata"]["component"]
    assert own["pedigree"]["ancestors"] == [origin]
    assert [item["diff"]["url"] for item in own["pedigree"]["patches"]] == [
        "patches/0004-elpython-acme.patch"
    ]
    assert own["hashes"][0]["content"] == file_digest(both[1] / f"{NEW}.tar.xz")
    assert data["serialNumber"] != before["serialNumber"]
    assert data["dependencies"][0]["ref"] == own["bom-ref"] == NEW_URL


def test_a_scanner_matches_the_statements_with_the_redistributors_names(
    both: tuple[Path, Path],
) -> None:
    data = document(both[1], "openvex")
    named, *bundled = data["statements"]
    assert [item["@id"] for item in named["products"]] == [
        item.purl for item in products_named("elpython-acme", VERSION, "3.11.2", "3.11")
    ]
    assert {item["products"][0]["@id"] for item in bundled} == {NEW_URL}
    assert {len(item["products"][0]["subcomponents"]) for item in bundled} == {1}
    assert (data["author"], data["@id"].rpartition("/")[2]) == ("acme", NEW)
    assert read_manifest(both[1])["cves"]["vex"] == f"{NEW}.openvex.json"


def naming(sample: Sample) -> Renaming:
    return Renaming(
        manifest=sample.received().manifest,
        variant="elpython-acme",
        archive=(f"{NEW}.tar.xz", "0" * 64),
        patch=("patches/0004-elpython-acme.patch", b""),
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (f"{NEW}.spdx.json", '{"packages": []}'),
        (f"{NEW}.spdx.json", "[]"),
        (f"{NEW}.cdx.json", "no JSON"),
        (f"{NEW}.openvex.json", '{"statements": 1}'),
        ("NOTES.md", "# Something else\n"),
        ("whatsnew.rst", "Something else\n"),
    ],
)
def test_a_document_of_another_form_is_told(
    released: Sample, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(TamperedError, match="is not written as a release has it") as caught:
        rename_documents(tmp_path, naming(released))
    assert caught.value.where == name
    assert (tmp_path / name).read_text() == text


def test_what_a_release_lacks_is_told(released: Sample, tmp_path: Path) -> None:
    missing = rename_documents(tmp_path, naming(released))
    assert missing == [
        f"{NEW}.spdx.json", f"{NEW}.cdx.json", f"{NEW}.openvex.json", "NOTES.md", "whatsnew.rst",
    ]  # fmt: skip
    assert new_name(f"{OLD}.later.json", naming(released)) == f"{NEW}.later.json"
    assert new_name(f"{OLD}1.json", naming(released)) == f"{OLD}1.json"
