"""Interpreters that are broken, stripped, strange or not there."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.contract.check import Rules, find, judge
from elpython.contract.model import Verdict
from elpython.contract.probe import ProbeError, ask
from elpython.contract.promises import roll_back
from elpython.contract.subject import Pair, Run, load
from elpython.core.errors import BadInterpreterError
from examples import find_interpreters

if TYPE_CHECKING:
    from contract.mutants.lab import Lab
    from elpython.build.build import Build


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("exit 3", "exit code 3"),
        ("kill -SEGV $$", "SIGSEGV"),
        ("echo hello", "gave no answer"),
    ],
)
def test_no_python_is_told_so(tmp_path: Path, run: Run, text: str, words: str) -> None:
    path = script(tmp_path / "python", text)
    with pytest.raises(BadInterpreterError, match=words):
        load(path, role="base", store=run.store)


def test_a_missing_file_is_told_so(tmp_path: Path, run: Run) -> None:
    with pytest.raises(BadInterpreterError, match="can be started"):
        load(tmp_path / "nothing", role="base", store=run.store)


def test_an_interpreter_that_hangs_is_stopped(tmp_path: Path) -> None:
    path = script(tmp_path / "python", "sleep 60")
    with pytest.raises(ProbeError, match="did not answer"):
        ask(path, "facts", timeout=0.5)


@pytest.mark.slow
def test_a_candidate_that_dies_in_a_probe_breaks_the_promise(lab: Lab) -> None:
    copy = lab.copy("dies")
    copy.append("shelve.py", "import os\nos.abort()")
    outcome = lab.outcome("roll-back", copy)
    assert outcome.verdict is Verdict.BROKEN
    assert "SIGABRT" in outcome.judged[0].difference.what


@pytest.mark.slow
def test_a_base_that_dies_leaves_the_promise_unchecked(lab: Lab) -> None:
    copy = lab.copy("base-dies")
    copy.append("shelve.py", "import os\nos.abort()")
    base = load(copy.root / "bin/python3.11", role="base", store=lab.run.store)
    findings, _, _ = find("roll-back", Pair(base=base, candidate=lab.base), lab.run)
    assert judge("roll-back", findings, Rules()).verdict is Verdict.NOT_CHECKED


@pytest.mark.slow
def test_a_candidate_that_hangs_in_a_probe_breaks_the_promise(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_back, "ask", functools.partial(ask, timeout=20))
    copy = lab.copy("hangs")
    copy.append("shelve.py", "import time\ntime.sleep(600)")
    outcome = lab.outcome("roll-back", copy)
    assert outcome.verdict is Verdict.BROKEN
    assert "did not answer" in outcome.judged[0].difference.what


@pytest.mark.slow
@pytest.mark.parametrize("asked", [False, True], ids=["not asked", "not reached"])
def test_without_an_index_the_reason_is_told(
    lab: Lab,
    asked: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    run = replace(lab.run, network=asked)
    for promise in ("extensions", "wheels"):
        findings, _, _ = find(promise, Pair(base=lab.base, candidate=lab.base), run)
        outcome = judge(promise, findings, Rules())
        assert outcome.verdict is Verdict.NOT_CHECKED, promise
        words = "base's pip says" if asked else "network is not to be used"
        assert any(words in gap for gap in outcome.gaps), outcome.gaps
        assert outcome.checked > 0


@pytest.mark.slow
def test_a_statically_linked_interpreter_is_compared_by_its_executable(
    base311: Build, run: Run
) -> None:
    base = load(base311.python, role="base", store=run.store)
    assert base.facts["shared_library"] in {None, ""}
    for promise in ("abi", "stable-abi", "layout"):
        findings, _, _ = find(promise, Pair(base=base, candidate=base), run)
        assert judge(promise, findings, Rules()).verdict is Verdict.KEPT, promise
        assert findings.checked > 100
    findings, _, _ = find("extensions", Pair(base=base, candidate=base), run)
    assert any("linked statically" in note for note in findings.notes)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["--strip-debug", "--strip-all"])
def test_without_debug_information_symbols_are_still_compared(lab: Lab, how: str) -> None:
    copy = lab.copy(f"stripped{how}")
    library = copy.library
    data = library.read_bytes()
    library.unlink()
    library.write_bytes(data)
    subprocess.run(["strip", how, library], check=True)
    outcome = lab.outcome("abi", copy)
    assert outcome.verdict is Verdict.NOT_CHECKED
    assert outcome.checked > 1000
    assert any("no debug information" in gap for gap in outcome.gaps)


@pytest.mark.slow
def test_without_headers_the_reason_is_told(lab: Lab) -> None:
    copy = lab.copy("headless")
    copy.remove("include")
    base = load(copy.root / "bin/python3.11", role="base", store=lab.run.store)
    for promise in ("headers", "stable-abi", "extensions", "abi"):
        findings, _, _ = find(promise, Pair(base=base, candidate=base), lab.run)
        outcome = judge(promise, findings, Rules())
        assert outcome.verdict is Verdict.NOT_CHECKED, promise
        assert any("headers" in gap for gap in outcome.gaps)


@pytest.mark.slow
def test_without_libabigail_the_reason_is_told(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("gcc", "cc", "as", "ld", "apt-get"):
        found = Path("/usr/bin") / name
        (tmp_path / "bin" / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    copy = lab.copy("no-abigail")
    copy.swap("include/object.h", "#define Py_RETURN_NONE", "#define Py_RETURN_NONE ")
    outcome = lab.outcome("abi", copy)
    assert outcome.verdict is Verdict.NOT_CHECKED
    assert any("apt-get install abigail-tools" in gap for gap in outcome.gaps), outcome.gaps


@pytest.mark.slow
def test_another_minor_version_gives_differences_and_no_crash(lab: Lab, run: Run) -> None:
    others = {name: path for name, path in find_interpreters().items() if name != "3.11"}
    other = others.get("3.12") or others.get("3.13") or others.get("3.10")
    if other is None:
        pytest.skip("needs a Python of another minor version")
    candidate = load(other, role="candidate", store=run.store)
    pair = Pair(base=lab.base, candidate=candidate)
    for promise in ("identity", "layout", "pyc", "headers", "stable-abi", "roll-back", "wheels"):
        findings, _, _ = find(promise, pair, replace(lab.run, network=False))
        verdict = judge(promise, findings, Rules()).verdict
        expected = {Verdict.BROKEN} if promise != "roll-back" else set(Verdict)
        assert verdict in expected, promise


@pytest.mark.slow
def test_the_command_answers_from_the_store_and_with_exit_codes(lab: Lab, tmp_path: Path) -> None:
    env = {**os.environ, "ELPYTHON_STORE": str(tmp_path / "store")}
    copy = lab.copy("command")
    python = copy.root / "bin/python3.11"
    words = [sys.executable, "-m", "elpython", "contract", "check", "--base", lab.base.python]
    words += ["--candidate", python, "--only", "identity,layout", "--json"]
    first = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    again = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert all(item["remembered"] for item in json.loads(again.stdout)["promises"])
    copy.swap("sysconfig.py", "/site-packages", "/el-packages")
    broken = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    meant = [*words, "--declare", "layout:scheme.*", "--html", tmp_path / "r.html"]
    declared = subprocess.run(meant, env=env, capture_output=True, text=True, check=False)
    assert declared.returncode == 0, declared.stdout
    assert "declared" in (tmp_path / "r.html").read_text()


@pytest.mark.slow
def test_a_prefix_that_nobody_can_write_to(lab: Lab, tmp_path: Path) -> None:
    copy = lab.copy("read-only")
    mount = f"mount --bind {copy.root} {copy.root} && mount -o remount,bind,ro {copy.root}"
    space = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c"]
    if subprocess.run([*space, mount], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount in a namespace of their own")
    words = [sys.executable, "-m", "elpython", "contract", "check", "--no-network", "--json"]
    words += ["--base", str(lab.base.python), "--candidate", str(copy.root / "bin/python3.11")]
    words += ["--only", "layout,pyc,in-place,roll-back"]
    proof = f"! touch {copy.root}/written 2>/dev/null"
    done = subprocess.run(
        [*space, f'{mount} && {proof} && exec "$@"', "sh", *words],
        env={**os.environ, "ELPYTHON_STORE": str(tmp_path / "store")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    verdicts = {item["promise"]: item["verdict"] for item in json.loads(done.stdout)["promises"]}
    assert set(verdicts.values()) <= {"kept", "not checked"}, verdicts
    assert verdicts["pyc"] == verdicts["in-place"] == "kept"
