"""`elpython stack` as a stranger uses it: fresh folders, wrong input, machine output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest

from examples import REPOSITORY
from stack_samples import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = REPOSITORY / "docs" / "reference" / "schemas"
SPEC = SAMPLES / "python-evenodd" / "python-evenodd.spec"


def stack(
    folder: Path, *words: object, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ)
    if path is not None:
        env["PATH"] = path
    argv = [sys.executable, "-m", "elpython", "stack", *map(str, words)]
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)


def good(folder: Path, *words: object) -> str:
    done = stack(folder, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def keeps_to(name: str, text: str) -> object:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    data = json.loads(text)
    jsonschema.Draft202012Validator(schema).validate(data)
    return data


def test_a_whole_transition_with_its_texts(tmp_path: Path) -> None:
    assert "Python 3.11 is the default" in good(tmp_path, "init", "3.11", "--project", "Ex EL")
    keeps_to("stack-show", good(tmp_path, "open", "3.13", "--json"))
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"packages": 20, "share": 0.9, "broken_before": 2}))
    assert "18 of 18 packages" in good(tmp_path, "rebuild", "--report", report)
    told = good(tmp_path, "announce", "--by", "jane")
    assert told.count("Ex EL: ") == 3
    good(tmp_path, "switch")
    good(tmp_path, "undo")
    assert not (tmp_path / "announcements" / "0004-switch-3.13.txt").exists()
    good(tmp_path, "switch", "--date", "2030-01-01")
    good(tmp_path, "announce", "--date", "2030-01-02")
    good(tmp_path, "need", "app", "3.11")
    assert stack(tmp_path, "retire", "--date", "2030-02-01").returncode == 81
    good(tmp_path, "need", "app", "--forget")
    good(tmp_path, "retire", "--date", "2030-02-01")
    good(tmp_path, "announce", "--date", "2030-02-01")
    good(tmp_path, "close", "--date", "2030-02-02")
    data = keeps_to("stack-show", good(tmp_path, "show", "--json"))
    assert isinstance(data, dict)
    assert [step["kind"] for step in data["steps"]] == [
        "init", "open", "rebuild", "switch", "retire", "close",
    ]  # fmt: skip
    for step in data["steps"]:
        assert (tmp_path / step["text"]).read_text().startswith("Ex EL: ")
    assert data["steps"][0]["announced_by"] == "jane"
    assert "retired" in good(tmp_path, "show")


def test_macros_follow_the_state(tmp_path: Path) -> None:
    good(tmp_path, "init", "3.11")
    assert "with_python3_other 1" not in good(tmp_path, "macros")
    good(tmp_path, "open", "3.13")
    text = good(tmp_path, "macros")
    assert "%python3_other_pkgversion 313\n" in text
    assert "%__python3_other /bin/true" in good(tmp_path, "macros", "--srpm")
    assert "macros" in good(tmp_path, "macros", "-o", "out/macros.python3_other")
    assert (tmp_path / "out" / "macros.python3_other").read_text() == text


def test_macros_are_checked_against_this_machine(tmp_path: Path, rpm: str) -> None:
    """This machine's RPM has not our macros: the answer is no, and says which."""
    assert rpm
    good(tmp_path, "init", "3.11", "--pkgversion", "3")
    done = stack(tmp_path, "macros", "--check")
    assert done.returncode == 1
    assert "the state says" in done.stdout


def test_convert_prints_writes_and_answers(tmp_path: Path) -> None:
    text = good(tmp_path, "convert", SPEC)
    assert "%files -n python%{python3_other_pkgversion}-%{pypi_name}" in text
    good(tmp_path, "convert", SPEC, "-o", "made")
    assert (tmp_path / "made" / SPEC.name).read_text() == text
    copy = tmp_path / SPEC.name
    copy.write_text(SPEC.read_text())
    good(tmp_path, "convert", "--in-place", copy)
    assert copy.read_text() == text
    data = keeps_to("stack-convert", good(tmp_path, "convert", "--json", SPEC))
    assert isinstance(data, list)
    assert data[0]["text"] == text
    assert good(tmp_path, "lint", copy).strip() == "1 file: nothing found"


def test_a_refusal_names_its_line_and_changes_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "a.spec"
    spec.write_text("Name: a\n%global python3_pkgversion 38\n")
    done = stack(tmp_path, "convert", "--in-place", spec)
    assert done.returncode == 1
    assert f"{spec}:2: pinned-stack: refused:" in done.stderr
    assert spec.read_text() == "Name: a\n%global python3_pkgversion 38\n"


