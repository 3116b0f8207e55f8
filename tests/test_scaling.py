"""The sweep for operations that grow faster than their input: its table, its rule, its probe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from bench.scaling import Operation, main, measure, power, read_operations, steep

from elpython.core.errors import BadBranchError

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = 'modules = []\n[[operation]]\nname = "a"\nsize = 1\n'


def test_the_table_has_operations_enough_and_each_once() -> None:
    modules, operations = read_operations()
    assert len(operations) >= 120
    assert len({item.name for item in operations}) == len(operations)
    assert sorted(modules) == modules


@pytest.mark.parametrize(
    ("seconds", "expected", "flagged"),
    [
        ([1, 2, 4, 8], 1.0, False),
        ([1, 4, 16, 64], 2.0, True),
        ([1, 8, 64, 512], 3.0, True),
        ([1, 2.2, 4.8, 10.6], 1.14, False),
        ([1, 2, 4, 40], 1.77, False),
        ([1, 9, 18, 36], 1.72, False),
        ([1], 0.0, False),
        ([], 0.0, False),
        ([0, 1, 2, 4], 0.0, False),
    ],
)
def test_one_jump_is_no_steep_curve(
    seconds: list[float], expected: float, *, flagged: bool
) -> None:
    assert power(seconds) == pytest.approx(expected, abs=0.01)
    assert steep(seconds) is flagged


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (_HEAD + 'prepare = "n +"\nrun = "1"\n', "expression"),
        (_HEAD + 'prepare = "n"\n', "run"),
        ("modules = []\n", "operation"),
        ("nonsense", "TOML"),
    ],
)
def test_a_broken_table_names_its_problem(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "scaling.toml"
    path.write_text(text)
    with pytest.raises(BadBranchError) as caught:
        read_operations(path)
    assert problem in str(caught.value.details)


def test_what_cannot_be_measured_says_why() -> None:
    items = [
        Operation(name="good", size=1, prepare="n", run="given + 1"),
        Operation(name="bad", size=1, prepare="n", run="given / 0"),
    ]
    found = measure(sys.executable, [], items, 0.0)
    assert found["good"]["size"] == 1
    assert "ZeroDivisionError" in str(found["bad"]["skipped"])


def test_an_unknown_operation_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([sys.executable, "--only", "no such thing"])
    assert "no such operation: no such thing" in capsys.readouterr().err


@pytest.mark.slow
def test_every_operation_runs() -> None:
    modules, operations = read_operations()
    small = [
        Operation(name=item.name, size=min(item.size, 20), prepare=item.prepare, run=item.run)
        for item in operations
    ]
    found = measure(sys.executable, modules, small, 0.0)
    assert [line for line in found.values() if "skipped" in line] == []
