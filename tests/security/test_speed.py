"""Speed by instructions: the same code costs the same, twice the work twice as much."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadBranchError, ProgramFailedError
from elpython.define.benchmarks import Benchmark
from elpython.security.speed import Speed, instructions, read_speed, record_speed

if TYPE_CHECKING:
    from examples import Example

needs_valgrind = pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind counts")
PYTHON = Path(sys.executable)


def one(code: str) -> Benchmark:
    return Benchmark(name="it", setup="words = ['a'] * 50", code=code)


@needs_valgrind
@pytest.mark.slow
def test_instructions_follow_the_work() -> None:
    once = instructions(PYTHON, one("sorted(words)"))
    twice = instructions(PYTHON, one("sorted(words); sorted(words)"))
    assert once > 100
    assert 1.8 < twice / once < 2.1


@needs_valgrind
def test_a_benchmark_that_fails_says_why() -> None:
    with pytest.raises(ProgramFailedError, match="the benchmark 'it' failed") as caught:
        instructions(PYTHON, one("nothing"))
    assert "NameError" in "".join(caught.value.details)


def test_a_ratio_over_the_bound_is_not_good() -> None:
    speed = Speed(name="it", change="", base=1000, branch=1021, bound=1.02)
    assert not speed.good
    assert Speed(name="it", change="", base=1000, branch=1020, bound=1.02).good
    assert not Speed(name="it", change="", base=0, branch=1, bound=1.02).good


def test_records_of_other_benchmarks_stay(example: Example) -> None:
    branch = example.load()
    first = Speed(name="a", change="one", base=10, branch=5, bound=0.6, measured="2026-11-30")
    record_speed(branch, [first])
    record_speed(branch, [Speed(name="b", change="", base=10, branch=10, bound=1.02)])
    assert read_speed(branch)["a"] == first
    assert sorted(read_speed(branch)) == ["a", "b"]


def test_a_broken_record_is_named(example: Example) -> None:
    (example.folder / "speed.json").write_text('[{"name": 1}]')
    with pytest.raises(BadBranchError, match="is no record of speed"):
        read_speed(example.load())
