"""`elpython site` from an example repository to pages on the disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema

from examples import BASE_FILES, REPOSITORY, Example, diff

if TYPE_CHECKING:
    from pathlib import Path

SPAM = BASE_FILES["Lib/spam.py"]
ONE = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})


def site(example: Example, *words: str | Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "ELPYTHON_BRANCHES": str(example.branches),
        "ELPYTHON_STORE": str(example.store.root),
    }
    argv = [sys.executable, "-m", "elpython", "site", *map(str, words), "--on", "2026-11-21"]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def test_the_site_is_put_together_and_again_without_change(
    example: Example, tmp_path: Path
) -> None:
    example.add("one", ONE, toml="\n[dep3]\nlast-update = 2026-11-21\n")
    folder, extra = tmp_path / "pages", tmp_path / "extra"
    extra.mkdir()
    (extra / "contract.json").write_text('{"promises": [{"name": "abi", "verdict": "kept"}]}')
    done = site(example, folder, "--data", extra, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    schema = REPOSITORY / "docs" / "reference" / "schemas" / "site.schema.json"
    jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(answer)
    assert {"index.html", "branch-3.11.html", "part-contract.html", "elpython.ics"} <= set(
        answer["pages"]
    )
    assert all((folder / name).is_file() for name in answer["pages"])
    assert "<svg" in (folder / "schedule.html").read_text()
    again = site(example, folder, "--data", extra)
    assert again.returncode == 0
    assert "0 of them changed" in again.stdout


def test_wrong_folders_are_told(example: Example, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    done = site(example, tmp_path / "full")
    assert (done.returncode, "other things in it" in done.stderr) == (110, True)
    done = site(example, tmp_path / "new", "--data", tmp_path / "absent")
    assert (done.returncode, "no such folder" in done.stderr) == (111, True)
    assert not (tmp_path / "new").exists()
