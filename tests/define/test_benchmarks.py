"""The table of benchmarks is read whole, and every problem of it is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadBranchError
from elpython.define.benchmarks import LEVEL, read_benchmarks
from elpython.define.branch import load_all
from elpython.define.folder import branches_folder
from examples import BASE_FILES, Example, diff

if TYPE_CHECKING:
    from pathlib import Path

SPAM = BASE_FILES["Lib/spam.py"]
PATCH = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 10")})
GOOD = '[[benchmark]]\nname = "a"\nchange = "one"\nbound = 0.5\nsetup = "x = 1"\ncode = "x + 1"\n'


def test_a_bound_holds_only_where_the_change_is(example: Example) -> None:
    (example.branches / "benchmarks.toml").write_text(GOOD)
    (benchmark,) = read_benchmarks(example.branches)
    assert benchmark.bound_on(example.load()) == LEVEL
    example.add("one", PATCH, kind="performance")
    assert benchmark.bound_on(example.load()) == 0.5


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("code", "cod", "benchmark[0]: code: is missing"),
        ("x + 1", "x +", "code: is not Python"),
        ("bound = 0.5", "bound = -1", "bound: must be greater than 0"),
        ("bound = 0.5", 'bound = "half"', "bound: must be a number"),
        ("bound = 0.5", "bound = true", "bound: must be a number"),
        ("bound = 0.5", "bound = 0.5\nloops = 0", "loops: is at least 1"),
        ("bound = 0.5", 'bound = 0.5\nloops = "few"', "loops: must be"),
        ('change = "one"\n', "", "bound: goes with a change"),
        ("[[benchmark]]", "[[benchmarks]]", "did you mean 'benchmark'"),
        ("[[benchmark]]", "[[benchmark", "TOML"),
    ],
)
def test_each_problem_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    (tmp_path / "benchmarks.toml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadBranchError) as caught:
        read_benchmarks(tmp_path)
    text = str(caught.value) + "".join(caught.value.details)
    assert all(part in text for part in expected.split(": "))


def test_two_of_one_name_are_named(tmp_path: Path) -> None:
    (tmp_path / "benchmarks.toml").write_text(GOOD + GOOD)
    with pytest.raises(BadBranchError) as caught:
        read_benchmarks(tmp_path)
    assert "'a' is there twice" in "".join(caught.value.details)


def test_every_performance_change_has_a_benchmark_and_every_benchmark_a_change() -> None:
    folder = branches_folder()
    branches, _ = load_all(folder)
    carried = {
        change.id for branch in branches for change in branch.series if change.kind == "performance"
    }
    assert {item.change for item in read_benchmarks(folder)} - {""} == carried
