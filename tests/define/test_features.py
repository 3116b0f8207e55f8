"""What is available where: one branch's features, and the registry of all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest

from elpython.core.errors import BadBranchError, UnknownNameError
from elpython.define.branch import load_branch
from elpython.define.features import (
    documentation,
    features_table,
    find,
    markdown,
    provided,
    registry,
    short_cpython,
)
from examples import BASE_FILES, REPOSITORY, diff

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.define.branch import Branch
    from examples import Example

SPAM = BASE_FILES["Lib/spam.py"]
PATCH = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})
TOMLLIB = '\n[upstream]\nfirst-in = "3.11.0a7"\npeps = ["680"]\n'


def _feature(example: Example, name: str, head: str, tail: str = TOMLLIB) -> None:
    path = example.add(name, PATCH, toml=tail, kind="feature")
    path.write_text(head + path.read_text())


def _second_branch(example: Example, name: str, base: str) -> Branch:
    """A branch beside 3.11 without changes of its own."""
    text = (example.folder / "branch.toml").read_text()
    folder = example.branches / name
    folder.mkdir()
    lines = [line for line in text.splitlines() if not line.startswith(("base", "series"))]
    (folder / "branch.toml").write_text("\n".join([f'base = "{base}"', "series = []", *lines]))
    return load_branch(example.branches, name)


@pytest.mark.parametrize(
    ("release", "short"), [("3.12.0a3", "3.12"), ("3.12.4", "3.12.4"), ("3.11.0", "3.11"), ("", "")]
)
def test_a_release_is_named_as_documentation_does(release: str, short: str) -> None:
    assert short_cpython(release) == short


@pytest.mark.parametrize(
    ("cpython", "releases", "line"),
    [
        ("3.11", [("3.9", "27.01", False)], "New in 3.11; EL Python 3.9 since 27.01"),
        (
            "3.12",
            [("3.9", "27.01", False), ("3.11", "27.01", False)],
            "New in 3.12; EL Python 3.9 and 3.11 since 27.01",
        ),
        (
            "3.14",
            [("3.11", "27.07.1", False), ("3.13", "27.01", True)],
            "New in 3.14; EL Python 3.11 since 27.07.1; EL Python 3.13 since 27.01 (provisional)",
        ),
        ("", [("3.9", "27.01", False)], "EL Python 3.9 since 27.01; not in CPython"),
    ],
)
def test_the_documentation_line(
    cpython: str, releases: list[tuple[str, str, bool]], line: str
) -> None:
    assert documentation(cpython, releases) == line


def test_a_feature_is_since_the_branchs_first_release_unless_told(example: Example) -> None:
    _feature(example, "one", 'provides = ["tomllib"]\n')
    _feature(example, "two", 'provides = ["zip(strict=)", "python -m uuid"]\nsince = "27.07.0"\n')
    example.write(el='"28.01.0"', first='"27.01.0"')
    since = {item.name: str(item.since) for item in provided(example.load())}
    assert since == {"python -m uuid": "27.07.0", "tomllib": "27.01.0", "zip(strict=)": "27.07.0"}


def test_a_core_feature_is_not_older_than_its_branch(example: Example) -> None:
    path = example.add("one", PATCH, core=True)
    path.write_text('provides = ["sys.x"]\nsince = "26.07.0"\n' + path.read_text())
    assert [str(item.since) for item in provided(example.load())] == ["27.01.0"]


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ('since = "27.13.0"\n', "since: '27.13.0' has no month 13"),
        ('since = "27.07.0"\n', "since: 27.07.0 is later than the release that the branch makes"),
        ("since = 27\n", "since: must be a string"),
        ('provides = ["import tomllib"]\n', "provides[0]: 'import tomllib' is not of the form"),
    ],
)
def test_a_wrong_release_or_name_is_told(example: Example, head: str, told: str) -> None:
    _feature(example, "one", head)
    with pytest.raises(BadBranchError) as caught:
        example.load()
    assert told in str(caught.value)


def test_a_first_release_after_the_present_one_is_told(example: Example) -> None:
    example.write(first='"27.07.0"')
    with pytest.raises(BadBranchError, match="comes after el"):
        example.load()


@pytest.mark.parametrize(("first_in", "provisional"), [("3.11.0", False), ("3.99.0", True)])
def test_the_interpreters_own_table(example: Example, first_in: str, *, provisional: bool) -> None:
    tail = TOMLLIB.replace("3.11.0", first_in)
    _feature(example, "one", 'provides = ["tomllib"]\nprovisional = true\n', tail)
    assert features_table(example.load()) == {
        "format": 1,
        "branch": "3.11",
        "base": "3.11.2",
        "features": [
            {
                "name": "tomllib",
                "cpython": first_in.removesuffix(".0"),
                "since": "27.01.0",
                "provisional": provisional,
                "change": "one",
                "title": "Change one",
            }
        ],
    }


def test_a_change_may_bring_features_of_several_releases(example: Example) -> None:
    upstream = TOMLLIB + 'first-in-of = { "typing.Self" = "3.12.4" }\n'
    _feature(example, "one", 'provides = ["tomllib", "typing.Self"]\n', upstream)
    first = {item.name: item.first_in for item in provided(example.load())}
    assert first == {"tomllib": "3.11.0a7", "typing.Self": "3.12.4"}


@pytest.mark.parametrize("entry", ['"typing.Sefl" = "3.12.4"', '"tomllib" = "3.12"'])
def test_a_wrong_first_release_is_told(example: Example, entry: str) -> None:
    upstream = TOMLLIB + f"first-in-of = {{ {entry} }}\n"
    _feature(example, "one", 'provides = ["tomllib"]\n', upstream)
    with pytest.raises(BadBranchError, match=r"upstream\.first-in-of\."):
        example.load()


def test_branches_are_joined(example: Example) -> None:
    """A base that is newer than the feature has it; an older one without the change has not."""
    newer = '\n[upstream]\nfirst-in = "3.13.2"\n'
    _feature(example, "one", 'provides = ["tomllib", "tomllib.loads"]\n')
    _feature(example, "two", 'provides = ["tomllibrary"]\n', newer)
    found = registry(
        [
            _second_branch(example, "3.9", "3.9.2"),
            example.load(),
            _second_branch(example, "3.13", "3.13.1"),
        ]
    )
    states = {item.name: [each.state for each in item.branches] for item in found}
    assert states == {
        "tomllib": ["absent", "provided", "base"],
        "tomllib.loads": ["absent", "provided", "base"],
        "tomllibrary": ["absent", "provided", "absent"],
    }
    assert [item.name for item in find(found, "tomllib")] == ["tomllib", "tomllib.loads"]
    with pytest.raises(UnknownNameError, match="did you mean 'tomllib'"):
        find(found, "tomlib")
    line = "| `tomllib` | 3.11 | - | 27.01 | base | New in 3.11; EL Python 3.11 since 27.01 |"
    assert line in markdown(found, ["3.9", "3.11", "3.13"])


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ) | {"ELPYTHON_BRANCHES": str(folder)}
    argv = [sys.executable, "-m", "elpython", "project", "features", *words]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def test_the_command_keeps_to_its_schema() -> None:
    done = _run(REPOSITORY / "branches", "--json")
    schema = REPOSITORY / "docs" / "reference" / "schemas" / "project-features.schema.json"
    data = json.loads(done.stdout)
    jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(data)
    assert data["branches"] == ["3.9", "3.11", "3.13"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--branch", "3.12"], 12, "did you mean '3.1"),
        (["--feature", "nothing.there"], 12, "elpython project features lists all"),
        (["--feature", "sys.set_min_python_version", "--branch", "3.9"], 0, "not in CPython"),
        (["--markdown"], 0, "| feature | CPython | EL 3.9 | EL 3.11 | EL 3.13 |"),
    ],
)
def test_the_command_answers(words: list[str], code: int, told: str) -> None:
    done = _run(REPOSITORY / "branches", *words)
    assert done.returncode == code
    assert told in done.stdout + done.stderr
