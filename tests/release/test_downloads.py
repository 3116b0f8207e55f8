"""The page of downloads: what is offered was verified, and says by whom and in which state."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from elpython.release.downloads import downloads
from elpython.release.errors import BadManifestError, TamperedError
from elpython.release.index.record import Index, Record, Revocation
from elpython.site.data import Data
from elpython.site.pages import render
from examples import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from release_sample import Sample

NOW = dt.datetime(2027, 1, 27, 12, tzinfo=dt.UTC)
DAY = dt.date(2027, 1, 28)


# What the sample's branch says that it fixes.
RECORD = """\
title = "One"
product = "cpython"
public = 2024-06-17
recorded = 2026-11-21
severity = "low"
severity-by = "EL Python"
sources = ["a source"]

[branch."3.11"]
state = "fixed"
since = 2026-11-21
change = "two"
untested = "the fix comes without a test"
"""


def index_of(record: Record) -> Index:
    later = NOW + dt.timedelta(days=1)
    return Index(place="here", records={record.branch: record}, expires=later, read=later)


def page(offered: list[dict[str, object]]) -> str:
    answers = {"downloads": {"url": "https://example.org/el/", "releases": offered}}
    return render(Data(answers=answers), DAY)["downloads.html"].decode()


def test_a_release_is_told_with_its_files_digests_and_signer(released: Sample) -> None:
    [one] = downloads(released.folder.parent, released.trust, None)
    assert (one["branch"], one["state"], one["signer"]) == ("3.11", "newest", "release@example.org")
    what = [file["what"] for file in one["files"]]
    assert what[:2] == ["source archive", "source archive, gzip"]
    assert {"signature over the manifest", "bill of materials, SPDX"} <= set(what)
    for file in one["files"]:
        content = (released.folder / file["name"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["size"] == len(content)
    text = page([one])
    links = re.findall(r'href="(https://example.org/el/[^"]+)"', text)
    names = [
        f"https://example.org/el/{released.folder.name}/{file['name']}" for file in one["files"]
    ]
    assert links == names
    assert "release.json.sig" in text
    assert one["key"] in text


def test_what_does_not_verify_is_not_offered(released: Sample, copied: Path) -> None:
    archive = next(copied.glob("*.tar.xz"))
    archive.write_bytes(archive.read_bytes() + b"x")
    with pytest.raises(TamperedError) as caught:
        downloads(copied.parent, released.trust, None)
    assert copied.name in str(caught.value.where)
    assert any("tar.xz" in text for text in caught.value.details)


def test_an_unsigned_release_is_not_offered(released: Sample, copied: Path) -> None:
    (copied / "release.json.sig").unlink()
    with pytest.raises(TamperedError):
        downloads(copied.parent, released.trust, None)


def test_a_folder_without_a_release_is_told(tmp_path: Path, released: Sample) -> None:
    with pytest.raises(BadManifestError, match="no release"):
        downloads(tmp_path, released.trust, None)


def test_states_come_from_the_index(released: Sample) -> None:
    folder, trust = released.folder.parent, released.trust
    [plain] = downloads(folder, trust, None)
    listed = Record(branch="3.11").with_release(plain["version"], plain["manifest_sha256"], NOW)
    newer = listed.with_release("3.11.2.27.07.0", "a" * 64, NOW)
    reason = Revocation(date=DAY, reason="built on a machine that was broken into")
    revoked = listed.with_revocation(plain["version"], reason)
    told = {}
    for name, record in (("listed", listed), ("newer", newer), ("revoked", revoked),
                         ("unknown", Record(branch="3.11"))):  # fmt: skip
        [one] = downloads(folder, trust, index_of(record))
        told[name] = (one["state"], one["why"])
        links = page([one]).count("https://example.org/el/")
        assert links == (0 if name == "revoked" else len(one["files"]))
    assert told == {
        "listed": ("current", ""),
        "newer": ("superseded", "by 3.11.2.27.07.0"),
        "revoked": ("revoked", f"on {DAY}: built on a machine that was broken into"),
        "unknown": ("not listed", "the index does not have it"),
    }


@pytest.mark.slow
def test_the_command_puts_the_page_on_the_disk(released: Sample, tmp_path: Path) -> None:
    branches = shutil.copytree(released.folder.parent.parent / "branches", tmp_path / "branches")
    record = branches / "vulnerabilities"
    record.mkdir(exist_ok=True)
    (record / "CVE-2024-1000.toml").write_text(RECORD)
    shutil.copy(REPOSITORY / "branches" / "vulnerabilities" / "record.toml", record)
    env = os.environ | {
        "ELPYTHON_BRANCHES": str(branches),
        "ELPYTHON_STORE": str(tmp_path / "store"),
    }
    offered = ["--releases", str(released.folder.parent), "--signers", str(released.signers)]
    base = [sys.executable, "-m", "elpython", "site", str(tmp_path / "pages"), *offered]
    refused = subprocess.run(base, env=env, capture_output=True, text=True, check=False)
    assert (refused.returncode, "--downloads-url" in refused.stderr) == (11, True)
    words = [*base, "--downloads-url", "https://example.org/el", "--json"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "downloads.html" in json.loads(done.stdout)["pages"]
    first = (tmp_path / "pages" / "index.html").read_text()
    assert 'href="downloads.html"' in first
