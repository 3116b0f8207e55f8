"""Wheels are marked without being harmed, and bad ones are refused."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import parse_email

from elpython.core.errors import DiskFullError
from elpython.project.errors import BadWheelError
from elpython.project.pack import Packed, pack
from elpython.project.rules import standard_rules
from elpython.project.wheel import mark, marks_of, open_wheel, sources_of
from examples import find_interpreters
from prefix_samples import lay

if TYPE_CHECKING:
    from pathlib import Path

LINE = 'elpython-features[itertools-batched]>=27.1; python_version < "3.12"'
SAMPLE = Packed(
    name="sam-ple", version="1.0", summary="s", license="PSF-2.0", requires=">=3.9",
    description="Body\n\nRequires-Dist: not a header\n",
)  # fmt: skip
INFO = "sam_ple-1.0.dist-info"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    source = lay(tmp_path / "source", {"sample.py": "from itertools import batched\n"})
    return pack(SAMPLE, source, tmp_path)


def changed(wheel: Path, change: dict[str, bytes | None], name: str = "") -> Path:
    """Write the wheel again with files changed, added, or (None) left out."""
    target = wheel.with_name(name) if name else wheel.parent / "changed" / wheel.name
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(wheel) as old:
        files: dict[str, bytes | None] = {item: old.read(item) for item in old.namelist()}
    with zipfile.ZipFile(target, "w") as new:
        for path, content in (files | change).items():
            if content is not None:
                new.writestr(path, content)
    return target


def test_a_mark_is_a_requirement_and_nothing_else_changes(wheel: Path, tmp_path: Path) -> None:
    before = open_wheel(wheel)
    done = mark(before, [LINE], tmp_path / "to")
    after = open_wheel(done.path)
    assert [str(item) for item in marks_of(after)] == [LINE]
    assert marks_of(before) == []
    data, unknown = parse_email(after.metadata)
    assert (unknown, data["requires_dist"]) == ({}, [LINE])
    assert after.metadata.endswith(SAMPLE.description)
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(done.path) as new:
        assert old.namelist() == new.namelist()
        same = set(old.namelist()) - {f"{INFO}/METADATA", f"{INFO}/RECORD"}
        assert all(old.read(name) == new.read(name) for name in same)
        assert [item.date_time for item in old.infolist()] == [i.date_time for i in new.infolist()]
        modes = [item.external_attr for item in new.infolist()]
        assert modes == [item.external_attr for item in old.infolist()]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("Requires-Python: >=3.6", "requires-python: stands 2 times"),
        ("Version: 1.0", "version: stands 2 times"),
        ("Name: sam-ple", "name: stands 2 times"),
    ],
)
def test_a_field_that_stands_twice_is_refused(wheel: Path, field: str, told: str) -> None:
    """One installer takes the first, another the last: nobody knows where such a wheel goes."""
    with zipfile.ZipFile(wheel) as old:
        text = old.read(f"{INFO}/METADATA").decode()
    head, body = text.split("\n\n", 1)
    with pytest.raises(BadWheelError, match=told):
        open_wheel(recorded(wheel, f"{head}\n{field}\n\n{body}"))


@pytest.mark.parametrize(
    ("old", "new"), [("Name: sam-ple", "Name: other"), ("Version: 1.0", "Version: 2.0")]
)
def test_another_name_or_version_than_the_files_is_refused(wheel: Path, old: str, new: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"{INFO}/METADATA").decode()
    assert old in text
    with pytest.raises(BadWheelError, match="and the file's"):
        open_wheel(recorded(wheel, text.replace(old, new)))


def recorded(wheel: Path, metadata: str) -> Path:
    """Write the wheel again with other METADATA, and RECORD as it then has to be."""
    with zipfile.ZipFile(wheel) as old:
        record = old.read(f"{INFO}/RECORD").decode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(metadata.encode()).digest()).rstrip(b"=")
    rows = [row for row in record.splitlines() if not row.startswith(f"{INFO}/METADATA,")]
    rows.append(f"{INFO}/METADATA,sha256={digest.decode()},{len(metadata.encode())}")
    files: dict[str, bytes | None] = {
        f"{INFO}/METADATA": metadata.encode(),
        f"{INFO}/RECORD": ("\n".join(rows) + "\n").encode(),
    }
    return changed(wheel, files)


@pytest.mark.parametrize(
    ("first", "needs"),
    [("#!python", True), ("#!/usr/bin/env python3", True), ("#!/bin/sh", False), ("", False)],
)
def test_scripts_of_a_wheel_are_read(tmp_path: Path, first: str, *, needs: bool) -> None:
    script = "sam_ple-1.0.data/scripts/run"
    text = f"{first}\nimport tomllib\n".encode()
    made = pack(SAMPLE, lay(tmp_path / "source", {"sample.py": "x = 1\n"}), tmp_path)
    with zipfile.ZipFile(made) as old:
        record = old.read(f"{INFO}/RECORD").decode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
    record += f"{script},sha256={digest},{len(text)}\n"
    wheel = open_wheel(changed(made, {script: text, f"{INFO}/RECORD": record.encode()}))
    told = [use for source in sources_of(wheel, standard_rules()) for use in source.uses]
    assert any("tomllib" in str(use) for use in told) is needs


def test_the_same_mark_gives_the_same_bytes_and_twice_is_once(wheel: Path, tmp_path: Path) -> None:
    one = mark(open_wheel(wheel), [LINE], tmp_path / "one").path
    two = mark(open_wheel(wheel), [LINE], tmp_path / "two").path
    assert one.read_bytes() == two.read_bytes()
    again = mark(open_wheel(one), [LINE], one.parent)
    assert (again.changed, one.read_bytes()) == (False, two.read_bytes())


def test_installers_take_a_marked_wheel(wheel: Path, tmp_path: Path) -> None:
    done = mark(open_wheel(wheel), [LINE], tmp_path / "to")
    python = next(iter(find_interpreters().values()))
    words = [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target"]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PIP", "PYTHON"))}
    have = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    if have.returncode != 0 or b"3.6" in have.stdout:
        pytest.skip("needs a pip on this machine")
    subprocess.run([*words, tmp_path / "site", "--python-version", "3.11", "--only-binary=:all:",
                    done.path], check=True, env=env)  # fmt: skip
    assert (tmp_path / "site" / "sample.py").is_file()


def test_signatures_are_left_out_and_told(wheel: Path, tmp_path: Path) -> None:
    signed = changed(wheel, {f"{INFO}/RECORD.jws": b"x", f"{INFO}/RECORD.p7s": b"y"})
    done = mark(open_wheel(signed), [LINE], tmp_path / "to")
    assert done.dropped == (f"{INFO}/RECORD.jws", f"{INFO}/RECORD.p7s")
    with zipfile.ZipFile(done.path) as archive:
        assert not [name for name in archive.namelist() if name.endswith((".jws", ".p7s"))]


def test_sources_inside_are_read(wheel: Path) -> None:
    found = sources_of(open_wheel(wheel), standard_rules())
    assert [(item.path, item.uses[0].name) for item in found] == [
        ("sample.py", "itertools.batched")
    ]


@pytest.mark.parametrize(
    ("change", "name", "what"),
    [
        ({"sample.py": b"other"}, "", "not what RECORD says"),
        ({"more.py": b"x"}, "", "more.py is not in RECORD"),
        ({"sample.py": None}, "", "in RECORD and not in it"),
        ({f"{INFO}/RECORD": None}, "", "has no RECORD"),
        ({f"{INFO}/METADATA": None}, "", "0 .dist-info"),
        ({"other-1.dist-info/METADATA": b"x"}, "", "2 .dist-info"),
        ({"../evil.py": b"x"}, "", "leaves the tree"),
        ({"/evil.py": b"x"}, "", "leaves the tree"),
        ({}, "other-1.0-py3-none-any.whl", "another distribution"),
        ({}, "no-wheel.whl", "no wheel's"),
        ({f"{INFO}/RECORD": b"sample.py,md5=x,1\n"}, "", "strong enough"),
    ],
)
def test_a_bad_wheel_is_refused(
    wheel: Path, change: dict[str, bytes | None], name: str, what: str
) -> None:
    with pytest.raises(BadWheelError, match=what):
        open_wheel(changed(wheel, change, name))


def test_every_problem_is_told_at_once(wheel: Path) -> None:
    with pytest.raises(BadWheelError, match="2 problems") as caught:
        open_wheel(changed(wheel, {"sample.py": b"other", "more.py": b"x"}))
    assert len(caught.value.details) == 2


def test_what_is_no_archive_is_refused(wheel: Path, tmp_path: Path) -> None:
    whole = wheel.read_bytes()
    for content in (b"", b"PK", whole[: len(whole) // 2]):
        wheel.write_bytes(content)
        with pytest.raises(BadWheelError, match="zip archive"):
            open_wheel(wheel)
    with pytest.raises(BadWheelError, match="no such file"):
        open_wheel(tmp_path / "absent-1-py3-none-any.whl")


def test_every_changed_byte_of_a_source_is_seen(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read("sample.py")
    for place in range(len(content)):
        other = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        with pytest.raises(BadWheelError):
            open_wheel(changed(wheel, {"sample.py": other}))


def test_a_requirement_that_is_none_is_refused(wheel: Path, tmp_path: Path) -> None:
    with pytest.raises(BadWheelError, match="no requirement"):
        mark(open_wheel(wheel), ["el python"], tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_a_full_disk_leaves_the_wheel_as_it_was(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = wheel.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError):
        mark(open_wheel(wheel), [LINE], wheel.parent)
    assert wheel.read_bytes() == before
    assert [path.name for path in wheel.parent.glob(".*")] == []
