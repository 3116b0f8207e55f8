"""Machine output keeps to the schemas in docs/reference/schemas."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest

from examples import BASE_FILES, REPOSITORY, Example, diff

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = REPOSITORY / "docs" / "reference" / "schemas"
SPAM = BASE_FILES["Lib/spam.py"]
ONE = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})


def check(name: str, data: object) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(data)


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.schema.json")), ids=lambda path: path.name)
def test_schemas_are_schemas(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("branch-list", ["branch", "list"]),
        ("branch-show", ["branch", "show", "3.11"]),
        ("branch-lint", ["branch", "lint"]),
        ("branch-prepare", ["branch", "prepare", "3.11"]),
        ("doctor", ["doctor"]),
        ("store", ["store"]),
        ("store-prune", ["store", "prune", "--unused", "0", "--dry-run"]),
        ("info-identity", ["info", "identity", sys.executable]),
        ("contract-promises", ["contract", "promises"]),
        ("versions-parse", ["versions", "parse", "3.11.2.27.01.0"]),
        ("versions-next", ["versions", "next"]),
        ("versions-sort", ["versions", "sort", "3.11.2.27.01.0"]),
    ],
)
def test_output_keeps_to_its_schema(example: Example, schema: str, words: list[str]) -> None:
    example.add("one", ONE, toml="\n[dep3]\nlast-update = 2026-11-21\n")
    env = dict(os.environ)
    env |= {"ELPYTHON_BRANCHES": str(example.branches), "ELPYTHON_STORE": str(example.store.root)}
    argv = [sys.executable, "-m", "elpython", *words, "--json"]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    check(schema, json.loads(done.stdout))


def test_advisories_keep_to_their_schema(example: Example) -> None:
    osv = example.root / "osv"
    osv.mkdir()
    (osv / "PSF-1.json").write_text('{"id": "PSF-1", "aliases": ["CVE-2024-1000"]}')
    env = dict(os.environ)
    env |= {"ELPYTHON_BRANCHES": str(example.branches), "ELPYTHON_STORE": str(example.store.root)}
    argv = [sys.executable, "-m", "elpython", "fix", "status", "3.11", "--osv", str(osv), "--json"]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    data = json.loads(done.stdout)
    check("fix-status", data)
    assert (done.returncode, data["counts"]) == (1, {"unknown": 2})


@pytest.mark.slow
def test_real_imports_and_evidence_keep_to_their_schemas(el311: object) -> None:
    assert el311
    for schema, words in (
        ("fix-import", ["fix", "import", "--distro", "python3.11=3.11.2-6+deb12u8"]),
        ("fix-test", ["fix", "test", "3.11", "CVE-2026-4519"]),
    ):
        argv = [sys.executable, "-m", "elpython", *words, "--json"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=REPOSITORY)
        if "is not to be had" in done.stderr:
            continue
        check(schema, json.loads(done.stdout))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "words"), [("build", ["build"]), ("info-demo", ["info", "demo"])]
)
def test_output_on_a_real_build(el311: object, schema: str, words: list[str]) -> None:
    assert el311
    argv = [sys.executable, "-m", "elpython", *words, "3.11", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    check(schema, json.loads(done.stdout))


def test_a_wrong_output_is_found() -> None:
    with pytest.raises(jsonschema.ValidationError):
        check("branch-lint", {"branches": [1], "problems": []})
