"""The commands, the requests outside of a program, and the wheel, as a new user meets them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import environments
import pytest

from minpython import core, reference

if TYPE_CHECKING:
    from conftest import Run

TELL = "import sys; print(sys.implementation.used_version[:2])"
PAGE = environments.SOURCES.parents[1] / "docs" / "reference" / "minpython-behaviours.md"


@pytest.mark.parametrize(
    ("options", "env", "config", "answer"),
    [
        (["-X", "min_version=3.8"], {}, "", (3, 8)),
        ([], {"PYTHONMINVERSION": "3.7"}, "", (3, 7)),
        ([], {}, "min_version = 3.6", (3, 6)),
        (["-X", "min_version=3.8"], {"PYTHONMINVERSION": "3.7"}, "min_version = 3.6", (3, 8)),
        ([], {"PYTHONMINVERSION": "3.7"}, "min_version = 3.6", (3, 7)),
        (["-E"], {"PYTHONMINVERSION": "3.7"}, "", None),
        (["-I"], {"PYTHONMINVERSION": "3.7"}, "min_version = 3.6", None),
        (["-I", "-X", "min_version=3.8"], {}, "", (3, 8)),
        (["-m", "minpython", "--min-version", "3.8"], {"PYTHONMINVERSION": "3.7"}, "", (3, 8)),
        (["-m", "minpython"], {}, "min_version = 3.6", (3, 6)),
    ],
)
def test_who_beats_whom(
    newest: str,
    tmp_path: Path,
    options: list[str],
    env: dict[str, str],
    config: str,
    answer: tuple[int, int] | None,
) -> None:
    (tmp_path / "script.py").write_text(TELL)
    if config:
        (tmp_path / "minpython.cfg").write_text(f"[minpython]\n{config}\n")
    done = environments.run(newest, *options, str(tmp_path / "script.py"), env=env)
    if answer is None:
        assert done.stdout != "(3, 7)\n"
        assert done.stdout != "(3, 6)\n"
    else:
        assert done.stdout == f"{answer}\n"
    assert done.stderr == ""


def test_without_site_nothing_is_there(run: Run) -> None:
    code = "import sys; assert not hasattr(sys, 'set_min_python_version')"
    run("-S", "-X", "min_version=3.8", "-c", code)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("four", "'four' is no version"),
        ("4.0", "newer than the running"),
        ("3.5", "older than the oldest supported version, 3.6"),
        ("3.8:", "no package is named after the colon"),
        ("3.8,oldlib", "packages stand after a colon, 3.8:oldlib"),
        ("3.8,+os-erno", "did you mean os-errno?"),
        ("3.8:old-lib", "'old-lib' is no package name"),
    ],
)
def test_a_wrong_request_is_told_and_ignored(newest: str, spec: str, message: str) -> None:
    done = environments.run(newest, "-c", "print(1)", env={"PYTHONMINVERSION": spec})
    assert done.stdout == "1\n"
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[minpython]\nmin_versoin = 3.8\n", "minpython.cfg:2: unknown key 'min_versoin'; did you"),
        ("min_version = 3.8\n", "minpython.cfg:1: stands before the first section"),
        ("[minpyton]\n", "minpython.cfg:1: unknown section [minpyton]"),
        ("[minpython]\nnonsense\n", "minpython.cfg:2: not understood: nonsense"),
        ("[packages]\nold-lib = 3.8\n", "'old-lib' is no package name"),
        ("[minpython]\nallow_insecure = maybe\n", "allow_insecure is yes or no"),
    ],
)
def test_a_wrong_file_is_told_and_ignored(
    newest: str,
    tmp_path: Path,
    text: str,
    message: str,
) -> None:
    (tmp_path / "minpython.cfg").write_text(text)
    (tmp_path / "script.py").write_text("print(1)")
    done = environments.run(newest, str(tmp_path / "script.py"))
    assert done.stdout == "1\n"
    assert message in done.stderr


def test_the_file_names_packages_and_behaviours(newest: str, tmp_path: Path) -> None:
    (tmp_path / "minpython.cfg").write_text(
        "# ours\n[minpython]\nenable = os-errno\n[packages]\noldlib = 3.6\n",
    )
    (tmp_path / "oldlib.py").write_text("import time\nassert hasattr(time, 'clock')\n")
    (tmp_path / "script.py").write_text(
        "import os, time, oldlib\nos.errno\nassert not hasattr(time, 'clock')\n",
    )
    environments.run(newest, str(tmp_path / "script.py"))


def test_an_environment_has_a_file_for_all_that_runs_in_it(tmp_path: Path) -> None:
    """Programs that start Pythons without their variables find it, ``-I`` leaves it out."""
    python = environments.made(list(environments.found().values())[-1], tmp_path / "env")
    (tmp_path / "env" / "minpython.cfg").write_text("[minpython]\nmin_version = 3.7\n")
    code = "import sys; print(sys.implementation.used_version)"
    assert environments.run(python, "-c", code).stdout == "(3, 7, 0)\n"
    assert environments.run(python, "-I", "-c", code).stdout != "(3, 7, 0)\n"
    asked = environments.run(python, "-X", "min_version=3.8", "-c", code)
    assert asked.stdout == "(3, 8, 0)\n"


def test_report_counts_by_file_and_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import os\nfor _ in range(3):\n    os.errno\n")
    done = run("-m", "minpython", "report", "--min-version", "3.6", "script.py")
    assert "os-errno: 3" in done.stderr
    assert "script.py:3: 3" in done.stderr
    env = {"PYTHONMINVERSION": "3.6", "PYTHONMINVERSION_REPORT": str(tmp_path / "r.json")}
    run("script.py", env=env)
    (use,) = [
        use
        for use in json.loads((tmp_path / "r.json").read_text())["uses"]
        if use["behaviour"] == "os-errno"
    ]
    assert (use["line"], use["count"]) == (3, 3)
    done = run("-m", "minpython", "report", "--merge", "r.json", "r.json")
    assert "os-errno: 6" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["explain", "os-erno"], 75, "did you mean os-errno?"),
        (["--min-version", "3.8", "absent.py"], 75, "can't open 'absent.py'"),
        (["--min-version"], 75, "nothing stands after --min-version"),
        (["--min-verson", "3.8", "x.py"], 75, "did you mean --min-version?"),
        (["--min-version", "2.7", "-c", "1"], 75, "older than the oldest supported"),
        (["report", "--merge", "absent.json"], 75, "absent.json"),
        (["doctor", "--min-version", "9"], 75, "is no version"),
        (["-m"], 75, "nothing stands after -m"),
    ],
)
def test_mistakes_are_told_in_one_line(
    newest: str,
    tmp_path: Path,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    done = environments.run(newest, "-m", "minpython", *arguments, cwd=tmp_path, check=False)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_exceptions_and_exit_codes_are_those_of_the_program(run: Run, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("def f():\n    raise ValueError('mine')\nf()\n")
    done = run("-m", "minpython", "--min-version", "3.8", "script.py", check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("ValueError: mine\n")
    assert "runner.py" not in done.stderr
    done = run("-m", "minpython", "-c", "raise SystemExit(7)", check=False)
    assert done.returncode == 7


def test_explain_and_doctor(run: Run) -> None:
    assert "bpo-33666" in run("-m", "minpython", "explain", "os-errno").stdout
    (entry,) = json.loads(run("-m", "minpython", "explain", "--json", "os-errno").stdout)[
        "behaviours"
    ]
    assert entry["changed_in"] == "3.7"
    found = json.loads(run("-W", "ignore", "-m", "minpython", "doctor", "--json").stdout)
    assert found["schema"] == "minpython-doctor/1"
    assert {finding["state"] for finding in found["findings"]} <= {
        "insecure",
        "by name only",
        "missing module",
        "failed",
        "slow",
        "not active",
    }


def test_insecure_behaviours_take_their_name_a_permission_and_warn(newest: str) -> None:
    code = """
