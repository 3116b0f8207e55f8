"""The difference between two releases."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from elpython.core.errors import BadVersionError
from elpython.release.diff import compare, find_release
from elpython.release.errors import NotReleasedError
from elpython.release.manifest import load, parse
from release_sample import Sample, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.release.diff import Difference
    from elpython.release.manifest import Manifest


def changed(sample: Sample, change: Callable[[dict[str, Any]], object]) -> Manifest:
    data = read_manifest(sample.folder)
    change(data)
    return parse(json.dumps(data).encode())


def against(sample: Sample, change: Callable[[dict[str, Any]], object]) -> Difference:
    return compare(load(sample.folder / "release.json"), changed(sample, change))


def test_a_release_does_not_differ_from_itself(released: Sample) -> None:
    found = against(released, lambda data: data)
    assert (found.added, found.removed, found.altered, found.moved) == ((), (), (), False)
    assert (found.base, found.identity, found.promises) == ((), {}, {})


NEW = {
    "id": "new", "title": "New", "kind": "feature", "patch": "", "patch_id": "",
    "provides": ["spam.third"], "cves": ["CVE-2026-1000"], "declares": ["api:+spam.third"],
}  # fmt: skip


def onto_newer_base(data: dict[str, Any]) -> None:
    data["version"] = "3.11.4.27.07.0"
    data["base"]["version"] = "3.11.4"
    data["archive"]["top"] = "elpython-3.11.4.27.07.0"


@pytest.mark.parametrize(
    ("change", "what", "found"),
    [
        (lambda data: data["series"].append(NEW), "features_added", ("spam.third",)),
        (lambda data: data["series"].append(NEW), "cves_fixed", ("CVE-2026-1000",)),
        (lambda data: data["series"].append(NEW), "declares_added", ("api:+spam.third",)),
        (lambda data: data["series"].reverse(), "moved", True),
        (onto_newer_base, "base", ("3.11.2", "3.11.4")),
        (
            lambda data: data["identity"].update(magic="ff"),
            "identity",
            {"magic": ("a70d0d0a", "ff")},
        ),
        (
            lambda data: data["contract"]["promises"][0].update(verdict="broken"),
            "promises",
            {"api": ("kept", "broken")},
        ),
    ],
)
def test_what_differs_is_told(
    released: Sample, change: Callable[[dict[str, Any]], object], what: str, found: object
) -> None:
    assert getattr(against(released, change), what) == found


def test_changes_are_told_by_id_and_content(released: Sample) -> None:
    def change(data: dict[str, Any]) -> None:
        data["series"] = [*data["series"][:2], NEW]
        data["series"][1]["patch_id"] = "0" * 40
        data["cves"]["fixed"] = []

    found = against(released, change)
    assert [entry.id for entry in found.added] == ["new"]
    assert [entry.id for entry in found.removed] == ["two"]
    assert [entry.id for entry in found.altered] == ["one"]
    assert found.cves_lost == ("CVE-2024-1000",)


def test_a_release_is_found_by_its_version(released: Sample, tmp_path: Path) -> None:
    shutil.copytree(released.folder, tmp_path / "a")
    assert find_release("27.01.0", tmp_path) == tmp_path / "a"
    assert find_release("3.11.2.27.01.0", tmp_path, "3.11") == tmp_path / "a"
    shutil.copytree(released.folder, tmp_path / "b")
    for word, branch, says in (
        ("27.01.0", "", "2 releases"),
        ("27.07.0", "", "no release 27.07.0"),
        ("27.01.0", "3.9", "no release"),
    ):
        with pytest.raises(NotReleasedError, match=says):
            find_release(word, tmp_path, branch)
    with pytest.raises(BadVersionError):
        find_release("newest", tmp_path)
