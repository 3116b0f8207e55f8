"""What a branch has refused is read with every problem at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadBranchError
from elpython.define.refused import NEEDS, Refusal, read_refusals

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
[[refused]]
id = "match-statement"
title = "The match statement"
peps = ["634"]
first-in = "3.10.0a6"
needs = "new opcode"
reason = "Its patterns compile to opcodes that the base does not have."
"""


def _folder(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "3.9"
    folder.mkdir()
    (folder / "refused.toml").write_text(text)
    return folder


def test_a_refusal_is_read(tmp_path: Path) -> None:
    assert read_refusals(_folder(tmp_path, GOOD)) == (
        Refusal(
            id="match-statement",
            title="The match statement",
            peps=("634",),
            first_in="3.10.0a6",
            needs="new opcode",
            reason="Its patterns compile to opcodes that the base does not have.",
        ),
    )


def test_a_branch_without_the_file_refuses_nothing(tmp_path: Path) -> None:
    assert read_refusals(tmp_path) == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"new opcode"', '"new opcodes"', "did you mean 'new opcode'?"),
        ('peps = ["634"]\n', "", "issues: is missing"),
        ('peps = ["634"]', 'pep = ["634"]', "refused[0].pep: is not known; did you mean 'peps'?"),
        ('reason = "Its patterns', 'because = "Its patterns', "refused[0].reason: is missing"),
        ('"3.10.0a6"', '"3.10"', "not of the form 3.12.0"),
        (GOOD, GOOD + GOOD, "'match-statement' is there twice"),
        (GOOD, GOOD.replace("[[refused]]", "[[refuse]]"), "did you mean 'refused'?"),
        (GOOD, "]", "invalid TOML"),
    ],
)
def test_each_mistake_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(BadBranchError) as caught:
        read_refusals(_folder(tmp_path, GOOD.replace(old, new)))
    assert told in str(caught.value)
    assert "branches/3.9/refused.toml" in str(caught.value)


def test_problems_can_be_collected(tmp_path: Path) -> None:
    problems: list[str] = []
    read_refusals(_folder(tmp_path, GOOD.replace("title", "tittle")), problems)
    assert len(problems) == 2


def test_every_need_is_accepted(tmp_path: Path) -> None:
    text = "".join(
        GOOD.replace("new opcode", need).replace("match-statement", f"n{number}")
        for number, need in enumerate(NEEDS)
    )
    assert [item.needs for item in read_refusals(_folder(tmp_path, text))] == list(NEEDS)