import minpython, warnings
from minpython import table
name = next(entry.name for entry in table.load() if entry.allow_insecure)
try:
    minpython.enable(name)
except ValueError as error:
    assert "weakens security" in str(error)
else:
    raise AssertionError("switched on without permission")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    minpython.enable(name, allow_insecure=True)
assert any(name in str(warning.message) for warning in caught)
"""
    environments.run(newest, "-c", code)


def test_the_reference_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.page(), (
        "run `python -m minpython.reference --write docs/reference/minpython-behaviours.md`"
    )


def test_the_core_change_lies_over_a_tree(tmp_path: Path, python: str) -> None:
    """A standard library with the files and the hook starts with the function, without a .pth."""
    find = "import os, sys; print(os.path.dirname(os.__file__), sys.executable)"
    library, _ = environments.run(python, "-c", find).stdout.split()
    lib = tmp_path / "Lib"
    lib.mkdir()
    shutil.copy(Path(library, "site.py"), lib / "site.py")
    written = core.lay_over(str(tmp_path))
    assert core.lay_over(str(tmp_path)) == written
    assert "Lib/minpython/behaviours/os.ini" in written
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import site; site.main();"
        "sys.set_min_python_version((3, 6)); import os; os.errno; import minpython;"
        "assert minpython.__file__.startswith(sys.argv[1])"
    )
    environments.run(python, "-S", "-c", code, str(lib))
    (lib / "site.py").write_text("def main(): pass\n")
    with pytest.raises(core.ConfigError, match="isn't there exactly once"):
        core.lay_over(str(tmp_path))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    root = environments.SOURCES.parent
    ignore = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", "tests")
    shutil.copytree(root, folder / "runtime", ignore=ignore)
    command = [sys.executable, "-c", "from setuptools import build_meta as b; b.build_wheel('.')"]
    subprocess.run(command, cwd=folder / "runtime", check=True, capture_output=True)
    (made,) = (folder / "runtime").glob("*.whl")
    return made


def test_the_wheel_starts_in_a_fresh_environment(
    wheel: Path,
    python: str,
    tmp_path: Path,
) -> None:
    import zipfile

    folder = tmp_path / "venv"
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    fresh = str(folder / "bin" / "python")
    code = "import sys, os; sys.set_min_python_version((3, 6)); os.errno; exec('async = 1')"
    environments.run(fresh, "-c", code, cwd=tmp_path)
    environments.run(fresh, "-m", "minpython", "explain", "os-errno", cwd=tmp_path)
    assert environments.run(fresh, "-c", "1", cwd=tmp_path).stderr == ""


def test_el_trees_have_the_start_as_it_is_here() -> None:
    """What `_minpython` does at a start on a stock CPython, EL Python's site does word for word."""
    place = environments.SOURCES.parents[1] / "branches" / "core"
    patches = sorted(place.glob("minpython@*.patch"))
    assert patches
    for patch in patches:
        lines = patch.read_text("utf-8").split("--- a/Lib/site.py")[1].splitlines()
        added = "".join(f"{line[1:]}\n" for line in lines if line[:1] == "+" and line[:3] != "+++")
        assert added == core.start_text() + core.HOOK, patch.name


