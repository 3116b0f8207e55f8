"""Real interpreters replaced in place: killed at random points, in use, with environments."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elpython.install.errors import BadPrefixError, NoReplacementError
from elpython.install.made import Wish, bring
from elpython.install.replace import Steps, roll_back, upgrade
from elpython.install.state import Place, recover
from elpython.install.subject import check_fit, has_newer_base, incoming, inspect
from examples import BASE_FILES, find_interpreters, make_archive
from prefix_samples import lay, small_interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.build.build import Build
    from elpython.core.store import Store

ASK = "import sys, json, collections; print(getattr(sys.implementation, 'variant', 'stock'))"
RUN = """
import sys
from pathlib import Path
from elpython.install import replace
from elpython.install.state import Place
replace.flush = lambda folder: None  # the disk's own pace is not what is tested
place = Place(Path(sys.argv[1]))
steps = replace.Steps(atomic=sys.argv[3] == "atomic")
print("started", flush=True)
if sys.argv[2]:
    replace.upgrade(place, Path(sys.argv[2]), ("3.11.2", "el"), steps)
else:
    replace.roll_back(place, "el", steps)
"""
KILLS = 50


def answer(prefix: Path) -> str:
    """What a prefix's interpreter says it is; it must find its library and the user's module."""
    code = f"import mine; {ASK}"
    words = [prefix / "bin" / "python3.11", "-I", "-c", code]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def small(
    el311: Build, base311: Build, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A small stock prefix with a user's module, and a small EL Python to replace it."""
    root = tmp_path_factory.mktemp("small")
    stock = small_interpreter(base311.root, root / "stock")
    lay(stock, {"lib/python3.11/site-packages/mine.py": "VALUE = 1\n"})
    return stock, small_interpreter(el311.root, root / "el")


@pytest.mark.slow
@pytest.mark.parametrize("way", ["atomic", "two renames"])
def test_killed_at_random_points_old_or_new_works(
    small: tuple[Path, Path], tmp_path: Path, way: str
) -> None:
    stock, comes = small
    place = Place(tmp_path / "py")
    shutil.copytree(stock, place.prefix, symlinks=True)
    place.folder.mkdir()
    chance = random.Random(27)
    seen: list[str] = []
    length = 1.0
    for _ in range(KILLS if way == "atomic" else 10):
        kind = answer(place.prefix)
        argument = str(comes) if kind == "stock" else ""
        words = [sys.executable, "-c", RUN, str(place.prefix), argument, way]
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert child.stdout
        child.stdout.readline()
        started = time.monotonic()
        with child:
            try:
                child.wait(timeout=chance.uniform(0, length))
                length = max(0.05, (time.monotonic() - started) * 1.1)
            except subprocess.TimeoutExpired:
                child.kill()
        if way == "atomic":
            assert answer(place.prefix) in {"stock", "elpython"}
        recover(place)
        after = answer(place.prefix)
        assert after in {"stock", "elpython"}
        assert place.read() is None
        seen.append("same" if after == kind else "other")
    assert set(seen) >= {"same"}


@pytest.mark.slow
def test_a_running_interpreter_is_in_the_way(
    small: tuple[Path, Path], el311: Build, tmp_path: Path
) -> None:
    prefix = shutil.copytree(small[0], tmp_path / "py", symlinks=True)
    (tmp_path / "env").mkdir()
    code = "import time; print(1, flush=True); time.sleep(60)"
    child = subprocess.Popen([prefix / "bin/python3.11", "-c", code], stdout=subprocess.PIPE)
    try:
        assert child.stdout
        child.stdout.readline()
        done = command("upgrade", prefix, "--to", el311.root)
    finally:
        child.kill()
        child.wait()
        assert child.stdout
        child.stdout.close()
    assert done.returncode == 121, done.stderr
    assert f"{child.pid}: " in done.stderr
    assert "--force" in done.stderr
    assert answer(prefix) == "stock"


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "elpython", *(str(word) for word in words)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=dict(os.environ))


