"""Stacks side by side under a prefix: who owns what, switched and rolled back in one step."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from elpython.core.errors import UsageError
from elpython.stacks import prefix as module
from elpython.stacks.errors import CollisionError, PrefixError
from elpython.stacks.needed import needed_in_prefix
from elpython.stacks.prefix import Prefix
from elpython.stacks.state import Role, Stack
from elpython.stacks.view import Laid, claims

pytestmark = pytest.mark.slow


def wheel(folder: Path, name: str, version: str, programs: list[str]) -> Path:
    """Write a wheel with programs that print their package's version and their Python's."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    points = "".join(f"{program} = {name}:main\n" for program in programs)
    text = f"import sys\ndef main(): print('{name} {version} on %d.%d' % sys.version_info[:2])\n"
    files = {
        f"{name}.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{points}",
    }
    record = ""
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=")
        record += f"{path},sha256={digest.decode()},{len(content)}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in files.items():
            archive.writestr(member, content)
    return path


def out(*command: object) -> str:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, python311: Path, python313: Path) -> Prefix:
    """A prefix with two stacks and one package with three programs."""
    folder = tmp_path_factory.mktemp("made")
    wheel(folder / "wheels", "spam", "1.0", ["spam", "spam3", "eggs"])
    here = Prefix(folder / "prefix")
    here.install([python311, python313], wheels=folder / "wheels", packages=["spam"])
    return here


def shown(here: Prefix) -> set[str]:
    return {path.name for path in (here.root / "bin").iterdir()}


def test_each_stack_runs_its_own_and_the_default_owns_the_plain_names(made: Prefix) -> None:
    bindir = made.root / "bin"
    assert out(bindir / "python3", "-V").startswith("Python 3.11")
    assert out(bindir / "spam") == "spam 1.0 on 3.11"
    assert out(bindir / "spam-3.11") == "spam 1.0 on 3.11"
    assert out(bindir / "spam-3.13") == "spam 1.0 on 3.13"
    assert out(bindir / "python3.13", "-c", "import spam; spam.main()") == "spam 1.0 on 3.13"
    names = shown(made)
    assert {"python3", "python3.11", "python3.13", "spam", "spam3", "eggs-3.13"} <= names
    assert not names & {"spam3-3.11", "spam3-3.13", "activate", "python"}


def test_switch_and_roll_back_change_one_link(made: Prefix) -> None:
    before = made.current()
    assert before is not None
    inode = (made.root / "bin").lstat().st_ino
    switched = made.switch("3.13")
    assert out(made.root / "bin" / "python3", "-V").startswith("Python 3.13")
    assert out(made.root / "bin" / "spam") == "spam 1.0 on 3.13"
    assert switched.parent == before.number
    assert made.switch("3.13") == switched, "the same again makes no new view"
    assert made.roll_back() == before
    assert out(made.root / "bin" / "spam3") == "spam 1.0 on 3.11"
    assert (made.root / "bin").lstat().st_ino == inode


def test_who_looks_during_switches_always_finds_a_whole_view(made: Prefix) -> None:
    """`current` leads to a complete view at every moment."""
    wrong: list[str] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                target = str((made.root / "current").readlink())
                if not (made.root / target / "bin" / "python3").exists():
                    wrong.append(target)
                (made.root / "bin" / "python3").read_bytes()
            except OSError as error:
                wrong.append(str(error))

    watcher = threading.Thread(target=look)
    watcher.start()
    for version in ("3.13", "3.11", "3.13", "3.11"):
        made.switch(version)
    stop.set()
    watcher.join()
    assert wrong == []


def test_two_stacks_that_claim_one_name_are_refused_by_name(made: Prefix, tmp_path: Path) -> None:
    """A program of 3.11 that calls itself spam-3.13 is the other stack's spam."""
    before = made.current()
    wheel(tmp_path / "wheels", "hog", "1", ["spam-3.13"])
    with pytest.raises(CollisionError) as caught:
        made.install(wheels=tmp_path / "wheels", packages=["hog"])
    assert caught.value.details == ("bin/spam-3.13: Python 3.11 and Python 3.13",)
    assert made.current() == before


def test_a_package_that_cannot_be_installed_changes_nothing(made: Prefix) -> None:
    before = made.current()
    with pytest.raises(PrefixError, match="no-such-thing cannot be installed"):
        made.install(packages=["no-such-thing"])
    assert made.current() == before
    assert out(made.root / "bin" / "spam") == "spam 1.0 on 3.11"


def test_programs_that_only_one_stack_has(made: Prefix) -> None:
    day = __import__("datetime").date(2027, 1, 4)
    old = Stack(
        version="3.11", role=Role.OTHER, since=day, pkgversion="311", interpreter="/usr/bin/python"
    )
    assert needed_in_prefix(made.root, old) == []
    view = made.current()
    assert view is not None
    assert view.program_owners("3.11")["eggs"] == "spam"
    only = dataclasses.replace(view.laid["3.13"], programs={})
    changed = dataclasses.replace(view, laid={**view.laid, "3.13": only})
    path = made.root / "current" / "view.json"
    kept = path.read_text()
    path.write_text(changed.dump())
    try:
        assert needed_in_prefix(made.root, old) == ["pip", "spam"]
    finally:
        path.write_text(kept)


