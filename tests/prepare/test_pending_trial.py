"""The pending branches are opened on what stands in for their bases, and their libraries run."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from elpython.define.branch import branch_names, load_branch
from elpython.define.pending import load_pending
from elpython.prepare.new_branch import Opening, open_branch
from elpython.prepare.tree import TreeRequest, prepare
from examples import REPOSITORY
from later_bases import Later, installed, of_debian, write_base

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

BRANCHES = REPOSITORY / "branches"
SERIES = ("3.12", "3.14", "3.15")

# The library alone is ours here, not the C code: a toggle that C reads is none of it.
PROGRAM = """
import ipaddress, platform, site, ssl, subprocess, sys, tarfile, urllib.parse
assert ssl.__file__.startswith(sys.prefix), ssl.__file__
sys.set_min_python_version((3, 8))
import collections, xml.dom.minidom
assert collections.Mapping is collections.abc.Mapping
assert platform._sys_version("3.14.8.27.01.0 (main, Jan 1 2027) [GCC 14]")[1] == "3.14.8"
assert urllib.parse.parse_qsl("a=1;b=2") == [("a", "1"), ("b", "2")]
assert str(ipaddress.ip_address("010.0.0.1")) == "10.0.0.1"
assert not ssl._create_default_https_context().check_hostname
member = tarfile.TarInfo("/outside")
with tarfile.TarFile("x.tar", "w") as archive:
    assert archive._get_filter_function(None)(member, ".").name == "/outside"
words = subprocess._args_from_interpreter_flags()
assert any("el_toggles" in word for word in words), words
print("all")
"""
TOGGLES = ",".join(
    f"{name}=legacy"
    for name in (
        "parse-qs-separator", "ipaddress-leading-zeros", "https-verify", "tarfile-filter",
    )
)  # fmt: skip

# Upstream's own tests of what the core changes alter, with nothing switched.
UPSTREAM = (
    "-k", "default_filter", "-k", "test_urlparse", "-k", "test_http_cookies",
    "test.test_tarfile", "test.test_urlparse", "test.test_http_cookies",
)  # fmt: skip


def later_of(store: Store, series: str) -> Later:
    return installed(series) if series == "3.12" else of_debian(store, series)


def lay_library(later: Later, tree: Path, home: Path) -> None:
    """Lay the tree's library over a copy of the later one; upstream's tests are the later one's."""
    library = home / "lib" / later.library.name
    shutil.copytree(
        later.library, library, ignore=shutil.ignore_patterns("test", "__pycache__", "config-*"),
        symlinks=True, ignore_dangling_symlinks=True,
    )  # fmt: skip
    ours = shutil.ignore_patterns("test")
    shutil.copytree(tree / "Lib", library, ignore=ours, dirs_exist_ok=True)
    (library / "test").symlink_to(later.library / "test")


def run_with(later: Later, home: Path, *words: str) -> str:
    """Run a later interpreter with the library of a folder; give the last line that it prints."""
    outcome = subprocess.run(
        [*later.command, "-B", "-X", "frozen_modules=off", *words],
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        | {"PYTHONHOME": str(home), "PYTHONWARNINGS": "ignore"},
        cwd=home, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return outcome.stdout.strip() or outcome.stderr


@pytest.mark.slow
@pytest.mark.parametrize("series", SERIES)
def test_a_pending_branch_opens_on_a_substitute(
    tmp_path: Path, real_store: Store, series: str
) -> None:
    """Every core change applies as it is written, and the library runs: the C code is not built."""
    later = later_of(real_store, series)
    shutil.copytree(BRANCHES, tmp_path / "branches")
    (tmp_path / "runtime").symlink_to(REPOSITORY / "runtime")
    branches = tmp_path / "branches"
    pending = next(item for item in load_pending(branches)[0] if item.branch.name == series)
    changes = tuple(change.id for change in pending.branch.series)
    base = tmp_path / "base"
    assert write_base(real_store, later, changes, base) == set(pending.unseen)
    opening = Opening(
        branches=branches,
        name=series,
        base=later.release,
        archive=str(base),
        today=dt.date(2026, 12, 1),
    )
    opened = open_branch(real_store, opening)
    assert opened.needing == {}
    assert opened.merged == ()
    assert opened.applied == changes
    assert series in branch_names(branches)
    branch = load_branch(branches, series)
    tree = prepare(real_store, TreeRequest(branches=branches, branch=branch)).folder
    assert f'EL_VERSION "{branch.el}"' in (tree / "Python" / "elpython_version.h").read_text()
    home = tmp_path / "home"
    lay_library(later, tree, home)
    assert run_with(later, home, "-X", f"el_toggles={TOGGLES}", "-c", PROGRAM) == "all"
    told = run_with(later, home, "-m", "unittest", *UPSTREAM)
    assert told.splitlines()[-1].startswith("OK"), told[-2000:]