@pytest.mark.slow
def test_a_stock_prefix_with_packages_and_environments_is_upgraded_and_rolled_back(
    el311: Build, base311: Build, tmp_path: Path
) -> None:
    prefix = tmp_path / "py"
    shutil.copytree(
        base311.root, prefix, symlinks=True, ignore=shutil.ignore_patterns("test", "*.a")
    )
    lay(prefix, {"lib/python3.11/site-packages/mine.py": "VALUE = 1\n"})
    python = prefix / "bin/python3.11"
    for flag in ("--symlinks", "--copies"):
        words = [python, "-m", "venv", "--without-pip", flag, tmp_path / f"env{flag}"]
        subprocess.run(words, check=True)
    done = command("upgrade", prefix, "--to", el311.root, "--no-network", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["changed"], told["version"]) == (True, el311.version)
    assert answer(prefix) == "elpython"
    linked = subprocess.run(
        [tmp_path / "env--symlinks/bin/python", "-c", ASK],
        capture_output=True,
        text=True,
        check=True,
    )
    assert linked.stdout == "elpython\n"
    subprocess.run([tmp_path / "env--copies/bin/python", "-c", ASK], check=True)
    variables = "import sysconfig; print(sysconfig.get_config_var('LIBDIR'))"
    where = subprocess.run([python, "-c", variables], capture_output=True, text=True, check=True)
    assert where.stdout.strip() == f"{prefix}/lib"
    again = command("upgrade", prefix, "--to", el311.root, "--json")
    assert json.loads(again.stdout)["changed"] is False
    back = command("rollback", prefix, "--json")
    assert back.returncode == 0, back.stderr
    assert answer(prefix) == "stock"
    assert not (prefix / "share/elpython").exists()
    schema_checks(told, json.loads(again.stdout), json.loads(back.stdout))


def schema_checks(*answers: object) -> None:
    import jsonschema

    from examples import REPOSITORY

    file = REPOSITORY / "docs/reference/schemas/upgrade.schema.json"
    schema = json.loads(file.read_text("utf-8"))
    for item in answers:
        jsonschema.validate(item, schema)


def test_prefixes_that_are_none_or_somebody_elses_are_refused(tmp_path: Path) -> None:
    env = lay(tmp_path / "env", {"pyvenv.cfg": "home = /opt/python/bin\n", "bin/python3.11": ""})
    conda = lay(tmp_path / "conda", {"conda-meta/history": "", "bin/python3.11": ""})
    table = [
        (tmp_path / "absent", "no such folder"),
        (tmp_path, "no bin/python3"),
        (env, "virtual environment"),
        (conda, "conda"),
        (tmp_path.anchor, "more than a Python"),
        ("/usr", "more than a Python"),
    ]
    from pathlib import Path

    for folder, what in table:
        with pytest.raises(BadPrefixError, match=what):
            inspect(Path(folder))


def test_an_archive_becomes_a_tree_that_can_be_built(tmp_path: Path) -> None:
    from elpython.core.errors import BadArchiveError
    from elpython.core.store import Store
    from elpython.install.made import SourceArchive, _tree_of_archive

    store = Store(tmp_path / "store")
    path = tmp_path / "elpython-3.11.2.27.01.0.tar.gz"
    archive = SourceArchive(path=path, name=path.name)
    make_archive(path, BASE_FILES, top="elpython-3.11.2.27.01.0")
    tree = _tree_of_archive(store, archive, "3.11")
    assert (tree.branch, tree.base, tree.version) == ("3.11", "3.11.2", "3.11.2.27.01.0")
    assert (tree.folder / "configure").is_file()
    assert _tree_of_archive(store, archive, "3.11") == tree
    with pytest.raises(NoReplacementError, match=r"3\.9 is there"):
        _tree_of_archive(store, archive, "3.9")
    with pytest.raises(NoReplacementError, match=r"3\.9 is there"):
        _tree_of_archive(store, replace(archive, base="3.11.2"), "3.9")
    make_archive(path, {"readme": "x"})
    with pytest.raises(BadArchiveError, match="no source archive"):
        _tree_of_archive(store, archive, "3.11")


