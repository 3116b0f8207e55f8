"""Products are whole or not there; the same inputs give the same product without work."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.core.errors import DiskFullError, FileAccessError, StoreError
from elpython.core.store import Store, file_digest, key_of, remove_tree, write_atomic

if TYPE_CHECKING:
    from pathlib import Path

plain = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5)


@given(plain)
def test_keys_do_not_depend_on_order(parts: dict[str, object]) -> None:
    turned = dict(reversed(parts.items()))
    assert key_of(parts) == key_of(turned)
    assert key_of(parts) != key_of({**parts, "one more": 1})


def test_a_product_is_made_once(tmp_path: Path) -> None:
    store, calls = Store(tmp_path), []

    def make(folder: Path) -> None:
        calls.append(folder)
        (folder / "file").write_text("whole")

    first = store.product("kind", "key", make)
    second = store.product("kind", "key", make)
    assert first == second == store.find("kind", "key")
    assert (first / "file").read_text() == "whole"
    assert len(calls) == 1


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def make(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise ValueError("the reason")

    with pytest.raises(ValueError, match="the reason"):
        store.product("kind", "key", make)
    assert store.find("kind", "key") is None
    assert list((tmp_path / "kind").iterdir()) == []


def test_what_was_killed_is_made_anew(tmp_path: Path) -> None:
    """Kill -9 in the middle: the half product is not taken, and the next run makes a whole one."""
    code = (
        "import os, sys; from pathlib import Path; from elpython.core.store import Store\n"
        "def make(folder):\n"
        "    (folder / 'half').write_text('half')\n"
        "    os.kill(os.getpid(), 9)\n"
        "Store(Path(sys.argv[1])).product('kind', 'key', make)\n"
    )
    outcome = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert outcome.returncode == -9
    store = Store(tmp_path)
    assert store.find("kind", "key") is None
    folder = store.product("kind", "key", lambda path: (path / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]


def test_two_runs_make_one_product(tmp_path: Path) -> None:
    store, calls, gate = Store(tmp_path), [], threading.Barrier(2)

    def run() -> None:
        gate.wait()
        store.product("kind", "key", calls.append)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "Upper"])
def test_names_cannot_leave_the_store(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError):
        Store(tmp_path).path("kind", name)


def test_drop(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.product("kind", "key", lambda folder: (folder / "f").touch())
    store.drop("kind", "key")
    assert store.find("kind", "key") is None
    store.drop("kind", "key")


def test_atomic_write_keeps_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def fail(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DiskFullError):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_remove_tree_of_read_only_folders(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    inner.chmod(0o500)
    remove_tree(tmp_path / "a")
    assert not (tmp_path / "a").exists()
    remove_tree(tmp_path / "a")


def test_file_digest(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"")
    assert file_digest(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A folder with 256 KiB of space, by a mount in a namespace of our own or as root."""
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    return folder


def test_full_disk(small_disk: Path) -> None:
    """A disk that fills up in the middle: a clear error, nothing half made, and it recovers."""
    try:
        store = Store(small_disk)

        def make(folder: Path) -> None:
            (folder / "large").write_bytes(b"x" * 1_000_000)

        with pytest.raises(DiskFullError, match="no space left"):
            store.product("kind", "key", make)
        assert store.find("kind", "key") is None
        assert not list(small_disk.rglob("large"))
        folder = store.product("kind", "key", lambda path: (path / "f").write_bytes(b"x" * 1000))
        assert (folder / "f").stat().st_size == 1000
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to a folder"])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, kind: str) -> None:
    """A rename would put a file where a device was: /dev/null, as root."""
    path = tmp_path / "there"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path)
    before = path.lstat()
    with pytest.raises(FileAccessError, match="is no regular file"):
        write_atomic(path, b"x")
    assert path.lstat().st_ino == before.st_ino
    assert [item.name for item in tmp_path.iterdir()] == ["there"]
