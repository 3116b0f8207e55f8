"""A wrong `stacks.toml` is told with every problem and where it is."""

from __future__ import annotations

import pytest

from elpython.stacks.errors import BadStateError
from elpython.stacks.load import load

GOOD = """
format = 1
project = "Example"
switch_at = 0.95

[[stack]]
version = "3.11"
role = "default"
since = 2027-01-04
pkgversion = "311"
interpreter = "/usr/bin/python3.11"
platlib = "lib"

[[step]]
number = 1
kind = "init"
version = "3.11"
date = 2027-01-04
by = "jane"
text = "announcements/0001-init-3.11.txt"
stack = { pkgversion = "311", interpreter = "/usr/bin/python3.11", platlib = "lib" }
"""


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(BadStateError) as caught:
        load(text, "stacks.toml")
    assert caught.value.where == "stacks.toml"
    told = caught.value.details or (caught.value.what,)
    return tuple(line.removeprefix("stacks.toml: ") for line in told)


def test_a_good_file_is_read() -> None:
    state = load(GOOD, "stacks.toml")
    assert [item.version for item in state.stacks] == ["3.11"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('role = "default"', 'role = "defualt"', "stack[0].role: 'defualt' is not known"),
        ("since =", "sinse =", "stack[0].sinse: is not known; did you mean 'since'?"),
        ("project =", "projekt =", "projekt: is not known; did you mean 'project'?"),
        ("switch_at = 0.95", "switch_at = 95", "switch_at: 95 is no share between 0 and 1"),
        ("switch_at = 0.95", 'switch_at = "all"', "switch_at: must be a number, not str"),
        ("format = 1", "format = 2", "format: this elpython reads format 1, not 2"),
        ('"3.11"\nrole', '"3.x"\nrole', "stack[0].version: '3.x' is no Python version"),
        ('kind = "init"', 'kind = "begin"', "step[0].kind: 'begin' is not known; known:"),
        ("number = 1", "number = 2", "step: the numbers are not 1, 2, 3, ..."),
        ('role = "default"', 'role = "retired"', "stack: 3.11 is retired since 2027-01-04, but"),
        ('"/usr/bin/python3.11"\n', '"/opt/python"\n', "stack: 3.11 differs from"),
        ('"311"\n', '"three"\n', "stack[0].pkgversion: 'three' is no pkgversion"),
        ("[[stack]]", "[stack]", "stack: must be an array of tables"),
    ],
)  # fmt: skip
def test_problems_are_told_with_their_place(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    assert any(line.startswith(expected) for line in problems(GOOD.replace(old, new, 1)))


def test_all_problems_at_once() -> None:
    text = GOOD.replace("since =", "sinse =").replace("by =", "bye =").replace("format = 1", "")
    assert len(problems(text)) >= 5


def test_a_stack_without_a_step() -> None:
    extra = (
        '\n[[stack]]\nversion = "3.13"\nrole = "other"\nsince = 2027-01-04\npkgversion = "313"\n'
    )
    text = GOOD + extra + 'interpreter = "/x"\nplatlib = "lib"\n'
    assert problems(text) == ("stack: 3.13 is there, but no step brought it",)


def test_no_toml() -> None:
    assert problems("[[[")[0].startswith("invalid TOML")
