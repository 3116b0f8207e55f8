"""What a source uses, and where it can do without."""
# ruff: noqa: E501 - one source a line

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elpython.project.rules import Rules, standard_rules
from elpython.project.scan import read_source

RULES = standard_rules()


def uses(
    source: str, rules: Rules = RULES, above: tuple[int, int] = (3, 8)
) -> list[tuple[str, int]]:
    found = read_source(textwrap.dedent(source).encode(), "a.py", rules)
    assert not found.unread
    return [(use.name, use.line) for use in found.uses if use.since > above or use.since == (0, 0)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import itertools\nitertools.batched([], 2)", ["itertools.batched"]),
        ("import itertools as it\nit.batched([], 2)", ["itertools.batched"]),
        ("from itertools import batched as b", ["itertools.batched"]),
        ("import tomllib", ["tomllib"]),
        ("import importlib.resources as r\nr.files('x')", ["importlib.resources.files"]),
        ("from importlib import resources\nresources.files('x')", ["importlib.resources.files"]),
        ("from pathlib import Path\nPath('x').walk()", ["pathlib.Path.walk"]),
        ("import pathlib\np = pathlib.Path('x')\np.walk()", ["pathlib.Path.walk"]),
        ("from pathlib import Path\n(Path.cwd() / 'x').walk()", ["pathlib.Path.walk"]),
        ("from pathlib import Path\ndef f(p: Path):\n    p.parent.walk()", ["pathlib.Path.walk"]),
        ("from pathlib import Path\np: Path\np.walk()", ["pathlib.Path.walk"]),
        ("zip([], strict=True)", ["zip(strict=)"]),
        ("from dataclasses import dataclass\n@dataclass(slots=True)\nclass A: pass",
         ["dataclasses.dataclass(slots=)"]),
        ("import bisect\nbisect.bisect([], 1, key=len)", ["bisect.bisect(key=)"]),
        ("'x'.removeprefix('y')", ["str.removeprefix"]),
        ("n = 3\nn.bit_count()", ["int.bit_count"]),
        ("isinstance(1, int | str)", ["types.UnionType"]),
        ("def f(a: int | None): pass", ["types.UnionType"]),
        ("x = list[int]", ["list[...]"]),
        ("match 1:\n    case _: pass", ["match statement"]),
        ("try: pass\nexcept* ValueError: pass", ["except*"]),
        ("type X = int", ["type statement"]),
        ("def first[T](x: T): pass", ["type parameters"]),
        # nothing of this is a requirement
        ("from __future__ import annotations\ndef f(a: int | None) -> list[int]: pass", []),
        ("def f():\n    x: list[int] = []", []),
        ("def batched(): pass\nbatched()", []),
        ("def zip(*a, strict): pass\nzip(strict=1)", []),
        ("class Path:\n    def walk(self): pass\nPath().walk()", []),
        ("from .itertools import batched", []),
        ("import other as itertools\nitertools.batched()", []),
        ("x = 1 | 2", []),
        ("text = 'itertools.batched'", []),
    ],
)  # fmt: skip
def test_names_are_found_through_imports_types_and_calls(source: str, expected: list[str]) -> None:
    assert [name for name, _ in uses(source)] == expected


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import sys\nif sys.version_info >= (3, 12):\n    import itertools as i; i.batched", []),
        ("import sys\nif sys.version_info >= (3, 11):\n    import itertools as i; i.batched", [3]),
        ("import sys\nif sys.version_info < (3, 12):\n    pass\nelse:\n    import itertools as i; i.batched", []),
        ("import sys\nif not sys.version_info < (3, 12):\n    import itertools as i; i.batched", []),
        ("import sys\nif sys.version_info[:2] > (3, 11):\n    import itertools as i; i.batched", []),
        ("import sys\nif sys.version_info.minor >= 12:\n    import itertools as i; i.batched", []),
        ("import sys\nif sys.hexversion >= 0x030c0000:\n    import itertools as i; i.batched", []),
        ("from sys import version_info as v\nif v >= (3, 12):\n    import itertools as i; i.batched", []),
        ("import sys\nPY = sys.version_info >= (3, 12)\nif PY:\n    import itertools as i; i.batched", []),
        ("import sys, itertools\ndef f():\n    if sys.version_info < (3, 12):\n        return\n    itertools.batched", []),
        ("import sys, itertools\nx = itertools.batched if sys.version_info >= (3, 12) else None", []),
        ("import sys, itertools\nx = sys.version_info >= (3, 12) and itertools.batched", []),
        ("import itertools\nif hasattr(itertools, 'batched'):\n    itertools.batched", []),
        ("import itertools\nx = hasattr(itertools, 'batched') and itertools.batched", []),
        ("import itertools\nif not hasattr(itertools, 'batched'):\n    itertools.batched", [3]),
        ("import itertools, elpython_features\nif elpython_features.has('itertools.batched'):\n    itertools.batched", []),
        ("try:\n    from itertools import batched\nexcept ImportError:\n    batched = None", []),
        ("try:\n    import tomllib\nexcept ModuleNotFoundError:\n    import tomli as tomllib\ntomllib.loads", []),
        ("try:\n    import tomllib\nexcept ImportError:\n    raise", [2]),
        ("try:\n    import tomllib\nexcept ValueError:\n    pass", [2]),
        ("import itertools\ntry:\n    itertools.batched\nexcept AttributeError:\n    pass", []),
        ("import itertools\ntry:\n    itertools.batched\nexcept ImportError:\n    pass", [3]),
        ("try:\n    zip([], strict=True)\nexcept TypeError:\n    pass", []),
        ("import contextlib\nwith contextlib.suppress(ImportError):\n    import tomllib", []),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import tomllib", []),
        ("import itertools, sys, unittest\nclass T:\n    @unittest.skipIf(sys.version_info < (3, 12), '')\n    def test(self):\n        itertools.batched", []),
        ("import itertools\nitertools.batched  # novm", []),
        ("import sys\nif sys.version_info[0] == 2:\n    import tomllib", []),
        ("import itertools\ntry:\n    pass\nexcept ImportError:\n    itertools.batched", [5]),
    ],
)  # fmt: skip
def test_what_a_condition_allows_is_no_requirement(source: str, lines: list[int]) -> None:
    assert [line for _, line in uses(source)] == lines


