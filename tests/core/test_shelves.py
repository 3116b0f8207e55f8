"""The store kept small: dead scratch folders go, living ones stay, unused products are pruned."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import UnknownNameError
from elpython.core.shelves import products, prune, shelves, sweep
from elpython.core.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def filled(root: Path) -> Store:
    """A store with two builds, the older one unused for 40 days, and a tree."""
    store = Store(root)
    for kind, key in (("builds", "old"), ("builds", "new"), ("trees", "one")):
        store.product(kind, key, lambda folder: (folder / "file").write_bytes(b"x" * 10_000))
    past = time.time() - 40 * 86400
    os.utime(store.path("builds", "old"), (past, past))
    return store


def test_the_scratch_of_a_killed_run_goes(tmp_path: Path) -> None:
    """Kill -9 while a product is made: its folders are removed by the next sweep."""
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom elpython.core.store import Store\n"
        "def make(folder):\n"
        "    (folder / 'half').write_text('half')\n"
        "    folder.with_name(folder.name + '-work').mkdir()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "Store(Path(sys.argv[1])).product('builds', 'key', make)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    names = {".making-key", ".making-key-work"}
    assert {path.name for path in (tmp_path / "builds").iterdir()} == names
    assert {path.name for path in sweep(Store(tmp_path))} == names
    assert list((tmp_path / "builds").iterdir()) == []


def test_the_scratch_of_a_living_run_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    seen = []

    def make(folder: Path) -> None:
        asked = "from pathlib import Path; from elpython.core.store import Store\n"
        asked += "from elpython.core.shelves import sweep\n"
        asked += f"print(sweep(Store(Path({str(tmp_path)!r}))))"
        command = [sys.executable, "-c", asked]
        seen.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        assert folder.is_dir()

    store.product("builds", "key", make)
    assert seen == ["[]\n"]


def test_a_store_that_is_not_there_is_empty(tmp_path: Path) -> None:
    store = Store(tmp_path / "none")
    assert (sweep(store), shelves(store), prune(store, unused=0)) == ([], [], [])
    assert not store.root.exists()


def test_what_was_not_used_goes(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert [shelf.count for shelf in shelves(store)] == [2, 1]
    would = prune(store, unused=30, dry=True)
    assert [(item.kind, item.key) for item in would] == [("builds", "old")]
    assert store.path("builds", "old").is_dir()
    assert [item.key for item in prune(store, unused=30)] == ["old"]
    assert [item.key for item in products(store, "builds")] == ["new"]
    assert prune(store, unused=0, kind="trees")[0].key == "one"
    with pytest.raises(UnknownNameError, match="did you mean 'builds'"):
        prune(store, unused=0, kind="build")


def test_asking_for_a_product_is_using_it(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.find("builds", "old")
    assert prune(store, unused=30) == []
