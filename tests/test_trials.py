"""The trials of `bench` that look for trouble: a hunt that sees a crash, a network that is cut."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from bench import hunt, no_network, rebase

if TYPE_CHECKING:
    from pathlib import Path


def interpreter(folder: Path, body: str) -> str:
    """A program that is run as an interpreter would be."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("body", "what", "why"),
    [
        ("exit 0", "fine", ""),
        ("exit 1", "fine", ""),
        ("sleep 60", "slow", ""),
        ("echo 'Fatal Python error: Segmentation fault'; kill -SEGV $$", "crash", "Fatal Python"),
        ("echo 'p: x.c:7: f: Assertion failed'; kill -ABRT $$", "crash", "x.c:7: f: Assertion"),
        ("echo 'SystemError: f returned NULL without setting'; exit 1", "crash", "signal"),
    ],
)
def test_a_run_that_dies_is_kept(tmp_path: Path, body: str, what: str, why: str) -> None:
    wait = 0.3 if what == "slow" else 30
    found = hunt.once(interpreter(tmp_path, body), 5, 1, tmp_path, wait)
    assert found[0] == what
    assert why in found[1]
    assert (tmp_path / "5.out").exists() == (what == "crash")


def test_a_run_takes_its_steps_and_tells_them(tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = subprocess.run([sys.executable, hunt.CHILD, "3", "1", log], check=False, timeout=60)
    assert done.returncode == 0
    assert log.read_text().startswith("TARGET ")


def test_with_a_network_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(no_network, "interfaces", lambda: ["eth0", "lo"])
    with pytest.raises(SystemExit, match="there are eth0, lo: nothing is cut"):
        no_network.inside(["/bin/true"])


def test_the_steps_are_told_with_their_exit_codes() -> None:
    rows: list[dict[str, object]] = [
        {"step": "prepare", "code": 0, "seconds": 90, "processor": 30},
        {"step": "build", "code": 3, "seconds": 6, "processor": 6},
    ]
    text = no_network.written("3.11", rows)
    assert "| prepare | 1.5 | 0.5 | 0 |" in text
    assert "| build | 0.1 | 0.1 | 3 |" in text


def test_what_was_not_run_of_a_rebase_is_told(tmp_path: Path) -> None:
    kept = {"change": "a", "kind": "bugfix", "state": "applies", "because": "as it is"}
    resolved = {"change": "b", "kind": "feature", "state": "resolved", "because": "by hand"}
    answer = {"counts": {"applies": 1, "resolved": 1}, "changes": [kept, resolved]}
    (tmp_path / "rebase.json").write_text(json.dumps(answer))
    done = {"rebase": {"code": 0, "minutes": 1.5, "processor": 0.5}}
    text = rebase.written(tmp_path, "3.13", "3.13.15", done)
    assert "| rebase | 1.5 | 0.5 | 0 |" in text
    assert "| contract | | | not run |" in text
    assert "| `b` | feature | resolved | by hand |" in text
    assert "`a`" not in text


def test_a_rebase_s_steps_go_on_after_the_last_one_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[str] = []

    def step(_folder: Path, name: str, _words: list[str]) -> dict[str, object]:
        run.append(name)
        return {"code": int(name == "base" and len(run) < 4), "minutes": 0.0, "processor": 0.0}

    monkeypatch.setattr(rebase, "run", step)
    assert rebase.main(["--to", str(tmp_path)]) == 1
    assert run == ["rebase", "old", "base"]
    for name in ("old", "new"):
        (tmp_path / f"{name}.json").write_text('{"python": "/bin/python"}')
    assert rebase.main(["--to", str(tmp_path)]) == 0
    assert run[3:] == ["base", "new", "changes", "touched", "contract"]
