"""The commands as users call them; what they print for programs keeps to its schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from examples import REPOSITORY
from release_sample import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from release_sample import Sample

SCHEMAS = REPOSITORY / "docs" / "reference" / "schemas"


def elpython(sample: Sample, *words: str | Path) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ)
    env |= {
        "ELPYTHON_BRANCHES": str(sample.example.branches),
        "ELPYTHON_STORE": str(sample.example.store.root),
    }
    argv = [sys.executable, "-m", "elpython", *map(str, words)]
    return subprocess.run(
        argv, env=env, capture_output=True, text=True, check=False, cwd=sample.root
    )


def trust(sample: Sample) -> list[str | Path]:
    return ["--signers", sample.signers, "--branches", sample.example.branches]


def check(name: str, data: object) -> Any:  # noqa: ANN401
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(data)
    return data


def test_the_manifest_keeps_to_its_schema(released: Sample) -> None:
    check("release-manifest", read_manifest(released.folder))
    with pytest.raises(jsonschema.ValidationError):
        check("release-manifest", read_manifest(released.folder) | {"series": [{}]})


def test_tasks_are_listed(released: Sample) -> None:
    data = check(
        "release-make-list",
        json.loads(elpython(released, "release", "make", "--list", "--json").stdout),
    )
    assert [item["task"] for item in data][:3] == ["repository", "policy", "tree"]
    assert "archive" in elpython(released, "release", "make", "--list").stdout


def test_a_dry_run_tells_the_tasks(released: Sample, tmp_path: Path) -> None:
    words = ["release", "make", "3.11", "--to", tmp_path / "new", "--dry-run", "--json"]
    data = check("release-make-dry-run", json.loads(elpython(released, *words).stdout))
    assert {item["state"] for item in data} == {"to do"}
    assert not (tmp_path / "new").exists()


def test_verify_answers(released: Sample) -> None:
    words = ["verify", released.folder, "--signers", released.signers, "--rebuild"]
    words += ["--branches", released.example.branches]
    done = elpython(released, *words, "--json")
    data = check("verify", json.loads(done.stdout))
    assert (done.returncode, data["good"]) == (0, True)
    assert data["release"]["checks"][-1]["note"] == "bit for bit the same"
    assert "rebuild     good" in elpython(released, *words).stdout


def test_verify_says_no(copied: Path, released: Sample) -> None:
    (copied / "NOTES.md").write_text("x")
    done = elpython(released, "verify", copied, *trust(released))
    assert done.returncode == 1
    assert "NOTES.md: is not what was signed" in done.stdout


def test_a_release_that_was_tampered_with_is_not_used(copied: Path, released: Sample) -> None:
    (copied / "NOTES.md").write_text("x")
    for words in (
        ["release", "rebrand", copied, "--redistributor", "acme", "--signers", released.signers],
        ["release", "package", copied, "--to", copied.parent / "packages", "--unverified"],
    ):
        done = elpython(released, *words)
        assert done.returncode == 53
        assert "nothing of it was used" in done.stderr
    assert not (copied.parent / "packages").exists()


def test_a_release_without_trust_is_not_used(released: Sample, tmp_path: Path) -> None:
    words = ["release", "package", released.folder, "--to", tmp_path, "--kind", "container"]
    done = elpython(released, *words)
    assert done.returncode == 57
    assert "nobody is named whose signature counts" in done.stderr
    done = elpython(released, *words, *trust(released), "--json")
    data = check("release-package", json.loads(done.stdout))
    assert data["files"][0].endswith("/container/Containerfile")


def test_diff_answers(released: Sample) -> None:
    words = ["release", "diff", "27.01.0", released.folder, "--releases", released.out]
    data = check("release-diff", json.loads(elpython(released, *words, "--json").stdout))
    assert data["added"] == []
    assert "the same changes" in elpython(released, *words).stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["release", "make"], 2, "name a branch and --to FOLDER"),
        (["release", "make", "3.12", "--to", "x"], 12, "did you mean '3.11'"),
        (["release", "make", "3.11", "--to", "x", "--profile", "quik"], 12, "did you mean 'quick'"),
        (
            ["release", "make", "3.11", "--to", "x", "--dry-run", "--from", "sgn"],
            12,
            "did you mean 'sign'",
        ),
        (["release", "make", "3.11", "--to", "x", "--key", "none"], 52, "ssh-keygen -t ed25519"),
        (["verify", "none"], 51, "no such file or folder"),
        (["verify", "base.tar.gz"], 51, "no release.json beside it"),
        (["release", "diff", "27.01.0", "27.07.0"], 55, "no release 27.01.0"),
        (["release", "diff", "newest", "27.07.0"], 13, "newest"),
        (["release", "package", "none", "--to", "x", "--kind", "snap"], 12, "no kind 'snap'"),
        (["release", "rebrand", "none", "--redistributor", "A B"], 11, "redistributor's name"),
    ],
)
def test_wrong_input_is_told(released: Sample, words: list[str], code: int, says: str) -> None:
    done = elpython(released, *words)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert says in done.stderr


def test_a_command_that_fails_stops_the_release(sample: Sample) -> None:
    """The sample has no policy file: what the policy says of that is seen, and nothing is out."""
    done = elpython(sample, "release", "make", "3.11", "--to", sample.out, "--profile", "quick")
    assert done.returncode == 100, done.stderr
    assert "policy.toml" in done.stderr
    assert "Traceback" not in done.stderr
    assert not sample.folder.exists()