def test_bytes_that_are_no_utf8_survive(tmp_path: Path) -> None:
    spec = tmp_path / "a.spec"
    spec.write_bytes(b"Name: a\r\nRequires: python3-b\r\n# caf\xe9\r\n")
    good(tmp_path, "convert", "--in-place", spec)
    assert spec.read_bytes() == (
        b"Name: a\r\nRequires: python%{python3_pkgversion}-b\r\n# caf\xe9\r\n"
    )


def test_lint_says_where(tmp_path: Path) -> None:
    done = stack(tmp_path, "lint", "--json", SPEC)
    assert done.returncode == 1
    data = keeps_to("stack-lint", done.stdout)
    assert isinstance(data, list)
    assert {item["rule"] for item in data} == {"literal-name", "missing-other"}


def test_names(tmp_path: Path) -> None:
    good(tmp_path, "init", "3.11")
    good(tmp_path, "open", "3.13")
    out = good(tmp_path, "names", "python-foo", "--base", "python-foo", "--json")
    assert keeps_to("stack-names", out) == {
        "python-foo": {
            "source": "python3-foo",
            "rule": "in-base",
            "why": "the base distribution builds python-foo already: "
            "ours is a repository python3-foo",
            "binaries": ["python311-foo", "python313-foo"],
        }
    }
    assert "python3-foo" in good(tmp_path, "names", "python-foo", "--base", "python-foo")


@pytest.mark.slow
def test_install_answers(tmp_path: Path, python311: Path, python313: Path) -> None:
    out = good(tmp_path, "install", "prefix", python311, python313, "--json")
    data = keeps_to("stack-install", out)
    assert isinstance(data, dict)
    assert [item["version"] for item in data["stacks"]] == ["3.11", "3.13"]
    good(tmp_path, "init", "3.11")
    good(tmp_path, "open", "3.13")
    good(tmp_path, "rebuild", "--built", 1, "--total", 1)
    good(tmp_path, "announce")
    good(tmp_path, "switch", "--prefix", "prefix")
    version = subprocess.run(
        [tmp_path / "prefix" / "bin" / "python3", "-V"], capture_output=True, text=True, check=True
    )
    assert version.stdout.startswith("Python 3.13")
    assert "is Python 3.11" in good(tmp_path, "install", "prefix", "--roll-back")


WRONG = [
    (["show"], 80, "there is no stacks.toml"),
    (["open", "3.13"], 80, "there is no stacks.toml"),
    (["init", "4.0"], 81, "is no 3.X"),
    (["rebuild"], 11, "neither a report nor two numbers"),
    (["rebuild", "--report", "none.json"], 80, "cannot be read as a report"),
    (["convert", "none.spec"], 83, "cannot be read"),
    (["convert", "binary.spec"], 83, "is no spec file"),
    (["convert", "empty.spec"], 83, "it has no Name"),
    (["lint", "empty.spec"], 83, "it has no Name"),
    (["convert", "a", "b"], 11, "several files need"),
    (["convert", "a", "-o", "b", "--in-place"], 11, "not both"),
    (["install", "new"], 11, "name at least one interpreter"),
    (["install", "new", "--roll-back"], 85, "nothing to go back to"),
    (["need", "app"], 11, "give a version, or --forget"),
]


@pytest.mark.parametrize(("words", "code", "message"), WRONG, ids=lambda value: str(value)[:30])
def test_wrong_input_is_told_without_a_traceback(
    tmp_path: Path, words: list[str], code: int, message: str
) -> None:
    (tmp_path / "binary.spec").write_bytes(b"\0\1")
    (tmp_path / "empty.spec").touch()
    done = stack(tmp_path, *words)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_rpm_the_package_to_install_is_named(tmp_path: Path) -> None:
    good(tmp_path, "init", "3.11")
    done = stack(tmp_path, "macros", "--check", path=str(tmp_path))
    assert done.returncode == 21
    assert "apt-get install rpm" in done.stderr


def test_a_second_init_is_refused(tmp_path: Path) -> None:
    good(tmp_path, "init", "3.11")
    done = stack(tmp_path, "init", "3.13")
    assert done.returncode == 80
    assert "is there already" in done.stderr


def test_two_runs_at_once_lose_no_step(tmp_path: Path) -> None:
    """Ten rebuilds are recorded at the same time, and each gets a number of its own."""
    good(tmp_path, "init", "3.11")
    good(tmp_path, "open", "3.13")
    argv = [sys.executable, "-m", "elpython", "stack", "rebuild", "--built", "1", "--total", "2"]
    runs = [
        subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(6)
    ]
    for run in runs:
        _, errors = run.communicate()
        assert run.returncode == 0, errors
    data = json.loads(good(tmp_path, "show", "--json"))
    assert [step["number"] for step in data["steps"]] == list(range(1, 9))
