"""Several things at once: results in order, and one failure stops the others."""

from __future__ import annotations

import pytest

from elpython.contract.together import together
from elpython.core.errors import InterruptedRunError
from elpython.core.process import run


def test_results_come_in_the_items_order() -> None:
    assert together(lambda number: number * 2, [3, 1, 2], jobs=2) == [6, 2, 4]
    assert together(str, [], jobs=2) == []


def test_a_failure_stops_what_runs_and_begins_nothing_new() -> None:
    begun: list[str] = []
    ended: list[BaseException] = []

    def one(name: str) -> None:
        begun.append(name)
        if name == "fails":
            run(["sleep", "0.3"])
            raise LookupError(name)
        try:
            run(["sleep", "900"])
        except InterruptedRunError as error:
            ended.append(error)
            raise

    with pytest.raises(LookupError):
        together(one, ["fails", "long", "never", "never either"], jobs=2)
    assert sorted(begun)[:2] == ["fails", "long"]
    assert "never either" not in begun
    assert len(ended) >= 1