def test_a_start_without_a_request_imports_nothing_of_the_package(python: str) -> None:
    """Only the file beside the package is read, and its functions keep no module alive."""
    code = "import sys; print(*(name for name in sys.modules if name.startswith('minpython')))"
    assert environments.run(python, "-c", code).stdout == "\n"
    hooks = "vars(sys.modules['_frozen_importlib_external'])"
    code = f"import sys; f = sys.set_min_python_version; print(f.__globals__ is {hooks})"
    assert environments.run(python, "-c", code).stdout == "True\n"


def test_el_trees_install_every_folder() -> None:
    """The core change's patches name the package's folders for ``make install``."""
    place = environments.SOURCES.parents[1] / "branches" / "core"
    patches = sorted(place.glob("minpython@*.patch"))
    assert patches
    for patch in patches:
        words = [line[1:].split() for line in patch.read_text("utf-8").splitlines() if "\t" in line]
        named = {word for line in words for word in line if word.startswith("minpython")}
        assert named == set(core.folders()), patch.name


TRIED = "import collections\nprint(collections.Mapping.__name__)\n"


def test_a_trial_tells_what_a_program_takes(newest: str, tmp_path: Path) -> None:
    """It fails without, runs with, and the newest version that is enough is named."""
    (tmp_path / "old.py").write_text(TRIED)
    words = ["-m", "minpython", "try", "--min", "3.6"]
    done = environments.run(newest, *words, "old.py", cwd=tmp_path)
    assert "exit code 1\n" in done.stdout
    assert "as Python 3.6: exit code 0\n" in done.stdout
    assert "has no attribute 'Mapping'" in done.stdout
    assert "collections-abc-aliases: 1\n" in done.stdout
    assert done.stdout.endswith("it takes PYTHONMINVERSION=3.9\n")
    told = json.loads(environments.run(newest, *words, "--json", "old.py", cwd=tmp_path).stdout)
    schema = environments.SOURCES.parents[1] / "docs/reference/schemas/minpython-try.schema.json"
    assert sorted(told) == sorted(json.loads(schema.read_text(encoding="utf-8"))["required"])
    assert (told["bare"]["exit_code"], told["asked"]["exit_code"]) == (1, 0)


def test_a_trial_of_what_needs_nothing_or_more(newest: str) -> None:
    words = ["-m", "minpython", "try", "--min=3.8"]
    done = environments.run(newest, *words, "-c", "print(1)")
    assert done.stdout.endswith("nothing restored was used: it takes no older version\n")
    done = environments.run(newest, *words, "-c", "import nowhere", check=False)
    assert done.returncode == 1
    assert done.stdout.endswith("is not enough, or the program fails anyway\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "say which version to try: --min 3.8"),
        (["--min", "3.8"], "no program to try"),
        (["--min", "2.7", "-c", "1"], "--min: Python 2.7 is older"),
        (["--min", "old", "-c", "1"], "--min: 'old' is no version"),
        (["--min", "3.8", "gone.py"], "can't open 'gone.py'"),
        (["--min", "3.8", "--jso", "gone.py"], "there is no option --jso; did you mean --json?"),
    ],
)
def test_a_trial_that_can_not_be(newest: str, words: list[str], message: str) -> None:
    done = environments.run(newest, "-m", "minpython", "try", *words, check=False)
    assert done.returncode == 75
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
