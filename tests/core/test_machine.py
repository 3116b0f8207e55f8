"""What a machine is and lacks, and the first run that asks it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from elpython.core import machine

SOURCE = Path(__file__).parents[2] / "src" / "elpython"
FIRST_RUN = SOURCE / "build" / "first_run.py"

RELEASES = [
    ('ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n', "debian", "apt"),
    ("ID=ubuntu\nID_LIKE=debian\nVERSION_ID='22.04'\n", "ubuntu", "apt"),
    ('ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n', "rocky", "dnf"),
    ("ID=fedora\nVERSION_ID=43 # a remark\n", "fedora", "dnf"),
    ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"\n', "opensuse-leap", "zypper"),
    ("ID=alpine\nVERSION_ID=3.22.1\n", "alpine", "apk"),
    ("ID=arch\nBUILD_ID=rolling\n", "arch", "pacman"),
    ("ID=pop\nID_LIKE='ubuntu debian'\n", "pop", "apt"),
    ("ID=plan9\n", "plan9", ""),
    ("", os.uname().sysname.lower(), ""),
]


def host(folder: Path, text: str) -> machine.System:
    """The system of an os-release file."""
    path = folder / "os-release"
    path.write_text(text)
    return machine.system(path)


@pytest.mark.parametrize(("text", "name", "manager"), RELEASES)
def test_a_system_is_known_by_itself_or_its_relatives(
    tmp_path: Path, text: str, name: str, manager: str
) -> None:
    found = host(tmp_path, text)
    assert (found.id, found.manager) == (name, manager)


def test_every_need_names_its_package_for_every_manager() -> None:
    table = machine.table()
    for row in table["needs"]:
        assert set(row["packages"]) == set(table["managers"]), row["id"]
        assert row["packages"]["apt"], row["id"]
        assert row["for"] in machine.PURPOSES, row["id"]
    names = [row["id"] for row in table["needs"]]
    assert len(names) == len(set(names))
    assert set(table["systems"].values()) == set(table["managers"])


def test_names_follow_the_system(tmp_path: Path) -> None:
    bookworm = host(tmp_path, "ID=debian\nVERSION_ID=12\n")
    assert machine.package_of("bolt", bookworm) == "bolt-16 libbolt-16-dev"
    trixie = host(tmp_path, "ID=debian\nVERSION_ID=13\n")
    assert machine.package_of("bolt", trixie) == "bolt-19 libbolt-19-dev"
    alpine = host(tmp_path, "ID=alpine\n")
    assert machine.package_of("_dbm", alpine) == "gdbm-dev"
    assert machine.package_of("no-such-thing", alpine) == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ID=debian", "apt-get update -q && {}apt-get install -y -q --no-install-recommends git"),
        ("ID=fedora", "dnf install -y git"),
        ("ID=opensuse-leap", "zypper install -y git"),
        ("ID=alpine", "apk add git"),
        ("ID=arch", "pacman -S --needed --noconfirm git"),
        ("ID=plan9", ""),
    ],
)
def test_one_line_to_paste(tmp_path: Path, text: str, line: str) -> None:
    sudo = "" if os.geteuid() == 0 else "sudo "
    wanted = sudo + line.format(sudo) if line else ""
    assert machine.install_line(["git", "git"], host(tmp_path, text), whole=True) == wanted
    assert machine.install_line([], host(tmp_path, text), whole=True) == ""


needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")


@needs_gcc
@pytest.mark.parametrize("spelling", ["gdbm-ndbm.h", "gdbm/ndbm.h", "ndbm.h"])
def test_any_spelling_of_ndbm_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    """Headers are compiled: with no folder of the system, only the one spelling is available."""
    (tmp_path / spelling).parent.mkdir(exist_ok=True)
    (tmp_path / spelling).write_text("typedef int dbm;\n")
    (tmp_path / "stdio.h").write_text("")
    monkeypatch.setenv("CFLAGS", f"-nostdinc -I{tmp_path}")
    monkeypatch.setenv("PATH", os.environ["PATH"])
    checks = {item.need.id: item for item in machine.check("build")}
    assert checks["ndbm"].header == spelling
    assert not checks["openssl"].met
    assert spelling in machine.present_headers()


@needs_gcc
def test_a_header_that_does_not_compile_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zlib.h").write_text("#error half installed\n")
    monkeypatch.setenv("CFLAGS", f"-I{tmp_path}")
    checks = {item.need.id: item for item in machine.check("build")}
    assert not checks["zlib"].met


def first_run(
    *words: str, python: str = sys.executable, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the first run as the Makefile does."""
    return subprocess.run(
        [python, "-I", "-B", FIRST_RUN, *words],
        env={**os.environ, **env},
        text=True,
        capture_output=True,
        check=False,
    )


