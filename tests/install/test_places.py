"""Places that make an upgrade hard: full, closed, read-only, immutable, somebody else's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import DiskFullError
from elpython.install.errors import BadPrefixError
from elpython.install.replace import Steps, roll_back, upgrade
from elpython.install.state import Place, recover
from elpython.install.subject import inspect
from prefix_samples import COMES, STOCK, USERS, lay, told

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = ("3.11.2", "3.11.2.27.01.0")


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine does not allow mounting")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "elpython", *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_disk_that_runs_full_in_the_middle_keeps_the_old_one(tmp_path: Path) -> None:
    """There is space for all bytes, so nothing warns; but no inode is left for the last files."""
    many = {f"lib/python3.11/m{number}.py": "x" for number in range(200)}
    with small_disk(tmp_path / "disk", "size=50m,nr_inodes=150") as disk:
        place = Place(lay(disk / "py", STOCK, USERS))
        place.folder.mkdir()
        before = told(place.prefix)
        comes = lay(tmp_path / "el", COMES, many)
        with pytest.raises(DiskFullError):
            upgrade(place, comes, VERSIONS, Steps())
        assert told(place.prefix) == before
        recover(place)
        assert told(place.prefix) == before
        assert [path.name for path in place.folder.iterdir()] == []


def test_a_file_system_that_may_only_be_read_is_told(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=5m") as disk:
        place = Place(lay(disk / "py", STOCK, USERS))
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(BadPrefixError, match="may not write"), place.lock():
            pass
        assert told(place.prefix) == {**STOCK, **USERS}


def test_a_file_that_nobody_may_change_comes_along_and_is_told(tmp_path: Path) -> None:
    """`chattr +i`: such a file takes no second name; it is copied, and the old one stays."""
    if os.geteuid() != 0 or shutil.which("chattr") is None:
        pytest.skip("needs root and chattr")
    place = Place(lay(tmp_path / "py", STOCK, USERS))
    place.folder.mkdir()
    before = told(place.prefix)
    fixed = place.prefix / "etc" / "tool.cfg"
    if subprocess.run(["chattr", "+i", str(fixed)], check=False, capture_output=True).returncode:
        pytest.skip("this file system has no immutable files")
    try:
        upgrade(place, lay(tmp_path / "el", COMES), VERSIONS, Steps())
        assert (place.prefix / "bin/python3.11").read_text() == "el"
        assert (place.prefix / "etc/tool.cfg").read_text() == "mine"
        with pytest.raises(BadPrefixError, match="the prefix is whole, but what was there"):
            roll_back(place, VERSIONS[1], Steps())
        here = told(place.prefix)
        assert {path: here[path] for path in before} == before
        with pytest.raises(BadPrefixError, match="cannot be removed"):
            recover(place)
    finally:
        for path in tmp_path.rglob("tool.cfg"):
            subprocess.run(["chattr", "-i", str(path)], check=False)


def test_files_that_may_only_be_read_are_replaced_and_keep_their_modes(tmp_path: Path) -> None:
    place = Place(lay(tmp_path / "py", STOCK, USERS))
    place.folder.mkdir()
    for path in place.prefix.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    upgrade(place, lay(tmp_path / "el", COMES), VERSIONS, Steps())
    assert (place.prefix / "bin/python3.11").read_text() == "el"
    assert (place.prefix / "etc/tool.cfg").stat().st_mode & 0o777 == 0o444
    assert (place.prefix / "etc").stat().st_mode & 0o777 == 0o555
    roll_back(place, VERSIONS[1], Steps())
    assert (place.prefix / "bin/python3.11").read_text() == "stock"


def test_a_user_without_rights_changes_nothing() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    shared = Path("/var/tmp") / f"elpython-places-{os.getpid()}"
    place = Place(lay(shared / "py", STOCK, USERS))
    shared.chmod(0o755)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setuid(65534)
            with place.lock():
                pass
        except BadPrefixError:
            status = 0
        finally:
            os._exit(status)
    try:
        assert os.waitpid(child, 0)[1] == 0
        assert told(place.prefix) == {**STOCK, **USERS}
        assert not place.folder.exists()
    finally:
        shutil.rmtree(shared)


def test_the_distributions_own_is_refused_by_every_way_to_it(tmp_path: Path) -> None:
    """`/usr`, its executable, and a prefix that only leads to it."""
    system = Path("/usr/bin/python3")
    if not system.exists():
        pytest.skip("this system has no Python of its own")
    done = command("upgrade", "/usr", "--to", "3.11", "--check")
    assert done.returncode == 120
    assert "holds more than a Python" in done.stderr
    done = command("upgrade", system, "--to", "3.11")
    assert done.returncode == 120
    assert "name the prefix that holds it: /usr" in done.stderr
    (tmp_path / "py" / "bin").mkdir(parents=True)
    name = system.resolve().name
    (tmp_path / "py" / "bin" / name).symlink_to(system.resolve())
    with pytest.raises(BadPrefixError, match="belongs to the prefix /usr"):
        inspect(tmp_path / "py")
    (tmp_path / "usr").symlink_to("/usr")
    done = command("upgrade", tmp_path / "usr", "--to", "3.11")
    assert "holds more than a Python" in done.stderr