def test_features_that_only_branches_have_are_found() -> None:
    rules = RULES.with_features(
        [
            ("sys.set_min_python_version", (0, 0)),
            ("json.dumps(magic=)", (0, 0)),
            ("zip(strict=)", (9, 9)),
        ]
    )
    source = "import sys, json\nsys.set_min_python_version((3, 8))\njson.dumps({}, magic=1)\n"
    assert uses(source, rules) == [("sys.set_min_python_version", 2), ("json.dumps(magic=)", 3)]
    assert rules.parameters["zip", "strict"] == (3, 10)


@pytest.mark.parametrize(
    "content", [b"def (", b"\0", b"\xff\xfe", b"# coding: nonsense\n", b"x = " + b"(" * 5000]
)
def test_what_cannot_be_read_is_told(content: bytes) -> None:
    assert read_source(content, "a.py", RULES).unread


@given(st.text(max_size=60))
def test_no_source_makes_it_fail(text: str) -> None:
    found = read_source(text.encode("utf-8", "replace"), "a.py", RULES)
    assert found.path == "a.py"


def test_functions_that_multiply_their_argument_end() -> None:
    """Each level asks the one below a hundred times: nobody waits for that."""
    lines = ["def f0(x): return x"]
    lines += [f"def f{n}(x): return ({f'f{n - 1}(x), ' * 100})" for n in range(1, 6)]
    lines += ["import sys", "if f5(sys.version_info[0]):", "    from itertools import batched"]
    found = read_source("\n".join(lines).encode(), "a.py", standard_rules())
    assert [use.since for use in found.uses] == [(3, 12)]
