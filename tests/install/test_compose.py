"""What a new prefix is laid from: the interpreter's files change, everything else stays."""

from __future__ import annotations

import errno
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from elpython.install.compose import Parts, bytes_needed, compose
from elpython.install.errors import BadPrefixError
from elpython.install.layout import (
    RECORD,
    Record,
    interpreter_files,
    is_own,
    read_record,
)
from elpython.install.relocate import configured_prefix, relocate
from prefix_samples import COMES, STOCK, USERS, lay, told

if TYPE_CHECKING:
    from pathlib import Path


def laid(tmp_path: Path, *, going: frozenset[str] = frozenset()) -> tuple[Path, frozenset[str]]:
    present = lay(tmp_path / "py", STOCK, USERS)
    comes = lay(tmp_path / "el", COMES)
    files = interpreter_files(comes)
    parts = Parts(interpreter=comes, files=files, present=present, going=going)
    record = Record(version="el", token="1", files=files)
    gone = compose(parts, tmp_path / "next", record)
    return tmp_path / "next", gone


def test_packages_and_their_scripts_are_not_the_interpreters(tmp_path: Path) -> None:
    files = interpreter_files(lay(tmp_path / "el", COMES))
    assert files == {path for path in COMES if "pip" not in path}


def test_the_interpreter_comes_and_everything_else_stays(tmp_path: Path) -> None:
    target, gone = laid(tmp_path)
    found = told(target)
    record = found.pop(RECORD)
    brought = {path: text for path, text in COMES.items() if "pip" not in path}
    assert found == {**STOCK, **USERS, **brought}
    assert gone == {path for path in STOCK if path in brought}
    assert "new/__init__.py" in record
    assert told(tmp_path / "py") == {**STOCK, **USERS}


def test_what_the_going_interpreter_laid_does_not_stay(tmp_path: Path) -> None:
    target, gone = laid(tmp_path, going=frozenset(STOCK))
    assert "lib/python3.11/old.py" not in told(target)
    assert "lib/python3.11/old.py" in gone


def test_users_files_are_the_same_files(tmp_path: Path) -> None:
    target, _ = laid(tmp_path)
    for path in USERS:
        assert (target / path).stat().st_ino == (tmp_path / "py" / path).stat().st_ino
    assert (target / "bin/python3.11").stat().st_ino != (
        tmp_path / "el/bin/python3.11"
    ).stat().st_ino


def test_where_no_second_name_is_to_be_had_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_names: object, **_words: object) -> None:
        raise OSError(errno.EXDEV, "other device")

    monkeypatch.setattr(os, "link", no_link)
    os.utime(lay(tmp_path / "py", USERS) / "bin/tool", ns=(10**18, 10**18))
    present = tmp_path / "py"
    parts = Parts(
        interpreter=lay(tmp_path / "el", COMES), files=frozenset({"bin/python3.11"}),
        present=present, going=frozenset(),
    )  # fmt: skip
    compose(parts, tmp_path / "next", Record(version="", token="", files=frozenset()))
    copied = tmp_path / "next/bin/tool"
    assert copied.read_text() == "my tool"
    assert copied.stat().st_mtime_ns == 10**18


def test_folders_keep_mode_and_time_and_links_stay_links(tmp_path: Path) -> None:
    present = lay(tmp_path / "py", STOCK, USERS)
    (present / "bin/python").symlink_to("python3.11")
    (present / "lib/python3.11/site-packages/linked").symlink_to("/nowhere")
    (present / "empty").mkdir()
    (present / "etc").chmod(0o700)
    os.utime(present / "etc", ns=(10**18, 10**18))
    target, _ = laid(tmp_path)
    assert (target / "bin/python").readlink().name == "python3.11"
    assert str((target / "lib/python3.11/site-packages/linked").readlink()) == "/nowhere"
    assert (target / "empty").is_dir()
    state = (target / "etc").stat()
    assert (state.st_mode & 0o777, state.st_mtime_ns) == (0o700, 10**18)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("lib/python3.11/os.py", "folder"), ("lib", "link")],
)
def test_files_in_the_way_are_refused_and_nothing_is_laid(
    tmp_path: Path, path: str, kind: str
) -> None:
    present = lay(tmp_path / "py", {"etc/mine": "x"})
    if kind == "folder":
        (present / path).mkdir(parents=True)
    else:
        (present / path).symlink_to(tmp_path)
    comes = lay(tmp_path / "el", COMES)
    parts = Parts(
        interpreter=comes, files=interpreter_files(comes), present=present, going=frozenset()
    )
    with pytest.raises(BadPrefixError, match=path):
        compose(parts, tmp_path / "next", Record(version="", token="", files=frozenset()))
    assert not (tmp_path / "next").exists()


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("lib/python3.11/os.py", True),
        ("lib/python3.11/__pycache__/os.cpython-311.pyc", True),
        ("lib/python3.11/__pycache__/os.cpython-311.opt-1.pyc", True),
        ("lib/python3.11/__pycache__/mine.cpython-311.pyc", False),
        ("lib/python3.11/os.cpython-311.pyc", False),
        ("lib/python3.11/mine.py", False),
    ],
)
def test_byte_code_belongs_to_whom_its_source_belongs(path: str, *, own: bool) -> None:
    assert is_own(path, frozenset({"lib/python3.11/os.py"})) is own


@pytest.mark.parametrize(
    "text",
    [
        '{"version": "1", "token": "t", "files": ["../../etc/passwd"]}',
        '{"version": "1", "token": "t", "files": ["/etc/passwd"]}',
        '{"version": "1", "token": "t", "files": [3]}',
        '{"version": "1", "token": "t"}',
        "[]",
        "no json",
        "",
    ],
)
def test_a_record_with_path_tricks_or_nonsense_counts_as_none(tmp_path: Path, text: str) -> None:
    file = lay(tmp_path, {"record": text}) / "record"
    assert read_record(file) is None


def test_text_files_say_the_new_prefix_and_others_are_left(tmp_path: Path) -> None:
    folder = lay(tmp_path / "el", COMES)
    binary = folder / "bin/binary"
    binary.write_bytes(b"\0/built/el\0")
    lay(folder, {"bin/script": "#!/built/el/bin/python3.11\n# /built/elsewhere\n"})
    assert configured_prefix(folder) == "/built/el"
    files = interpreter_files(folder)
    changed = relocate(folder, files, tmp_path / "py")
    assert changed == ["bin/script", "lib/python3.11/config-3.11-x/Makefile"]
    assert (folder / "bin/script").read_text() == (
        f"#!{tmp_path}/py/bin/python3.11\n# /built/elsewhere\n"
    )
    assert binary.read_bytes() == b"\0/built/el\0"
    assert relocate(folder, files, tmp_path / "py") == []


def test_the_needed_space_is_that_of_what_comes(tmp_path: Path) -> None:
    comes = lay(tmp_path / "el", {"a": "xxxx", "b": "yy"})
    parts = Parts(interpreter=comes, files=frozenset({"a"}), present=tmp_path, going=frozenset())
    assert bytes_needed(parts) == 4
    shutil.rmtree(comes)
