"""`elpython stream` as a user meets it: output, schemas, exit codes, wrong input."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import jsonschema
import pytest
from click.testing import CliRunner

from elpython.cli import main
from elpython.cli.groups import stream
from elpython.cli.table import GROUPS
from elpython.core.errors import UsageError
from elpython.stream.release import BadReleaseError
from examples import REPOSITORY
from header_roots import header_root

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = REPOSITORY / "docs" / "reference" / "schemas"


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(stream, [str(word) for word in words], standalone_mode=False)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    code = done.return_value if isinstance(done.return_value, int) else 0
    return code, done.output


def answer(name: str, *words: str, code: int = 0) -> object:
    """Run with --json and hold the output against the schema."""
    got, out = run(name, *words, "--json")
    assert got == code, out
    data = json.loads(out)
    schema = json.loads((SCHEMAS / f"stream-{name}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(data)
    return data


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A repository whose last commit has the commit marker alone."""
    folder = tmp_path / "repo"

    def git(*words: str) -> None:
        ident = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", folder, *ident, *words], check=True, capture_output=True)

    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    git("commit", "-q", "--allow-empty", "-m", "Start")
    git("tag", "v3.9.0b4")
    git("commit", "-q", "--allow-empty", "-m", "(ABI break) gh-1: x")
    return folder


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger with a1 (the first), b2 (an addition of the manager's word) and a3."""
    path = tmp_path / "3.9.toml"
    run("record", path, "3.9.0a1", "--date", "2019-12-02", "--markers-only")
    run("record", path, "3.9.0b2", "--date", "2020-02-02", "--markers-only")
    run("record", path, "3.9.0a3", "--date", "2020-04-02", "--override", "alpha",
        "--reason", "new field in PyObject")  # fmt: skip
    return path


def test_check_says_all_and_fails(history: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.sarif"
    words = ("--repo", history, "--base", "v3.9.0b4", "--sarif", log)
    data = answer("check", *words, code=1)
    assert [item["rule"] for item in data["findings"]] == ["marker-pair-news"]
    assert json.loads(log.read_text())["runs"][0]["results"][0]["level"] == "error"
    code, out = run("check", *words)
    assert code == 1
    assert "1 commit checked: 1 error" in out
    code, out = run("check", *words, "--format", "github")
    assert out.startswith("::error title=")


def test_check_as_hooks_call_it(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    message = history / "message"
    message.write_text("(ABI break) gh-2: y\n")
    monkeypatch.chdir(history)
    assert run("check", str(message))[0] == 1
    message.write_text("gh-2: y\n")
    assert run("check", "--message", str(message))[0] == 0
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "v3.9.0b4")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    assert run("check")[0] == 1


def test_as_a_real_commit_msg_hook(history: Path) -> None:
    """Git runs it with a temporary index for `git commit -a` and `--only`: that one is read."""
    hook = history / ".git" / "hooks" / "commit-msg"
    hook.write_text(f'#!/bin/sh\nexec {sys.executable} -m elpython stream check "$1"\n')
    hook.chmod(0o755)
    path = "Misc/NEWS.d/next/C_API/2026-01-01-00-00-00.gh-issue-135151.Ab1.rst"
    news = history / path
    news.parent.mkdir(parents=True)
    news.write_text("Add a field.\n")

    def commit(*words: str) -> int:
        ident = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        words = ("git", "-C", str(history), *ident, "commit", "-q", *words)
        return subprocess.run(words, check=False, capture_output=True).returncode

    subprocess.run(["git", "-C", history, "add", "-A"], check=True)
    assert commit("-m", "gh-135151: Add a field") == 0
    news.write_text("(CPython ABI break) Add a field.\n")
    assert commit("-a", "-m", "gh-135151: Mark it") == 1
    assert commit("-m", "gh-135151: Mark it", "--only", path) == 1
    assert commit("-a", "-m", "(ABI break) gh-135151: Mark it") == 0


def test_hooks_and_action_call_commands_that_exist() -> None:
    hooks = (REPOSITORY / ".pre-commit-hooks.yaml").read_text()
    action = (REPOSITORY / "action" / "stream-check" / "action.yml").read_text()
    assert hooks.count("entry: elpython stream check\n") == 2
    for option in ("--repo", "--base", "--head", "--format", "--sarif"):
        assert option in action
        assert option in run("check", "--help")[1]


def test_next(ledger: Path) -> None:
    data = answer("next", "--series", "3.9", "--ledger", ledger, "--break", "ob_example")
    assert (data["version"], data["due"]) == ("3.9.0a4", "2020-06-02")
    assert {item["tool"] for item in answer(
        "next", "--series", "3.9", "--released", "a1=2019-12-02", "--released", "b2=2020-02-02",
        "--break", "x",
    )["warnings"]} == {"PEP 440", "PY_VERSION_HEX", "blurb"}  # fmt: skip


def test_next_takes_each_release_once() -> None:
    released = ["--released", "a1=2019-12-02", "--released", "a1=2019-12-03"]
    with pytest.raises(UsageError, match="given twice"):
        run("next", "--series", "3.9", *released)
    with pytest.raises(BadReleaseError, match="is in the year"):
        run("next", "--series", "3.9", "--final", "0001-01-01")


def test_order_and_flag() -> None:
    data = answer("order", "3.9.0a5", "3.9.0b4")
    assert data["order"] == ["3.9.0b4", "3.9.0a5"]
    assert answer("flag", "3.15.0b4")["tags"][0]["wheel_abi"] == "cp315p"
    assert "cp39-win_amd64" in run("flag", "3.9.0rc1")[1]


def test_classify_without_a_measurement_is_unknown(history: Path) -> None:
    assert answer("classify", code=1)["verdict"] == "unknown"
    found = answer("classify", "--repo", history, "--since", "v3.9.0b4")
    assert found["verdict"] == "alpha"
    found = answer("classify", "--override", "beta", "--reason", "tested by hand")
    assert found["override"]["reason"] == "tested by hand"


def test_classify_measures(tmp_path: Path) -> None:
    if shutil.which("abidiff") is None or shutil.which("gcc") is None:
        pytest.skip("needs abidiff (apt-get install abigail-tools) and gcc")
    for name, field in (("old", ""), ("new", "long more; ")):
        source = tmp_path / f"{name}.c"
        source.write_text(
            f"typedef struct {{ {field}int a; }} PyX;\nint PyX_Use(PyX *x) {{ return x->a; }}\n"
        )
        subprocess.run(
            ["gcc", "-g", "-shared", "-fPIC", source, "-o", tmp_path / f"{name}.so"], check=True
        )
    words = ("--old", tmp_path / "old.so", "--new", tmp_path / "new.so")
    found = answer("classify", *words, code=1)
    assert found["verdict"] == "alpha"
    assert [item["kind"] for item in found["mismatches"]] == ["measured but unmarked"]


def test_ledger_and_record(ledger: Path) -> None:
    data = answer("ledger", ledger)
    assert [item["last_break"] for item in data["releases"]] == ["3.9.0a1", "3.9.0a1", "3.9.0a3"]
    assert "new field in PyObject" in run("ledger", ledger)[1]
    data = answer("record", ledger, "3.9.0b4", "--date", "2020-06-02", "--markers-only")
    assert data["last_break"] == "3.9.0a3"


def test_record_reads_the_commits_of_a_range(history: Path, tmp_path: Path) -> None:
    words = ("--date", "2020-06-02", "--repo", history, "--since", "v3.9.0b4")
    data = answer("record", tmp_path / "own.toml", "3.9.0a1", *words)
    assert data["last_break"] == "3.9.0a1"
    assert "(ABI break)" in (tmp_path / "own.toml").read_text()


def test_record_is_given_no_label_over_an_open_doubt(tmp_path: Path) -> None:
    """An almost-marker may be a break; what a beta has shipped of the stable ABI stays."""
    folder = tmp_path / "repo"
    table = folder / "Misc" / "stable_abi.toml"
    table.parent.mkdir(parents=True)

    def git(*words: str) -> None:
        ident = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", folder, *ident, *words], check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    table.write_text('[function.PyFoo_New]\nadded = "3.9"\n')
    git("add", "-A")
    git("commit", "-q", "-m", "Start")
    git("tag", "v3.9.0b2")
    path = tmp_path / "3.9.toml"
    run("record", path, "3.9.0a1", "--date", "2019-12-02", "--markers-only")
    run("record", path, "3.9.0b2", "--date", "2020-02-02", "--markers-only")
    before = path.read_bytes()
    words = ("record", path, "3.9.0b3", "--date", "2020-04-02", "--markers-only",
             "--repo", folder, "--since", "v3.9.0b2")  # fmt: skip
    git("commit", "-q", "--allow-empty", "-m", "(abi break) gh-1: x")
    with pytest.raises(BadReleaseError, match="marker-near-commit"):
        run(*words)
    git("reset", "-q", "--hard", "v3.9.0b2")
    table.write_text("")
    git("commit", "-q", "-a", "-m", "gh-2: y")
    with pytest.raises(BadReleaseError, match="stable-abi-lost"):
        run(*words)
    assert path.read_bytes() == before
    git("reset", "-q", "--hard", "v3.9.0b2")
    assert run(*words)[0] == 0


def test_requires() -> None:
    data = answer("requires", "--series", "3.9", "--abi-break", "a5")
    assert data["offers"][0]["valid"] is False
    assert "3.9.0b4" not in data["wanted"]
    assert (
        "who gets the rebuilt version" in run("requires", "--series", "3.9", "--abi-break", "a5")[1]
    )


def test_rebuild(ledger: Path, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    with zipfile.ZipFile(house / "pure-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("pure.py", "")
    data = answer("rebuild", house, "--ledger", ledger, "--since", "b2", "--to", "a3")
    assert [item["answer"] for item in data["wheels"]] == ["keep"]
    assert "1 keep" in run("rebuild", house, "--ledger", ledger, "--since", "b2", "--to", "a3")[1]


def test_texts(ledger: Path) -> None:
    data = answer("announce", "3.9.0a3", "--ledger", ledger)
    assert data["kind"] == "alpha"
    assert "new field in PyObject" in data["text"]
    assert "3.9.0b4 is expected on 2020-06-02" in data["text"]
    assert (
        "new field in PyObject" in answer("whatsnew", "--series", "3.9", "--ledger", ledger)["text"]
    )


def test_replay_and_rollback(tmp_path: Path) -> None:
    news = tmp_path / "NEWS"
    news.write_text(
        "What's New in Python 3.9.0 alpha 1?\n===\n\n*Release date: 2019-11-19*\n\n"
        "C API\n-----\n\n- bpo-1: Remove ``PyX_Y()``.\n"
    )
    (row,) = answer("replay", "--news", news)
    assert (row["label"], row["decided"][0]["issue"]) == ("3.9.0a1", "bpo-1")
    assert "removed" in run("replay", "--news", news, "--entries")[1]
    rows = answer("rollback", "--new", sys.executable, "--old", sys.executable)
    assert all(item["readable"] for item in rows)


def test_layout_plan_and_gates(tmp_path: Path, ledger: Path) -> None:
    root = header_root(tmp_path / "h")
    kept = tmp_path / "kept.json"
    assert answer("layout", root, "--to", kept)["version"] == "3.14.0a1"
    assert answer("layout", kept)["structs"]["PyThing"]["size"] == 56
    found = answer("classify", "--old-headers", kept, "--new-headers", root)
    assert (found["verdict"], found["tier"]) == ("beta", "headers")
    own = tmp_path / "own.toml"
    rows = answer("plan", "4.0", "--final", "2029-08-06", "--to", own)["releases"]
    assert rows[-1] == {"version": "4.0.0", "date": "2029-08-06"}
    assert answer("next", "--series", "4.0", "--policy", own)["due"] == "2027-10-06"
    gates = answer("release", "3.9.0b4", "--ledger", ledger, code=1)["gates"]
    assert {row["id"]: row["answer"] for row in gates}["sequence"] == "yes"
    taken = answer("release", "3.9.0b4", "--override", "no builders yet")
    assert taken["may_release"] is True


WRONG = [
    (["nxt"], "did you mean 'next'?"),
    (["check"], "no range is given"),
    (["next", "--series", "3"], "no series"),
    (["next", "--series", "3.9", "--released", "a1"], "has no date"),
    (["next", "--series", "3.9", "--released", "a1=2019-02-30"], "is no date"),
    (["next", "--series", "3.9", "--policy", "pep606"], "there is no policy"),
    (["next", "--series", "3.9", "--released", "a16=2019-02-03"], "4 bits"),
    (["ledger", "none.toml"], "cannot be read"),
    (["classify", "--override", "alpha"], "needs its reason"),
    (["classify", "--override", "alpha", "--reason", "."], "is no reason"),
    (["release", "3.9.0b4", "--override", "."], "is no reason"),
    (["classify", "--old", "x.so"], "needs two builds"),
    (["classify", "--repo", "."], "without a range"),
    (["announce", "3.9.0a5"], "nothing says what it breaks"),
    (["announce", "3.9.x"], "is no release"),
    (["requires", "--series", "3.9", "--abi-break", "rc1"], "no pre-freeze release"),
    (["replay", "--news", "none"], "cannot be read"),
    (["check", "--base", "HEAD", "--repo", "/nowhere-at-all"], "no such folder"),
]


@pytest.mark.parametrize(("words", "part"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_wrong_input_is_told_without_a_traceback(
    words: list[str], part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["stream", *words])
    assert caught.value.code not in {0, None}
    told = capsys.readouterr().err
    assert part in told
    assert "Traceback" not in told


def test_every_command_has_help_and_a_schema() -> None:
    out = run("--help")[1]
    for name in GROUPS["stream"]:
        assert name in out
        assert (SCHEMAS / f"stream-{name}.schema.json").is_file()
        assert "--json" in run(name, "--help")[1]


def test_this_projects_own_history_is_sound() -> None:
    """The check on the commits of this very repository, as CI runs it."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("this is no git checkout")
    root = subprocess.run(
        ["git", "-C", REPOSITORY, "rev-list", "--max-parents=0", "HEAD"],
        capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    if not root:
        pytest.skip("git cannot read this checkout")
    data = answer("check", "--repo", REPOSITORY, "--base", root[-1], "--head", "HEAD")
    assert data["findings"] == []
