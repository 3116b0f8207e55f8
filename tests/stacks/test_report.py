"""The numbers of a rebuild's report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from elpython.core.store import file_digest
from elpython.stacks.errors import BadStateError
from elpython.stacks.report import read_report

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("data", "built", "total"),
    [
        ({"packages": 100, "share": 0.97, "broken_before": 0}, 97, 100),
        ({"packages": 100, "share": 0.97, "broken_before": 2}, 97, 98),
        ({"packages": 3, "share": 0.3333}, 1, 3),
        ({"packages": 2, "share": 1}, 2, 2),
    ],
)
def test_numbers(tmp_path: Path, data: dict[str, object], built: int, total: int) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(data))
    evidence = read_report(path)
    assert (evidence.built, evidence.total) == (built, total)
    assert evidence.report == file_digest(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"packages": "many", "share": 1}', "null"])
def test_what_is_no_report_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(BadStateError):
        read_report(path)