def test_what_is_missing_is_one_line_and_stops(tmp_path: Path) -> None:
    done = first_run("--for", "build", "--check", PATH=str(tmp_path), CC="none")
    assert done.returncode == 1
    assert "missing: " in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("elpython: run: ")]
    assert len(lines) == 1
    assert "libssl-dev" in lines[0] or "apt-get" not in lines[0]
    assert "Traceback" not in done.stderr


@needs_gcc
def test_an_optional_header_stops_nothing(tmp_path: Path) -> None:
    """Tk alone is broken: the run goes on, and says without what."""
    (tmp_path / "tk.h").write_text("#error\n")
    for name in ("build", "venv"):
        (tmp_path / name).mkdir()
    done = first_run("--for", "build", "--check", CPPFLAGS=f"-I{tmp_path}")
    if "missing:" in done.stderr:
        pytest.skip("this machine lacks more than that")
    assert "goes on without: tkinter" in done.stderr
    assert done.returncode == 0 or "are free" in done.stderr


def test_installing_may_be_forbidden(tmp_path: Path) -> None:
    """A stand-in package manager would leave a trace."""
    trace = tmp_path / "trace"
    for name in ("apt-get", "dnf", "zypper", "apk", "pacman", "env", "sudo"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "$0 $*" >> {trace}\n')
        program.chmod(0o755)
    done = first_run("--for", "build", PATH=str(tmp_path), CC="none", ELPYTHON_NO_INSTALL="1")
    assert done.returncode == 1
    assert not trace.exists()
    if machine.system().manager:
        done = first_run("--for", "build", PATH=str(tmp_path), CC="none")
        assert done.returncode == 1
        assert "installing: " in done.stderr
        assert "install" in trace.read_text()


def older_pythons() -> list[str]:
    """Interpreters before 3.11 on this machine."""
    found = [shutil.which(f"python3.{minor}") for minor in range(6, 11)]
    root = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    found += [str(path) for path in sorted(root.glob("3.[6-9].*/bin/python"))]
    return [path for path in found if path and "shims" not in path]


def test_an_old_python_is_told_the_way_out() -> None:
    """The program parses on the oldest Pythons, and ends with a failure that helps."""
    pythons = older_pythons()
    if not pythons:
        pytest.skip("no Python before 3.11 on this machine")
    for python in pythons:
        done = first_run(python=python)
        assert done.returncode == 1, done.stderr
        assert "needs Python 3.11 or later" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("ID=ubuntu\nVERSION_ID=22.04\n", "apt-get install -y python3.11 python3.11-venv"),
        ("ID=rocky\nVERSION_ID=9.4\n", "dnf install -y python3.11"),
        ("ID=debian\nVERSION_ID=11\n", "make demo PYTHON="),
    ],
)
def test_the_way_out_is_per_system(tmp_path: Path, text: str, way: str) -> None:
    from elpython.build.first_run import old_python

    assert any(way in line for line in old_python(host(tmp_path, text)))


def test_release_templates_take_their_packages_from_the_table() -> None:
    """What a release's container and Debian package build with is what a build here needs."""
    debian = [row for row in machine.table()["needs"] if row.get("builds") and row["id"] != "nis"]
    templates = SOURCE / "release" / "templates"
    for name in ("Containerfile.j2", "debian/control.j2"):
        words = (templates / name).read_text().replace(",", " ").split()
        lacking = [row["packages"]["apt"] for row in debian if row["packages"]["apt"] not in words]
        assert lacking == [], name


def test_package_names_stand_in_the_table_alone() -> None:
    """No text names a package that the table has, but for templates and the table itself."""
    names = {
        word
        for row in machine.table()["needs"]
        for word in row["packages"]["apt"].split()
        if word.endswith("-dev") and "{" not in word
    }
    named = [
        f"{path.relative_to(SOURCE)}: {name}"
        for path in SOURCE.rglob("*.py")
        for name in names
        if name in path.read_text("utf-8")
    ]
    assert named == []


def test_the_table_is_json_with_one_row_a_need() -> None:
    text = (SOURCE / "core" / "data" / "packages.json").read_text("utf-8")
    assert json.loads(text)["managers"]["apt"]["program"] == "apt-get"


def test_the_first_run_leaves_no_file_behind(tmp_path: Path) -> None:
    """Run by root in a user's checkout, it must not leave what the user cannot remove."""
    for name in ("core/machine.py", "core/data/packages.json", "build/first_run.py"):
        target = tmp_path / "elpython" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SOURCE / name, target)
    before = sorted(tmp_path.rglob("*"))
    command = [sys.executable, "-I", "-B", tmp_path / "elpython/build/first_run.py", "--check"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
    makefile = (SOURCE.parents[1] / "Makefile").read_text()
    assert " -I -B src/elpython/build/first_run.py" in makefile