def test_a_stopped_run_leaves_nothing_that_counts(
    made: Prefix, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before the link is replaced, the old view holds; the next run goes on."""
    before = made.current()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Prefix, "_point", stop)
        with pytest.raises(KeyboardInterrupt):
            made.switch("3.13")
    assert made.current() == before
    assert made.switch("3.13").default == "3.13"
    made.switch("3.11")


def test_a_change_in_another_stack_is_found(made: Prefix) -> None:
    view = made.current()
    assert view is not None
    folder = made.root / view.laid["3.11"].home
    before = {str(folder): module._snapshot(folder)}
    made._untouched(before)
    victim = folder / "bin" / "spam"
    victim.write_bytes(victim.read_bytes())
    with pytest.raises(CollisionError) as caught:
        made._untouched(before)
    assert caught.value.details == (str(victim),)


def test_claims_file_by_file(tmp_path: Path) -> None:
    laid = {}
    for version, names in (("3.11", ["a", "a3", "b-3.11", "c311"]), ("3.13", ["a", "b-3.13"])):
        home = tmp_path / version
        (home / "bin").mkdir(parents=True)
        (home / "share" / "man").mkdir(parents=True)
        (home / "share" / "man" / "a.1").touch()
        for name in [*names, f"python{version}", "python3", "activate", "activate.fish"]:
            (home / "bin" / name).touch()
        laid[version] = Laid(version=version, python="/p", home=version, packages=(), programs={})
    links = claims(tmp_path, laid, "3.13")
    assert links == {
        "bin/a": "3.13/bin/a",
        "bin/a-3.11": "3.11/bin/a",
        "bin/a-3.13": "3.13/bin/a",
        "bin/b-3.11": "3.11/bin/b-3.11",
        "bin/b-3.13": "3.13/bin/b-3.13",
        "bin/c311": "3.11/bin/c311",
        "bin/python3": "3.13/bin/python3.13",
        "bin/python3.11": "3.11/bin/python3.11",
        "bin/python3.13": "3.13/bin/python3.13",
        "share/man/a.1": "3.13/share/man/a.1",
    }


@pytest.mark.parametrize("name", ["bin", "share", "current", "stacks"])
def test_a_folder_of_someone_else_is_left_alone(tmp_path: Path, name: str) -> None:
    if name == "stacks":
        (tmp_path / name).symlink_to("nowhere")
    else:
        (tmp_path / name).mkdir()
    with pytest.raises(PrefixError, match=f"{name} is there and not made by elpython"):
        Prefix(tmp_path).install([Path(sys.executable)])


@pytest.mark.parametrize(
    ("pythons", "error"), [(["/bin/ls"], PrefixError), ([], UsageError)], ids=["no Python", "none"]
)
def test_wrong_input(tmp_path: Path, pythons: list[str], error: type[Exception]) -> None:
    with pytest.raises(error):
        Prefix(tmp_path / "new").install([Path(name) for name in pythons])


def test_nothing_to_go_back_to(tmp_path: Path) -> None:
    with pytest.raises(PrefixError, match="nothing to go back to"):
        Prefix(tmp_path).roll_back()


def test_unknown_default_is_refused(made: Prefix) -> None:
    with pytest.raises(UsageError, match=r"no stack 3\.9"):
        made.switch("3.9")


def test_damaged_view_is_told(tmp_path: Path) -> None:
    (tmp_path / "generations" / "0001").mkdir(parents=True)
    (tmp_path / "generations" / "0001" / "view.json").write_text("{")
    (tmp_path / "current").symlink_to("generations/0001")
    with pytest.raises(PrefixError, match="is damaged"):
        Prefix(tmp_path).current()


def test_killed_in_the_middle_the_next_run_goes_on(tmp_path: Path, python311: Path) -> None:
    """Kill -9 while a stack is made: no view leads to the half of it, and it is made anew."""
    argv = [sys.executable, "-m", "elpython", "stack", "install", "prefix", str(python311)]
    running = subprocess.Popen(argv, cwd=tmp_path, start_new_session=True)
    stacks = tmp_path / "prefix" / "stacks"
    while running.poll() is None and not list(stacks.glob("3.11-*/bin")):
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert not (tmp_path / "prefix" / "current").exists()
    assert not list(stacks.glob("*/.elpython-whole"))
    here = Prefix(tmp_path / "prefix")
    here.install([python311])
    assert out(tmp_path / "prefix" / "bin" / "python3", "-m", "pip", "--version").startswith("pip")
    assert len(list(stacks.iterdir())) == 1
