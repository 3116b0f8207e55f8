"""Newer syntax of 3.11: old programs compile to the same code, new ones to the base's opcodes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from examples import real_build
from newer_syntax import AT_EXIT, NAMES, PYC, RUN, SAME, ask, changed_code, library

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.core.store import Store

PROGRAMS = (
    ("type X = int\nprint(X.__value__)", "<class 'int'>"),
    ("def f[T](x: T): return T\nprint(f(1))", "T"),
    ("class C[T: int]: pass\nprint(C.__type_params__[0].__bound__)", "<class 'int'>"),
    ("class C:\n x = 1\n type X = x\nprint(C.X.__value__)", "1"),
    ("class C[T, S = int]: pass\nprint(C[str].__args__[1])", "<class 'int'>"),
)


@pytest.fixture(scope="module")
def pythons(real_store: Store) -> tuple[Path, Path]:
    """The bare base of 3.11, and EL Python 3.11."""
    bare, branch = (real_build(real_store, "3.11", bare=bare) for bare in (True, False))
    return bare.python, branch.python


@pytest.mark.slow
def test_what_compiled_compiles_to_the_same(pythons: tuple[Path, Path], tmp_path: Path) -> None:
    """Every file of the base's standard library, and soft keywords as names."""
    (tmp_path / "same.py").write_text(SAME, "utf-8")
    (tmp_path / "names.py").write_text(NAMES, "utf-8")
    for folder, least in ((library(pythons[0]), 1500), (str(tmp_path), 2)):
        assert changed_code(pythons, folder, least) == []


@pytest.mark.slow
@pytest.mark.parametrize(("source", "says"), PROGRAMS)
def test_byte_code_says_on_the_base_what_it_lacks(
    pythons: tuple[Path, Path], tmp_path: Path, source: str, says: str
) -> None:
    (tmp_path / "source.py").write_text(source, "utf-8")
    made = tmp_path / "made"
    assert ask(pythons[1], PYC, str(tmp_path / "source.py"), str(made)).returncode == 0
    assert ask(pythons[1], RUN, str(made)).stdout == f"{says}\n"
    done = ask(pythons[0], RUN, str(made))
    assert done.stderr.endswith("ModuleNotFoundError: No module named '_elpython_syntax'\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        "try: 1 / 0\nexcept OSError, ZeroDivisionError: print(1)",
        "a = {'b': 1}\nprint(f'{a['b']}')",
    ],
)
def test_what_needs_no_helper_runs_on_the_base(
    pythons: tuple[Path, Path], tmp_path: Path, source: str
) -> None:
    (tmp_path / "source.py").write_text(source, "utf-8")
    made = tmp_path / "made"
    assert ask(pythons[1], PYC, str(tmp_path / "source.py"), str(made)).returncode == 0
    assert ask(pythons[0], RUN, str(made)).stdout == "1\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("type X = int", "type statement: needs CPython 3.12, or EL Python"),
        ("def f[T](): pass", "type parameters: need CPython 3.12, or EL Python"),
        ("class C[T]: pass", "type parameters: need CPython 3.12, or EL Python"),
        (
            "try: pass\nexcept A, B: pass",
            "except without parentheses: needs CPython 3.14, or EL Python",
        ),
        (
            "f'{'a'}'",
            "comments or lines in f-string expressions: need CPython 3.12, or EL Python",
        ),
    ],
)
def test_a_filter_forbids_newer_syntax_and_nothing_else_does(
    pythons: tuple[Path, Path], tmp_path: Path, source: str, text: str
) -> None:
    path = tmp_path / "source.py"
    path.write_text(source, "utf-8")
    for words, answer in (((), 0), (("-W", "error"), 0),
                          (("-W", "error::_elpython.NewerSyntaxWarning"), 1)):  # fmt: skip
        argv = [str(pythons[1]), *words, str(path)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == answer, done.stderr
    assert "SyntaxError: " in done.stderr
    assert f"{text}\n" in done.stderr


@pytest.mark.slow
def test_it_compiles_when_the_interpreter_ends(pythons: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "source.py"
    path.write_text(
        f"""
def use(print=print, compile=compile):
    compile("type X = 1\\ndef f[T](): pass", "x", "exec")
    print("compiled")
{AT_EXIT}
""",
        "utf-8",
    )
    done = subprocess.run([str(pythons[1]), path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("compiled\n") >= 2


@pytest.mark.slow
def test_a_shadowed_helper_is_an_error_like_any_other(pythons: tuple[Path, Path]) -> None:
    code = "import sys\nsys.modules['_elpython_syntax'] = {}\ntype X = int"
    done = ask(pythons[1], f"exec({code!r})")
    assert done.stderr.strip().endswith("'dict' object has no attribute 'typealias'")


@pytest.mark.slow
def test_a_source_for_the_base_is_told_apart_when_asked(pythons: tuple[Path, Path]) -> None:
    code = (
        "import ast\n"
        "for version in (None, (3, 12), (3, 11)):\n"
        "    try: tree = ast.parse('type X = int', feature_version=version)\n"
        "    except SyntaxError as error: print(error.msg)\n"
        "    else: print(type(tree.body[0]).__name__)\n"
    )
    said = "TypeAlias\nTypeAlias\nType statement is only supported in Python 3.12 and greater\n"
    assert ask(pythons[1], code).stdout == said