def test_another_series_an_archive_with_path_tricks_and_nonsense_are_refused(
    real_store: Store, tmp_path: Path
) -> None:
    from elpython.core.errors import BadArchiveError, UnknownNameError
    from elpython.install.made import SourceArchive

    found = find_interpreters()
    if "3.12" not in found:
        pytest.skip("needs a CPython 3.12 on this machine")
    prefix = found["3.12"].resolve().parents[1]
    try:
        present = inspect(prefix, "3.12")
    except BadPrefixError as error:
        pytest.skip(f"the CPython 3.12 here cannot be looked at: {error}")
    with pytest.raises(NoReplacementError, match="another series"):
        bring(real_store, present, Wish(to="3.11", profile="quick"))
    with pytest.raises(UnknownNameError, match="no folder, no archive and no branch"):
        bring(real_store, present, Wish(to="3.111", profile="quick"))
    archive = tmp_path / "elpython-3.11.2.27.01.0.tar.gz"
    make_archive(archive, {"../../evil": "x", "configure": ""})
    own = SourceArchive(path=archive, name=archive.name)
    with pytest.raises(BadArchiveError, match="bad member"):
        bring(real_store, present, Wish(to="own", profile="quick", archive=own))
    assert not (tmp_path / "evil").exists()
    with pytest.raises(NoReplacementError, match="needed"):
        incoming(tmp_path, "3.12")
    with pytest.raises(NoReplacementError, match="not an EL Python"):
        incoming(prefix, "3.12")


@pytest.mark.slow
def test_going_back_to_an_older_base_or_release_is_refused(el311: Build, base311: Build) -> None:
    newer = find_interpreters().get("3.11")
    comes = incoming(el311.root, "3.11")
    assert check_fit(inspect(base311.root), comes)
    assert not check_fit(comes, comes)
    if newer is None:
        pytest.skip("needs a later CPython 3.11 on this machine")
    there = inspect(newer.resolve().parents[1], "3.11")
    if there.facts.version_info[2] <= comes.facts.version_info[2]:
        pytest.skip("needs a later CPython 3.11 on this machine")
    assert has_newer_base(there, comes.facts.release)
    assert not has_newer_base(comes, comes.facts.release)


def test_steps_do_nothing_by_default(tmp_path: Path) -> None:
    place = Place(lay(tmp_path / "py", {"bin/python3.11": "old"}))
    place.folder.mkdir()
    comes = lay(tmp_path / "el", {"bin/python3.11": "new"})
    assert upgrade(place, comes, ("1", "2"), Steps()).version == "2"


@pytest.mark.slow
def test_links_to_a_prefix_and_environments_behind_links_go_along(
    small: tuple[Path, Path], base311: Build, tmp_path: Path
) -> None:
    """`python -> python2 -> store/py`, an environment by that path, and one behind a link."""
    stock, comes = small
    prefix = tmp_path / "store" / "py"
    shutil.copytree(stock, prefix, symlinks=True)
    (tmp_path / "python2").symlink_to("store/py")
    (tmp_path / "python").symlink_to("python2")
    named = tmp_path / "python" / "bin" / "python3.11"
    env = tmp_path / "env"
    make = [base311.python, "-c", "import sys, venv; venv.create(sys.argv[1])", env]
    subprocess.run(make, check=True)
    (env / "pyvenv.cfg").write_text(f"home = {named.parent}\nversion = 3.11.2\n")
    for program in env.glob("bin/python*"):
        program.unlink()
    (env / "bin" / "python").symlink_to(named)
    (tmp_path / "behind").symlink_to(env)
    (tmp_path / "alone").symlink_to(named)
    programs = (named, env / "bin/python", tmp_path / "behind/bin/python", tmp_path / "alone")

    def told() -> set[str]:
        words = ["-I", "-c", ASK]
        return {
            subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout
            for program in programs
        }

    assert told() == {"stock\n"}
    place = Place(inspect(tmp_path / "python").prefix)
    assert place.prefix == prefix
    place.folder.mkdir()
    upgrade(place, comes, ("3.11.2", "el"), Steps())
    assert told() == {"elpython\n"}
    roll_back(place, "el", Steps())
    assert told() == {"stock\n"}
    assert (tmp_path / "python").is_symlink()
