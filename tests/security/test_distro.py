"""A source package's patches: backports are told from packaging, and grouped by fix."""

from __future__ import annotations

import datetime as dt
import io
import tarfile
import tomllib
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadArchiveError, ElpythonError
from elpython.define.branch import load_all
from elpython.security.distro import PatchInfo, left_out, propose, read_packaging, taken_by
from elpython.security.write import add_to_series, change_toml
from elpython.upstream import debian
from examples import REPOSITORY, Example

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

DIFF = "--- a/Lib/{name}.py\n+++ b/Lib/{name}.py\n@@ -1 +1 @@\n-a\n+b\n"
GIT = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
PICKED = "(cherry picked from commit abcdef0123456789)\n"
PATCHES = {
    "deb-locations.diff": "# DP: put things elsewhere\n" + DIFF.format(name="site"),
    "CVE-2024-1111-1.patch": GIT
    + "From: A. Body <a@example.org>\nSubject: [3.11] gh-10000: Mend the parser (GH-10001)\n\n"
    + PICKED
    + "---\n"
    + DIFF.format(name="test/test_spam"),
    "CVE-2024-1111-2.patch": "Origin: upstream, https://github.com/python/cpython/commit/abc1234\n"
    "Description: Mend it again\n"
    + DIFF.format(name="spam"),
    "0003-fix.patch": GIT
    + "Subject: [3.11] gh-20000: Close the file\n\n---\n"
    + DIFF.format(name="eggs"),
    "vendor.patch": "Origin: vendor\nDescription: for CVE-2020-9999\n" + DIFF.format(name="ham"),
    "docs.patch": GIT
    + "Subject: gh-30000: Words\n\n---\n"
    + DIFF.format(name="x").replace("Lib", "Doc"),
}  # fmt: skip


@pytest.fixture
def tar(tmp_path: Path) -> Path:
    path = tmp_path / "x.debian.tar"
    with tarfile.open(path, "w") as stream:
        series = "# comment\n" + "".join(f"{name} -p1\n" for name in PATCHES)
        for name, text in {"series": series, **PATCHES}.items():
            member = tarfile.TarInfo(f"debian/patches/{name}")
            data = text.encode()
            member.size = len(data)
            stream.addfile(member, io.BytesIO(data))
    return path


def test_packaging_is_left_out(tar: Path) -> None:
    patches = read_packaging(tar)
    assert [patch.name for patch in patches] == list(PATCHES)
    out = [patch.name for patch in left_out(patches)]
    assert out == ["deb-locations.diff", "vendor.patch", "docs.patch"]


def test_proposals(tar: Path) -> None:
    proposals = propose(
        read_packaging(tar),
        first_in={"gh-10000": "3.12.1"},
        cves_of={"gh-20000": ["CVE-2024-2222"]},
    )
    assert [(p.id, p.kind, p.title) for p in proposals] == [
        ("CVE-2024-1111", "security", "Mend the parser"),
        ("CVE-2024-2222", "security", "Close the file"),
    ]
    first = proposals[0]
    assert [patch.name for patch in first.patches] == list(PATCHES)[1:3]
    assert (first.issues, first.first_in, first.tests) == (("gh-10000",), "3.12.1", ("test_spam",))
    assert first.commits == ("abcdef0123456789", "abc1234")


def test_a_proposal_becomes_a_change(tar: Path) -> None:
    proposal = propose(read_packaging(tar), first_in={}, cves_of={})[0]
    text = change_toml(
        proposal, package="python3.11", suites=["s"], version="1", day=dt.date(2026, 11, 21)
    )
    data = tomllib.loads(text)
    assert data["source"]["patches"][0]["name"] == "CVE-2024-1111-1.patch"
    assert data["upstream"]["cves"] == ["CVE-2024-1111"]
    assert data["dep3"]["author"] == "A. Body <a@example.org>"


def test_the_series_grows_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "branch.toml"
    text = 'base = "3.11.2" # why\nseries = [\n    "variant",\n]\n\n[build]\nshared = false\n'
    path.write_text(text)
    assert add_to_series(path, ["variant", "one"]) == ["one"]
    assert path.read_text() == text.replace('"variant",\n', '"variant",\n    "one",\n')


def test_no_series(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w"):
        pass
    with pytest.raises(BadArchiveError, match="debian/patches/series"):
        read_packaging(path)


@pytest.mark.parametrize(
    ("upstream", "taken"),
    [
        ('cves = ["CVE-2024-1111"]', True),
        ('issues = ["gh-20000"]', True),
        ('issues = ["gh-10000"]', False),
        ('cves = ["CVE-2024-2222"]', False),
        ("pinned", True),
    ],
)
def test_nothing_is_proposed_twice(
    tar: Path, example: Example, upstream: str, *, taken: bool
) -> None:
    """By patch, by CVE, and by issue where there is no CVE; under whatever name it was taken."""
    patches = read_packaging(tar)
    proposals = propose(patches, first_in={}, cves_of={})
    digest = next(item.sha256 for item in patches if item.name == "CVE-2024-1111-2.patch")
    pin = digest if upstream == "pinned" else "0" * 64
    toml = (
        '\n[source]\nprovider = "distro"\npackage = "python3.11"\nsuites = ["bookworm"]\n'
        f'version = "3.11.2-6"\n[[source.patches]]\nname = "x.patch"\nsha256 = "{pin}"\n'
    )
    toml += "" if upstream == "pinned" else f"\n[upstream]\n{upstream}\n"
    example.add("another-name", None, toml=toml)
    branch = example.load()
    assert ("another-name" in [taken_by(item, branch) for item in proposals]) == taken


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suite", "package", "branch", "at_least"),
    [
        ("bookworm", "python3.11", "3.11", 45),
        ("bullseye-security", "python3.9", "3.9", 60),
        ("trixie", "python3.13", "3.13", 0),
    ],
)
def test_real_packages(
    real_store: Store, suite: str, package: str, branch: str, at_least: int
) -> None:
    """Every backport of the real package is pinned, whatever point release is there."""
    patches: list[PatchInfo] = []
    try:
        for version in reversed(debian.package_versions(real_store, suite, package)):
            tar = debian.fetch_debian_tar(real_store, suite, package, version)
            patches = [patch for patch in read_packaging(tar) if patch.backport]
            break
    except ElpythonError as error:
        pytest.skip(f"Debian's sources are not to be had here: {error.what}")
    branches, _ = load_all(REPOSITORY / "branches")
    series = next(item for item in branches if item.name == branch).series
    pinned = {item.sha256 for change in series for item in getattr(change.code, "patches", ())}
    known = [patch for patch in patches if patch.sha256 in pinned]
    assert len(known) >= at_least
