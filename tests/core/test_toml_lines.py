from __future__ import annotations

import pytest

from elpython.core.toml_lines import key_lines, line_of

TEXT = '''\
name = "x"
title = """
start = "this is text"
"""
[cadence]
period = "1 year"
bases = { "3.9" = "3.9.2" }

[[phase]]
name = "alpha"  # start = 1
every = [
  "5 weeks",
  "4 weeks",
]
start = "final"

[[phase]]
"name" = "beta"
[phase.notes]
b1 = "note [x]"
[predecessor.starts]
beta = 2019-06-04
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("name", 1),
        ("title", 2),
        ("cadence", 5),
        ("cadence.period", 6),
        ("cadence.bases", 7),
        ("cadence.bases.3.9", 7),  # inside an inline table: the line of the table
        ("phase[0]", 9),
        ("phase[0].name", 10),
        ("phase[0].every", 11),
        ("phase[0].start", 15),  # not the one in the text nor in the comment
        ("phase[1].name", 18),
        ("phase[1].notes.b1", 20),
        ("predecessor.starts.beta", 22),
        ("phase[1].missing", 17),  # the header of what lacks it
        ("nothing", 1),
        ("", 1),
    ],
)
def test_paths_have_lines(path: str, line: int) -> None:
    assert line_of(key_lines(TEXT), path) == line
