"""Newer syntax: old programs compile to the same byte code, new ones to the base's opcodes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from examples import real_build
from newer_syntax import AT_EXIT, NAMES, PYC, RUN, SAME, ask, changed_code, library

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store


@pytest.fixture(scope="module")
def pythons(real_store: Store) -> tuple[Path, Path]:
    """The bare base of 3.9, and EL Python 3.9."""
    bare, branch = (real_build(real_store, "3.9", bare=bare) for bare in (True, False))
    return bare.python, branch.python


@pytest.mark.slow
def test_what_compiled_compiles_to_the_same(pythons: tuple[Path, Path], tmp_path: Path) -> None:
    """Every file of the base's standard library, and the soft keywords as names."""
    (tmp_path / "same.py").write_text(SAME, "utf-8")
    (tmp_path / "names.py").write_text(NAMES, "utf-8")
    for folder, least in ((library(pythons[0]), 1500), (str(tmp_path), 2)):
        assert changed_code(pythons, folder, least) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "base_says"),
    [
        ("match 3:\n case 1 | 2: print('no')\n case x if x > 2: print('yes')", "yes"),
        ("match [3]:\n case [x]: print('yes')", "No module named '_elpython_syntax'"),
        ("match 3:\n case int(): print('yes')", "No module named '_elpython_syntax'"),
        ("match {1: 2}:\n case {1: x}: print('yes')", "No module named '_elpython_syntax'"),
        ("try: 1 / 0\nexcept* ArithmeticError: print('yes')", "No module named '_elpython_syntax'"),
        ("try: print('yes')\nexcept* ArithmeticError: pass", "yes"),
        ("try: 1 / 0\nexcept KeyError, ZeroDivisionError: print('yes')", "yes"),
        ("if {(1, 2): 3}[*[1, 2]] == 3: print('yes')", "yes"),
        ("if 'abc'[x := 1] == 'b': print('yes')", "yes"),
        ("def f(*args: *[int]): pass\nif f.__annotations__['args'] is int: print('yes')", "yes"),
        ("a = {'b': 'yes'}\nprint(f'{a['b']}')", "yes"),
        ("type X = int\nif X.__value__ is int: print('yes')", "No module named '_elpython_syntax'"),
        ("def f[T](x: T): return 'yes'\nprint(f(1))", "No module named '_elpython_syntax'"),
        ("class C[T]: x = 'yes'\nprint(C.x)", "No module named '_elpython_syntax'"),
        (
            "class C[T = 'yes']: pass\nprint(C.__type_params__[0].__default__)",
            "No module named '_elpython_syntax'",
        ),
    ],
)
def test_byte_code_runs_on_the_base_or_says_what_it_lacks(
    pythons: tuple[Path, Path], tmp_path: Path, source: str, base_says: str
) -> None:
    (tmp_path / "source.py").write_text(source, "utf-8")
    made = tmp_path / "made"
    assert ask(pythons[1], PYC, str(tmp_path / "source.py"), str(made)).returncode == 0
    assert ask(pythons[1], RUN, str(made)).stdout == "yes\n"
    done = ask(pythons[0], RUN, str(made))
    assert base_says in done.stdout + done.stderr
    assert done.returncode == (0 if base_says == "yes" else 1)
    assert base_says == "yes" or "ModuleNotFoundError" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("match 3:\n case 3: pass", "match statement: needs CPython 3.10, or EL Python"),
        ("type X = int", "type statement: needs CPython 3.12, or EL Python"),
        ("def f[T](): pass", "type parameters: need CPython 3.12, or EL Python"),
        ("f'{'a'}'", "comments or lines in f-string expressions: need CPython 3.12, or EL Python"),
    ],
)
def test_a_filter_forbids_newer_syntax_and_nothing_else_does(
    pythons: tuple[Path, Path], tmp_path: Path, source: str, text: str
) -> None:
    path = tmp_path / "source.py"
    path.write_text(f"\n{source}", "utf-8")
    for words, answer in (((), 0), (("-W", "error"), 0),
                          (("-W", "error::_elpython.NewerSyntaxWarning"), 1)):  # fmt: skip
        argv = [str(pythons[1]), *words, str(path)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == answer, done.stderr
    assert 'source.py", line 2' in done.stderr
    assert text in done.stderr


@pytest.mark.slow
def test_it_runs_when_the_interpreter_ends(pythons: tuple[Path, Path], tmp_path: Path) -> None:
    """The module that compiled code calls is gone then, like all others."""
    path = tmp_path / "source.py"
    path.write_text(
        f"""
def use(print=print, Group=ExceptionGroup, Error=ValueError, len=len, int=int):
    match [1, {{"a": 2}}]:
        case [int(), {{"a": x}}]: print("match", x)
    try: raise Group("x", [Error(1)])
    except* Error as e: print("star", len(e.exceptions))
{AT_EXIT}
""",
        "utf-8",
    )
    done = subprocess.run([str(pythons[1]), path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("match 2\nstar 1\n") >= 2


@pytest.mark.slow
def test_a_shadowed_helper_is_an_error_like_any_other(pythons: tuple[Path, Path]) -> None:
    code = "import sys\nsys.modules['_elpython_syntax'] = {}\nmatch [1]:\n case [x]: pass"
    done = ask(pythons[1], f"exec({code!r})")
    assert done.stderr.strip().endswith("'dict' object has no attribute 'is_sequence'")


@pytest.mark.slow
def test_a_source_for_the_base_is_told_apart_when_asked(pythons: tuple[Path, Path]) -> None:
    code = (
        "import ast\n"
        "source = 'match 1:\\n case 1: pass'\n"
        "for version in (None, (3, 10), (3, 9)):\n"
        "    try: print(type(ast.parse(source, feature_version=version).body[0]).__name__)\n"
        "    except SyntaxError as error: print(error.msg)\n"
    )
    said = "Match\nMatch\nPattern matching is only supported in Python 3.10 and greater\n"
    assert ask(pythons[1], code).stdout == said
