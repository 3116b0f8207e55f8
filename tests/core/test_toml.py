"""Read data files: every wrong key is reported with its path, and no value passes for another."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import TYPE_CHECKING

import pytest

from elpython.core.toml import Reader, read_toml

if TYPE_CHECKING:
    from pathlib import Path


def reader(text: str, problems: list[str]) -> Reader:
    """A reader of a file that holds a text."""
    return Reader(tomllib.loads(text), problems, file="it.toml")


def test_a_date_is_a_date() -> None:
    problems: list[str] = []
    assert reader("day = 2027-01-26", problems).date("day") == dt.date(2027, 1, 26)
    assert problems == []


@pytest.mark.parametrize(
    "value", ["2027-01-26T10:00:00", "2027-01-26T10:00:00Z", "10:00:00", '"2027-01-26"', "2027"]
)
def test_nothing_else_passes_for_a_date(value: str) -> None:
    """A datetime is a date to Python; comparing it with one later would be a traceback."""
    problems: list[str] = []
    found = reader(f"day = {value}", problems).date("day", dt.date(2000, 1, 1))
    assert type(found) is dt.date
    assert found == dt.date(2000, 1, 1)
    assert len(problems) == 1
    assert problems[0].startswith("it.toml: day: must be a date (2027-01-26)")


def test_true_is_no_number() -> None:
    problems: list[str] = []
    assert reader("most = true", problems).number("most", 3) == 3
    assert problems == ["it.toml: most: must be a whole number, not bool"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x = [", "invalid TOML"),
        (b"x = '\xff'", "is not UTF-8: byte 5"),
        (None, "there is no such file"),
    ],
)
def test_what_cannot_be_read_is_one_problem(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "it.toml"
    if content is not None:
        path.write_bytes(content)
    problems: list[str] = []
    assert read_toml(path, problems, name="it.toml") == {}
    assert len(problems) == 1
    assert message in problems[0]


def test_a_file_nested_beyond_all_measure_is_a_finding(tmp_path: Path) -> None:
    """The standard library's reader gives up with a RecursionError, which nobody expects."""
    path = tmp_path / "deep.toml"
    path.write_text(f"a = {'[' * 3000}{']' * 3000}\n")
    problems: list[str] = []
    assert read_toml(path, problems, name="deep.toml") == {}
    assert problems == ["deep.toml: invalid TOML: it is nested too deeply"]
